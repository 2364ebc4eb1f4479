//! What a run tells, shown while it works: bars on a terminal, lines elsewhere; always on stderr.

use std::fmt;
use std::io::IsTerminal;
use std::time::Duration;

use cdp_batch::Result;
use cdp_batch::event::{Event, Progress};
use cdp_batch::operation::Operation;
use indicatif::{HumanBytes, HumanCount, MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use crate::interrupt;

/// How long to wait for an event before looking for Ctrl-C again.
const SLICE: Duration = Duration::from_millis(100);

/// Shows events until the operation is done, and takes its outcome. Ctrl-C cancels it.
pub(crate) fn follow<T: Send + 'static>(operation: Operation<T>) -> Result<T> {
    interrupt::listen();
    let mut display: Box<dyn Display> = match std::io::stderr().is_terminal() {
        true => Box::new(Bars::new()),
        false => Box::new(Lines),
    };
    let mut asked_to_stop = false;
    loop {
        if interrupt::pressed() && !asked_to_stop {
            asked_to_stop = true;
            operation.cancel();
        }
        match operation.next_event(SLICE) {
            Some(event) => display.show(&event),
            None if operation.wait(Duration::ZERO) => break,
            None => {}
        }
    }
    display.end();
    operation.join()
}

trait Display {
    fn show(&mut self, event: &Event);
    fn end(&mut self) {}
}

/// One line for everything that is news; numbers are left to the report.
struct Lines;

impl Display for Lines {
    fn show(&mut self, event: &Event) {
        if let Some(line) = describe(event) {
            eprintln!("{line}");
        }
    }
}

/// The words for an event; `None` for one that only moves numbers.
fn describe(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { run_id } => format!("run {run_id}"),
        Event::Packed { part, records, size, .. } => {
            format!("part {part}: packed, {} records in {}", HumanCount(*records), HumanBytes(*size))
        }
        Event::Allocated { part, batch } => format!("part {part}: batch {batch}"),
        Event::Uploaded { part, .. } => format!("part {part}: uploaded"),
        Event::Status { batch, to, .. } => format!("batch {batch}: {to}"),
        Event::Retry { stage, attempt, delay_ms, code, .. } => {
            format!("{}: {code}, trying again in {delay_ms} ms (try {attempt})", stage.name())
        }
        _ => return None,
    })
}

/// A bar for each thing that is counted. A bar has an end only once that end is known: when packing is over.
struct Bars {
    all: MultiProgress,
    read: ProgressBar,
    packed: ProgressBar,
    sent: ProgressBar,
    accepted: ProgressBar,
    confirmed: ProgressBar,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::new();
        let bar = |name: &'static str, template: &str| {
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                // A rate that cannot be written is not worth ending the run for.
                let _ = write!(out, "{}/s", HumanCount(state.per_sec() as u64));
            });
            all.add(ProgressBar::no_length().with_style(style).with_prefix(name))
        };
        let count = "{prefix:>10} {human_pos:>13} records {rate:>14}";
        let bytes = "{prefix:>10} {bytes:>13}         {bytes_per_sec:>14}";
        Bars {
            read: bar("read", count),
            packed: bar("packed", bytes),
            sent: bar("sent", bytes),
            accepted: bar("accepted", count),
            confirmed: bar("confirmed", count),
            all,
        }
    }
}

impl Display for Bars {
    fn show(&mut self, event: &Event) {
        match event {
            Event::Progress { progress } | Event::Done { progress } => {
                let Progress { read, packed_bytes, sent_bytes, sent, confirmed, .. } = *progress;
                self.read.set_position(read);
                self.packed.set_position(packed_bytes);
                self.sent.set_position(sent_bytes);
                self.accepted.set_position(sent);
                self.confirmed.set_position(confirmed);
            }
            Event::Started { .. } | Event::Retry { .. } => {
                let _ = self.all.println(describe(event).unwrap_or_default());
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        for bar in [&self.read, &self.packed, &self.sent, &self.accepted, &self.confirmed] {
            bar.abandon();
        }
    }
}
