//! A second walk through a record that was scanned: no checks, no allocation, each byte read once.

use std::cell::Cell;

use super::scan::{MAX_DEPTH, skip_name, skip_space, skip_value};

/// JSON known to be valid, and how far it is read. Each call reads on from where the last one stopped.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: Cell<usize>,
}

impl<'a> Reader<'a> {
    /// Reads this value, which must come from a text that [`scan`](super::scan::scan) accepted.
    pub(super) fn new(value: &'a [u8]) -> Self {
        Reader { text: value, at: Cell::new(0) }
    }

    /// From the first byte of the value that is next, which tells its kind, to the end of the text.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at.get()..).unwrap_or_default()
    }

    /// Reads a value as a whole.
    pub(super) fn value(&self) -> &'a [u8] {
        let start = self.at.get();
        self.at.set(skip_value(self.text, start, MAX_DEPTH).unwrap_or(self.text.len()));
        self.text.get(start..self.at.get()).unwrap_or_default()
    }

    /// Reads an object: the names of its members as they stand between their quotes. After each name, read its value.
    pub(super) fn members(&self) -> impl Iterator<Item = &'a [u8]> {
        self.at.set(self.at.get() + 1);
        std::iter::from_fn(|| {
            self.next_entry()?;
            let start = self.at.get() + 1;
            let (end, value) = skip_name(self.text, self.at.get()).ok()?;
            self.at.set(value);
            self.text.get(start..end)
        })
    }

    /// Reads an array: the positions of its elements, counted from 0. After each position, read its element.
    pub(super) fn elements(&self) -> impl Iterator<Item = usize> {
        self.at.set(self.at.get() + 1);
        (0..).map_while(|index| self.next_entry().map(|()| index))
    }

    /// Goes to the next entry of the object or array that is being read, or past its end.
    fn next_entry(&self) -> Option<()> {
        let at = skip_space(self.text, self.at.get());
        let (at, entry) = match self.text.get(at)? {
            b',' => (skip_space(self.text, at + 1), Some(())),
            b'}' | b']' => (at + 1, None),
            _ => (at, Some(())),
        };
        self.at.set(at);
        entry
    }
}
