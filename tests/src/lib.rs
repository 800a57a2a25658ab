//! What the suites share: the guests that misbehave on purpose, and the binary.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

pub mod command;
pub mod control;
pub mod gateways;
pub mod h2;
pub mod http2;
pub mod https;
pub mod lambda;
pub mod moto;
pub mod pebble;
pub mod ports;
pub mod ready;
pub mod signed;
pub mod tls;

mod table {
    include!(concat!(env!("OUT_DIR"), "/guests.rs"));
}

/// The component of a guest in `tests/guests`, such as `faults-integration`.
pub fn guest(name: &str) -> &'static [u8] {
    let found = table::GUESTS.iter().find(|(known, _)| *known == name);
    found
        .unwrap_or_else(|| {
            panic!(
                "there is no guest {name}; there are {:?}",
                table::GUESTS.iter().map(|(name, _)| name).collect::<Vec<_>>()
            )
        })
        .1
}
