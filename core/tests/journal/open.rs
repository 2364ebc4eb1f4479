//! What is left open: batches that failed, that are still under way, that went under another ref; and what is removed.

use std::fs;
use std::time::Duration;

use cdp_batch::event::Event;
use cdp_batch::source::Source;
use cdp_batch::{Kind, journal};
use cdp_batch_emulator::{Config, Reallocate};
use serde_json::{Value, json};

use crate::world::{World, refused};

/// What the `sqlite3` shell would show.
fn rows(world: &World, sql: &str) -> Vec<(String, String)> {
    let journal = rusqlite::Connection::open(world.state().join("journal.sqlite")).unwrap();
    let mut query = journal.prepare(sql).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn parts(world: &World) -> usize {
    fs::read_dir(world.state().join("parts").join("nightly")).unwrap().count()
}

/// The first batch ends with `fault`.
fn first(fault: Value) -> Value {
    json!([{"on": "upload", "match": {"ref_index": 0}, "do": fault}])
}

#[test]
fn a_batch_that_failed_is_listed_and_its_part_stays_until_it_is_cleaned() {
    let world = World::new();
    world.faults(first(json!({"type": "error_without_log"})));
    let report = world.upload(json!({})).unwrap();
    assert!(report.counts.unknown > 0);
    let open = world.client(json!({})).reconcile().join().unwrap();
    let failed: Vec<_> = open.failed.iter().map(|open| (open.part, open.status.as_deref())).collect();
    assert_eq!(failed, [(Some(0), Some("error"))]);
    assert_eq!((open.processing.len(), open.never_uploaded.len(), open.unknown.len()), (0, 0, 0));
    assert_eq!((parts(&world), journal::clean(world.state()).unwrap(), parts(&world)), (1, 1, 0));
    assert_eq!(journal::clean(world.state()).unwrap(), 0);
    let run = &journal::runs(world.state()).unwrap()[0];
    assert_eq!((run.state.as_str(), run.confirmed), ("finished", report.counts.confirmed));
    let again = world.upload(json!({})).unwrap();
    assert_eq!((again.counts, again.batches), (report.counts, report.batches));
}

#[test]
fn a_batch_that_the_service_works_on_is_listed_as_under_way() {
    let world = World::with(Config { records_per_second: Some(0.01), ..Config::default() });
    let upload = world.client(json!({})).upload(Source::path(world.guests()), world.options(json!({})));
    loop {
        let event = upload.next_event(Duration::from_secs(60)).unwrap();
        if matches!(event, Event::Status { .. }) {
            break;
        }
    }
    upload.cancel();
    refused(upload.join(), Kind::Cancelled);
    let open = world.client(json!({})).reconcile().join().unwrap();
    assert_eq!((open.processing.len(), open.failed.len(), open.unknown.len()), (1, 0, 0));
    assert_eq!(open.processing[0].run_id.as_deref(), Some("nightly"));
}

#[test]
fn a_part_that_needs_another_ref_leaves_the_old_one_abandoned() {
    let world = World::with(Config { reallocate: Reallocate::Conflict, ..Config::default() });
    world.faults(json!([{"on": "allocate", "match": {"ref_index": 0}, "do": {"type": "expire_url"}}]));
    assert!(world.upload(json!({})).unwrap().ok());
    let given_up = rows(&world, "SELECT ref, state FROM transitions WHERE idx = 0 AND state = 'abandoned'");
    let now = rows(&world, "SELECT ref, state FROM parts WHERE idx = 0 AND ref IS NOT NULL");
    assert_eq!((given_up.len(), now[0].1.as_str()), (1, "confirmed"));
    assert_ne!(given_up[0].0, now[0].0);
    let open = world.client(json!({})).reconcile().join().unwrap();
    assert_eq!((open.never_uploaded.len(), open.unknown.len()), (0, 0));
}

#[test]
fn a_part_that_arrives_corrupted_twice_is_given_up_and_named_also_by_a_later_process() {
    let world = World::new();
    let corrupted = |index: u64| json!({"on": "upload", "match": {"ref_index": index}, "do": {"type": "corrupted"}});
    world.faults(json!([corrupted(0), corrupted(1)]));
    let report = world.upload(json!({})).unwrap();
    let of_first = rows(&world, "SELECT state, ref FROM transitions WHERE idx = 0 AND ref IS NOT NULL");
    let times = of_first.iter().filter(|(state, _)| state == "corrupted").count();
    assert_eq!((times, report.batches[0].status.as_str()), (2, "corrupted"));
    let requests = world.emulator.requests().len();
    let error = refused(world.upload(json!({"raise_on": "any"})), Kind::BatchCorrupted);
    assert_eq!(error.refs(), [report.batches[0].batch_ref]);
    assert_eq!((world.emulator.requests().len(), parts(&world)), (requests, 1));
}

#[test]
fn a_journal_reaches_no_file_outside_its_folder() {
    let world = World::new();
    world.half();
    let outside = world.state().with_file_name("00000.json.gz");
    fs::write(&outside, "kept").unwrap();
    let damage = |sql: &str| {
        let journal = rusqlite::Connection::open(world.state().join("journal.sqlite")).unwrap();
        journal.execute_batch(sql).unwrap();
    };
    damage("UPDATE parts SET file = '../../../00000.json.gz'; UPDATE runs SET folder = '..', state = 'finished'");
    let error = refused(world.upload(json!({})), Kind::Journal);
    assert!(error.message().contains("leads out of the state folder"), "{error}");
    assert_eq!(journal::clean(world.state()).unwrap_err().kind(), Kind::Journal);
    assert_eq!(fs::read_to_string(outside).unwrap(), "kept");
}
