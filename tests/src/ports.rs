//! Ports that a test names before somebody else listens on them.

use std::net::TcpListener;

/// A free port of 127.0.0.1, held until it is dropped, that no connection and no listener on port 0 is given after that:
/// it is below those that Linux chooses from by default (32,768 to 60,999; ip(7), `ip_local_port_range`).
pub fn free() -> TcpListener {
    loop {
        let port = fastrand::u16(10_000..32_000);
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener;
        }
    }
}
