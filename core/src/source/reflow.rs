//! JSON over several lines: the elements of one array, or records one after the other.
//!
//! Each record is brought onto one line by leaving out whitespace between its tokens; nothing else about it changes.
//! Brackets are counted, not matched: whether a record is valid JSON is for the check to say.

use memchr::memchr2;

use super::builder::Builder;
use super::detect::is_blank;

/// Where and why text cannot be cut into records.
#[derive(Debug)]
pub(super) struct Fault {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// What is wrong there.
    pub(super) what: &'static str,
}

/// Cuts a JSON array, or a sequence of JSON values, into records.
pub(super) struct Reflow {
    expected: Expected,
    /// The line being read, counted from 1.
    line: u64,
    /// Whether the last byte was a CR, whose LF may come next.
    after_cr: bool,
    /// The record being read.
    open: Option<Open>,
}

/// What may come next outside of records.
#[derive(Clone, Copy)]
enum Expected {
    /// The array's `[`.
    Array,
    /// The array's first record or its `]`.
    FirstElement,
    /// Another record of the array.
    Element,
    /// A comma or the array's `]`.
    Comma,
    /// Nothing: the array is closed.
    Nothing,
    /// Another record of a sequence.
    Value,
}

struct Open {
    /// The line it starts on.
    line: u64,
    /// Brackets that are open.
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// Whether whitespace was left out after the last byte.
    gap: bool,
    /// Whether the last byte belongs to a number or a word.
    bare: bool,
}

impl Reflow {
    pub(super) fn array() -> Reflow {
        Reflow { expected: Expected::Array, line: 1, after_cr: false, open: None }
    }

    pub(super) fn sequence() -> Reflow {
        Reflow { expected: Expected::Value, ..Reflow::array() }
    }

    /// Takes records from the start of `chunk` until the block is full; returns the number of bytes taken.
    pub(super) fn split(&mut self, chunk: &[u8], block: &mut Builder) -> Result<usize, Fault> {
        let mut at = 0;
        while at < chunk.len() && !block.is_full() {
            at = match self.open.take() {
                Some(open) => self.inside(open, chunk, at, block)?,
                None => self.outside(chunk[at], at)?,
            };
        }
        Ok(at)
    }

    /// Ends the text.
    pub(super) fn finish(&mut self, block: &mut Builder) -> Result<(), Fault> {
        match (self.open.take(), self.expected) {
            (Some(open), Expected::Value) if open.depth == 0 && !open.in_string => block.end_record(open.line),
            (Some(open), _) => return Err(Fault { line: open.line, what: "the text ends inside the record" }),
            (None, Expected::Value | Expected::Nothing) => {}
            (None, _) => return Err(self.fault("the text ends before the closing ]")),
        }
        Ok(())
    }

    /// Takes one byte between records, or starts a record with it.
    fn outside(&mut self, byte: u8, at: usize) -> Result<usize, Fault> {
        if is_blank(byte) {
            self.count_line(byte);
            return Ok(at + 1);
        }
        self.after_cr = false;
        self.expected = match (self.expected, byte) {
            (Expected::Array, _) => Expected::FirstElement,
            (Expected::FirstElement | Expected::Comma, b']') => Expected::Nothing,
            (Expected::Comma, b',') => Expected::Element,
            (Expected::Comma, _) => return Err(self.fault("a comma or the closing ] is missing after a record")),
            (Expected::Nothing, _) => return Err(self.fault("there is text after the closing ]")),
            (Expected::FirstElement | Expected::Element, b',' | b']') => {
                return Err(self.fault("a record is missing before or after a comma"));
            }
            (Expected::FirstElement | Expected::Element | Expected::Value, _) => {
                let line = self.line;
                self.open = Some(Open { line, depth: 0, in_string: false, escaped: false, gap: false, bare: false });
                return Ok(at);
            }
        };
        Ok(at + 1)
    }

    /// Takes the bytes of a record up to its end or the end of the chunk.
    fn inside(&mut self, mut open: Open, chunk: &[u8], start: usize, block: &mut Builder) -> Result<usize, Fault> {
        let array = !matches!(self.expected, Expected::Value);
        // Bytes from here on are not in the block yet.
        let mut kept = start;
        let mut at = start;
        while at < chunk.len() {
            if open.in_string {
                at = self.string(&mut open, chunk, at)?;
                if open.depth == 0 && !open.in_string {
                    block.append(&chunk[kept..at]);
                    return Ok(self.end(&open, at, block));
                }
                continue;
            }
            let byte = chunk[at];
            let blank = is_blank(byte);
            // Only a number or a word is open without a bracket; it ends before what follows it.
            if open.depth == 0 && (blank || array && matches!(byte, b',' | b']')) {
                block.append(&chunk[kept..at]);
                return Ok(self.end(&open, at, block));
            }
            if blank {
                block.append(&chunk[kept..at]);
                kept = at + 1;
                open.gap = true;
                self.count_line(byte);
                at += 1;
                continue;
            }
            self.after_cr = false;
            let bare = !matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"');
            if open.gap && open.bare && bare {
                // Without it, two numbers would become one.
                block.append(b" ");
            }
            (open.gap, open.bare) = (false, bare);
            at += 1;
            match byte {
                b'"' => open.in_string = true,
                b'{' | b'[' => open.depth += 1,
                b'}' | b']' => {
                    open.depth = open.depth.saturating_sub(1);
                    if open.depth == 0 {
                        block.append(&chunk[kept..at]);
                        return Ok(self.end(&open, at, block));
                    }
                }
                _ => {}
            }
        }
        block.append(&chunk[kept..]);
        self.open = Some(open);
        Ok(at)
    }

    /// Passes over a string up to its closing quote or the end of the chunk.
    fn string(&self, open: &mut Open, chunk: &[u8], mut at: usize) -> Result<usize, Fault> {
        while open.in_string && at < chunk.len() {
            let rest = &chunk[at..];
            let plain = if open.escaped { 1 } else { memchr2(b'"', b'\\', rest).unwrap_or(rest.len()) };
            if memchr2(b'\n', b'\r', &rest[..plain]).is_some() {
                return Err(self.fault("a string is not closed before the line ends"));
            }
            at += plain;
            if std::mem::take(&mut open.escaped) {
                continue;
            }
            if let Some(special) = chunk.get(at) {
                open.escaped = *special == b'\\';
                open.in_string = open.escaped;
                at += 1;
            }
        }
        Ok(at)
    }

    fn end(&mut self, open: &Open, at: usize, block: &mut Builder) -> usize {
        if !matches!(self.expected, Expected::Value) {
            self.expected = Expected::Comma;
        }
        block.end_record(open.line);
        at
    }

    fn count_line(&mut self, byte: u8) {
        if byte == b'\r' || byte == b'\n' && !self.after_cr {
            self.line += 1;
        }
        self.after_cr = byte == b'\r';
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault { line: self.line, what }
    }
}
