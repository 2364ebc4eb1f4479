//! Bytes that may outgrow memory: added at the end, and read back from anywhere, any number of times.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

use crate::crash;

/// Held in memory before all goes to an unnamed temporary file, which no crash can leave behind.
const IN_MEMORY: usize = 4 * 1024 * 1024;

/// Cheap to clone; every clone has the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Tape(Arc<Mutex<Spooled>>);

#[derive(Debug)]
struct Spooled {
    file: SpooledTempFile,
    end: u64,
}

impl Default for Tape {
    fn default() -> Self {
        Tape(Arc::new(Mutex::new(Spooled { file: SpooledTempFile::new(IN_MEMORY), end: 0 })))
    }
}

impl Tape {
    /// Adds bytes at the end: all of them, or after an error none that will be read.
    ///
    /// # Errors
    /// Those of the temporary file, such as that of a full disk.
    pub(crate) fn append(&self, bytes: &[u8]) -> io::Result<()> {
        crash::disk("write to tape")?;
        let mut spooled = self.lock();
        let end = spooled.end;
        spooled.file.seek(SeekFrom::Start(end))?;
        spooled.file.write_all(bytes)?;
        spooled.end += bytes.len() as u64;
        Ok(())
    }

    /// Where the next bytes will begin.
    pub(crate) fn end(&self) -> u64 {
        self.lock().end
    }

    /// Reads these bytes; what is appended meanwhile does not disturb.
    pub(crate) fn read(&self, range: Range<u64>) -> Reader {
        BufReader::new(Window { tape: self.clone(), range })
    }

    fn lock(&self) -> MutexGuard<'_, Spooled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a part of a tape.
pub(crate) type Reader = BufReader<Window>;

/// A part of a tape as a stream of its own.
pub(crate) struct Window {
    tape: Tape,
    range: Range<u64>,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        crash::disk("read from tape")?;
        let left = usize::try_from(self.range.end - self.range.start).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let mut spooled = self.tape.lock();
        spooled.file.seek(SeekFrom::Start(self.range.start))?;
        let read = spooled.file.read(&mut buffer[..wanted])?;
        self.range.start += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn all(tape: &Tape, range: Range<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        tape.read(range).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_was_appended_is_read_back_from_anywhere_while_more_is_appended() {
        let tape = Tape::default();
        tape.append(b"one two ").unwrap();
        let mut early = tape.read(0..tape.end());
        tape.append(b"three").unwrap();
        let mut first = [0; 3];
        early.read_exact(&mut first).unwrap();
        tape.append(b" four").unwrap();
        let mut rest = String::new();
        early.read_to_string(&mut rest).unwrap();
        assert_eq!((&first, rest.as_str()), (b"one", " two "));
        assert_eq!(all(&tape, 4..13), b"two three");
    }

    #[test]
    fn what_outgrows_memory_is_all_there() {
        let tape = Tape::default();
        let line = [b'x'; 1000];
        let count = IN_MEMORY as u64 / 1000 + 10;
        (0..count).for_each(|_| tape.append(&line).unwrap());
        assert_eq!(tape.end(), count * 1000);
        assert!(all(&tape, 0..tape.end()).iter().all(|&byte| byte == b'x'));
        assert_eq!(all(&tape, 7..tape.end()).len() as u64, count * 1000 - 7);
    }
}
