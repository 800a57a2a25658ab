//! Issuers of tokens, as `gateway.toml` has them.

use std::collections::BTreeMap;

use portcullis_document::{Document, Problem, pointer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use crate::issuer::{BadLocation, Location, Rule};

/// An issuer of tokens: where its keys are, and what its tokens say, where that is not what its name says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// What its tokens, and its discovery document, have as `iss`. Absent: the name that it stands under here.
    #[serde(default)]
    pub iss: Option<String>,
    /// Where its key set is. Absent: for a Cognito user pool where Cognito has it, else where the discovery document below
    /// the name says.
    #[serde(default)]
    pub jwks: Option<String>,
    /// Whether keys may come without TLS from other machines than this one.
    #[serde(default)]
    pub allow_http: bool,
    /// One of `trust_bundles`, for an `https` address.
    #[serde(default)]
    pub trust_bundle: Option<String>,
    /// By how many seconds its clock may differ from this machine's: for so long a token counts after its end, and before
    /// its beginning.
    #[serde(default = "leeway")]
    #[schemars(range(min = 0, max = 300))]
    pub leeway_seconds: u32,
}

impl Default for IssuerConfig {
    fn default() -> Self {
        Self {
            iss: None,
            jwks: None,
            allow_http: false,
            trust_bundle: None,
            leeway_seconds: leeway(),
        }
    }
}

/// An issuer whose tokens an authorizer takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuerConfig {
    /// Its name: what its tokens have as `iss`, unless `issuers` says otherwise.
    pub issuer: String,
    /// For one of whom a token must be, by `aud`, or by `client_id` where it has no `aud`.
    pub audiences: Vec<String>,
    /// What a token must claim beside: texts, each one of these values, or any where there are none.
    #[serde(default)]
    pub claims: BTreeMap<String, Vec<String>>,
}

/// What the seconds are where nobody says: what Envoy takes, and more than clocks that are kept differ.
fn leeway() -> u32 {
    60
}

impl IssuerConfig {
    /// What its addresses may be.
    pub fn rule(&self, name: &str) -> Rule {
        match () {
            () if self.allow_http => Rule::Http,
            () if self.jwks.as_deref().unwrap_or(name).starts_with("http://") => Rule::Loopback,
            () => Rule::Https,
        }
    }
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    for (name, issuer) in &config.issuers {
        let at = pointer(["issuers", name]);
        let rule = issuer.rule(name);
        let (at_location, location) = match &issuer.jwks {
            Some(jwks) => (format!("{at}/jwks"), Location::parse(jwks, rule)),
            None => (at.clone(), Location::discovery(name, rule)),
        };
        if let Err(error) = location {
            let problem = document.error("bad-issuer", &at_location, error.to_string());
            problems.push(problem.hint(hint(&error)));
        }
        if let Some(bundle) = &issuer.trust_bundle
            && !config.trust_bundles.contains_key(bundle)
        {
            let message = format!("there is no trust bundle `{bundle}`");
            let problem = document.error("unknown-trust-bundle", &format!("{at}/trust_bundle"), message);
            let known = config.trust_bundles.keys().map(String::as_str);
            problems.push(problem.did_you_mean(bundle, known));
        }
    }
}

/// What to do about an address that is not asked.
pub fn hint(error: &BadLocation) -> &'static str {
    match error {
        BadLocation::NoUrl(_) => "such as https://issuer.example.com/realm",
        BadLocation::Clear(_) => {
            "take https, or say allow_http = true in its [issuers.\"…\"] in gateway.toml if the network between is your own"
        }
    }
}
