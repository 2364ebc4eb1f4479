//! A language's driver: a process that is asked one JSON object a line and answers the same way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

/// How often something else may happen while an answer is awaited.
const SLICE: Duration = Duration::from_millis(5);

/// Variables that would lead requests elsewhere, or change what a driver finds.
const UNSET: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "CDP_REGION",
    "CDP_BASE_URL",
    "CDP_CLIENT_KEY",
    "CDP_API_TOKEN",
];

/// Everything a driver printed, on both streams.
pub(crate) type Transcript = Arc<Mutex<Vec<u8>>>;

/// A running driver. Dropping it ends the process.
pub(crate) struct Driver {
    child: Child,
    stdin: Option<ChildStdin>,
    answers: Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    asked: u64,
}

impl Driver {
    /// Starts `command` in `folder`, with `temporary` as the place for temporary files.
    pub(crate) fn start(
        command: &[String],
        folder: &Path,
        temporary: &Path,
        transcript: &Transcript,
    ) -> Result<Self, String> {
        let (program, arguments) = command.split_first().ok_or("the driver's command is empty")?;
        let mut process = Command::new(program);
        process.args(arguments).current_dir(folder);
        process.env("TMPDIR", temporary).env("TEMP", temporary).env("TMP", temporary);
        UNSET.iter().for_each(|name| {
            process.env_remove(name);
        });
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process.spawn().map_err(|error| format!("cannot start {program}: {error}"))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (sender, answers) = channel();
        let read_answers = {
            let transcript = Arc::clone(transcript);
            let read = move |stdout: ChildStdout| {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    note(&transcript, line.as_bytes());
                    // Nobody may be waiting any more; the transcript still wants the rest.
                    let _ = sender.send(line);
                }
            };
            stdout.map(|stdout| thread::spawn(move || read(stdout)))
        };
        let read_errors = {
            let transcript = Arc::clone(transcript);
            let read = move |mut stderr: ChildStderr| {
                let mut bytes = Vec::new();
                // What could be read is what there is to look at.
                let _ = stderr.read_to_end(&mut bytes);
                note(&transcript, &bytes);
            };
            stderr.map(|stderr| thread::spawn(move || read(stderr)))
        };
        let readers = [read_answers, read_errors].into_iter().flatten().collect();
        Ok(Driver { child, stdin, answers, readers, asked: 0 })
    }

    /// Asks, and gives the answer; calls `meanwhile` every few milliseconds until then.
    pub(crate) fn ask(
        &mut self,
        mut request: Map<String, Value>,
        deadline: Instant,
        mut meanwhile: impl FnMut() -> Result<(), String>,
    ) -> Result<Value, String> {
        self.asked += 1;
        request.insert("id".into(), self.asked.into());
        let stdin = self.stdin.as_mut().ok_or("the driver has no standard input")?;
        writeln!(stdin, "{}", Value::Object(request))
            .and_then(|()| stdin.flush())
            .map_err(|error| format!("the driver does not listen: {error}"))?;
        let answer = loop {
            match self.answers.recv_timeout(SLICE) {
                Ok(answer) => break answer,
                Err(RecvTimeoutError::Disconnected) => return Err("the driver died without an answer".into()),
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => {
                    return Err("the driver hangs: no answer in time".into());
                }
                Err(RecvTimeoutError::Timeout) => meanwhile()?,
            }
        };
        let answer: Value = serde_json::from_str(&answer).map_err(|error| format!("the answer is no JSON: {error}"))?;
        match answer["id"] == self.asked {
            true => Ok(answer),
            false => Err(format!("the driver answers {} when {} was asked", answer["id"], self.asked)),
        }
    }

    /// Closes its input, after which it must end by itself, without an error.
    pub(crate) fn finish(mut self, deadline: Instant) -> Result<(), String> {
        drop(self.stdin.take());
        let status = loop {
            match self.child.try_wait().map_err(|error| error.to_string())? {
                Some(status) => break status,
                None if Instant::now() > deadline => return Err("the driver does not end".into()),
                None => thread::sleep(SLICE),
            }
        };
        match status.success() {
            true => Ok(()),
            false => Err(format!("the driver ended with {status}")),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already, which is all that is wanted here.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

fn note(transcript: &Transcript, bytes: &[u8]) {
    let mut transcript = transcript.lock().unwrap_or_else(PoisonError::into_inner);
    transcript.extend_from_slice(bytes);
    transcript.push(b'\n');
}
