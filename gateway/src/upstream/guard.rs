//! Which addresses a backend may have, where whoever wrote its URI is not trusted with this machine's own neighbourhood.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{io, vec};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use portcullis_iam::Network;
use tower_service::Service;

/// Metadata services that are not link-local: of AWS by IPv6
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>), and of Alibaba Cloud.
const METADATA: [IpAddr; 2] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
];

/// Keeps connections away from loopback, link-local and metadata addresses, but for those that are allowed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guard {
    /// What is allowed nevertheless.
    pub allow: Vec<Network>,
}

impl Guard {
    /// Whether an address may be connected to.
    pub fn lets(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !is_inner(address) || self.allow.iter().any(|range| range.contains(address))
    }
}

fn is_inner(address: IpAddr) -> bool {
    let inner = match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_link_local() || address.octets().first() == Some(&0)
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unicast_link_local() || address.is_unspecified()
        }
    };
    inner || METADATA.contains(&address)
}

/// The system's resolver, with what a guard leaves of its answers. What is decided is what is connected to: a name cannot
/// mean another address in between.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    pub(super) inner: GaiResolver,
    pub(super) guard: Option<Arc<Guard>>,
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = self.guard.clone();
        let resolved = self.inner.call(name.clone());
        Box::pin(async move {
            let found: Vec<SocketAddr> = resolved.await?.collect();
            let Some(guard) = guard else {
                return Ok(found.into_iter());
            };
            let first = found.first().copied();
            let left: Vec<SocketAddr> = found.into_iter().filter(|found| guard.lets(found.ip())).collect();
            match (left.is_empty(), first) {
                (true, Some(first)) => Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    format!(
                        "{} is {}, an address of this machine, its link or a metadata service; `allow` of [aws] does not name it",
                        name.as_str(),
                        first.ip()
                    ),
                )),
                _ => Ok(left.into_iter()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_must_be_allowed() {
        let none = Guard { allow: Vec::new() };
        let some = Guard {
            allow: ["127.0.0.0/8", "169.254.170.2"]
                .iter()
                .filter_map(|range| Network::parse(range))
                .collect(),
        };
        for (address, open, allowed) in [
            ("127.0.0.1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("::1", false, false),
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("169.254.169.254", false, false),
            ("169.254.170.2", false, true),
            ("fe80::1", false, false),
            ("fd00:ec2::254", false, false),
            ("100.100.100.200", false, false),
            ("10.0.0.1", true, true),
            ("52.94.0.1", true, true),
            ("2600:1f00::1", true, true),
        ] {
            let parsed = address.parse().expect("an address");
            assert_eq!(
                (none.lets(parsed), some.lets(parsed)),
                (open, allowed),
                "{address}"
            );
        }
    }
}
