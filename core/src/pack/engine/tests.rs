#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::Cell;
use std::io::Read;

use cdp_batch_sample::{Amount, Guests, Orders, write};
use flate2::read::DeflateDecoder;
use flate2::{Decompress, FlushDecompress};

use super::quick::Quick;
use super::simd::{BLOCK, Kinds, Portable, Simd, Vectored, deflate_with_best};
use super::structured::{Gaps, Searches, Structured};
use super::symbols::WINDOW;
use super::{Engine, Level, engine, stored};

fn levels() -> impl Iterator<Item = Level> {
    (1..=9).filter_map(Level::new)
}

/// Decodes one chunk with zlib-rs, given its dictionary.
fn inflate(dict: &[u8], deflated: &[u8], len: usize) -> Vec<u8> {
    let mut zlib = Decompress::new(false);
    if !dict.is_empty() {
        zlib.set_dictionary(dict).unwrap();
    }
    let mut out = Vec::with_capacity(len + 1);
    zlib.decompress_vec(deflated, &mut out, FlushDecompress::Sync).unwrap();
    assert_eq!(zlib.total_in(), deflated.len() as u64);
    out
}

fn check(engine: &mut dyn Engine, data: &[u8], dict_len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    engine.deflate(data, dict_len, &mut out);
    let (dict, chunk) = data.split_at(dict_len);
    assert!(out.len() <= stored::size(chunk.len()));
    assert!(out.ends_with(&[0, 0, 0xFF, 0xFF]));
    assert_eq!(inflate(dict, &out, chunk.len()), chunk);
    out
}

/// Lines of JSON: alike, never equal.
fn records(rng: &mut fastrand::Rng, len: usize) -> Vec<u8> {
    let mut lines = Vec::with_capacity(len + 200);
    while lines.len() < len {
        let (id, name, sum) = (rng.u64(..), rng.u16(..500), rng.u32(..100_000));
        let line = format!(
            "{{\"ref\":\"{id:016x}\",\"value\":{{\"firstName\":\"name {name}\",\"sum\":{sum},\"ok\":true}}}}\n"
        );
        lines.extend_from_slice(line.as_bytes());
    }
    lines.truncate(len);
    lines
}

fn noise(rng: &mut fastrand::Rng, len: usize) -> Vec<u8> {
    std::iter::repeat_with(|| rng.u8(..)).take(len).collect()
}

#[test]
fn only_levels_1_to_9_exist() {
    assert_eq!((0..=255).filter_map(Level::new).count(), 9);
    assert_eq!(Level::new(0), None);
    assert_eq!(Level::new(6), Some(Level::DEFAULT));
}

#[test]
fn what_is_deflated_inflates_again_at_every_level() {
    let mut rng = fastrand::Rng::with_seed(1);
    let json = records(&mut rng, 300_000);
    let noise = noise(&mut rng, 200_000);
    let baseline: Box<dyn Engine> = Box::new(super::baseline::Baseline::new(Level::DEFAULT));
    for mut engine in levels().map(engine).chain([baseline]) {
        for data in [&json, &noise, &vec![0; 100_000], &vec![b'"'; 70_000]] {
            for dict_len in [0, 1, 300, 32768] {
                check(&mut *engine, data, dict_len);
            }
        }
    }
}

#[test]
fn small_chunks_of_every_size_inflate_again() {
    let data = records(&mut fastrand::Rng::with_seed(2), 600);
    for level in levels() {
        let mut engine = engine(level);
        for len in 0..=300 {
            check(&mut *engine, &data[..len], 0);
            check(&mut *engine, &data[..300 + len], 300);
            check(&mut *engine, &data[..len], len);
        }
    }
}

#[test]
fn chunks_laid_end_to_end_are_one_stream() {
    let data = records(&mut fastrand::Rng::with_seed(3), 700_000);
    for level in levels() {
        let mut engine = engine(level);
        let mut out = Vec::new();
        for start in (0..data.len()).step_by(150_000) {
            let dict_start = start.saturating_sub(32768);
            let end = data.len().min(start + 150_000);
            engine.deflate(&data[dict_start..end], start - dict_start, &mut out);
        }
        out.extend_from_slice(&[3, 0]);
        let mut back = Vec::new();
        DeflateDecoder::new(&out[..]).read_to_end(&mut back).unwrap();
        assert!(back == data);
    }
}

#[test]
fn what_does_not_compress_is_stored() {
    let data = noise(&mut fastrand::Rng::with_seed(4), 200_000);
    for level in levels() {
        let out = check(&mut *engine(level), &data, 1000);
        assert!(out.len() <= stored::size(data.len() - 1000));
    }
}

