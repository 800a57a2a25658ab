//! Components that are part of the binary; the build script makes them from `plugins/`.

mod table {
    include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
}

pub use table::NAMES;

/// The component of that name.
pub fn component(name: &str) -> Option<&'static [u8]> {
    table::COMPONENTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, bytes)| *bytes)
}
