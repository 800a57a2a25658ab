//! Where a request is from, as resource policies know it: the endpoint that its listener is, and the network of its client.

use std::net::IpAddr;
use std::sync::Arc;

use portcullis_iam::{Context, Network};

use crate::config::GatewayConfig;
use crate::proxy::exchange::Exchange;

/// The networks of a node.
#[derive(Debug, Default)]
pub struct Networks(Vec<(Network, Arc<Place>)>);

/// What a network is for policies.
#[derive(Debug)]
struct Place {
    vpc: Option<Arc<str>>,
    vpce: Option<Arc<str>>,
}

impl Networks {
    /// Those that `gateway.toml` has. Of ranges that have a client's address the longest prefix counts.
    pub fn of(config: &GatewayConfig) -> Self {
        let mut ranges: Vec<(Network, Arc<Place>)> = Vec::new();
        for network in config.networks.values() {
            let place = Arc::new(Place {
                vpc: network.vpc.as_deref().map(Arc::from),
                vpce: network.vpce.as_deref().map(Arc::from),
            });
            let of_network = network.cidrs.iter();
            let of_network = of_network.filter_map(|cidr| Some((Network::parse(cidr)?, place.clone())));
            ranges.extend(of_network);
        }
        ranges.sort_by_key(|(range, _)| std::cmp::Reverse(range.prefix()));
        Self(ranges)
    }

    fn place(&self, address: IpAddr) -> Option<&Place> {
        let found = self.0.iter().find(|(range, _)| range.contains(address));
        found.map(|(_, place)| &**place)
    }
}

/// The VPC endpoint that a request came by: its listener, or what its client's network says.
pub fn vpce(exchange: &Exchange) -> Option<Arc<str>> {
    exchange.connection.listener.vpce().or_else(|| {
        let networks = exchange.gateway.networks.load();
        networks.place(exchange.client_address())?.vpce.clone()
    })
}

/// The VPC that the client is in.
pub fn vpc(exchange: &Exchange) -> Option<Arc<str>> {
    let networks = exchange.gateway.networks.load();
    networks.place(exchange.client_address())?.vpc.clone()
}

/// Adds what policies ask about it. The address is there under both of its names.
pub fn insert(exchange: &Exchange, context: &mut Context) {
    let (vpce, vpc) = (vpce(exchange), vpc(exchange));
    if vpce.is_some() || vpc.is_some() {
        let address = exchange.client_address();
        context.insert("aws:VpcSourceIp", address.to_string());
    }
    for (key, id) in [("aws:SourceVpce", vpce), ("aws:SourceVpc", vpc)] {
        if let Some(id) = id {
            context.insert(key, &*id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_counts() {
        let config = serde_json::json!({
            "listeners": [],
            "networks": {
                "a": {"cidrs": ["10.0.0.0/8", "2001:db8::/32"], "vpc": "vpc-a"},
                "b": {"cidrs": ["10.1.0.0/16", "192.0.2.1"], "vpc": "vpc-b", "vpce": "vpce-b"},
            },
        });
        let networks = Networks::of(&serde_json::from_value(config).expect("a configuration"));
        for (address, expected) in [
            ("10.2.0.1", Some("vpc-a")),
            ("10.1.0.1", Some("vpc-b")),
            ("192.0.2.1", Some("vpc-b")),
            ("192.0.2.2", None),
            ("2001:db8::1", Some("vpc-a")),
            ("::1", None),
        ] {
            let found = networks.place(address.parse().expect("an address"));
            assert_eq!(
                found.and_then(|place| place.vpc.as_deref()),
                expected,
                "{address}"
            );
            let vpce = found.and_then(|place| place.vpce.as_deref());
            assert_eq!(vpce.is_some(), expected == Some("vpc-b"), "{address}");
        }
    }
}
