//! Every way to fail, by name.

use std::hint::black_box;
use std::time::Duration;

use portcullis_plugin::Fault;
use serde::Deserialize;

/// What is too big to pass on: 100 MB.
pub const BIG: usize = 100_000_000;

/// How long `sleep-ok` waits in a host call: time without CPU.
const SLEEP: Duration = Duration::from_secs(1);
/// How long `sleep-long` does: longer than any limit of a test.
const LONG: Duration = Duration::from_secs(300);

/// How an instance fails before its first call.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The mode of every call, whatever the call says.
    pub mode: Option<String>,
    /// The mode of every response (filters only).
    pub on_response: Option<String>,
    #[serde(default)]
    panic_in_init: bool,
    #[serde(default)]
    loop_in_init: bool,
    #[serde(default)]
    trap_in_init: bool,
}

impl Config {
    /// Fails if it is to fail.
    #[expect(clippy::panic, reason = "that is what it is for")]
    pub fn init(&self) {
        if self.panic_in_init {
            panic!("this plugin panics in init");
        }
        if self.loop_in_init {
            forever();
        }
        if self.trap_in_init {
            trap();
        }
    }
}

/// Fails as the mode says, if it is one of those that all worlds have in common.
///
/// # Errors
///
/// In the mode `fault`.
#[expect(clippy::panic, reason = "that is what it is for")]
pub fn fail(mode: &str) -> Result<(), Fault> {
    match mode {
        "loop" => forever(),
        "alloc" => allocate(),
        "trap" => trap(),
        "panic" => panic!("this plugin panics"),
        "recurse" => drop(black_box(recurse(1))),
        "slow-ok" => compute(),
        "sleep-ok" => std::thread::sleep(SLEEP),
        "sleep-long" => std::thread::sleep(LONG),
        "fault" => return Err(Fault::internal("this plugin reports a fault")),
        "fault-dependency" => return Err(Fault::dependency("this plugin's dependency failed")),
        _ => (),
    }
    Ok(())
}

fn forever() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Allocates, and touches, until there is no more.
fn allocate() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[cfg(target_family = "wasm")]
fn trap() -> ! {
    std::arch::wasm32::unreachable()
}

#[cfg(not(target_family = "wasm"))]
fn trap() -> ! {
    std::process::abort()
}

/// Until the stack is used up.
fn recurse(depth: u64) -> u64 {
    if black_box(depth) == 0 {
        0
    } else {
        recurse(black_box(depth + 1)) + 1
    }
}

/// Some 10 ms, within the budget.
fn compute() {
    let mut state = 1_u64;
    for _ in 0..10_000_000 {
        state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}
