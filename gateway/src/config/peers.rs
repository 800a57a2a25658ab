//! Whom a listener believes about where its clients are: the load balancers before it.

use std::collections::BTreeMap;

use portcullis_document::{Document, Problem};
use portcullis_iam::Network;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ListenerConfig, NetworkConfig};

/// The name that stands for processes of this machine, which come by a Unix socket and have no address.
pub const UNIX_PEERS: &str = "unix";

/// The header that a trusted load balancer names its clients by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Port`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Peers that are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peers {
    ranges: Vec<Network>,
    unix: bool,
}

impl Peers {
    /// Those of some networks, by name.
    pub fn of(names: &[String], networks: &BTreeMap<String, NetworkConfig>) -> Self {
        let named = names.iter().filter_map(|name| networks.get(name));
        let ranges = named.flat_map(|network| &network.cidrs);
        Self {
            ranges: ranges.filter_map(|range| Network::parse(range)).collect(),
            unix: names.iter().any(|name| name == UNIX_PEERS),
        }
    }

    /// Whether an address is one of them.
    pub fn have(&self, address: std::net::IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(address))
    }

    /// Whether processes that come by a Unix socket are.
    pub fn have_unix(&self) -> bool {
        self.unix
    }
}

/// Every name is one of `networks`, or `unix`.
pub(super) fn check(
    document: &Document,
    at: &str,
    listener: &ListenerConfig,
    networks: &BTreeMap<String, NetworkConfig>,
    problems: &mut Vec<Problem>,
) {
    for (member, names) in [
        ("proxy_protocol", &listener.proxy_protocol),
        ("trust_forwarded", &listener.trust_forwarded),
    ] {
        for (index, name) in names.iter().enumerate() {
            if name != UNIX_PEERS && !networks.contains_key(name) {
                let at = format!("{at}/{member}/{index}");
                let problem = document.error("unknown-network", &at, format!("there is no network `{name}`"));
                let problem = problem.did_you_mean(name, networks.keys().map(String::as_str));
                problems.push(match problem.hint {
                    Some(_) => problem,
                    None => problem.hint(format!("add [networks.{name}] with its cidrs")),
                });
            }
        }
    }
    if listener.trust_forwarded.is_empty() && listener.forwarded_header != ForwardedHeader::default() {
        let message = "forwarded_header has no effect: trust_forwarded names no network";
        problems.push(document.warning("unused-option", &format!("{at}/forwarded_header"), message));
    }
}
