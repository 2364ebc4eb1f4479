//! A batch's error log, fetched and held.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use crate::advice;
use crate::api::batch::BatchInfo;
use crate::api::error_log::LogEntry;
use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::http::{Remote, Service};
use crate::kind::Kind;
use crate::reject::{RefusedBy, Reject};
use crate::scope::Scope;

/// Fetches the log of a batch; empty if it has none.
///
/// # Errors
/// Whatever keeps it from being fetched, after retries.
pub(crate) async fn fetch(remote: &Remote, scope: &Scope, info: &BatchInfo) -> Result<Log> {
    let batch = info.batch_ref;
    if info.log.is_none() {
        return Ok(Log::default());
    }
    let fetched = remote.retrier.run(scope, Stage::Log, Some(batch), |attempt| async move {
        read(&remote.service, info, attempt).await.map_err(may_come_back)
    });
    fetched.await
}

async fn read(service: &Service, info: &BatchInfo, attempt: u32) -> Result<Log> {
    // The URL expires; asking for the status again is the only way to another (protocol.md section 5).
    let url = match attempt {
        1 => info.log.clone(),
        _ => service.status(info.batch_ref).await?.log,
    };
    let mut log = Log::default();
    if let Some(url) = url {
        crash::point("log asked");
        service.log(&url, |entry| log.push(entry)).await?;
        crash::point("log answered");
    }
    Ok(log.whole())
}

/// The batch is known and has a log: an address that has expired or leads nowhere is one to ask anew for.
fn may_come_back(error: Error) -> Error {
    match error.kind() {
        Kind::NotFound | Kind::UploadExpired => Error::new(Kind::Unavailable, error.message().to_string())
            .with_http_status(error.http_status().unwrap_or_default())
            .with_cause(error),
        _ => error,
    }
}

/// A log in memory: about 20 bytes a line, equal reasons held once.
#[derive(Default)]
pub(crate) struct Log {
    reasons: Vec<Why>,
    known: HashMap<(String, String), u32>,
    /// A line for each record, in order of the refs once the log is whole.
    lines: Vec<Line>,
    /// Reasons of lines that name no record.
    nameless: VecDeque<u32>,
}

struct Why {
    code: String,
    message: String,
    /// Whether the record was taken, but must be sent again.
    is_repeat: bool,
}

/// What the log says of a record; bytes instead of a number, because a number would be padded.
struct Line {
    record_ref: [u8; 16],
    /// Index of the reason; [`TAKEN_OUT`] once somebody has asked for it.
    reason: u32,
}

const TAKEN_OUT: u32 = u32::MAX;

impl Log {
    /// Takes a line of the log. Lines that say a record went well are none of ours, unless it must be sent again.
    fn push(&mut self, entry: LogEntry) {
        let is_repeat = entry.is_success();
        if is_repeat && !advice::must_repeat(&entry.message) {
            return;
        }
        let key = (entry.code, entry.message);
        let reason = match self.known.get(&key) {
            Some(&reason) => reason,
            None => {
                let reason = self.reasons.len() as u32;
                self.reasons.push(Why { code: key.0.clone(), message: key.1.clone(), is_repeat });
                self.known.insert(key, reason);
                reason
            }
        };
        match entry.record_ref {
            Some(record_ref) => self.lines.push(Line { record_ref: record_ref.into_bytes(), reason }),
            None => self.nameless.push_back(reason),
        }
    }

    /// The log, now that all lines are in: of a record that is refused more than once the first reason counts.
    fn whole(mut self) -> Self {
        let mut lines = std::mem::take(&mut self.lines);
        let key = |line: &Line| (line.record_ref, self.is_repeat(line.reason));
        lines.sort_by_key(key);
        lines.dedup_by_key(|line| key(line));
        Log { lines, ..self }
    }

    fn is_repeat(&self, reason: u32) -> bool {
        self.reasons.get(reason as usize).is_some_and(|why| why.is_repeat)
    }

