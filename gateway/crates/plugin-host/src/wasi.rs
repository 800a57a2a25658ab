//! The WASI 0.2 base that plain components import, with nothing behind it: no files, no arguments, no network.

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{
    WasiCtx, WasiView,
    cli::{WasiCli, WasiCliView as _},
    filesystem::{WasiFilesystem, WasiFilesystemView as _},
    p2::bindings::{cli, filesystem, random},
    random::WasiRandom,
};

use crate::{
    instance::GuestState,
    output::{Printer, Stream},
};

/// Handles (streams, pollables) that an instance may hold at once.
pub(crate) const RESOURCES: usize = 256;
/// What one call of `get-random-bytes` may ask for.
const RANDOM_BYTES: u64 = 64 << 10;

/// The interfaces that [`link`] offers.
const INTERFACES: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Whether an import's name is one of these, of any 0.2 release: the linker matches those by compatibility.
pub(crate) fn offers(import: &str) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| {
        version.starts_with("0.2.") && INTERFACES.binary_search(&interface).is_ok()
    })
}

/// Whether an import or an export is that interface, of any 0.2 release.
pub(crate) fn is_of(name: &str, interface: &str) -> bool {
    name.split_once('@')
        .is_some_and(|(known, version)| known == interface && version.starts_with("0.2."))
}

pub(crate) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    // io, clocks, random/random and the three streams.
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    random::insecure::add_to_linker::<_, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(linker, |state| state.ctx().ctx.random())?;
    cli::environment::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, GuestState::cli)?;
    filesystem::types::add_to_linker::<_, WasiFilesystem>(linker, GuestState::filesystem)?;
    filesystem::preopens::add_to_linker::<_, WasiFilesystem>(linker, GuestState::filesystem)
}

/// The context of one instance. Made when the guest first calls WASI, which most calls of most plugins never do.
pub(crate) fn context(state: &mut GuestState) -> Box<WasiCtx> {
    let output = state.output();
    let mut builder = WasiCtx::builder();
    builder
        .stdout(Printer {
            output: output.clone(),
            stream: Stream::Stdout,
        })
        .stderr(Printer {
            output,
            stream: Stream::Stderr,
        })
        .allow_tcp(false)
        .allow_udp(false)
        .max_random_size(RANDOM_BYTES);
    for (name, value) in state.environment() {
        builder.env(name, value);
    }
    Box::new(builder.build())
}

pub(crate) fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(RESOURCES);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_sorted_for_the_search() {
        assert!(INTERFACES.is_sorted());
    }

    #[test]
    fn offers_the_base_of_any_0_2_and_nothing_else() {
        for (import, offered) in [
            ("wasi:cli/environment@0.2.0", true),
            ("wasi:random/random@0.2.9", true),
            ("wasi:cli/environment@0.3.0", false),
            ("wasi:cli/environment", false),
            ("wasi:sockets/tcp@0.2.0", false),
            ("wasi:http/outgoing-handler@0.2.0", false),
        ] {
            assert_eq!(offers(import), offered, "{import}");
        }
    }
}
