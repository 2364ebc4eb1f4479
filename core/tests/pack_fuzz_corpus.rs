//! What must hold of packing whatever goes in: tried with the corpus of the fuzz targets, and with what proptest makes up.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../fuzz/src/pack_engine.rs"]
#[expect(unreachable_pub, reason = "also a program of the fuzzer")]
mod pack_engine;
#[path = "../fuzz/src/pack_parts.rs"]
#[expect(unreachable_pub, clippy::panic, reason = "also a program of the fuzzer")]
mod pack_parts;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use pack_engine::pack_engine;
use pack_parts::pack_parts;

fn try_corpus(name: &str, target: fn(&[u8])) {
    let folder = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(|seed| seed.unwrap().path()).collect();
    seeds.sort();
    assert!(seeds.len() >= 3, "{name}");
    seeds.iter().for_each(|seed| target(&std::fs::read(seed).unwrap()));
}

#[test]
fn every_seed_of_the_engines_holds() {
    try_corpus("pack_engine", pack_engine);
}

#[test]
fn every_seed_of_the_parts_holds() {
    try_corpus("pack_parts", pack_parts);
}

/// Some JSON text, perhaps broken off.
fn json() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i32>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| format!("{value:e}")),
        "\"[a-z0-9é \\\\u00e9-]{0,24}\"",
    ];
    let value = leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|values| format!("[{}]", values.join(","))),
            vec(("[a-h]{1,3}", inner), 0..6).prop_map(|members| {
                let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    });
    vec(value, 1..30).prop_map(|lines| lines.join("\n").into_bytes())
}

/// Runs, repeats of what came before at any distance, and noise.
fn repeats() -> impl Strategy<Value = Vec<u8>> {
    vec((any::<u8>(), 1usize..600, 0usize..70_000), 1..40).prop_map(|pieces| {
        let mut text = Vec::new();
        for (byte, len, distance) in pieces {
            match text.len().checked_sub(distance) {
                Some(from) if byte % 3 == 0 => text.extend_from_within(from..text.len().min(from + len)),
                _ if byte % 3 == 1 => text.extend(std::iter::repeat_n(byte, len)),
                _ => text.extend((0..len).map(|n| byte.wrapping_mul(n as u8 | 1) ^ (n * n) as u8)),
            }
        }
        text
    })
}

fn seeded(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(seeded(400))]

    #[test]
    fn any_bytes_inflate_again(choice: [u8; 3], text in vec(any::<u8>(), 0..5_000)) {
        pack_engine(&[&choice[..], &text].concat());
    }

    #[test]
    fn any_json_inflates_again(choice: [u8; 3], text in json()) {
        pack_engine(&[&choice[..], &text].concat());
    }

    #[test]
    fn any_repeats_inflate_again(choice: [u8; 3], text in repeats()) {
        pack_engine(&[&choice[..], &text].concat());
    }
}

proptest! {
    #![proptest_config(seeded(60))]

    #[test]
    fn any_lines_under_any_cap_at_any_level_come_back(choice: [u8; 4], text in vec(any::<u8>(), 0..4_000)) {
        pack_parts(&[&choice[..], &text].concat());
    }
}
