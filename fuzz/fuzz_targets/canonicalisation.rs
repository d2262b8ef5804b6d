#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| linkdrift_fuzz::canonicalisation::check(data));
