//! A running process hands its sockets, its store and what it still counts to another one that takes its place, so that a new
//! binary serves without a connection that is refused.
//!
//! Both speak over a pair of connected sockets, of which the new process finds one end as its standard input:
//!
//! | the old process ([`Successor`]) | the new process ([`Predecessor`]) |
//! |---|---|
//! | starts the new one, passes it the listening sockets | reads its configuration, compiles, binds what is new |
//! | | says that it is prepared |
//! | ends calls of its control plane, keeps what was counted, lends the store's lock | |
//! | | opens the store, makes what is kept live, accepts; says that it serves |
//! | drains, and tells what calls of API keys it counts until its end | adds them to its own |
//!
//! Whatever fails before the new one serves ends the new one, and the old one goes on as if nothing had been. The sockets are
//! shared, never bound again, so what waits to be accepted is accepted by one of the two.

mod channel;
mod predecessor;
mod sockets;
mod successor;

pub use channel::{Addition, Channel};
pub use predecessor::{MARK, Predecessor, Told};
pub use sockets::Sockets;
pub use successor::{Program, Successor};
