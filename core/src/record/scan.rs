//! A strict JSON scanner (RFC 8259) over one record: one pass, no recursion, no allocation.
//!
//! It finds spans and builds nothing. Its verdict equals `serde_json`'s on every text, with one exception: a number too
//! large for a double is still JSON here, since records are sent as they are.

use std::borrow::Cow;
use std::ops::Range;

use super::compact::skip_compact;
use super::fault::{Fault, Flaw};

/// Deepest nesting of objects and arrays accepted: what `serde_json` reads. The deepest record of the documents has six
/// levels (protocol.md section 4.10).
pub const MAX_DEPTH: u32 = 127;

/// One member of an object, as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The name between its quotes, escapes and all.
    pub raw_name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
}

impl<'a> Member<'a> {
    /// The name with its escapes resolved.
    pub fn name(&self) -> Cow<'a, [u8]> {
        unescape(self.raw_name)
    }
}

/// Checks that `text` is exactly one JSON value and returns its span; if it is an object, `member` sees its members.
pub fn scan<'a>(text: &'a [u8], mut member: impl FnMut(Member<'a>)) -> Result<Range<usize>, Fault> {
    if simdutf8::basic::from_utf8(text).is_err() {
        let at = std::str::from_utf8(text).map_or_else(|reason| reason.valid_up_to(), str::len);
        return Err(Fault { at, flaw: Flaw::Utf8 });
    }
    let start = skip_space(text, 0);
    let end = match text.get(start) {
        Some(b'{') => {
            let mut members = Members::new(text, start);
            for one in &mut members {
                member(one?);
            }
            members.at
        }
        Some(_) => skip_value(text, start, MAX_DEPTH)?,
        None => return Err(Fault { at: start, flaw: Flaw::Empty }),
    };
    match skip_space(text, end) {
        rest if rest == text.len() => Ok(start..end),
        rest => Err(Fault { at: rest, flaw: Flaw::Trailing }),
    }
}

/// The members of one object, in their order; ends after the first fault.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    text: &'a [u8],
    at: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opened,
    Inside,
    Done,
}

impl<'a> Members<'a> {
    /// The members of the object that opens at `open`; none if no object does.
    pub fn new(text: &'a [u8], open: usize) -> Self {
        let state = if text.get(open) == Some(&b'{') { State::Opened } else { State::Done };
        Members { text, at: open + 1, state }
    }

    fn advance(&mut self) -> Result<Option<Member<'a>>, Fault> {
        let text = self.text;
        let mut at = skip_space(text, self.at);
        match (self.state, text.get(at)) {
            (State::Done, _) => return Ok(None),
            (_, Some(b'}')) => {
                (self.state, self.at) = (State::Done, at + 1);
                return Ok(None);
            }
            (State::Opened, _) => self.state = State::Inside,
            (State::Inside, Some(b',')) => at = skip_space(text, at + 1),
            (State::Inside, byte) => return fault(at, byte.map_or(Flaw::Unfinished, |_| Flaw::Comma)),
        }
        let (name_end, value_at) = skip_name(text, at)?;
        self.at = match text.get(value_at) {
            Some(b'{' | b'[') => skip_compact(text, value_at, MAX_DEPTH - 1),
            _ => None,
        }
        .map_or_else(|| skip_value(text, value_at, MAX_DEPTH - 1), Ok)?;
        Ok(Some(Member { raw_name: &text[at + 1..name_end], value: &text[value_at..self.at] }))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Member<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let member = self.advance().transpose();
        if matches!(member, Some(Err(_))) {
            self.state = State::Done;
        }
        member
    }
}

/// The text of a string between its quotes, with its escapes resolved: UTF-8, like the record.
#[inline]
pub fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    // Names and values are short: looking at every byte is cheaper here than a search that stops at the first.
    match raw.iter().fold(false, |found, byte| found | (*byte == b'\\')) {
        true => without_escapes(raw),
        false => Cow::Borrowed(raw),
    }
}

#[cold]
fn without_escapes(raw: &[u8]) -> Cow<'_, [u8]> {
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).map_or(Cow::Borrowed(raw), |text| Cow::Owned(text.into_bytes()))
}

/// The text of a value that is a string, with its escapes resolved; `None` for any other kind.
pub fn text_of(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match value {
        [b'"', raw @ .., b'"'] => Some(unescape(raw)),
        _ => None,
    }
}

fn fault<T>(at: usize, flaw: Flaw) -> Result<T, Fault> {
    Err(Fault { at, flaw })
}

/// The first byte at or after `at` that is not white space.
#[inline]
pub(super) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// From the opening quote of a name: where its closing quote and where its value stand.
#[inline(always)] // measured: a call here costs a tenth of the whole scan
pub(super) fn skip_name(text: &[u8], at: usize) -> Result<(usize, usize), Fault> {
    match text.get(at) {
        Some(b'"') => {}
        byte => return fault(at, byte.map_or(Flaw::Unfinished, |_| Flaw::Name)),
    }
    let after = skip_string(text, at + 1)?;
    let colon = skip_space(text, after);
    match text.get(colon) {
        Some(b':') => Ok((after - 1, skip_space(text, colon + 1))),
        byte => fault(colon, byte.map_or(Flaw::Unfinished, |_| Flaw::Colon)),
    }
}

