//! Networks: what resource policies know as VPCs and their endpoints.

use std::collections::BTreeMap;

use portcullis_document::{Document, Problem, pointer};
use portcullis_iam::Network;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ListenerConfig, UNIX_PEERS};

/// Ranges of addresses, of all networks together: each is looked at for a request whose policy asks where it is from.
const MOST_RANGES: usize = 1_000;

/// A network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Addresses of clients, such as `10.0.0.0/8`, `2001:db8::/32` or `10.0.0.7`. The longest prefix of all networks counts.
    pub cidrs: Vec<String>,
    /// What `aws:SourceVpc` is for them, such as `vpc-0a1b2c3d`. Absent: nothing.
    #[serde(default)]
    pub vpc: Option<String>,
    /// The VPC endpoint that its clients come by, whatever the listener, such as `vpce-0a1b2c3d`. Absent: their listener's.
    #[serde(default)]
    pub vpce: Option<String>,
}

/// What breaks the rules of networks and of the endpoints that listeners are.
pub(super) fn check(
    document: &Document,
    networks: &BTreeMap<String, NetworkConfig>,
    listeners: &[ListenerConfig],
    problems: &mut Vec<Problem>,
) {
    let ranges: usize = networks.values().map(|network| network.cidrs.len()).sum();
    if ranges > MOST_RANGES {
        let message =
            format!("the networks have {ranges} ranges of addresses, and {MOST_RANGES} are the most");
        problems.push(document.error("networks", "/networks", message));
    }
    for (name, network) in networks {
        let at = pointer(["networks", name]);
        if network.cidrs.is_empty() {
            let message = format!("the network `{name}` has no addresses");
            problems.push(document.error("networks", &format!("{at}/cidrs"), message));
        }
        for (index, cidr) in network.cidrs.iter().enumerate() {
            if Network::parse(cidr).is_none() {
                let message = format!("`{cidr}` is no range of addresses");
                let problem = document.error("bad-range", &format!("{at}/cidrs/{index}"), message);
                problems.push(problem.hint("such as 10.0.0.0/8, 2001:db8::/32 or 10.0.0.7"));
            }
        }
        for (member, known, prefix) in [("vpc", &network.vpc, "vpc-"), ("vpce", &network.vpce, "vpce-")] {
            if let Some(known) = known {
                id(document, &format!("{at}/{member}"), known, prefix, problems);
            }
        }
        if name == UNIX_PEERS {
            let message = "`unix` stands for the peers of Unix sockets already";
            problems.push(document.error("networks", &at, message).hint("name it otherwise"));
        }
    }
    for (index, listener) in listeners.iter().enumerate() {
        if let Some(vpce) = &listener.vpce {
            let at = pointer(["listeners", &index.to_string(), "vpce"]);
            id(document, &at, vpce, "vpce-", problems);
        }
    }
}

/// Policies that were written for AWS name these.
pub(super) fn id(document: &Document, at: &str, id: &str, prefix: &str, problems: &mut Vec<Problem>) {
    let good = |rest: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !rest.is_empty() && rest.len() <= 64 && rest.bytes().all(plain)
    };
    if !id.strip_prefix(prefix).is_some_and(good) {
        let message = format!("`{id}` is no id such as {prefix}0a1b2c3d");
        let problem = document.error("bad-network-id", at, message);
        problems.push(problem.hint(format!("{prefix} and then a-z, 0-9 and -, 64 at most")));
    }
}
