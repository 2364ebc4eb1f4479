//! Our pipeline over zlib-rs, which is what our own deflate engine is measured against.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use cdp_batch::options::Check;
use cdp_batch::pack::{Output, Part, Settings, pack as pack_parts};
use cdp_batch::reject::Reject;
use cdp_batch::source::{self, Source};
use cdp_batch::{Error, Kind, Options};

use crate::Result;
use crate::packer::Packer;

/// The command with which this program calls itself.
pub(crate) const PACK: &str = "pack-with-baseline";

/// The command that packs `input` into `output`.
pub(crate) fn command(packer: Packer, input: &Path, output: &Path) -> Result<Command> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let mut command = Command::new(this);
    command.args([PACK, &packer.level.to_string(), &packer.threads.to_string()]).args([input, output]);
    Ok(command)
}

/// Carries out `pack-with-baseline LEVEL THREADS INPUT OUTPUT`.
pub(crate) fn pack(arguments: &[String]) -> Result {
    let [level, threads, input, output] = arguments else {
        return Err(format!("{PACK} needs a level, a number of threads, an input and an output"));
    };
    let number = |text: &String| text.parse::<u8>().map_err(|_| format!("{text} is no number"));
    let options = Options {
        level: number(level)?,
        threads: Some(number(threads)?.into()),
        check: Check::None,
        max_batch_bytes: 52_428_800,
        ..Options::default()
    };
    pack_into(&options, input, output).map_err(|error| error.message().to_owned())
}

fn pack_into(options: &Options, input: &str, output: &str) -> cdp_batch::Result<()> {
    let settings = Settings::new(options)?.with_baseline();
    let mut input = source::open(Source::path(input), settings.block_bytes())?;
    let file = File::create(output).map_err(|error| Error::new(Kind::Io, format!("cannot write {output}: {error}")))?;
    pack_parts(&mut input, &settings, &mut Parts(file))
}

/// All parts, one after the other.
struct Parts(File);

impl Output for Parts {
    fn read(&mut self, _records: u64) {}

    fn reject(&mut self, _reject: Reject, _after: u64) -> cdp_batch::Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> cdp_batch::Result<()> {
        self.0.write_all(bytes).map_err(|error| Error::new(Kind::Io, format!("cannot write a part: {error}")))
    }

    fn seal(&mut self, _part: Part) -> cdp_batch::Result<()> {
        Ok(())
    }
}
