//! JSON arrays and JSON over several lines, brought onto one line a record.

use cdp_batch::Kind;
use cdp_batch::pack::MAX_RECORD_BYTES;
use cdp_batch::source::Source;

use crate::{BLOCK, HEAD, Trickle, blocks, error, listed, owned, records, texts, texts_and_lines};

#[test]
fn an_array_gives_its_elements_with_the_lines_they_start_on() {
    for (text, expected) in [
        ("[]", vec![]),
        (" \r\n[\n ]\n\n", vec![]),
        ("[{\"a\":1}]", vec![(1, "{\"a\":1}")]),
        ("[1\r,\n2]", vec![(1, "1"), (3, "2")]),
        ("[{\r}\n,{}]", vec![(1, "{}"), (3, "{}")]),
        ("\u{FEFF}[{\"a\":1},{\"b\":2}]\n", vec![(1, "{\"a\":1}"), (1, "{\"b\":2}")]),
        ("[\n{\"a\":1},\n{\"b\":2}\n]", vec![(2, "{\"a\":1}"), (3, "{\"b\":2}")]),
        ("[\r\n{\"a\":1}\r\n,\r\n{\"b\":2}\r\n]", vec![(2, "{\"a\":1}"), (4, "{\"b\":2}")]),
        ("[\r{\"a\":1},\r\r{\"b\":\r2}\r]", vec![(2, "{\"a\":1}"), (4, "{\"b\":2}")]),
        ("[\n  {\n    \"a\": [1, 2],\n    \"b\": {}\n  },\n  {}\n]", vec![(2, "{\"a\":[1,2],\"b\":{}}"), (6, "{}")]),
        (
            "[1, \"x\" ,null\n, -1.50e+5,[2 ,[3]] ,true]",
            vec![(1, "1"), (1, "\"x\""), (1, "null"), (2, "-1.50e+5"), (2, "[2,[3]]"), (2, "true")],
        ),
    ] {
        assert_eq!(records(text), owned(&expected), "{text:?}");
    }
}

#[test]
fn json_over_several_lines_gives_its_values_with_the_lines_they_start_on() {
    for (text, expected) in [
        ("{\n}", vec![(1, "{}")]),
        ("\n{\n \"a\" : 1\n}\n\n{\n\t\"b\":2\n}\n", vec![(2, "{\"a\":1}"), (6, "{\"b\":2}")]),
        ("{\r\n\"a\":1\r\n}\r\n{\r\n\"b\":2}{\"c\":3}\r\n", vec![(1, "{\"a\":1}"), (4, "{\"b\":2}"), (5, "{\"c\":3}")]),
        ("{\n\"a\":1}  \n{\"b\":2}\n", vec![(1, "{\"a\":1}"), (3, "{\"b\":2}")]),
        (
            "{\n\"a\":1}\noops 7\n}\n\"x\"\n{\"b\":2}\n8",
            vec![(1, "{\"a\":1}"), (3, "oops"), (3, "7"), (4, "}"), (5, "\"x\""), (6, "{\"b\":2}"), (7, "8")],
        ),
    ] {
        assert_eq!(records(text), owned(&expected), "{text:?}");
    }
}

#[test]
fn only_whitespace_between_tokens_is_left_out() {
    let record = r#"{ "z" : 1.0e+0 , "a" : -0 , "z" : 12345678901234567890.10 , "s" : " \" \\" , "t" : "\u00e9 é { [ ] } , :" }"#;
    let minified = r#"{"z":1.0e+0,"a":-0,"z":12345678901234567890.10,"s":" \" \\","t":"\u00e9 é { [ ] } , :"}"#;
    assert_eq!(records(format!("[{record}]")), owned(&[(1, minified)]));
    assert_eq!(records(record.replacen(' ', "\n", 1)), owned(&[(1, minified)]));
}

#[test]
fn what_was_invalid_is_not_made_valid() {
    for (text, expected) in [
        ("[{\"a\": 1 2}]", "{\"a\":1 2}"),
        ("[{\"a\": -\r\n 1}]", "{\"a\":- 1}"),
        ("[{\"a\": tr ue}]", "{\"a\":tr ue}"),
        ("[{\"a\": 1 ]]", "{\"a\":1]"),
        ("[{\"a\": \"x\" 1 \"y\"}]", "{\"a\":\"x\"1\"y\"}"),
    ] {
        assert_eq!(records(text), owned(&[(1, expected)]), "{text:?}");
    }
}

#[test]
fn the_first_value_tells_lines_from_values_over_several_lines() {
    for (text, first) in [
        // One record a line, whatever is wrong with the first.
        ("{\"a\":1\n{\"b\":2}\n", "{\"a\":1"),
        ("{\"a\":\"x\n\"}\n{}\n", "{\"a\":\"x"),
        ("\"b\":1}\n{\n}\n", "\"b\":1}"),
        ("{\"a\":1} {\"b\":2}\n{\n}\n", "{\"a\":1} {\"b\":2}"),
        ("{\n}, {\n}\n", "{"),
        ("{\n", "{"),
        // Over several lines.
        ("{\n}\n{\n}\n", "{}"),
        ("{\"a\":[\n\"\\\"}\"]} \t\n{\n}", "{\"a\":[\"\\\"}\"]}"),
    ] {
        assert_eq!(records(text)[0].1, first, "{text:?}");
    }
}

