//! Hosts, as a `Host` field, a request target or `:authority` names them (RFC 3986 section 3.2).

use std::net::Ipv6Addr;

use crate::Reason;
use crate::byte::is_name;

/// A host name has 253 bytes at the most (RFC 1035 section 2.3.4), and there is a port.
const LONGEST: usize = 260;

/// Whether it is a host name or an address, maybe with a port. No userinfo, nothing encoded, no port without digits.
///
/// # Errors
///
/// It is not.
pub fn check(authority: &[u8]) -> Result<(), Reason> {
    if authority.len() > LONGEST {
        return Err(Reason::Host);
    }
    let port = match authority.strip_prefix(b"[") {
        Some(rest) => behind_address(rest)?,
        None => {
            let name = authority.iter().position(|byte| !is_name(*byte));
            let (name, port) = authority.split_at(name.unwrap_or(authority.len()));
            if name.is_empty() {
                return Err(Reason::Host);
            }
            port
        }
    };
    match port.split_first() {
        None => Ok(()),
        Some((b':', port)) if is_port(port) => Ok(()),
        Some(_) => Err(Reason::Host),
    }
}

/// What stands behind an address in brackets.
fn behind_address(rest: &[u8]) -> Result<&[u8], Reason> {
    let end = rest.iter().position(|byte| *byte == b']').ok_or(Reason::Host)?;
    let (address, port) = rest.split_at(end);
    let address = std::str::from_utf8(address).map_err(|_| Reason::Host)?;
    address.parse::<Ipv6Addr>().map_err(|_| Reason::Host)?;
    Ok(port.get(1..).unwrap_or_default())
}

fn is_port(port: &[u8]) -> bool {
    let digits = || port.iter().all(u8::is_ascii_digit);
    let value = || {
        port.iter()
            .fold(0, |value: u32, digit| value * 10 + u32::from(digit & 15))
    };
    matches!(port.len(), 1..=5) && digits() && u16::try_from(value()).is_ok()
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