#[test]
fn the_bytes_do_not_depend_on_what_was_deflated_before_nor_on_the_room_left() {
    let mut rng = fastrand::Rng::with_seed(5);
    let data = records(&mut rng, 200_000);
    let other = noise(&mut rng, 100_000);
    for level in levels() {
        let fresh = check(&mut *engine(level), &data, 32768);
        let mut used = engine(level);
        check(&mut *used, &other, 0);
        check(&mut *used, &data[..100_000], 500);
        assert!(check(&mut *used, &data, 32768) == fresh);
        let mut roomy = Vec::with_capacity(10_000_000);
        used.deflate(&data, 32768, &mut roomy);
        assert!(roomy == fresh);
    }
}

/// What makes careless engines slow, or fail.
fn hostile() -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(6);
    let mut hostile: Vec<Vec<u8>> = vec![
        b"a ".repeat(60_000),
        b"ab".repeat(40_000),
        b"\"\",".repeat(40_000),
        b"{\"a\":".repeat(20_000),
        vec![0xFF; 100_000],
        (0..=255).cycle().take(100_000).collect(),
    ];
    // A run just as long as a match may be, one shorter and one longer, between words that never repeat.
    for len in [257, 258, 259, 515, 516, 517] {
        let mut data = Vec::new();
        while data.len() < 60_000 {
            data.extend_from_slice(format!("{:x} ", rng.u64(..)).as_bytes());
            data.extend(std::iter::repeat_n(b'-', len));
        }
        hostile.push(data);
    }
    // Places that look alike, are not, and then are again: before and after what is compared first.
    for first in [8, 24, 40] {
        let mut text = |len| -> Vec<u8> { (0..len).map(|_| rng.u8(b'a'..=b'z')).collect() };
        let (head, tail) = (text(first), text(300));
        let mut data = Vec::new();
        while data.len() < 60_000 {
            data.extend_from_slice(b": ");
            data.extend_from_slice(&head);
            data.push(rng.u8(b'0'..=b'9'));
            data.extend_from_slice(&tail[..rng.usize(20..300)]);
        }
        hostile.push(data);
    }
    // The same line again and again at every distance around those that matter.
    for distance in [1, 2, 3, 31, 32, 33, 32766, 32767, 32768, 32769, 65535, 65536, 65537] {
        let mut data = noise(&mut rng, distance);
        while data.len() < 200_000 {
            data.extend_from_within(data.len() - distance..);
        }
        hostile.push(data);
    }
    hostile
}

#[test]
fn hostile_bytes_inflate_again() {
    let hostile = hostile();
    for level in levels() {
        let mut engine = engine(level);
        for data in &hostile {
            for dict_len in [0, 1, 40, 32768.min(data.len())] {
                check(&mut *engine, data, dict_len);
            }
        }
    }
}

#[test]
fn any_mixture_of_words_and_noise_inflates_again() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut engines: Vec<_> = levels().map(engine).collect();
    for _ in 0..300 {
        let mut data = Vec::new();
        let len = rng.usize(..40_000);
        while data.len() < len {
            match rng.u8(..5) {
                0 => data.extend((0..rng.usize(..30)).map(|_| b"ab\"{}:, 019"[rng.usize(..11)])),
                1 => data.extend_from_slice(&noise(&mut rng, 9)),
                2 => data.extend(std::iter::repeat_n(rng.u8(..), rng.usize(..400))),
                _ if data.is_empty() => data.push(b'x'),
                _ => {
                    let from = rng.usize(..data.len());
                    data.extend_from_within(from..data.len().min(from + rng.usize(..300)));
                }
            }
        }
        let dict_len = rng.usize(..=data.len().min(32768));
        let which = rng.usize(..engines.len());
        check(&mut *engines[which], &data, dict_len);
    }
}

#[test]
fn each_level_makes_guests_and_orders_smaller_than_the_one_before() {
    let amount = Amount::Bytes(300_000);
    let (mut guests, mut orders) = (Vec::new(), Vec::new());
    write(&mut guests, &mut Guests::new(1), amount).unwrap();
    write(&mut orders, &mut Orders::new(2), amount).unwrap();
    for data in [guests, orders] {
        let sizes: Vec<_> = levels().map(|level| check(&mut *engine(level), &data, 0).len()).collect();
        assert!(sizes.is_sorted_by(|one, next| one > next), "{sizes:?}");
    }
}

#[test]
fn records_take_less_at_the_default_level_than_with_zlib() {
    let data = records(&mut fastrand::Rng::with_seed(8), 500_000);
    let mut zlib = Vec::new();
    super::baseline::Baseline::new(Level::DEFAULT).deflate(&data, 0, &mut zlib);
    assert!(check(&mut *engine(Level::DEFAULT), &data, 0).len() <= zlib.len());
}

#[test]
fn more_stored_bytes_than_one_block_holds_are_stored_in_several() {
    for len in [0, 1, 65535, 65536, 131_070, 200_000] {
        let data = vec![7; len];
        let mut out = Vec::new();
        stored::replace(&data, 0, &mut out);
        assert_eq!(out.len(), stored::size(len));
        assert_eq!(inflate(&[], &out, len), data);
    }
}

