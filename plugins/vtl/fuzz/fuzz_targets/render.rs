//! Renders whatever the fuzzer makes up, and checks what `engine/tests/fuzz/check.rs` promises.

#![no_main]

#[path = "../../engine/tests/fuzz/check.rs"]
#[expect(dead_code, reason = "only the driver on stable writes inputs")]
mod check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| check::check(&check::Input::read(text), check::LIMITS));
