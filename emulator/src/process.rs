//! Processing: one batch after the other, on a thread of its own, as the service does after the upload.

use crate::arrived::lines;
use crate::batch::{Results, SummaryStats};
use crate::clock::Moment;
use crate::container;
use crate::error_log::ErrorLog;
use crate::faults::Fault;
use crate::rules::{ACCEPTED, Judge, Verdict};
use crate::service::Service;
use crate::store::{Finished, Job};
use crate::world::World;
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use uuid::Uuid;

/// An order to the processing thread.
pub(crate) enum Order {
    /// A file that has arrived, and when: its pace counts from then, however late this thread gets to it.
    Process(Uuid, Moment),
    Stop,
}

/// Works until told to stop or until the clock stops.
pub(crate) fn run(service: &Service, orders: &Receiver<Order>) {
    let mut epoch = service.store.epoch();
    let mut world = remembered(service);
    let mut free = Moment::default();
    while let Ok(Order::Process(reference, arrived)) = orders.recv() {
        let Ok(Some(job)) = service.store.begin(reference, service.clock.now()) else { continue };
        if job.epoch != epoch {
            epoch = job.epoch;
            world = World::default();
            free = Moment::default();
        }
        let (notes, finished) = match container::check(&job.file) {
            _ if job.faults.contains(&Fault::ErrorWithoutLog {}) => {
                (Vec::new(), Finished::Unreadable("fault: error_without_log".into()))
            }
            Err(reason) => (Vec::new(), Finished::Unreadable(reason)),
            Ok(remarks) => match read(service, &job, &mut world, arrived.max(free)) {
                Ok(Some(finished)) => (remarks, finished),
                Ok(None) => return,
                Err(error) => (remarks, Finished::Unreadable(error.to_string())),
            },
        };
        // A state folder that cannot be written leaves the batch in `processing`; its PUT would fail as well.
        free = service.clock.now();
        let _ = service.store.finish(reference, job.epoch, free, notes, finished);
    }
}

/// Reads every record of a file, at the pace set from `started` on; none when the clock was stopped meanwhile.
fn read(service: &Service, job: &Job, world: &mut World, started: Moment) -> io::Result<Option<Finished>> {
    let (mut verdicts, mut log) = (BTreeMap::new(), ErrorLog::new());
    let (mut total, mut failed) = (0, 0);
    let mut judge = Judge::new(world);
    let (mut lines, mut line) = (lines(job.file.clone()), Vec::new());
    while lines.next_into(&mut line)? {
        if let Some(pace) = service.config.records_per_second {
            let due = started.plus(Duration::from_secs_f64((total + 1) as f64 / pace));
            if !service.clock.wait_until(due) {
                return Ok(None);
            }
        }
        let (reference, verdict) = judge.judge(&line, refusal(&job.faults, total).as_ref());
        if !verdict.is_success() {
            failed += 1;
        }
        if !verdict.is_success() || job.faults.contains(&Fault::WholeLog {}) {
            log.add(reference, &verdict)?;
        }
        if verdict != ACCEPTED {
            verdicts.insert(total, verdict);
        }
        total += 1;
    }
    let took = service.clock.now().since(started).as_millis();
    let stats = SummaryStats {
        time_to_process_millis: u64::try_from(took).unwrap_or(u64::MAX),
        total_count: total,
        succeeded_count: total - failed,
        failed_count: failed,
    };
    let log = log.finish()?;
    Ok(Some(Finished::Read { results: Results { stats, verdicts, has_log: log.is_some() }, log }))
}

/// What `reject_records` says to the record at `index`.
fn refusal(faults: &[Fault], index: u64) -> Option<Verdict> {
    faults.iter().find_map(|fault| match fault {
        Fault::RejectRecords { every, code, message } if (index + 1).is_multiple_of(*every) => {
            Some(Verdict { code: code.clone().into(), message: message.clone().into() })
        }
        _ => None,
    })
}

/// The world as the batches read back from the state folder left it.
fn remembered(service: &Service) -> World {
    let mut world = World::default();
    for record in service.arrived(None) {
        Judge::new(&mut world).judge(record.text.as_bytes(), None);
    }
    world
}
