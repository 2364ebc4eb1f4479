//! Lines of a batch file. The documents say each record ends with a carriage return while every tool writes LF or CRLF
//! (protocol.md section 3.1), so all three end a line here; the last one may lack its ending.

use std::io::{self, BufRead};

/// Reads lines one by one into a buffer of the caller.
pub(crate) struct Lines<R> {
    reader: R,
    /// The line before ended with CR, so an LF that follows belongs to it.
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, after_cr: false }
    }

    /// Replaces `line` by the next line without its ending; false at the end of the file.
    pub(crate) fn next_into(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        loop {
            let block = self.reader.fill_buf()?;
            let Some(&first) = block.first() else { return Ok(!line.is_empty()) };
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                self.reader.consume(1);
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', block) else {
                line.extend_from_slice(block);
                let taken = block.len();
                self.reader.consume(taken);
                continue;
            };
            line.extend_from_slice(&block[..end]);
            self.after_cr = block[end] == b'\r';
            self.reader.consume(end + 1);
            return Ok(true);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn split(text: &str) -> Vec<String> {
        // A one-byte buffer puts every line ending across two reads.
        let mut lines = Lines::new(BufReader::with_capacity(1, text.as_bytes()));
        let (mut all, mut line) = (Vec::new(), Vec::new());
        while lines.next_into(&mut line).unwrap() {
            all.push(String::from_utf8(line.clone()).unwrap());
        }
        all
    }

    #[test]
    fn lf_crlf_and_cr_end_a_line_and_the_last_may_lack_it() {
        assert_eq!(split("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
        assert_eq!(split("a\n\nb\r\n\r\n"), ["a", "", "b", ""]);
        assert_eq!(split(""), [""; 0]);
    }
}
