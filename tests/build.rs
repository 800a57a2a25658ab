//! Builds the guests that misbehave on purpose.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let guests = match portcullis_guest_build::build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("guests")) {
        Ok(guests) => guests,
        Err(error) => {
            println!(
                "cargo::error={}",
                error.to_string().replace('\n', "\ncargo::error=")
            );
            return;
        }
    };
    let mut table = String::from("pub(super) const GUESTS: &[(&str, &[u8])] = &[\n");
    for guest in &guests {
        let _ = writeln!(table, "    ({:?}, include_bytes!({:?})),", guest.name, guest.path);
    }
    table.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    if let Err(error) = std::fs::write(Path::new(&out).join("guests.rs"), table) {
        println!("cargo::error=cannot write the table of guests: {error}");
    }
}
