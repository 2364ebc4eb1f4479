#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cdp_batch_fuzz::lines(data));
