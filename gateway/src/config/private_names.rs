//! Private domain names.

use portcullis_document::{Document, Problem, pointer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use super::domains::DomainConfig;
use crate::compile::of_domain;
use crate::domains::{Admits, Private};
use crate::proxy::context::ACCOUNT_ID;

/// Who comes by a private domain name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateNameConfig {
    /// VPC endpoints, which listeners and networks are by their `vpce`.
    pub vpces: Vec<String>,
    /// An IAM policy that says who of those may call, before the API's own is asked. Absent: everybody.
    #[serde(default)]
    pub policy: Option<serde_json::Map<String, serde_json::Value>>,
}

/// As it is looked at. A policy that cannot be evaluated lets nobody in.
pub(super) fn private(private: &PrivateNameConfig, name: &str, config: &GatewayConfig) -> Private {
    let arn = arn(name, config);
    let admits = private
        .policy
        .as_ref()
        .map(|policy| of_domain(policy.clone().into(), &arn));
    Private {
        vpces: private.vpces.iter().map(|vpce| vpce.as_str().into()).collect(),
        admits: match admits {
            None => Admits::Everybody,
            Some(Ok(policy)) => Admits::Policy(Box::new(policy)),
            Some(Err(_)) => Admits::Nobody,
        },
        arn: arn.into(),
    }
}

fn arn(name: &str, config: &GatewayConfig) -> String {
    let control = config.control.as_ref();
    let region = control.map_or("us-east-1", |control| &control.region);
    let account = control.map_or(ACCOUNT_ID, |control| &control.account);
    format!("arn:aws:execute-api:{region}:{account}:/domainnames/{name}")
}

/// Every breach of a rule.
pub(super) fn check(
    document: &Document,
    config: &GatewayConfig,
    (name, domain): (&str, &DomainConfig),
    problems: &mut Vec<Problem>,
) {
    let Some(private) = &domain.private else { return };
    let at = pointer(["domains", name, "private"]);
    if private.vpces.is_empty() {
        let problem = document.error(
            "private-name",
            &at,
            "nobody comes by a private name without an endpoint",
        );
        problems.push(problem.hint("let vpces name the vpce of a listener or a network"));
    }
    let of_listeners = config
        .listeners
        .iter()
        .filter_map(|listener| listener.vpce.as_ref());
    let of_networks = config
        .networks
        .values()
        .filter_map(|network| network.vpce.as_ref());
    let known: Vec<&String> = of_listeners.chain(of_networks).collect();
    for vpce in private.vpces.iter().filter(|vpce| !known.contains(vpce)) {
        let message = format!("no listener and no network is the endpoint `{vpce}`");
        let problem = document.error("private-name", &format!("{at}/vpces"), message);
        problems.push(problem.did_you_mean(vpce, known.iter().copied()));
    }
    let policy = private.policy.clone();
    let refused = policy.and_then(|policy| of_domain(policy.into(), &arn(name, config)).err());
    for found in refused.into_iter().flatten() {
        let message = format!("the name's policy: {}", found.what);
        let problem = document.error("private-name", &format!("{at}/policy{}", found.pointer), message);
        problems.push(match found.hint.is_empty() {
            true => problem,
            false => problem.hint(found.hint),
        });
    }
}
