//! Pushed rows: backpressure, both ends going away, and the same blocks as a file.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cdp_batch::Kind;
use cdp_batch::pack::Input;
use cdp_batch::source::{Source, open};

use crate::{BLOCK, blocks, error, listed, owned, texts};

#[test]
fn pushed_rows_give_the_blocks_of_a_file() {
    let rows: Vec<String> =
        (0..40_000).map(|number| format!("{{\"number\":{number},\"text\":\"{number:0100}\"}}")).collect();
    let file = rows.join("\n");
    let (writer, source) = Source::rows();
    let pushing = thread::spawn(move || {
        rows.iter().try_for_each(|row| writer.push(row.as_bytes())).unwrap();
        writer.finish();
    });
    assert_eq!(texts(source, 10_000), texts(Source::bytes("file", file), 10_000));
    pushing.join().unwrap();
}

#[test]
fn no_way_of_pushing_moves_a_boundary() {
    for seed in 0..100 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (writer, source) = Source::rows();
        let mut lines = Vec::new();
        for number in 0..random.usize(1..200) {
            let row = format!("{{\"number\":{number}}}{}", " ".repeat(random.usize(0..9)));
            lines.extend_from_slice(format!("{row}\n").as_bytes());
            let pushed = row + random.choice(["", "\n", "\r\n", "\r"]).unwrap();
            match random.u8(0..3) {
                0 => writer.push(pushed.as_bytes()).unwrap(),
                1 => assert!(writer.push_for(pushed.as_bytes(), Duration::ZERO).unwrap()),
                _ => assert!(writer.push_lines(&mut pushed.into_bytes(), Duration::ZERO).unwrap()),
            }
            if random.bool() {
                writer.push(b" \n").unwrap();
            }
        }
        writer.finish();
        let limit = random.usize(1..500);
        assert_eq!(texts(source, limit), texts(Source::bytes("file", lines), limit), "seed {seed}");
    }
}

#[test]
fn many_lines_at_once_give_the_blocks_of_a_file() {
    let file: String =
        (0..40_000).map(|number| format!("{{\"number\":{number},\"text\":\"{number:0100}\"}}\n")).collect();
    for lines in [1, 7, 900, 9_000] {
        let (writer, source) = Source::rows();
        let rows: Vec<String> = file.split_inclusive('\n').map(String::from).collect();
        let pushing = thread::spawn(move || {
            for chunk in rows.chunks(lines) {
                let mut bytes = chunk.concat().into_bytes();
                while !writer.push_lines(&mut bytes, Duration::MAX).unwrap() {}
                assert!(bytes.is_empty());
            }
            writer.finish();
        });
        assert_eq!(texts(source, 10_000), texts(Source::bytes("file", file.clone()), 10_000), "{lines} at once");
        pushing.join().unwrap();
    }
}

#[test]
fn lines_that_find_the_queue_full_stay_with_the_caller() {
    let (writer, source) = Source::rows();
    let mut lines = b"{}\n".repeat(100_000);
    while writer.push_lines(&mut lines, Duration::ZERO).unwrap() {
        lines = b"{}\n".repeat(100_000);
    }
    assert_eq!(lines.len(), 300_000);
    drop(source);
    assert_eq!(writer.push_lines(&mut lines, Duration::MAX).unwrap_err().kind(), Kind::Closed);
}

#[test]
fn a_row_is_one_record_whatever_line_breaks_it_has() {
    let (writer, source) = Source::rows();
    for row in ["{\"a\":1}\r\n", "", " \n", "{\n  \"b\": 2\r\n}\n", "{\"c\":\"x\ny\"}", "[1]"] {
        writer.push(row.as_bytes()).unwrap();
    }
    writer.finish();
    let expected = owned(&[(1, "{\"a\":1}"), (4, "{\t  \"b\": 2\t\t}"), (5, "{\"c\":\"x\ty\"}"), (6, "[1]")]);
    assert_eq!(listed(&blocks(source, BLOCK)[0]), expected);
}

#[test]
fn a_push_waits_while_the_queue_is_full_and_goes_on_when_it_is_read() {
    let row = vec![b'x'; 10_000];
    let (writer, source) = Source::rows();
    let mut pushed = 0;
    while writer.push_for(&row, Duration::ZERO).unwrap() {
        pushed += 1;
    }
    assert!(pushed < 300, "the queue is bounded: {pushed}");
    let more = pushed;
    let pushing = thread::spawn(move || {
        (0..more).try_for_each(|_| writer.push(&row)).unwrap();
        writer.finish();
    });
    let records: usize = blocks(source, BLOCK).iter().map(|block| block.lines.len() as usize).sum();
    assert_eq!(records, pushed + more);
    pushing.join().unwrap();
}

