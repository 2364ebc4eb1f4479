#![no_main]

#[path = "../src/pack_engine.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::pack_engine(data));
