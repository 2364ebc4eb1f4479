//! Writes JSON straight into a buffer: gigabytes of sample data should not wait for a tree of values.

use std::fmt::Display;
use std::io::Write;

/// Appends JSON to a line. Commas come from what stands before; texts must need no escaping, which the tables see to.
pub(crate) struct Json<'a>(pub(crate) &'a mut Vec<u8>);

impl Json<'_> {
    /// Puts the comma that separates this member or item from the one before.
    fn separate(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.0.push(b',');
        }
    }

    pub(crate) fn open(&mut self, bracket: u8) {
        self.separate();
        self.0.push(bracket);
    }

    pub(crate) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.separate();
        self.put(format_args!("\"{name}\":"));
        self
    }

    pub(crate) fn text(&mut self, text: impl Display) {
        self.separate();
        self.put(format_args!("\"{text}\""));
    }

    /// A number, `true` or `false`.
    pub(crate) fn literal(&mut self, literal: impl Display) {
        self.separate();
        self.put(format_args!("{literal}"));
    }

    pub(crate) fn texts<T: Display>(&mut self, texts: impl IntoIterator<Item = T>) {
        self.open(b'[');
        texts.into_iter().for_each(|text| self.text(text));
        self.close(b']');
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a vector cannot fail.
        self.0.write_fmt(text).unwrap_or_default();
    }
}

/// An amount of cents as a JSON number with two decimals.
pub(crate) struct Cents(pub(crate) u64);

impl Display for Cents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}
