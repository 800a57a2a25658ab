//! The binary `portcullis` under another name, for the suites.

fn main() -> std::process::ExitCode {
    portcullis::cli::main(std::env::args_os())
}
