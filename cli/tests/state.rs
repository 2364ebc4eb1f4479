//! State folders on the command line: interrupted runs, two processes, folders that cannot be written.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use cdp_batch_emulator::{Config, Emulator};
use cdp_batch_sample::{Amount, Guests, write};
use tempfile::TempDir;

const RECORDS: u64 = 60;

struct World {
    emulator: Emulator,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world =
            World { emulator: Emulator::start(Config::default()).unwrap(), folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.temporary()).unwrap();
        let mut file = fs::File::create(world.guests()).unwrap();
        write(&mut file, &mut Guests::new(3), Amount::Records(RECORDS)).unwrap();
        world
    }

    fn guests(&self) -> PathBuf {
        self.folder.path().join("guests.ndjson")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    /// Uploads what comes through a pipe, for as long as it is open.
    fn upload(&self) -> Command {
        let (mut command, config) = (Command::new(env!("CARGO_BIN_EXE_cdp-batch")), Config::default());
        command.env("CDP_BASE_URL", self.emulator.base_url()).env_remove("CDP_REGION");
        command.env("CDP_CLIENT_KEY", config.client_key).env("CDP_API_TOKEN", config.api_token);
        command.env("TMPDIR", self.temporary());
        command.args(["upload", "--run-id", "nightly", "--max-batch-bytes", "6000", "--set", "wait.min_ms=2", "-"]);
        command.arg("--state-dir").arg(self.state());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts an upload and waits until it has sent the first part of what it has got so far.
    fn half(&self) -> Child {
        let mut child = self.upload().spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(&fs::read(self.guests()).unwrap()).unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("part 0: uploaded") {
            line.clear();
            assert_ne!(stderr.read_line(&mut line).unwrap(), 0);
        }
        child.stderr = Some(stderr.into_inner());
        child
    }

    /// Uploads everything; code and standard error.
    fn whole(&self) -> (Option<i32>, String) {
        let mut child = self.upload().spawn().unwrap();
        // One that is refused may have ended before it takes anything.
        let _ = child.stdin.take().unwrap().write_all(&fs::read(self.guests()).unwrap());
        ended(child.wait_with_output().unwrap())
    }

    fn ends_right(&self) {
        let (code, stderr) = self.whole();
        assert_eq!((code, self.emulator.arrived().len() as u64), (Some(0), RECORDS), "{stderr}");
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0);
    }
}

fn ended(output: Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn ctrl_c_leaves_a_run_that_goes_on_and_nothing_outside_its_folder() {
    let world = World::new();
    let child = world.half();
    interrupt(&child);
    let (code, stderr) = ended(child.wait_with_output().unwrap());
    assert_eq!((code, stderr.contains("--run-id nightly")), (Some(130), true), "{stderr}");
    assert_eq!(fs::read_dir(world.temporary()).unwrap().count(), 0);
    world.ends_right();
}

#[test]
fn a_second_ctrl_c_exits_at_once_and_the_run_still_goes_on() {
    let world = World::new();
    let mut child = world.half();
    // Whoever holds the pipe open keeps the first from ending the run soon.
    let _pipe = child.stdin.take();
    let status = loop {
        interrupt(&child);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((status.code(), stderr.contains("to carry on")), (Some(130), false), "{stderr}");
    world.ends_right();
}

#[test]
fn a_second_process_is_told_which_one_has_the_run() {
    let world = World::new();
    let child = world.half();
    let (code, stderr) = world.whole();
    let holder = format!("run nightly is under way in process {}", child.id());
    assert_eq!((code, stderr.contains(&holder)), (Some(2), true), "{stderr}");
    let (code, stderr) = ended(child.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{stderr}");
    world.ends_right();
}

#[test]
fn a_state_folder_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let world = World::new();
    fs::create_dir(world.state()).unwrap();
    set_mode(&world.state(), 0o555);
    refused(&world, "state");
    set_mode(&world.state(), 0o755);
    world.ends_right();
    let requests = world.emulator.requests().len();
    each(&world.state(), &mut |path| set_mode(path, if path.is_dir() { 0o555 } else { 0o444 }));
    refused(&world, "state");
    each(&world.state(), &mut |path| set_mode(path, if path.is_dir() { 0o755 } else { 0o644 }));
    assert_eq!(world.emulator.requests().len(), requests);
}

/// An upload by somebody whom the modes of files hold back is refused, and names the folder.
fn refused(world: &World, words: &str) {
    let mut upload = world.upload();
    // Modes do not hold root back.
    if fs::metadata(world.folder.path()).unwrap().uid() == 0 {
        set_mode(world.folder.path(), 0o755);
        set_mode(&world.temporary(), 0o777);
        upload.uid(65_534);
    }
    match upload.stdin(Stdio::null()).output() {
        // The program itself may lie where only root can come.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
        output => {
            let (code, stderr) = ended(output.unwrap());
            assert_eq!((code, stderr.contains(words)), (Some(2), true), "{stderr}");
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// This file or folder and all below it, the deepest first.
fn each(path: &Path, work: &mut impl FnMut(&Path)) {
    if path.is_dir() {
        let inside: Vec<_> = fs::read_dir(path).unwrap().map(|file| file.unwrap().path()).collect();
        inside.iter().for_each(|path| each(path, work));
    }
    work(path);
}