    /// Takes out the reason a record was refused for, or must be sent again.
    pub(super) fn take(&mut self, record_ref: Uuid) -> Option<u32> {
        let record_ref = record_ref.into_bytes();
        let first = self.lines.partition_point(|line| line.record_ref < record_ref);
        let mut of_record = self.lines[first..].iter_mut().take_while(|line| line.record_ref == record_ref);
        let line = of_record.find(|line| line.reason != TAKEN_OUT)?;
        Some(std::mem::replace(&mut line.reason, TAKEN_OUT))
    }

    /// Takes out the reasons that name no record.
    pub(super) fn take_nameless(&mut self) -> VecDeque<u32> {
        std::mem::take(&mut self.nameless)
    }

    /// Puts back those that no record was found for.
    pub(super) fn put_nameless(&mut self, nameless: VecDeque<u32>) {
        self.nameless = nameless;
    }

    /// How many records it refuses, unless some were taken out.
    pub(crate) fn len(&self) -> u64 {
        let reasons = self.lines.iter().map(|line| line.reason).chain(self.nameless.iter().copied());
        reasons.filter(|&reason| !self.is_repeat(reason)).count() as u64
    }

    /// Its rejects as far as the log alone tells: no source, no line, no record. Those that were taken out are left out.
    pub(crate) fn rejects(&self, batch: Uuid) -> impl Iterator<Item = Reject> {
        let lines = self.lines.iter().filter(|line| line.reason != TAKEN_OUT);
        let named = lines.map(|line| (Some(Uuid::from_bytes(line.record_ref)), line.reason));
        let nameless = self.nameless.iter().map(|&reason| (None, reason));
        named.chain(nameless).map(move |(record_ref, reason)| self.reject(batch, record_ref, reason))
    }

    /// A reject as far as the log tells.
    pub(super) fn reject(&self, batch: Uuid, record_ref: Option<Uuid>, reason: u32) -> Reject {
        let why = self.reasons.get(reason as usize);
        let (code, message) = why.map(|why| (why.code.clone(), why.message.clone())).unwrap_or_default();
        Reject {
            by: RefusedBy::Service,
            source: None,
            line: None,
            record_ref,
            batch: Some(batch),
            byte_range: None,
            code,
            message,
            record: Vec::new(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const DELETED: &str = "2 matches found for this guest, 1st match deleted";

    fn log(lines: &[(Option<u128>, &str, &str)]) -> Log {
        let mut log = Log::default();
        for &(record_ref, code, message) in lines {
            let record_ref = record_ref.map(Uuid::from_u128);
            log.push(LogEntry { record_ref, code: code.to_string(), message: message.to_string() });
        }
        log.whole()
    }

    fn said(log: &Log) -> Vec<(Option<u128>, String)> {
        log.rejects(Uuid::nil()).map(|reject| (reject.record_ref.map(|it| it.as_u128()), reject.message)).collect()
    }

    #[test]
    fn each_record_is_refused_once_for_the_first_reason_and_taken_out_once() {
        let mut log = log(&[(Some(7), "400", "b"), (Some(3), "400", "a"), (Some(7), "404", "c"), (None, "400", "d")]);
        assert_eq!(log.len(), 3);
        assert_eq!(said(&log), [(Some(3), "a".into()), (Some(7), "b".into()), (None, "d".into())]);
        let reason = log.take(Uuid::from_u128(7)).unwrap();
        assert_eq!(log.reject(Uuid::nil(), None, reason).message, "b");
        assert_eq!(log.take(Uuid::from_u128(7)), None);
        assert_eq!(log.take(Uuid::from_u128(5)), None);
        assert_eq!(said(&log), [(Some(3), "a".into()), (None, "d".into())]);
    }

    #[test]
    fn what_went_well_counts_only_if_it_must_be_repeated_and_then_as_no_refusal() {
        let mut log = log(&[(Some(1), "200", "OK"), (Some(2), "200", DELETED), (Some(2), "400", "a")]);
        assert_eq!(log.len(), 1);
        let reasons = [log.take(Uuid::from_u128(2)).unwrap(), log.take(Uuid::from_u128(2)).unwrap()];
        assert_eq!(reasons.map(|reason| log.reject(Uuid::nil(), None, reason).message), ["a", DELETED]);
        assert_eq!(log.take(Uuid::from_u128(1)), None);
    }
}
