//! The parts of packing one by one, on one thread: 512 KiB of guests each time.

use std::hint::black_box;

use cdp_batch::digest::Md5Stream;
use cdp_batch::options::{Check, Options};
use cdp_batch::pack::lab::Lab;
use cdp_batch::record::{Checker, Scratch};
use cdp_batch_sample::{Amount, Guests, write};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

fn guests() -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = write(&mut text, &mut Guests::new(1), Amount::Bytes(512 * 1024));
    text
}

fn deflate(bencher: Bencher, lab: Option<Lab>) {
    let (text, mut out) = (guests(), Vec::new());
    let Some(mut lab) = lab else { return };
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        out.clear();
        lab.deflate(black_box(&text), 0, &mut out);
        out.len()
    });
}

#[divan::bench(args = [1, 2, 3, 4, 5, 6, 7, 8, 9])]
fn engine(bencher: Bencher, level: u8) {
    deflate(bencher, Lab::engine(level));
}

#[divan::bench(args = [1, 6, 9])]
fn baseline(bencher: Bencher, level: u8) {
    deflate(bencher, Lab::baseline(level));
}

fn check(bencher: Bencher, check: Check) {
    let text = guests();
    let Ok(checker) = Checker::new(&Options { check, ..Options::default() }) else { return };
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        let lines = black_box(&text).split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| usize::from(checker.check(line, &mut scratch).record_ref.is_some())).sum::<usize>()
    });
}

#[divan::bench]
fn check_envelope(bencher: Bencher) {
    check(bencher, Check::Envelope);
}

#[divan::bench]
fn check_model(bencher: Bencher) {
    check(bencher, Check::Model);
}

#[divan::bench]
fn md5(bencher: Bencher) {
    let text = guests();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        let mut md5 = Md5Stream::default();
        md5.update(black_box(&text));
        md5.finish()
    });
}

#[divan::bench]
fn crc32(bencher: Bencher) {
    let text = guests();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| crc32fast::hash(black_box(&text)));
}
