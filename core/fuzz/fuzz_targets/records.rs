#![no_main]

#[path = "../src/records.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::records(data));