#[test]
fn rows_that_were_never_finished_are_not_taken_for_all() {
    let (writer, source) = Source::rows();
    writer.push(b"{}").unwrap();
    drop(writer);
    let error = error(source);
    assert_eq!(error.kind(), Kind::Cancelled);
    assert!(error.message().contains("given up"), "{error}");
}

#[test]
fn a_stream_is_any_file_pushed_in_any_pieces() {
    let file = "[{\"a\":1},\n {\"b\":2}]";
    for size in 1..file.len() {
        let (writer, source) = Source::stream("upload.json");
        for piece in file.as_bytes().chunks(size) {
            assert!(writer.push_for(piece, Duration::ZERO).unwrap());
        }
        writer.finish();
        assert_eq!(listed(&blocks(source, BLOCK)[0]), owned(&[(1, "{\"a\":1}"), (2, "{\"b\":2}")]), "{size} at once");
    }
}

#[test]
fn a_writer_that_must_not_wait_is_told_of_room_and_of_the_end() {
    let (ring, rung) = mpsc::channel();
    let bell = |told: &'static str| {
        let ring = ring.clone();
        move || ring.send(told).unwrap()
    };
    let (writer, source) = Source::rows();
    writer.on_room(bell("at once"));
    assert_eq!(rung.try_recv(), Ok("at once"));
    while writer.push_for(&[b'x'; 100_000], Duration::ZERO).unwrap() {}
    writer.on_room(bell("read"));
    assert!(rung.try_recv().is_err());
    let mut blocks = open(source, BLOCK).unwrap();
    let _ = blocks.next(Vec::new()).unwrap();
    assert_eq!(rung.recv(), Ok("read"));
    while writer.push_for(&[b'x'; 100_000], Duration::ZERO).unwrap() {}
    writer.on_room(bell("read no more"));
    blocks.stopper().stop();
    assert_eq!(rung.recv(), Ok("read no more"));
}

#[test]
fn a_finished_writer_takes_nothing_more_and_cannot_be_given_up() {
    let (writer, source) = Source::rows();
    writer.push(b"{}").unwrap();
    writer.finish();
    writer.abandon();
    assert_eq!(writer.push(b"{}").unwrap_err().kind(), Kind::Closed);
    assert_eq!(blocks(source, BLOCK).len(), 1);
}

#[test]
fn a_push_fails_once_nothing_reads_any_more() {
    let (writer, source) = Source::rows();
    writer.push(b"{}").unwrap();
    drop(source);
    assert_eq!(writer.push(b"{}").unwrap_err().kind(), Kind::Closed);

    let (writer, source) = Source::rows();
    let blocks = open(source, BLOCK).unwrap();
    let pushing = thread::spawn(move || {
        loop {
            if let Err(error) = writer.push(&[b'x'; 100_000]) {
                return error.kind();
            }
        }
    });
    drop(blocks);
    assert_eq!(pushing.join().unwrap(), Kind::Closed, "also when it waits for room");
}

#[test]
fn stopping_ends_a_reader_that_waits_for_rows() {
    let (writer, source) = Source::rows();
    let mut blocks = open(Source::many(vec![Source::bytes("first", "{}"), source]), BLOCK).unwrap();
    let stopper = blocks.stopper();
    assert!(blocks.next(Vec::new()).unwrap().is_some());
    let reading = thread::spawn(move || blocks.next(Vec::new()).unwrap_err().kind());
    stopper.stop();
    stopper.stop();
    assert_eq!(reading.join().unwrap(), Kind::Cancelled);
    assert_eq!(writer.push(b"{}").unwrap_err().kind(), Kind::Closed);
}

#[test]
fn stopping_ends_any_other_source_at_its_next_read() {
    let mut blocks = open(Source::bytes("test", "{}\n".repeat(1_000_000)), 1_000).unwrap();
    assert!(blocks.next(Vec::new()).unwrap().is_some());
    blocks.stopper().stop();
    assert_eq!(blocks.next(Vec::new()).unwrap_err().kind(), Kind::Cancelled);
}