#[test]
fn a_text_that_cannot_be_cut_is_an_error_with_its_line() {
    for (text, line, what) in [
        ("[", 1, "the text ends before the closing ]"),
        ("[{}\n", 2, "the text ends before the closing ]"),
        ("[{},\n", 2, "the text ends before the closing ]"),
        ("[{},\n{\"a\":\n1", 2, "the text ends inside the record"),
        ("[1", 1, "the text ends inside the record"),
        ("{\n}\n{\n", 3, "the text ends inside the record"),
        ("{\n}\n\n\"x", 4, "the text ends inside the record"),
        ("[{}\r\n{}]", 2, "a comma or the closing ] is missing after a record"),
        ("[{},\r\r]", 3, "a record is missing before or after a comma"),
        ("[\r,\n{}]", 2, "a record is missing before or after a comma"),
        ("[{},\n,{}]", 2, "a record is missing before or after a comma"),
        ("[{}]\n\n[{}]", 3, "there is text after the closing ]"),
        ("[{},\n{\"a\":\"x\ny\"}]", 2, "a string is not closed before the line ends"),
        ("[{\"a\":\"x\\\r\"}]", 1, "a string is not closed before the line ends"),
    ] {
        let error = error(Source::bytes("guests.json", text));
        assert_eq!(error.message(), format!("guests.json, line {line}: {what}; correct the file"), "{text:?}");
        assert_eq!((error.kind(), error.source_name(), error.line()), (Kind::Io, Some("guests.json"), Some(line)));
    }
}

/// A JSON value laid out at random; without line breaks inside strings, as JSON demands.
fn value(random: &mut fastrand::Rng, depth: usize, out: &mut Vec<&'static str>) {
    match random.usize(0..if depth < 4 { 6 } else { 4 }) {
        0 => out.push("-12.50e3"),
        1 => out.push("\"\\\\\\\"[{ ,\""),
        2 => out.push("null"),
        3 => out.push("\"\u{e9} \\u00e9\""),
        4 => {
            out.push("[");
            for index in 0..random.usize(0..4) {
                out.extend((index > 0).then_some(","));
                value(random, depth + 1, out);
            }
            out.push("]");
        }
        _ => {
            out.push("{");
            for index in 0..random.usize(0..4) {
                out.extend((index > 0).then_some(","));
                out.extend(["\"key\"", ":"]);
                value(random, depth + 1, out);
            }
            out.push("}");
        }
    }
}

#[test]
fn lines_and_arrays_and_values_over_several_lines_give_the_same_blocks() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let records: Vec<Vec<&str>> = (0..random.usize(1..30))
            .map(|_| {
                let mut tokens = vec!["{", "\"ref\"", ":"];
                value(&mut random, 0, &mut tokens);
                tokens.push("}");
                tokens
            })
            .collect();
        let limit = random.usize(1..300);
        let mut spaced = |record: &Vec<&str>| -> String {
            record
                .iter()
                .flat_map(|token| [*token, random.choice(["", "", " ", "\t", "\n", "\r\n", "\r", "\n  "]).unwrap()])
                .collect()
        };
        let lines: String = records.iter().map(|record| record.concat() + "\n").collect();
        let rest: Vec<String> = records[1..].iter().map(&mut spaced).collect();
        let first = records[0].concat();
        let head = "\n".repeat(HEAD);
        let array =
            format!("[{}]", [first.clone() + &head].into_iter().chain(rest.clone()).collect::<Vec<_>>().join(","));
        // The first value ends its first line open and its last line closed.
        let sequence = format!("{}{head}{}", first.replacen('{', "{\n", 1), rest.concat());

        let expected = texts(Source::bytes("test", lines.clone()), limit);
        assert_eq!(expected.concat(), lines.as_bytes());
        for text in [array, sequence] {
            assert_eq!(texts(Source::bytes("test", text.clone()), limit), expected, "seed {seed}");
            let trickled = texts_and_lines(Trickle::source(text.clone(), seed), limit);
            assert_eq!(trickled, texts_and_lines(Source::bytes("test", text), limit), "seed {seed}");
        }
    }
}

#[test]
fn a_record_is_read_whole_however_deep_or_long_it_is() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(records(format!("[\n{deep}\n]")), owned(&[(2, &deep)]));
    assert_eq!(records(format!("\n{deep}")), owned(&[(2, &deep)]));

    // A first value over several lines that is far longer than what is looked at first.
    let long = format!("{{\n\"a\":\"{}\"\n}}\n", "x".repeat(1 << 20));
    let minified = long.replace('\n', "");
    assert_eq!(records(long.repeat(2)), owned(&[(1, &minified), (4, &minified)]));
}

#[test]
fn an_element_over_the_longest_is_passed_over_and_the_others_go_on() {
    let over = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_RECORD_BYTES));
    let all = blocks(Source::bytes("test", format!("[{{}},\n{over},\n{{}}]")), BLOCK);
    let found: Vec<_> = all.iter().flat_map(listed).collect();
    assert_eq!(found, owned(&[(1, "{}"), (3, "{}")]));
    let too_long: Vec<_> = all.iter().flat_map(|block| &block.too_long).map(|long| (long.line, long.bytes)).collect();
    assert_eq!(too_long, [(2, MAX_RECORD_BYTES as u64 + 8)]);
}
