//! The header of the PROXY protocol, versions 1 and 2
//! (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>): who the client of a load balancer is. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What both versions have at least.
pub(super) const SHORTEST: usize = 12;
/// The longest line of version 1, its end included.
pub(super) const LONGEST_LINE: usize = 107;
/// Bytes behind the first 16 of version 2. Addresses need 36; what is added to them (TLVs) may be a certificate's name.
pub(super) const LONGEST_TAIL: u16 = 4096;

const SIGNATURE: [u8; SHORTEST] = *b"\r\n\r\n\0\r\nQUIT\n";

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Who connected, and to what.
    Client { peer: SocketAddr, local: SocketAddr },
    /// The load balancer itself, or nobody it knows.
    Nobody,
}

/// Why it is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it begins with no header of the PROXY protocol")]
    Signature,
    #[error("its line is none of version 1")]
    Line,
    #[error("its header is of a version, command or protocol that is not known")]
    Kind,
    #[error("its header is larger than {LONGEST_TAIL} bytes")]
    TooLong,
    #[error("its header is shorter than its addresses")]
    TooShort,
}

/// What the first bytes say of the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// A line of text, up to CR and LF.
    One,
    /// Four more bytes, and then as many as they say.
    Two,
}

pub(super) fn version(first: &[u8; SHORTEST]) -> Result<Version, Malformed> {
    if *first == SIGNATURE {
        return Ok(Version::Two);
    }
    match first.starts_with(b"PROXY ") {
        true => Ok(Version::One),
        false => Err(Malformed::Signature),
    }
}

/// A line of version 1, with its CR and LF.
pub(super) fn line(line: &[u8]) -> Result<Said, Malformed> {
    let text = line
        .strip_suffix(b"\r\n")
        .and_then(|line| std::str::from_utf8(line).ok());
    let text = text
        .filter(|_| line.len() <= LONGEST_LINE)
        .ok_or(Malformed::Line)?;
    let text = text.strip_prefix("PROXY ").ok_or(Malformed::Line)?;
    // What stands behind UNKNOWN is to be passed over.
    if text == "UNKNOWN" || text.starts_with("UNKNOWN ") {
        return Ok(Said::Nobody);
    }
    let mut fields = text.split(' ');
    let mut field = || fields.next().ok_or(Malformed::Line);
    let (family, from, to, from_port, to_port) = (field()?, field()?, field()?, field()?, field()?);
    let is_four = match family {
        "TCP4" => true,
        "TCP6" => false,
        _ => return Err(Malformed::Line),
    };
    let address = |text: &str| match is_four {
        true => text.parse().map(IpAddr::V4).map_err(|_| Malformed::Line),
        false => text.parse().map(IpAddr::V6).map_err(|_| Malformed::Line),
    };
    let said = Said::Client {
        peer: SocketAddr::new(address(from)?, port(from_port)?),
        local: SocketAddr::new(address(to)?, port(to_port)?),
    };
    match fields.next() {
        None => Ok(said),
        Some(_) => Err(Malformed::Line),
    }
}

/// Digits alone, without a zero before them.
fn port(text: &str) -> Result<u16, Malformed> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let port = text.parse().ok().filter(|_| plain);
    port.ok_or(Malformed::Line)
}

/// The bytes that come behind the first 16 of version 2, and what they will mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) length: u16,
    family: Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Four,
    Six,
    /// Passed over: a command of the load balancer itself, or addresses that are no IP addresses.
    Other,
}

/// The four bytes behind the signature.
pub(super) fn tail(four: [u8; 4]) -> Result<Tail, Malformed> {
    let [command, protocol, high, low] = four;
    let length = u16::from_be_bytes([high, low]);
    if length > LONGEST_TAIL {
        return Err(Malformed::TooLong);
    }
    let family = match (command, protocol) {
        // LOCAL, whatever its addresses are.
        (0x20, _) => Family::Other,
        (0x21, 0x11) => Family::Four,
        (0x21, 0x21) => Family::Six,
        // UNSPEC, and Unix sockets.
        (0x21, 0x00 | 0x31) => Family::Other,
        _ => return Err(Malformed::Kind),
    };
    Ok(Tail { length, family })
}

impl Tail {
    /// What its bytes say. What is behind the addresses is not looked at.
    pub(super) fn said(self, bytes: &[u8]) -> Result<Said, Malformed> {
        match self.family {
            Family::Other => Ok(Said::Nobody),
            Family::Four => {
                let (from, to, ports) = addresses::<4>(bytes)?;
                Ok(client(
                    Ipv4Addr::from(from).into(),
                    Ipv4Addr::from(to).into(),
                    ports,
                ))
            }
            Family::Six => {
                let (from, to, ports) = addresses::<16>(bytes)?;
                Ok(client(
                    Ipv6Addr::from(from).into(),
                    Ipv6Addr::from(to).into(),
                    ports,
                ))
            }
        }
    }
}

