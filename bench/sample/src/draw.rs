//! What is drawn by chance: table entries, patterns, moments.

use fastrand::Rng;
use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// 2018-01-01, 2025-01-01 and 2025-10-01: the first moment, the last first moment and the last moment of a corpus, in
/// seconds since 1970. Fixed, because a corpus must not depend on the day it is written.
const BEGIN: i64 = 1_514_764_800;
const END_OF_FIRST: i64 = 1_735_689_600;
const END: i64 = 1_759_276_800;

/// An entry of a table.
pub(crate) fn pick<T: Copy>(rng: &mut Rng, table: &[T]) -> T {
    table[rng.usize(0..table.len())]
}

/// A pattern with every `#` replaced by a digit and every `@` by an upper-case letter.
pub(crate) fn fill(rng: &mut Rng, pattern: &str) -> String {
    let draw = |c| match c {
        '#' => rng.digit(10),
        '@' => char::from(rng.u8(b'A'..=b'Z')),
        other => other,
    };
    pattern.chars().map(draw).collect()
}

/// A record's `ref`.
pub(crate) fn reference(rng: &mut Rng) -> Uuid {
    Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}

/// A moment, and a later one.
pub(crate) fn moments(rng: &mut Rng) -> (Moment, Moment) {
    let first = rng.i64(BEGIN * 1000..END_OF_FIRST * 1000);
    (Moment(first), Moment(rng.i64(first..END * 1000)))
}

/// Milliseconds since 1970, shown as the documents write a date and time: UTC, milliseconds, `Z`.
#[derive(Clone, Copy)]
pub(crate) struct Moment(i64);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let moment = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{moment:.3}")
    }
}

/// A name as the local part of an e-mail address spells it: lower-case ASCII letters.
pub(crate) fn ascii(name: &str) -> String {
    let plain = |c| match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'ą' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'ę' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' | 'ć' => 'c',
        'ñ' | 'ń' => 'n',
        'ł' => 'l',
        'ś' | 'ß' => 's',
        'ź' | 'ż' => 'z',
        other => other,
    };
    name.to_lowercase().chars().map(plain).filter(char::is_ascii_lowercase).collect()
}
