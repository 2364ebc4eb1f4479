//! Why a text is not JSON.

use std::fmt;

use super::scan::MAX_DEPTH;

/// Why a text is not JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Offset of the offending byte, counted from 0.
    pub at: usize,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// The ways of not being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A byte sequence that is not UTF-8.
    Utf8,
    /// A byte order mark between tokens.
    Bom,
    /// Nothing but white space.
    Empty,
    /// The text ends inside a value.
    Unfinished,
    /// Something else where a value must begin.
    Value,
    /// `NaN`, `Infinity` or `-Infinity`.
    NotFinite,
    /// A number against the grammar, such as `01`, `1.` or `+1`.
    Number,
    /// A control character inside a string.
    Control,
    /// An unknown escape.
    Escape,
    /// Half of a surrogate pair.
    Surrogate,
    /// Something else where the name of a member must begin.
    Name,
    /// No colon after the name of a member.
    Colon,
    /// Neither a comma nor the end of the object or array.
    Comma,
    /// More than [`MAX_DEPTH`] objects and arrays inside each other.
    Depth,
    /// More text after the value.
    Trailing,
}

impl Flaw {
    /// The rule's stable id.
    pub const fn rule(self) -> &'static str {
        match self {
            Flaw::Utf8 => "json.utf8",
            Flaw::Bom => "json.bom",
            Flaw::NotFinite => "json.not_finite",
            Flaw::Depth => "json.depth",
            _ => "json.syntax",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Flaw::Utf8 => "the text is not UTF-8",
            Flaw::Bom => "a byte order mark stands between records: remove it",
            Flaw::Empty => "the record is empty",
            Flaw::Unfinished => "the record ends in the middle of a value",
            Flaw::Value => "a value is expected",
            Flaw::NotFinite => "NaN and Infinity are not JSON: send null or leave the attribute out",
            Flaw::Number => "the number is not a JSON number",
            Flaw::Control => "a control character inside a string must be escaped",
            Flaw::Escape => "the escape is unknown",
            Flaw::Surrogate => "the escape is half of a surrogate pair",
            Flaw::Name => "the name of a member in double quotes is expected",
            Flaw::Colon => "a colon is expected",
            Flaw::Comma => "a comma or the end of the object or array is expected",
            Flaw::Depth => return write!(f, "objects and arrays nest deeper than {MAX_DEPTH}"),
            Flaw::Trailing => "the record goes on after its end: one record a line",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}", self.flaw, self.at + 1)
    }
}
