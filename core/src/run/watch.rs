//! Waiting until the service has finished with batches. Needs nothing but their refs, so any process can carry on.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::api::batch::{BatchInfo, Status};
use crate::api::inspect::{ListQuery, MAX_LIMIT};
use crate::crash;
use crate::error::{Error, Result, Stage};
use crate::event::Event;
use crate::flow::poll::Poll;
use crate::http::Service;
use crate::kind::Kind;
use crate::options::Wait;
use crate::scope::Scope;

/// With more batches than this to ask for, one list call asks for all.
const ONE_BY_ONE: usize = 3;
/// Times in a row that a refusal is not believed: the nodes of the service need not learn of a batch at once, and
/// whatever stands in front of them may answer in their place.
const DOUBTED: u32 = 5;

/// What is known of a batch that has not finished.
#[derive(Default)]
struct Pending {
    last: Option<Status>,
    refusals: u32,
    /// It is in error, but its log was not there yet.
    awaits_log: bool,
}

/// Asks until every batch has finished, and returns them in the order given.
///
/// A question that fails ends nothing: it is asked again at the next turn.
///
/// # Errors
/// `timeout` when none finishes for `wait.timeout_ms`, with the refs, the last status and the last error; `not_found`
/// for a ref the service keeps denying; whatever else cannot get better by waiting.
pub(crate) async fn until_finished(
    service: &Service,
    scope: &Scope,
    wait: &Wait,
    refs: &[Uuid],
) -> Result<Vec<BatchInfo>> {
    let started = Instant::now();
    let mut poll = Poll::new(wait);
    let mut pending: BTreeMap<Uuid, Pending> = refs.iter().map(|&batch| (batch, Pending::default())).collect();
    let mut finished: BTreeMap<Uuid, BatchInfo> = BTreeMap::new();
    let mut last_error = None;
    loop {
        let mut pause = Duration::ZERO;
        let asked: Vec<Uuid> = pending.keys().copied().collect();
        for (batch, answer) in scope.unless_cancelled(async { Ok(ask(service, &asked).await) }).await? {
            let Some(state) = pending.get_mut(&batch) else { continue };
            match answer {
                Ok(info) => {
                    state.refusals = 0;
                    if state.heard(&info, scope) {
                        poll.changed();
                    }
                    if info.status.is_terminal() && !state.must_wait_for_log(&info) {
                        poll.finished(started.elapsed());
                        pending.remove(&batch);
                        finished.insert(batch, info);
                    }
                }
                Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Protocol | Kind::Rejected) => {
                    state.refusals += 1;
                    if state.refusals >= DOUBTED {
                        return Err(error.with_refs([batch]));
                    }
                    last_error = Some(error);
                }
                Err(error) if error.retryable() => {
                    pause = pause.max(Duration::from_millis(error.retry_after_ms().unwrap_or(0)));
                    last_error = Some(error);
                }
                Err(error) => return Err(error.with_refs(asked)),
            }
        }
        if pending.is_empty() {
            return Ok(refs.iter().filter_map(|batch| finished.get(batch).cloned()).collect());
        }
        match poll.next(started.elapsed(), fastrand::f64()) {
            Some(turn) => scope.sleep(turn.max(pause)).await?,
            None => return Err(timed_out(wait, &pending, last_error)),
        }
    }
}

impl Pending {
    /// Notes the status; whether it is news.
    fn heard(&mut self, info: &BatchInfo, scope: &Scope) -> bool {
        if self.last.as_ref() == Some(&info.status) {
            return false;
        }
        let from = self.last.replace(info.status.clone()).map(|status| status.name().to_string());
        scope.events.emit(Event::Status { batch: info.batch_ref, from, to: info.status.name().to_string() });
        true
    }

    /// An error may show before its log does; that is given one more turn.
    fn must_wait_for_log(&mut self, info: &BatchInfo) -> bool {
        let missing = info.status == Status::Error && info.log.is_none();
        missing && !std::mem::replace(&mut self.awaits_log, true)
    }
}

/// One round of questions: by one list call if there are many. The list tells neither counts nor log, and may lag, so
/// what finished, and what it does not hold, is asked for by its ref.
async fn ask(service: &Service, refs: &[Uuid]) -> Vec<(Uuid, Result<BatchInfo>)> {
    let mut answers = Vec::new();
    let mut listed = BTreeMap::new();
    if refs.len() > ONE_BY_ONE {
        match list(service, refs).await {
            Ok(found) => listed = found,
            Err(error) => return refs.first().map(|&batch| (batch, Err(error))).into_iter().collect(),
        }
    }
    for &batch in refs {
        let answer = match listed.remove(&batch) {
            Some(info) if !info.status.is_terminal() => Ok(info),
            _ => {
                crash::point("status asked");
                let answer = service.status(batch).await;
                crash::point("status answered");
                answer
            }
        };
        answers.push((batch, answer));
    }
    answers
}

/// The batches among `refs` that the service lists.
async fn list(service: &Service, refs: &[Uuid]) -> Result<BTreeMap<Uuid, BatchInfo>> {
    let mut found = BTreeMap::new();
    let mut query = ListQuery { limit: Some(MAX_LIMIT), ..ListQuery::default() };
    loop {
        let page = service.list(&query).await?;
        let offset = query.offset.unwrap_or(0) + page.len();
        let more = page.len() >= u64::from(MAX_LIMIT);
        found.extend(page.items.into_iter().filter(|item| refs.contains(&item.batch_ref)).map(|i| (i.batch_ref, i)));
        if found.len() == refs.len() || !more {
            return Ok(found);
        }
        query.offset = Some(offset);
    }
}

fn timed_out(wait: &Wait, pending: &BTreeMap<Uuid, Pending>, last_error: Option<Error>) -> Error {
    let refs: Vec<String> = pending.keys().map(Uuid::to_string).collect();
    let status = pending.values().find_map(|state| state.last.as_ref()).map_or("none", Status::name);
    let because = last_error.map_or(String::new(), |error| format!(", last error: {}", error.message()));
    let message = format!(
        "no batch finished within {} ms (last status: {status}{because}); the service goes on with them: carry on with \
         cdp-batch wait {}",
        wait.timeout_ms,
        refs.join(" ")
    );
    Error::new(Kind::Timeout, message).with_stage(Stage::Status).with_refs(pending.keys().copied())
}
