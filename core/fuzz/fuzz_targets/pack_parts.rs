#![no_main]

#[path = "../src/pack_parts.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::pack_parts(data));