/// What `engine` makes of `data` with each of the ways to look at many bytes at a time.
fn on_every_processor(engine: &mut impl Vectored, data: &[u8], dict_len: usize) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new(), Vec::new()];
    engine.deflate_with(Portable, data, dict_len, &mut all[0]);
    deflate_with_best(engine, data, dict_len, &mut all[1]);
    #[cfg(target_arch = "x86_64")]
    {
        let mut out = Vec::new();
        engine.deflate_with(super::simd::Sse2, data, dict_len, &mut out);
        all.push(out);
    }
    all
}

const GAPS: Option<Gaps> = Some(Gaps { overlap: 5, shortest: 4 });

/// Also run by Miri, on little data (see CONTRIBUTING.md).
#[test]
fn the_bytes_are_the_same_on_every_processor() {
    let mut rng = fastrand::Rng::with_seed(9);
    let (mut quick, mut choosy) = (Quick::<16, false>::new(), Quick::<4, true>::new());
    let (mut fast, mut small) = (
        Structured::<2, 0, u16>::new(Searches::of_some_words(None)),
        Structured::<8, 64, u128>::new(Searches::of_all_words(GAPS, GAPS)),
    );
    let (max_len, rounds) = if cfg!(miri) { (1_500, 2) } else { (100_000, 40) };
    for round in 0..rounds {
        // Words of a few letters, with all that may stand between.
        let vocabulary = 2 + 40 * round;
        let mut data = Vec::new();
        while data.len() < max_len {
            let word = rng.usize(..vocabulary);
            data.extend_from_slice(format!("{word:x}é{}", word * word).as_bytes());
            data.extend(std::iter::repeat_n(b"\": ,-\x7F\x80"[rng.usize(..7)], rng.usize(..4)));
        }
        let dict_len = rng.usize(..=data.len().min(WINDOW));
        for all in [
            on_every_processor(&mut quick, &data, dict_len),
            on_every_processor(&mut choosy, &data, dict_len),
            on_every_processor(&mut fast, &data, dict_len),
            on_every_processor(&mut small, &data, dict_len),
        ] {
            assert!(all.iter().all(|out| *out == all[0]));
        }
    }
}

#[test]
fn every_byte_is_of_the_same_kind_on_every_processor() {
    for first in (0..=255).step_by(64) {
        let bytes = std::array::from_fn(|i| first + i as u8);
        let kinds = Portable.kinds(&bytes);
        #[cfg(target_arch = "x86_64")]
        {
            assert_eq!(super::simd::Sse2.kinds(&bytes), kinds);
            super::simd::Avx2::detect().inspect(|avx2| assert_eq!(avx2.kinds(&bytes), kinds));
        }
        let all = [kinds.letters, kinds.digits, kinds.dashes, kinds.points, kinds.colons];
        let of: [Vec<u8>; 5] = all.map(|mask| (0..64).filter(|i| mask >> i & 1 == 1).map(|i| first + i).collect());
        let among = |is: fn(&u8) -> bool| bytes.iter().copied().filter(is).collect::<Vec<_>>();
        assert_eq!(of[0], among(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()));
        assert_eq!(of[1], among(u8::is_ascii_digit));
        assert_eq!(of[2..].concat(), among(|byte| b"-.:".contains(byte)));
    }
}

/// Counts the comparisons, which are what could grow faster than the data.
#[derive(Clone, Copy)]
struct Counting<'a>(&'a Cell<usize>);

impl Simd for Counting<'_> {
    fn prefix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        self.0.set(self.0.get() + 1);
        Portable.prefix(a, b)
    }

    fn suffix(self, a: &[u8; BLOCK], b: &[u8; BLOCK]) -> u32 {
        self.0.set(self.0.get() + 1);
        Portable.suffix(a, b)
    }

    fn kinds(self, bytes: &[u8; 64]) -> Kinds {
        Portable.kinds(bytes)
    }
}

/// The most comparisons of any hostile data, for each of its bytes.
fn comparisons_per_byte(engine: &mut impl Vectored) -> usize {
    let count = |data: &Vec<u8>| {
        let count = Cell::new(0);
        engine.deflate_with(Counting(&count), data, 0, &mut Vec::new());
        count.get().div_ceil(data.len())
    };
    hostile().iter().map(count).max().unwrap()
}

#[test]
fn no_data_takes_more_than_a_bounded_number_of_comparisons_for_each_byte() {
    let counts = [
        comparisons_per_byte(&mut Quick::<4, true>::new()),
        comparisons_per_byte(&mut Structured::<2, 0, u16>::new(Searches::of_some_words(None))),
        comparisons_per_byte(&mut Structured::<8, 64, u128>::new(Searches::of_all_words(GAPS, GAPS))),
    ];
    assert!(counts.iter().zip([2, 8, 32]).all(|(count, bound)| *count <= bound), "{counts:?}");
}
