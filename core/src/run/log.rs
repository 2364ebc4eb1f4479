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
    Ok(log)
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

/// A log in memory: about 40 bytes a line, equal reasons held once.
#[derive(Default)]
pub(crate) struct Log {
    reasons: Vec<(String, String)>,
    known: HashMap<(String, String), u32>,
    refused: HashMap<u128, u32>,
    /// Records that were taken, but must be sent again.
    repeats: HashMap<u128, u32>,
    /// Reasons of lines that name no record.
    nameless: VecDeque<u32>,
}

impl Log {
    /// Takes a line of the log. Lines that say a record went well are none of ours, unless it must be sent again.
    pub(crate) fn push(&mut self, entry: LogEntry) {
        let taken = entry.is_success();
        if taken && !advice::must_repeat(&entry.message) {
            return;
        }
        let reason = (entry.code, entry.message);
        let index = match self.known.get(&reason) {
            Some(&index) => index,
            None => {
                let index = self.reasons.len() as u32;
                self.reasons.push(reason.clone());
                self.known.insert(reason, index);
                index
            }
        };
        match entry.record_ref.map(|record_ref| record_ref.as_u128()) {
            Some(record_ref) if taken => drop(self.repeats.insert(record_ref, index)),
            Some(record_ref) => drop(self.refused.entry(record_ref).or_insert(index)),
            None => self.nameless.push_back(index),
        }
    }

    /// Takes out the reason a record was refused for, or must be sent again.
    pub(super) fn take(&mut self, record_ref: Uuid) -> Option<u32> {
        let record_ref = record_ref.as_u128();
        self.refused.remove(&record_ref).or_else(|| self.repeats.remove(&record_ref))
    }

    /// Takes out the reasons that name no record.
    pub(super) fn take_nameless(&mut self) -> VecDeque<u32> {
        std::mem::take(&mut self.nameless)
    }

    /// Puts back those that no record was found for.
    pub(super) fn put_nameless(&mut self, nameless: VecDeque<u32>) {
        self.nameless = nameless;
    }

    /// How many records it refuses.
    pub(crate) fn len(&self) -> u64 {
        (self.refused.len() + self.nameless.len()) as u64
    }

    /// Its rejects as far as the log alone tells: no source, no line, no record.
    pub(crate) fn into_rejects(self, batch: Uuid) -> Vec<Reject> {
        let named = self.refused.iter().chain(&self.repeats).map(|(&key, &index)| (Some(Uuid::from_u128(key)), index));
        let nameless = self.nameless.iter().map(|&index| (None, index));
        let mut rejects: Vec<_> = named.chain(nameless).map(|(key, index)| self.reject(batch, key, index)).collect();
        rejects.sort_by_key(|reject| (reject.record_ref.is_none(), reject.record_ref));
        rejects
    }

    /// A reject as far as the log tells.
    pub(super) fn reject(&self, batch: Uuid, record_ref: Option<Uuid>, reason: u32) -> Reject {
        let (code, message) = self.reasons.get(reason as usize).cloned().unwrap_or_default();
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
