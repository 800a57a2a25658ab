//! Custom domain names of `gateway.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::is_domain_name;
use portcullis_model::routing::is_base_path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use super::private_names::{self, PrivateNameConfig};
use super::routing::{self, RoutingRuleConfig};
use crate::api_keys::Origin;
use crate::domains::{Domain, Domains, Mapping};
use crate::proxy::strict::Strict;

/// A custom domain name: which stages are below its paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DomainConfig {
    /// From a base path such as `orders/v1`, or an empty one for all that no other has, to a stage as `api/stage`, also of the
    /// control plane; or to an API, whose stage the next part of the path names.
    pub mappings: BTreeMap<String, String>,
    /// Routing rules, which come before mappings.
    pub rules: Vec<RoutingRuleConfig>,
    /// Makes it a private name: for whoever comes by one of these endpoints. It leads to private APIs alone.
    pub private: Option<PrivateNameConfig>,
    /// A PEM file with the certificate that clients who name this host are shown, and its chain behind it, relative to this
    /// file. Absent: the listener's that is for it.
    pub certificate: Option<PathBuf>,
    /// A PEM file with its private key, relative to this file.
    pub key: Option<PathBuf>,
    /// Whether the gateway gets its certificate by itself, from the authority of `[acme]`. Until there is one, handshakes with
    /// clients who name this host fail.
    pub acme: bool,
    /// A PEM file with certificate authorities, relative to this file: clients of this name show a certificate that one of them
    /// has issued (mutual TLS). Absent: as the listener says.
    pub client_trust: Option<PathBuf>,
    /// Versions of TLS and cipher suites, by API Gateway's name for them, such as `TLS_1_2`. Absent: the listener's.
    pub security_policy: Option<String>,
    /// How requests must come.
    pub endpoint_access_mode: AccessModeConfig,
}

/// AWS's name.
pub(super) const STRICT: &str = "STRICT";

/// How requests for a host must come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccessModeConfig {
    /// By any connection.
    #[default]
    Basic,
    /// By TLS whose handshake named the host that the request is for.
    Strict,
}

impl AccessModeConfig {
    /// What AWS calls it, where it is not what is meant anyway.
    pub(super) fn said(self) -> Option<String> {
        (self == Self::Strict).then(|| STRICT.to_owned())
    }
}

/// Makes the names of `gateway.toml` those that are served.
pub fn publish(config: &GatewayConfig, domains: &Domains) {
    let names = config.domains.iter().map(|(name, domain)| {
        let name = name.to_ascii_lowercase();
        let mappings = domain.mappings.iter();
        let private = domain.private.as_ref();
        let served = Domain {
            rules: domain.rules.iter().filter_map(routing::rule).collect(),
            mappings: mappings.filter_map(|(path, to)| mapping(path, to)).collect(),
            private: private.map(|private| private_names::private(private, &name, config)),
            strict: (domain.endpoint_access_mode == AccessModeConfig::Strict).then_some(Strict::Either),
            name: name.as_str().into(),
        };
        (Arc::from(name), served)
    });
    domains.replace(Origin::File, names);
}

/// A stage, as `api/stage`, or an API.
pub(super) fn mapping(path: &str, to: &str) -> Option<Mapping> {
    let (api, stage) = match to.split_once('/') {
        Some((api, stage)) => (api, Some(stage)),
        None => (to, None),
    };
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    (is_name(api) && stage.is_none_or(is_name)).then(|| Mapping {
        path: path.into(),
        api: api.into(),
        stage: stage.map(Arc::from),
    })
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    for (name, domain) in &config.domains {
        if !is_domain_name(name) {
            let at = pointer(["domains", name]);
            let problem = document.error("domain", &at, format!("`{name}` is no domain name"));
            problems.push(problem.hint(
                "labels with dots between them, such as api.example.com or *.example.com, without a port",
            ));
        }
        routing::check(document, config, (name, domain), problems);
        private_names::check(document, config, (name, domain), problems);
        for (path, to) in &domain.mappings {
            let at = pointer(["domains", name, "mappings", path]);
            if !is_base_path(path) {
                let problem = document.error("base-path", &at, format!("`{path}` is no base path"));
                problems.push(problem.hint(
                    "letters, digits and $-_.+!*'(), with slashes between parts and none at the ends; \"\" for the rest",
                ));
            }
            match mapping(path, to) {
                None => {
                    let problem = document.error("base-path", &at, format!("`{to}` names no stage"));
                    problems.push(
                        problem.hint("an API's id and a stage's name, such as pets/prod, or an API's id"),
                    );
                }
                Some(to) => known(document, config, &at, &to, problems),
            }
        }
    }
}

/// Of an API of `gateway.toml` the stages are known.
pub(super) fn known(
    document: &Document,
    config: &GatewayConfig,
    at: &str,
    to: &Mapping,
    problems: &mut Vec<Problem>,
) {
    let (Some(api), Some(stage)) = (config.apis.get(&*to.api), &to.stage) else {
        return;
    };
    if !api.stages.contains_key(&**stage) {
        let message = format!("the API `{}` has no stage `{stage}`", to.api);
        let problem = document.error("base-path", at, message);
        problems.push(problem.did_you_mean(stage, api.stages.keys()));
    }
}
