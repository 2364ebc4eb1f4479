#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Read;

use flate2::read::DeflateDecoder;
use flate2::{Decompress, FlushDecompress};

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
    for level in levels() {
        let mut engine = engine(level);
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

#[test]
fn more_stored_bytes_than_one_block_holds_are_stored_in_several() {
    for len in [0, 1, 65535, 65536, 131_070, 200_000] {
        let data = vec![7; len];
        let mut out = Vec::new();
        stored::store(&data, &mut out);
        assert_eq!(out.len(), stored::size(len));
        assert_eq!(inflate(&[], &out, len), data);
    }
}
