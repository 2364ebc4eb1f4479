//! A disk that fails once: nothing is packed behind the gap, or its records would be lost when the run is resumed.
#![expect(clippy::panic, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use cdp_batch::pack::{self, Output, Part, Settings};
use cdp_batch::reject::Reject;
use cdp_batch::source::{self, Source};
use cdp_batch::{Error, Kind, Options, Result};

/// Fails at one of its calls and then works again, like a full disk that somebody makes room on.
struct FailsOnce {
    calls: u64,
    fails_at: u64,
    panics: bool,
    after: u64,
}

impl FailsOnce {
    fn call(&mut self) -> Result<()> {
        self.calls += 1;
        self.after += u64::from(self.calls > self.fails_at);
        match self.calls == self.fails_at {
            true if self.panics => panic!("as asked for"),
            true => Err(Error::new(Kind::Io, "as asked for")),
            false => Ok(()),
        }
    }
}

impl Output for FailsOnce {
    fn read(&mut self, _: u64) {}

    fn reject(&mut self, _: Reject, _: u64) -> Result<()> {
        self.call()
    }

    fn write(&mut self, _: &[u8]) -> Result<()> {
        self.call()
    }

    fn seal(&mut self, _: Part) -> Result<()> {
        self.call()
    }
}

#[test]
fn after_an_output_has_failed_or_panicked_it_is_not_called_again() {
    let record = |number: u32| format!("{{\"ref\":\"{}\",\"schema\":\"guest\"", uuid::Uuid::from_u128(number.into()));
    let records = (0..400).map(|number| format!("{},\"mode\":\"upsert\",\"value\":{{}}}}\n", record(number)));
    let text: String = records.collect();
    let options = Options { max_batch_bytes: 5_000, threads: Some(4), ..Options::default() };
    let Ok(settings) = Settings::new(&options) else { panic!("the options are good") };
    for fails_at in 1..12 {
        for panics in [false, true] {
            for _ in 0..20 {
                let mut output = FailsOnce { calls: 0, fails_at, panics, after: 0 };
                let Ok(mut input) = source::open(Source::bytes("x", text.clone()), 500) else { panic!("good input") };
                let packed = catch_unwind(AssertUnwindSafe(|| pack::pack(&mut input, &settings, &mut output)));
                let kind = if panics { Kind::Internal } else { Kind::Io };
                let is_error = packed.is_ok_and(|packed| packed.is_err_and(|error| error.kind() == kind));
                assert_eq!((is_error, output.after), (output.calls >= fails_at, 0), "call {fails_at}");
            }
        }
    }
}
