#![no_main]

use deedbook_fuzz::quorum::{check, seeds};

libfuzzer_sys::fuzz_target!(init: deedbook_fuzz::corpus::plant(seeds), |data: &[u8]| check(data));