fn client(from: IpAddr, to: IpAddr, ports: [u8; 4]) -> Said {
    let [high, low, to_high, to_low] = ports;
    Said::Client {
        peer: SocketAddr::new(from, u16::from_be_bytes([high, low])),
        local: SocketAddr::new(to, u16::from_be_bytes([to_high, to_low])),
    }
}

/// Two addresses, and their ports.
type Addresses<const N: usize> = ([u8; N], [u8; N], [u8; 4]);

fn addresses<const N: usize>(bytes: &[u8]) -> Result<Addresses<N>, Malformed> {
    let cut = || {
        let (from, rest) = bytes.split_first_chunk::<N>()?;
        let (to, rest) = rest.split_first_chunk::<N>()?;
        Some((*from, *to, *rest.first_chunk::<4>()?))
    };
    cut().ok_or(Malformed::TooShort)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(peer: &str, local: &str) -> Said {
        Said::Client {
            peer: peer.parse().expect(peer),
            local: local.parse().expect(local),
        }
    }

    #[test]
    fn reads_lines() {
        for (text, expected) in [
            (
                "PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n",
                Ok(client("192.0.2.1:5", "192.0.2.2:443")),
            ),
            (
                "PROXY TCP6 2001:db8::1 ::1 65535 0\r\n",
                Ok(client("[2001:db8::1]:65535", "[::1]:0")),
            ),
            ("PROXY UNKNOWN\r\n", Ok(Said::Nobody)),
            ("PROXY UNKNOWN ff:: x 1 2\r\n", Ok(Said::Nobody)),
            ("PROXY UNKNOWNS\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5 6 7\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 ::1 ::1 5 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP6 192.0.2.1 192.0.2.2 5 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1  192.0.2.2 5 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 05 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 +5 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 65536 6\r\n", Err(Malformed::Line)),
            ("PROXY UDP4 192.0.2.1 192.0.2.2 5 6\r\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5 6\n", Err(Malformed::Line)),
            ("PROXY TCP4 192.0.2.1 192.0.2.2 5 6", Err(Malformed::Line)),
        ] {
            assert_eq!(line(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn knows_versions_by_their_first_bytes() {
        assert_eq!(version(&SIGNATURE), Ok(Version::Two));
        assert_eq!(version(b"PROXY UNKNOW"), Ok(Version::One));
        assert_eq!(version(b"GET / HTTP/1"), Err(Malformed::Signature));
        assert_eq!(version(b"proxy TCP4 1"), Err(Malformed::Signature));
    }

    #[test]
    fn reads_version_2() {
        let four = [
            192, 0, 2, 1, 192, 0, 2, 2, 0, 5, 1, 187, /* TLV */ 4, 0, 1, 0,
        ];
        let expected = client("192.0.2.1:5", "192.0.2.2:443");
        for (head, bytes, expected) in [
            ([0x21, 0x11, 0, 12], &four[..12], Ok(expected)),
            ([0x21, 0x11, 0, 16], &four[..], Ok(expected)),
            ([0x21, 0x11, 0, 11], &four[..11], Err(Malformed::TooShort)),
            ([0x21, 0x21, 0, 16], &four[..], Err(Malformed::TooShort)),
            ([0x20, 0x11, 0, 12], &four[..12], Ok(Said::Nobody)),
            ([0x20, 0x00, 0, 0], &[][..], Ok(Said::Nobody)),
            ([0x21, 0x00, 0, 0], &[][..], Ok(Said::Nobody)),
            ([0x21, 0x31, 0, 0], &[][..], Ok(Said::Nobody)),
            ([0x21, 0x12, 0, 12], &four[..12], Err(Malformed::Kind)),
            ([0x22, 0x11, 0, 12], &four[..12], Err(Malformed::Kind)),
            ([0x11, 0x11, 0, 12], &four[..12], Err(Malformed::Kind)),
            ([0x21, 0x11, 0x10, 1], &[][..], Err(Malformed::TooLong)),
        ] {
            let said = tail(head).and_then(|tail| tail.said(bytes));
            assert_eq!(said, expected, "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), four in any::<[u8; 4]>()) {
            let _ = line(&bytes);
            let _ = tail(four).and_then(|tail| tail.said(&bytes));
        }

        #[test]
        fn what_is_written_is_read(from in any::<[u8; 16]>(), to in any::<[u8; 16]>(), ports in any::<(u16, u16)>(), more in prop::collection::vec(any::<u8>(), 0..64)) {
            let peer = SocketAddr::new(Ipv6Addr::from(from).into(), ports.0);
            let local = SocketAddr::new(Ipv6Addr::from(to).into(), ports.1);
            let expected = Ok(Said::Client { peer, local });
            let text = format!("PROXY TCP6 {} {} {} {}\r\n", peer.ip(), local.ip(), ports.0, ports.1);
            prop_assert_eq!(line(text.as_bytes()), expected);
            let bytes = [&from[..], &to[..], &ports.0.to_be_bytes(), &ports.1.to_be_bytes(), &more].concat();
            let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
            prop_assert_eq!(tail([0x21, 0x21, length[0], length[1]]).and_then(|tail| tail.said(&bytes)), expected);
        }
    }
}
