//! What must hold of any input, tried with the corpus of the fuzz targets.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "a crate of its own to the fuzzer")]
mod targets;

#[test]
fn every_seed_of_every_fuzz_target_holds() {
    for (name, target) in targets::TARGETS {
        let folder = format!("{}/fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(|seed| seed.unwrap().path()).collect();
        seeds.sort();
        assert!(seeds.len() >= 3, "{name}");
        for seed in seeds {
            target(&std::fs::read(seed).unwrap());
        }
    }
}
