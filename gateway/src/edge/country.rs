//! Which country a client is in, as far as `edge.toml` knows its network.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::HeaderValue;
use portcullis_iam::Network;

/// Networks with their countries, the longest prefix first.
#[derive(Debug, Default)]
pub(super) struct Countries(Vec<(Network, HeaderValue)>);

impl Countries {
    pub(super) fn of(countries: &BTreeMap<String, Vec<String>>) -> Self {
        let mut ranges = Vec::new();
        for (country, networks) in countries {
            let Ok(country) = HeaderValue::from_str(country) else {
                continue;
            };
            let networks = networks.iter().filter_map(|network| Network::parse(network));
            ranges.extend(networks.map(|network| (network, country.clone())));
        }
        ranges.sort_by_key(|(range, _)| std::cmp::Reverse(range.prefix()));
        Self(ranges)
    }

    pub(super) fn find(&self, address: IpAddr) -> Option<&HeaderValue> {
        let found = self.0.iter().find(|(range, _)| range.contains(address));
        found.map(|(_, country)| country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_counts() {
        let networks = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let countries = Countries::of(&BTreeMap::from([
            ("DE".to_owned(), networks(&["10.0.0.0/8", "2001:db8::/32"])),
            ("FR".to_owned(), networks(&["10.1.0.0/16"])),
        ]));
        for (address, expected) in [
            ("10.2.0.1", Some("DE")),
            ("10.1.0.1", Some("FR")),
            ("2001:db8::1", Some("DE")),
            ("192.0.2.1", None),
        ] {
            let found = countries.find(address.parse().expect("an address"));
            assert_eq!(
                found.and_then(|country| country.to_str().ok()),
                expected,
                "{address}"
            );
        }
    }
}
