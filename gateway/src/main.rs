//! The binary `portcullis`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis::cli::main(std::env::args_os())
}
