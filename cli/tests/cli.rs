//! The contracts of the command line: output, exit codes, Ctrl-C.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use cdp_batch_emulator::{Config, Emulator};
use cdp_batch_sample::{Amount, Guests, write};
use serde_json::Value;

fn cdp_batch() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdp-batch"));
    for variable in ["CDP_REGION", "CDP_BASE_URL", "CDP_CLIENT_KEY", "CDP_API_TOKEN"] {
        command.env_remove(variable);
    }
    command
}

/// The command, with the environment that reaches the emulator.
fn against(emulator: &Emulator) -> Command {
    let (mut command, config) = (cdp_batch(), Config::default());
    command.env("CDP_BASE_URL", emulator.base_url());
    command.env("CDP_CLIENT_KEY", config.client_key).env("CDP_API_TOKEN", config.api_token);
    command
}

fn emulator() -> Emulator {
    Emulator::start(Config::default()).unwrap()
}

fn guests(path: &Path, records: u64, defect_every: u64) {
    let mut guests = Guests::new(3).with_defect_every(defect_every);
    write(&mut fs::File::create(path).unwrap(), &mut guests, Amount::Records(records)).unwrap();
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_demo_adds_up_and_its_report_follows_the_schema() {
    let (code, out, err) = run(cdp_batch().args(["demo", "--records", "3000", "--seed", "9", "--json"]));
    assert_eq!(code, 0, "{err}");
    let report = json(&out);
    let schema = json(&fs::read_to_string("../tests/report.schema.json").unwrap());
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let count = |name: &str| report["counts"][name].as_u64().unwrap();
    assert_eq!((count("read"), count("unknown")), (3000, 0));
    assert_eq!(count("read"), count("confirmed") + count("rejected"));
    assert!(count("rejected") > 0);
}

#[test]
fn an_upload_of_good_records_exits_with_0_and_of_some_bad_ones_with_1() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), emulator());
    let (good, bad) = (folder.path().join("good.ndjson"), folder.path().join("bad.ndjson"));
    guests(&good, 50, 0);
    guests(&bad, 60, 20);
    let (code, out, err) = run(against(&emulator).arg("upload").arg(&good).args(["--set", "wait.min_ms=5"]));
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("50 confirmed"), "{out}");
    let rejects = folder.path().join("rejects.ndjson");
    let mut upload = against(&emulator);
    upload.args(["upload", "--json", "--set", "wait.min_ms=5", "--rejects"]).arg(&rejects).arg(&bad);
    let (code, out, err) = run(&mut upload);
    assert_eq!(code, 1, "{err}");
    assert_eq!(json(&out)["counts"]["rejected"], 3);
    assert_eq!(fs::read_to_string(&rejects).unwrap().lines().count(), 3);
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_wrong() {
    let emulator = emulator();
    for (arguments, words) in [
        (&["upload", "no-such-file.ndjson"][..], "no-such-file.ndjson"),
        (&["upload", "x", "--no-such-option"], "--no-such-option"),
        (&["upload", "x", "--set", "max_batch_byte=5"], "the nearest one is max_batch_bytes"),
        (&["upload", "x", "--level", "12"], "level is 12"),
        (&["upload", "no-such-*.ndjson"], "no-such-*.ndjson"),
        (&["list", "--status", "done"], "done"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let (code, _, err) = run(against(&emulator).args(arguments));
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
    let (code, _, err) = run(cdp_batch().args(["status", "7c2b2d34-9a4f-4a55-8c6e-6d5f0d3e1d11"]));
    assert_eq!((code, err.contains("CDP_REGION")), (2, true), "{err}");
}

#[test]
fn a_service_that_cannot_be_reached_exits_with_3_and_tells_how_to_carry_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("guests.ndjson");
    guests(&input, 5, 0);
    let mut upload = cdp_batch();
    upload.env("CDP_BASE_URL", "http://127.0.0.1:9").env("CDP_CLIENT_KEY", "k").env("CDP_API_TOKEN", "t");
    upload.args(["upload", "--set", "retry.attempts=1", "--run-id", "again"]).arg(&input);
    let (code, _, err) = run(&mut upload);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("--run-id again"), "{err}");
}

#[test]
fn pack_writes_parts_and_names_them_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("guests.ndjson"), folder.path().join("parts"));
    guests(&input, 300, 100);
    let mut pack = cdp_batch();
    pack.args(["pack", "--json", "--max-batch-bytes", "20000", "--out"]).arg(&out).arg(&input);
    let (code, text, err) = run(&mut pack);
    assert_eq!(code, 1, "{err}");
    let packed = json(&text);
    let parts = packed["parts"].as_array().unwrap();
    assert!(parts.len() > 1);
    for part in parts {
        let bytes = fs::read(part["path"].as_str().unwrap()).unwrap();
        assert_eq!(part["size"], bytes.len());
        assert_eq!(part["content_md5"].as_str().unwrap().len(), 24);
    }
    let records: u64 = parts.iter().map(|part| part["records"].as_u64().unwrap()).sum();
    assert_eq!(packed["counts"]["packed"], records);
    assert_eq!(packed["rejects"].as_array().unwrap().len() as u64, packed["counts"]["rejected"].as_u64().unwrap());
}

#[test]
fn an_input_is_never_written_to() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), emulator());
    let input = folder.path().join("00000.json.gz");
    guests(&input, 5, 0);
    let before = fs::read(&input).unwrap();
    let other_name = folder.path().join(".").join("00000.json.gz");
    for command in [
        against(&emulator).arg("upload").arg(&input).arg("--rejects").arg(&other_name),
        cdp_batch().arg("pack").arg(&input).arg("--out").arg(folder.path()),
    ] {
        let (code, _, err) = run(command);
        assert_eq!((code, err.contains("choose another")), (2, true), "{err}");
    }
    assert_eq!(fs::read(&input).unwrap(), before);
}

