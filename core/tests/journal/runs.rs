//! What a second call finds, and what it refuses.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cdp_batch::source::Source;
use cdp_batch::{Kind, Options, journal};
use cdp_batch_emulator::Config;
use serde_json::json;

use crate::world::{RECORDS, World, refused};

#[test]
fn the_same_upload_again_goes_on_and_a_third_sends_nothing() {
    let world = World::new();
    let half = world.half();
    assert!(half > 0 && half < RECORDS as usize);
    let report = world.upload(json!({})).unwrap();
    assert!(report.ok() && report.resumed);
    assert_eq!((report.counts.read, report.counts.confirmed, world.arrived()), (RECORDS, RECORDS, RECORDS as usize));
    let requests = world.emulator.requests().len();
    let again = world.upload(json!({})).unwrap();
    assert_eq!(again.counts, report.counts);
    assert_eq!(again.batches, report.batches);
    assert_eq!(world.emulator.requests().len(), requests);
}

#[test]
fn a_run_is_resumed_by_its_name_alone_with_the_options_it_was_begun_with() {
    let world = World::new();
    world.half();
    let report = world.client(json!({"max_batch_bytes": 50_000_000})).resume("nightly").join().unwrap();
    assert!(report.ok() && report.resumed && report.batches.len() > 2);
    assert_eq!(world.arrived(), RECORDS as usize);
    let error = refused(world.client(json!({})).resume("daily").join(), Kind::Journal);
    assert!(error.message().contains("knows no run daily"), "{error}");
}

#[test]
fn pushed_rows_cannot_be_read_again_but_pushed_again() {
    let world = World::new();
    let text = fs::read_to_string(world.guests()).unwrap();
    let push = || {
        let client = world.client(json!({}));
        let (writer, upload) = client.writer(world.options(json!({})));
        // A run that fails takes no more rows.
        let _ = text.lines().try_for_each(|line| writer.push(line.as_bytes()));
        writer.finish();
        upload.join()
    };
    world.fail_from_second_part();
    push().unwrap_err();
    world.heal();
    let error = refused(world.client(json!({})).resume("nightly").join(), Kind::Journal);
    assert!(error.message().contains("upload it once more"), "{error}");
    assert!(push().unwrap().ok());
    assert!(push().unwrap().ok());
    assert_eq!(world.arrived(), RECORDS as usize);
}

#[test]
fn a_changed_source_is_refused_by_name_and_a_changed_option_too() {
    let world = World::new();
    let half = world.half();
    let error = refused(world.upload(json!({"level": 1})), Kind::InvalidOptions);
    assert!(error.message().contains("level 6, now it is 1"), "{error}");
    let text = fs::read_to_string(world.guests()).unwrap();
    fs::write(world.guests(), text.replacen('{', "{ ", 1)).unwrap();
    let error = refused(world.upload(json!({})), Kind::Io);
    assert!(error.message().contains("guests.ndjson has changed since run nightly was begun"), "{error}");
    assert_eq!(error.source_name(), Some(world.guests().to_str().unwrap()));
    let client = world.client(json!({}));
    let error = refused(client.upload(Source::bytes("other", "{}"), world.options(json!({}))).join(), Kind::Io);
    assert!(error.message().contains("is missing among the sources"), "{error}");
    assert_eq!(world.arrived(), half);
}

#[test]
fn a_second_call_on_a_run_is_told_which_process_has_it() {
    let world = World::new();
    let client = world.client(json!({}));
    let (writer, first) = client.writer(world.options(json!({})));
    // Its lock is held once the run has told its name and its journal is there.
    while journal::runs(world.state()).map_or(0, |runs| runs.len()) == 0 {
        assert!(!first.wait(Duration::from_millis(1)));
    }
    let error = refused(world.upload(json!({})), Kind::Journal);
    assert!(error.message().contains(&format!("process {}", std::process::id())), "{error}");
    drop(writer);
    first.join().unwrap_err();
}

#[test]
fn a_journal_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let world = World::new();
    fs::create_dir_all(world.state()).unwrap();
    let file = world.state().join("journal.sqlite");
    fs::write(&file, "no database at all, but long enough to be taken for the header of one, or so it seems").unwrap();
    let error = refused(world.upload(json!({})), Kind::Journal);
    assert!(error.message().contains("journal.sqlite"), "{error}");
    fs::remove_file(&file).unwrap();
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = refused(world.upload(json!({})), Kind::Journal);
    assert!(error.message().contains("newer cdp-batch (version 99"), "{error}");
    fs::remove_dir_all(world.state()).unwrap();
    fs::write(world.state(), "a file where the folder should be").unwrap();
    refused(world.upload(json!({})), Kind::Io);
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn a_part_whose_file_is_gone_is_named() {
    let world = World::new();
    world.half();
    let parts = world.state().join("parts").join("nightly");
    fs::read_dir(&parts).unwrap().for_each(|part| fs::remove_file(part.unwrap().path()).unwrap());
    let error = world.upload(json!({})).unwrap_err();
    assert!(error.message().contains("00001.json.gz"), "{error}");
}

#[test]
fn the_journal_lists_runs_and_reconciles_them_with_the_service() {
    let world = World::new();
    world.half();
    let client = world.client(json!({}));
    let runs = journal::runs(world.state()).unwrap();
    assert_eq!((runs[0].run_id.as_str(), runs[0].sources.len()), ("nightly", 1));
    assert_ne!(runs[0].state, "finished");
    let open = client.reconcile().join().unwrap();
    assert!(!open.never_uploaded.is_empty());
    assert_eq!((open.processing.len(), open.failed.len(), open.unknown.len()), (0, 0, 0));
    let elsewhere = world.options(json!({"run_id": "other"}));
    let elsewhere = Options { state_dir: None, ..elsewhere };
    client.upload(Source::path(world.guests()), elsewhere).join().unwrap();
    let report = client.resume("nightly").join().unwrap();
    let open = client.reconcile().join().unwrap();
    assert_eq!((open.never_uploaded.len(), open.unknown.len()), (0, report.batches.len()));
    let run = &journal::runs(world.state()).unwrap()[0];
    assert_eq!((run.state.as_str(), run.confirmed, run.packed), ("finished", RECORDS, RECORDS));
    assert_eq!(journal::clean(world.state()).unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_state_folder_and_no_secret_is_in_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.half();
    let config = Config::default();
    let secrets = [config.client_key.clone(), config.api_token.clone(), world.emulator.tenant(), "X-Amz-".to_string()];
    let mut folders = vec![world.state()];
    while let Some(folder) = folders.pop() {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for path in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            let bytes = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            assert!(secrets.iter().all(|secret| !bytes.contains(secret)), "{}", path.display());
        }
    }
    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }
}
