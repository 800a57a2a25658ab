//! Hosts, as a `Host` field, a request target or `:authority` names them (RFC 3986 section 3.2).

use std::net::Ipv6Addr;

use crate::Reason;
use crate::byte::is_host;

/// A host name has 253 bytes at the most (RFC 1035 section 2.3.4), and there is a port.
const LONGEST: usize = 260;

/// Whether it is a host name or an address, maybe with a port. No userinfo, nothing encoded, no port without digits.
///
/// # Errors
///
/// It is not.
pub fn check(authority: &[u8]) -> Result<(), Reason> {
    let text = std::str::from_utf8(authority).map_err(|_| Reason::Host)?;
    if text.len() > LONGEST || !text.bytes().all(is_host) {
        return Err(Reason::Host);
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or(Reason::Host)?;
            address.parse::<Ipv6Addr>().map_err(|_| Reason::Host)?;
            ("[]", port)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let is_port = |port: &str| {
        port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    };
    let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let is_name = host == "[]" || !host.is_empty() && !host.contains(['[', ']']);
    if has_port && is_name {
        Ok(())
    } else {
        Err(Reason::Host)
    }
}

/// Whether both name the same host and port, where none means the scheme's (RFC 9110 section 4.2.3).
pub fn is_same(one: &str, other: &str, default_port: &str) -> bool {
    let bare = |authority: &'_ str| -> usize {
        let host = authority
            .strip_suffix(default_port)
            .and_then(|rest| rest.strip_suffix(':'));
        host.map_or(authority.len(), str::len)
    };
    let (one, other) = (one.get(..bare(one)), other.get(..bare(other)));
    one.zip(other)
        .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}
