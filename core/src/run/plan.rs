//! What a run will do, fixed before it begins.

use std::path::PathBuf;

use uuid::Uuid;

use crate::digest::Md5;
use crate::error::Result;
use crate::journal::{Entry, Journal};
use crate::options::Options;
use crate::pack::Settings;
use crate::source::Description;
use crate::spool::Spool;

/// Namespace of batch refs: UUIDv5 of "cdp-batch" in the nil namespace.
const BATCHES: Uuid = Uuid::from_u128(0x40f3c88c_2cd4_583d_b03d_e0b17f0cef4c);

/// A run that has a name, checked options and a place for its parts.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) run_id: String,
    pub(crate) options: Options,
    pub(crate) settings: Settings,
    pub(crate) spool: Spool,
}

impl Plan {
    /// Checks the options and makes the spool.
    ///
    /// # Errors
    /// `invalid_options`; `io` if `state_dir` cannot be used.
    pub(crate) fn new(options: Options) -> Result<Self> {
        let settings = Settings::new(&options)?;
        let run_id = options.run_id_or_fresh();
        let spool = match &options.state_dir {
            None => Spool::Memory,
            Some(folder) => Spool::folder(folder.join("parts").join(folder_name(&run_id)))?,
        };
        Ok(Plan { run_id, options, settings, spool })
    }

    /// Enters the run into the journal of `state_dir`, or finds it there; `None` without a `state_dir`.
    ///
    /// # Errors
    /// `io` or `journal` if the journal cannot be used, or the run is not as it was: see [`Entry::begin`].
    pub(crate) fn begin(&self, sources: Option<&[Description]>) -> Result<Option<Entry>> {
        let (Some(state_dir), Spool::Folder(parts)) = (&self.options.state_dir, &self.spool) else {
            return Ok(None);
        };
        let journal = Journal::open(state_dir)?;
        let entry = Entry::begin(&journal, parts, &self.run_id, &self.options, sources)?;
        self.spool.sweep()?;
        Ok(Some(entry))
    }

    /// The ref of a part: the same run id, part and bytes give the same ref. `take` counts the refs this part has had,
    /// from 0: a new one is needed when the service will not take the bytes under the old.
    pub(crate) fn batch_ref(&self, index: u64, md5: Md5, take: u32) -> Uuid {
        let name = match take {
            0 => format!("{}/{index}/{md5}", self.run_id),
            _ => format!("{}/{index}/{md5}/{take}", self.run_id),
        };
        Uuid::new_v5(&BATCHES, name.as_bytes())
    }
}

/// The run id as a folder name on any system; ids that differ stay different.
fn folder_name(run_id: &str) -> PathBuf {
    let mut name = String::new();
    for byte in run_id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte as char),
            b'.' if !name.is_empty() => name.push('.'),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    PathBuf::from(name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_same_run_part_and_bytes_have_the_same_ref() {
        let plan = |id: &str| Plan::new(Options { run_id: Some(id.into()), ..Options::default() }).unwrap();
        let md5 = Md5::from_bytes([7; 16]);
        assert_eq!(plan("a").batch_ref(0, md5, 0), plan("a").batch_ref(0, md5, 0));
        let others = [plan("b").batch_ref(0, md5, 0), plan("a").batch_ref(1, md5, 0), plan("a").batch_ref(0, md5, 1)];
        assert!(others.iter().all(|other| *other != plan("a").batch_ref(0, md5, 0)));
    }

    #[test]
    fn the_namespace_is_what_its_comment_says() {
        assert_eq!(BATCHES, Uuid::new_v5(&Uuid::nil(), b"cdp-batch"));
    }

    #[test]
    fn any_run_id_is_a_folder_name() {
        assert_eq!(folder_name("../x y"), PathBuf::from("%2e.%2fx%20y"));
        assert_eq!(folder_name("scheduled__2026-01-01T00:00"), PathBuf::from("scheduled__2026-01-01T00%3a00"));
    }
}
