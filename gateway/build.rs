//! Builds the first-party components, so that they are part of the binary and nobody runs a second command for them.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let guests = match portcullis_guest_build::build(&root.join("plugins")) {
        Ok(guests) => guests,
        Err(error) => {
            println!(
                "cargo::error={}",
                error.to_string().replace('\n', "\ncargo::error=")
            );
            return;
        }
    };
    let mut table = String::from("pub(super) const COMPONENTS: &[(&str, &[u8])] = &[\n");
    for guest in &guests {
        let name = guest.name.replace('_', "-");
        let _ = writeln!(table, "    ({name:?}, include_bytes!({:?})),", guest.path);
    }
    table.push_str("];\n");
    let _ = writeln!(table, "/// Their names.");
    let names: Vec<String> = guests.iter().map(|guest| guest.name.replace('_', "-")).collect();
    let _ = writeln!(table, "pub const NAMES: &[&str] = &{names:?};");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    if let Err(error) = std::fs::write(Path::new(&out).join("builtin.rs"), table) {
        println!("cargo::error=cannot write the table of components: {error}");
    }
}
