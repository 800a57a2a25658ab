//! Ranges of addresses.

use std::net::IpAddr;

/// A range of addresses: an address with a prefix, as the operator `IpAddress` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `203.0.113.0/24`; without a prefix it is one address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix)),
            None => (text.parse().ok()?, None),
        };
        let most = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let prefix = match prefix {
            // `+8` and `08` are not of CIDR's form.
            Some(prefix)
                if prefix.len() > 1 && !prefix.starts_with(|first: char| ('1'..='9').contains(&first)) =>
            {
                None
            }
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= most),
            None => Some(most),
        };
        Some(Self {
            address,
            prefix: prefix?,
        })
    }

    /// The length of the prefix; a single address has all bits.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether an address lies within. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is an IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical(), address) {
            (IpAddr::V4(network), IpAddr::V4(address), _) => {
                let differing = u32::from(network) ^ u32::from(address);
                differing.checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), _, IpAddr::V6(address)) => {
                let differing = u128::from(network) ^ u128::from(address);
                differing.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}