#[test]
fn validate_prints_one_finding_a_line_and_exits_with_1_only_for_errors() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("guests.ndjson");
    guests(&input, 40, 0);
    let (code, _, err) = run(cdp_batch().arg("validate").arg(&input));
    assert_eq!(code, 0, "{err}");
    fs::write(&input, "{\"ref\":1}\n").unwrap();
    let (code, out, _) = run(cdp_batch().arg("validate").arg(&input));
    assert_eq!(code, 1);
    assert!(out.lines().all(|line| line.starts_with(&format!("{}:1: ", input.display()))), "{out}");
}

#[test]
fn batches_are_listed_waited_for_and_explained_from_their_refs_alone() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), emulator());
    let input = folder.path().join("guests.ndjson");
    guests(&input, 40, 20);
    let (_, out, _) = run(against(&emulator).args(["upload", "--json", "--check", "none"]).arg(&input));
    let batch = json(&out)["batches"][0]["ref"].as_str().unwrap().to_string();
    let (code, out, err) = run(against(&emulator).args(["wait", &batch, "--json"]));
    assert_eq!((code, json(&out)[0]["status"].as_str()), (1, Some("error")), "{err}");
    let (code, out, _) = run(against(&emulator).args(["errors", &batch, "--json"]));
    assert_eq!((code, out.lines().count()), (0, 2), "{out}");
    let (code, out, _) = run(against(&emulator).args(["list", "--status", "error"]));
    assert!(code == 0 && out.contains(&batch), "{out}");
    let (code, out, _) = run(against(&emulator).args(["status", &batch]));
    assert!(code == 0 && out.contains("error"), "{out}");
}

#[test]
fn the_rejects_of_a_run_are_written_from_its_journal_fixed_and_sent() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), emulator());
    let [input, state, rejects] = ["guests.ndjson", "state", "rejects.ndjson"].map(|name| folder.path().join(name));
    guests(&input, 20, 0);
    let broken = fs::read_to_string(&input).unwrap().replacen("\"mode\":\"upsert\"", "\"mode\":\"upset\"", 2);
    fs::write(&input, broken).unwrap();
    let upload = ["upload", "--check", "none", "--run-id", "nightly", "--state-dir"];
    let (code, out, err) = run(against(&emulator).args(upload).arg(&state).arg(&input));
    assert!(code == 1 && out.contains("the schema does not take this mode"), "{out}{err}");
    let errors = ["errors", "nightly", "--state-dir"];
    let (code, out, err) = run(cdp_batch().args(errors).arg(&state).arg("--write").arg(&rejects));
    assert!(code == 0 && out.contains("guests.ndjson:1: 402: Unsupported mode"), "{out}{err}");
    assert_eq!(fs::read_to_string(folder.path().join("rejects.ndjson.reasons.jsonl")).unwrap().lines().count(), 2);
    let fixed = fs::read_to_string(&rejects).unwrap().replace("upset", "upsert");
    fs::write(&rejects, fixed).unwrap();
    let (code, out, err) = run(against(&emulator).arg("upload").arg(&rejects));
    assert_eq!((code, emulator.arrived().len()), (0, 20), "{out}{err}");
    let (code, _, err) = run(cdp_batch().args(["errors", "weekly", "--state-dir"]).arg(&state));
    assert!(code == 2 && err.contains("knows no run weekly"), "{err}");
}

#[test]
fn the_list_is_found_by_the_beginning_of_a_ref_and_refuses_an_order_that_does_not_exist() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), emulator());
    let input = folder.path().join("guests.ndjson");
    guests(&input, 30, 0);
    let (_, out, _) = run(against(&emulator).args(["upload", "--json", "--max-batch-records", "10"]).arg(&input));
    let batch = json(&out)["batches"][1]["ref"].as_str().unwrap().to_string();
    let (code, out, err) = run(against(&emulator).args(["list", "--json", "--ref", &batch[..8], "--sort", "created"]));
    let listed = json(&out);
    let listed: Vec<&str> = listed.as_array().unwrap().iter().map(|batch| batch["ref"].as_str().unwrap()).collect();
    assert_eq!((code, listed), (0, vec![batch.as_str()]), "{err}");
    let (code, _, err) = run(against(&emulator).args(["list", "--sort", "size"]));
    assert!(code == 2 && err.contains("created, modified"), "{err}");
}

/// Reads lines of stderr until one holds `words`.
#[cfg(unix)]
fn read_until(lines: &mut impl Iterator<Item = std::io::Result<String>>, words: &str) {
    lines.map(Result::unwrap).find(|line| line.contains(words)).unwrap();
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_run_with_130_and_the_command_that_carries_on() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("guests.ndjson");
    guests(&input, 500, 0);
    let emulator = Emulator::start(Config { records_per_second: Some(1.0), ..Config::default() }).unwrap();
    let mut upload = against(&emulator);
    upload.args(["upload", "--run-id", "stopped"]).arg(&input).stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = upload.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    read_until(&mut lines, "uploaded");
    interrupt(&child);
    read_until(&mut lines, "--run-id stopped");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(unix)]
#[test]
fn the_emulator_says_where_it_listens_and_ends_on_ctrl_c() {
    let mut command = cdp_batch();
    command.args(["emulator", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("listening on http://127.0.0.1:"));
    assert!(lines.next().unwrap().unwrap().starts_with("admin on http://127.0.0.1:"));
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
