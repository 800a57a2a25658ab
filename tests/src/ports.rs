//! Ports that a test names before somebody else listens on them.

use std::collections::BTreeSet;
use std::net::TcpListener;

use parking_lot::Mutex;

static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A free port of 127.0.0.1, held until it is dropped, that nobody else is given after that: it is given once, and is below
/// those that Linux chooses from for connections and for listeners on port 0 (32,768 to 60,999 by default; ip(7),
/// `ip_local_port_range`).
pub fn free() -> TcpListener {
    loop {
        let port = fastrand::u16(10_000..32_000);
        let is_new = GIVEN.lock().insert(port);
        if let (true, Ok(listener)) = (is_new, TcpListener::bind(("127.0.0.1", port))) {
            return listener;
        }
    }
}
