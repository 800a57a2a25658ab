//! How often an address calls.

use std::net::IpAddr;

use portcullis_plugin::Fault;

use crate::Count;

/// So many requests of one caller in a time.
#[derive(Debug)]
pub(crate) struct Rate {
    pub(crate) limit: u64,
    pub(crate) seconds: u32,
    pub(crate) ipv6_prefix: u32,
}

impl Rate {
    pub(crate) fn matches(
        &self,
        rule: &str,
        address: IpAddr,
        count: &mut Count<'_>,
    ) -> Result<Option<String>, Fault> {
        let caller = self.caller(address);
        let calls = count(&format!("{rule} {caller}"), self.seconds)?;
        let Self { limit, seconds, .. } = self;
        Ok((calls > *limit).then(|| format!("{caller} calls more than {limit} times in {seconds} s")))
    }

    /// One who has a network of version 6 has all of its addresses.
    fn caller(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let mask = u128::MAX
                    .checked_shl(128 - self.ipv6_prefix.min(128))
                    .unwrap_or(0);
                IpAddr::V6((address.to_bits() & mask).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_callers_and_not_addresses() {
        let rate = Rate {
            limit: 1,
            seconds: 60,
            ipv6_prefix: 64,
        };
        for (address, caller) in [
            ("10.1.2.3", "10.1.2.3"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            assert_eq!(rate.caller(address.parse().unwrap()).to_string(), caller);
        }
        let mut keys = Vec::new();
        let mut count = |key: &str, seconds: u32| {
            keys.push((key.to_owned(), seconds));
            Ok(keys.len() as u64)
        };
        let address = "10.1.2.3".parse().unwrap();
        assert_eq!(rate.matches("g/r", address, &mut count), Ok(None));
        let why = rate.matches("g/r", address, &mut count).unwrap();
        assert_eq!(why.as_deref(), Some("10.1.2.3 calls more than 1 times in 60 s"));
        assert_eq!(keys, vec![("g/r 10.1.2.3".to_owned(), 60); 2]);
    }
}
