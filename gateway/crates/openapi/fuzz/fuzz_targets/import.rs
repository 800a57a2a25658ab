//! Imports whatever the fuzzer makes up, and checks what `tests/fuzz/check.rs` promises.

#![no_main]

#[path = "../../tests/fuzz/check.rs"]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| check::check(text));
