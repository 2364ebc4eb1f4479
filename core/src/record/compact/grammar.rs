//! The grammar of JSON on sets of bytes.

use super::kinds::{BLOCK, Bytes, Kinds};
use crate::record::scan::skip_scalar;

/// As [`skip_compact`](super::skip_compact).
#[target_feature(enable = "avx2,bmi1")]
pub(super) fn skip(text: &[u8], at: usize, limit: u32) -> Option<usize> {
    let mut open = Open { limit, depth: 0, objects: 0 };
    let mut grammar = Grammar::new();
    let mut in_string = 0;
    let mut start = at;
    loop {
        let rest = text.get(start..)?;
        let kinds = match rest.first_chunk() {
            Some(block) => Kinds::of(block),
            None => {
                let mut padded = [b' '; BLOCK];
                padded[..rest.len()].copy_from_slice(rest);
                Kinds::of(&padded)
            }
        };
        if kinds.special {
            return None;
        }
        // From each opening quote to the byte before the closing one.
        let strings = up_to_each(kinds.quote) ^ in_string;
        in_string = ((strings as i64) >> 63) as u64;

        let brackets = open.follow(&kinds, !strings)?;
        let (faults, mut scalars) = grammar.judge(&kinds, strings, brackets.in_object);
        if faults & brackets.inside != 0 {
            return None;
        }
        scalars &= brackets.inside;
        while scalars != 0 {
            let end = skip_scalar(text, start + scalars.trailing_zeros() as usize).ok()?;
            if !matches!(text.get(end), Some(b',' | b'}' | b']')) {
                return None;
            }
            scalars &= scalars - 1;
        }
        if let Some(end) = brackets.end {
            return Some(start + end as usize + 1);
        }
        start += BLOCK;
    }
}

/// The bytes before which, themselves included, an odd number of bytes of the set stand.
#[inline(always)]
fn up_to_each(mut set: Bytes) -> Bytes {
    for distance in [1, 2, 4, 8, 16, 32] {
        set ^= set << distance;
    }
    set
}

/// The objects and arrays that are open.
struct Open {
    limit: u32,
    depth: u32,
    /// Which of them are objects: the innermost is bit 0.
    objects: u128,
}

/// What the brackets of a block say.
struct Brackets {
    /// The bytes of which the innermost container is an object.
    in_object: Bytes,
    /// Where the outermost container ends.
    end: Option<u32>,
    /// The bytes up to there.
    inside: Bytes,
}

impl Open {
    /// Goes through the brackets of a block. `None` if two do not match, or they nest too deep.
    #[inline(always)]
    fn follow(&mut self, kinds: &Kinds, outside: Bytes) -> Option<Brackets> {
        let mut in_object = self.fill();
        let mut left = (kinds.open | kinds.close) & outside;
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let is_object = kinds.curly & bit != 0;
            if kinds.open & bit != 0 {
                if self.depth == self.limit {
                    return None;
                }
                self.depth += 1;
                self.objects = self.objects << 1 | u128::from(is_object);
            } else {
                if self.objects & 1 != u128::from(is_object) {
                    return None;
                }
                self.depth -= 1;
                self.objects >>= 1;
                if self.depth == 0 {
                    return Some(Brackets { in_object, end: Some(bit.trailing_zeros()), inside: bit | (bit - 1) });
                }
            }
            let before = bit - 1;
            in_object = in_object & before | self.fill() & !before;
            left ^= bit;
        }
        Some(Brackets { in_object, end: None, inside: Bytes::MAX })
    }

    fn fill(&self) -> Bytes {
        0_u64.wrapping_sub(self.objects as u64 & 1)
    }
}

/// What the block before leaves to the next.
#[derive(Default)]
struct Grammar {
    mark: Before,
    value: Before,
    opening: Before,
    scalar: Before,
    entry: Before,
    key: Before,
    /// Whether a key goes on.
    in_key: bool,
}

impl Grammar {
    /// What stands first has its place as if after a colon.
    fn new() -> Self {
        Self { mark: Before(1), ..Self::default() }
    }

    /// The bytes that may not be where they are, and those at which something begins that is no string and no container.
    #[inline(always)]
    fn judge(&mut self, kinds: &Kinds, strings: Bytes, in_object: Bytes) -> (Bytes, Bytes) {
        let quote_opens = kinds.quote & strings;
        let quote_closes = kinds.quote & !strings;
        let [comma, colon, open, close] =
            [kinds.comma, kinds.colon, kinds.open, kinds.close].map(|kind| kind & !strings);
        let scalar = !(strings | kinds.quote | comma | colon | open | close);

        let after_mark = self.mark.and_now(comma | colon | open);
        let after_value = self.value.and_now(quote_closes | close | scalar);
        let after_open = self.opening.and_now(open);
        let scalar_begins = scalar & !self.scalar.and_now(scalar);
        // Where an object has its next entry, if any.
        let entry = self.entry.and_now((comma & in_object) | (open & kinds.curly));
        // A key's first bit runs through all of its string as a carry, and comes to rest on its closing quote.
        let (ends, over) = strings.overflowing_add(quote_opens & entry);
        let (ends, over_too) = ends.overflowing_add(self.in_key.into());
        self.in_key = over | over_too;
        let after_key = self.key.and_now(ends & quote_closes);

        let faults = (quote_opens | open | scalar_begins) & !after_mark
            | comma & !after_value
            | close & !(after_value | after_open)
            | entry & !(quote_opens | close)
            | colon ^ after_key;
        (faults, scalar_begins)
    }
}

/// Whether the last byte of the block before was in a set.
#[derive(Default)]
struct Before(u64);

impl Before {
    /// The bytes right after those of `set`.
    #[inline(always)]
    fn and_now(&mut self, set: Bytes) -> Bytes {
        let after = set << 1 | self.0;
        self.0 = set >> 63;
        after
    }
}
