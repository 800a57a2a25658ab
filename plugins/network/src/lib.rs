//! Ranges of addresses, for plugins that look at who calls.
//!
//! ```
//! use portcullis_network::Network;
//!
//! let network = Network::parse("10.0.0.0/8")?;
//! assert!(network.contains("10.1.2.3".parse().unwrap()));
//! # Ok::<_, String>(())
//! ```

#![deny(missing_docs)]

use std::net::IpAddr;

/// A range of addresses, as bits: `prefix` is what the addresses have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Network {
    v6: bool,
    prefix: u128,
    mask: u128,
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or one address.
    ///
    /// # Errors
    ///
    /// What is neither, and one with bits behind its length.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address
            .parse()
            .map_err(|_| format!("{text:?} is no address and no range"))?;
        let (v6, prefix, bits) = bits(address);
        let length = match length {
            Some(length) => length.parse().ok().filter(|length| *length <= bits),
            None => Some(bits),
        };
        let length = length.ok_or_else(|| format!("{text:?} has no length from 0 to {bits}"))?;
        let mask = u128::MAX.checked_shl(bits - length).unwrap_or(0);
        if prefix & !mask != 0 {
            return Err(format!("{text:?} has bits beyond its first {length}"));
        }
        Ok(Self { v6, prefix, mask })
    }

    /// Whether an address is in it; one of version 4 in the form of version 6 is not.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (v6, bits, _) = bits(address);
        v6 == self.v6 && bits & self.mask == self.prefix
    }
}

/// The family, the address as bits, and how many there are.
fn bits(address: IpAddr) -> (bool, u128, u32) {
    match address {
        IpAddr::V4(address) => (false, address.to_bits().into(), 32),
        IpAddr::V6(address) => (true, address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_what_is_in_the_range() {
        for (network, address, contained) in [
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::", false),
            ("::/0", "ffff::1", true),
            ("::/0", "0.0.0.0", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("fe80::/10", "febf::1", true),
            ("fe80::/10", "fec0::1", false),
        ] {
            let parsed = Network::parse(network).unwrap();
            assert_eq!(
                parsed.contains(address.parse().unwrap()),
                contained,
                "{network} {address}"
            );
        }
    }

    #[test]
    fn rejects_what_is_no_range() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0/8",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.1/31",
            "a",
        ] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
