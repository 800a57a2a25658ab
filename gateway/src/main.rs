//! The binary `portcullis`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

/// A gateway makes and drops many small things on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    portcullis::cli::main(std::env::args_os())
}