/// From the first byte of a value to the byte after it. The kinds of the open containers are the bits of one word.
pub(super) fn skip_value(text: &[u8], mut at: usize, limit: u32) -> Result<usize, Fault> {
    let mut depth = 0;
    let mut objects = 0_u128;
    'value: loop {
        at = match text.get(at) {
            Some(b'"') => skip_string(text, at + 1)?,
            Some(open @ (b'{' | b'[')) => {
                if depth == limit {
                    return fault(at, Flaw::Depth);
                }
                let object = *open == b'{';
                let inside = skip_space(text, at + 1);
                if text.get(inside) == Some(if object { &b'}' } else { &b']' }) {
                    inside + 1
                } else {
                    depth += 1;
                    objects = objects << 1 | u128::from(object);
                    at = if object { skip_name(text, inside)?.1 } else { inside };
                    continue 'value;
                }
            }
            _ => skip_scalar(text, at)?,
        };
        while depth > 0 {
            at = skip_space(text, at);
            let object = objects & 1 == 1;
            match text.get(at) {
                Some(b',') => {
                    at = skip_space(text, at + 1);
                    if object {
                        at = skip_name(text, at)?.1;
                    }
                    continue 'value;
                }
                Some(b'}') if object => {}
                Some(b']') if !object => {}
                byte => return fault(at, byte.map_or(Flaw::Unfinished, |_| Flaw::Comma)),
            }
            at += 1;
            depth -= 1;
            objects >>= 1;
        }
        return Ok(at);
    }
}

/// From the first byte of a number, `true`, `false` or `null` to the byte after it.
#[inline]
pub(super) fn skip_scalar(text: &[u8], at: usize) -> Result<usize, Fault> {
    match text.get(at) {
        Some(b'-' | b'0'..=b'9') => skip_number(text, at),
        Some(b't') => skip_word(text, at, b"true"),
        Some(b'f') => skip_word(text, at, b"false"),
        Some(b'n') => skip_word(text, at, b"null"),
        _ => fault(at, not_a_value(text, at)),
    }
}

#[cold]
fn not_a_value(text: &[u8], at: usize) -> Flaw {
    match text.get(at..).unwrap_or_default() {
        [] => Flaw::Unfinished,
        [0xEF, 0xBB, 0xBF, ..] => Flaw::Bom,
        rest if rest.starts_with(b"NaN") || rest.starts_with(b"Infinity") => Flaw::NotFinite,
        _ => Flaw::Value,
    }
}

#[inline]
fn skip_word(text: &[u8], at: usize, word: &[u8]) -> Result<usize, Fault> {
    match text[at..].starts_with(word) {
        true => Ok(at + word.len()),
        false => fault(at, Flaw::Value),
    }
}

const ONES: u64 = u64::from_le_bytes([1; 8]);

/// Marks, with 0x80, the bytes of a string that need a look: quote, backslash, control character. The lowest mark is
/// exact; those above it may be the borrow of a subtraction.
#[inline]
fn marks(word: u64) -> u64 {
    // Swapping bit 1 makes the quote (0x22) the neighbour of the control characters.
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & (ONES * 0x80)
}

/// From the byte after the opening quote to the byte after the closing one.
#[inline(always)] // as above
fn skip_string(text: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk()) {
            let marks = marks(u64::from_le_bytes(*word));
            if marks != 0 {
                at += marks.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = skip_escape(text, at + 1)?,
            Some(0..0x20) => return fault(at, Flaw::Control),
            Some(_) => at += 1,
            None => return fault(at, Flaw::Unfinished),
        }
    }
}

/// From the byte after a backslash to the byte after the escape.
#[cold]
fn skip_escape(text: &[u8], at: usize) -> Result<usize, Fault> {
    match text.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => match hex4(text, at + 1)? {
            0xD800..0xDC00 => match text.get(at + 5..at + 7) {
                Some(b"\\u") if matches!(hex4(text, at + 7)?, 0xDC00..0xE000) => Ok(at + 11),
                _ => fault(at, Flaw::Surrogate),
            },
            0xDC00..0xE000 => fault(at, Flaw::Surrogate),
            _ => Ok(at + 5),
        },
        byte => fault(at, byte.map_or(Flaw::Unfinished, |_| Flaw::Escape)),
    }
}

fn hex4(text: &[u8], at: usize) -> Result<u32, Fault> {
    (at..at + 4).try_fold(0, |value, at| match text.get(at).map(|byte| char::from(*byte).to_digit(16)) {
        Some(Some(digit)) => Ok(value << 4 | digit),
        Some(None) => fault(at, Flaw::Escape),
        None => fault(at, Flaw::Unfinished),
    })
}

/// From the sign or first digit to the byte after the number.
#[inline]
fn skip_number(text: &[u8], at: usize) -> Result<usize, Fault> {
    let whole = at + usize::from(text[at] == b'-');
    let mut end = skip_digits(text, whole)?;
    if text[whole] == b'0' && end > whole + 1 {
        return fault(whole + 1, Flaw::Number);
    }
    if text.get(end) == Some(&b'.') {
        end = skip_digits(text, end + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let signed = matches!(text.get(end + 1), Some(b'+' | b'-'));
        end = skip_digits(text, end + 1 + usize::from(signed))?;
    }
    Ok(end)
}

/// One digit or more.
#[inline]
fn skip_digits(text: &[u8], at: usize) -> Result<usize, Fault> {
    let mut end = at;
    while let Some(b'0'..=b'9') = text.get(end) {
        end += 1;
    }
    match end > at {
        true => Ok(end),
        false if text[at..].starts_with(b"Infinity") => fault(at, Flaw::NotFinite),
        false => fault(at, text.get(at).map_or(Flaw::Unfinished, |_| Flaw::Number)),
    }
}
