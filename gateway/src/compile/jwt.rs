//! Authorizers that verify tokens: of Cognito's user pools, and of any issuer.

use std::sync::Arc;

use http::HeaderName;
use http::header::AUTHORIZATION;
use portcullis_jwt::{Algorithm, Algorithms};
use portcullis_model::{Authorizer, AuthorizerKind};
use serde::Deserialize;
use serde_json::Value;

use super::Compiler;
use crate::config::{IssuerConfig, issuer_hint};
use crate::issuer::{BadLocation, IssuerOf, KeySource, Location};
use crate::plan::{ClaimRule, JwtKind, JwtPlan, TrustedIssuer};
use crate::upstream::{TlsOptions, TlsSettings};

/// Issuers that one authorizer may trust.
const MOST_ISSUERS: usize = 32;
/// Claims with rules of their own (<https://docs.aws.amazon.com/apigateway/latest/api/API_JwtAdditionalClaim.html>).
const OWN_RULES: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "scope", "scp"];

/// `jwtConfiguration` of a REST API's authorizer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    issuers: Vec<Trusted>,
    default_algorithms: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trusted {
    issuer: String,
    audiences: Vec<String>,
    #[serde(default)]
    additional_claims: Vec<Claim>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    claim_name: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    expected_values: Vec<String>,
}

/// The same of an HTTP API's, which trusts one issuer, and RSA alone
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).
#[derive(Debug, Deserialize)]
struct OfHttpApi {
    issuer: String,
    audience: Vec<String>,
}

impl From<OfHttpApi> for Configuration {
    fn from(of: OfHttpApi) -> Self {
        Self {
            issuers: vec![Trusted {
                issuer: of.issuer,
                audiences: of.audience,
                additional_claims: Vec::new(),
            }],
            default_algorithms: ["RS256", "RS384", "RS512"].map(str::to_owned).into(),
        }
    }
}

impl Compiler<'_> {
    /// The plan of an authorizer of a type that verifies tokens, made once; `None` after a problem.
    pub(super) fn token_authorizer(&mut self, name: &str, authorizer: &Authorizer) -> Option<Arc<JwtPlan>> {
        if let Some(plan) = self.tokens.get(name) {
            return plan.clone();
        }
        let plan = self.jwt(name, authorizer).map(Arc::new);
        self.tokens.insert(name.to_owned(), plan.clone());
        plan
    }

    fn jwt(&mut self, name: &str, authorizer: &Authorizer) -> Option<JwtPlan> {
        let header = self.header_of(authorizer);
        let settings = match authorizer.kind {
            AuthorizerKind::Cognito => self.user_pools(authorizer),
            _ => self.any_issuer(authorizer),
        };
        let (header, (kind, issuers, algorithms)) = (header?, settings?);
        if issuers.is_empty() || issuers.len() > MOST_ISSUERS {
            let message = format!(
                "the authorizer `{name}` trusts {} issuers; it needs 1 to {MOST_ISSUERS}",
                issuers.len()
            );
            self.error("issuers", &authorizer.pointer, message);
            return None;
        }
        let twice = issuers.iter().enumerate().find(|(index, one)| {
            let before = issuers.iter().take(*index);
            before.clone().any(|other| other.issuer.iss() == one.issuer.iss())
        });
        if let Some((_, twice)) = twice {
            let message = format!(
                "two issuers of the authorizer `{name}` are `{}`",
                twice.issuer.iss()
            );
            self.error("issuers", &authorizer.pointer, message);
            return None;
        }
        Some(JwtPlan {
            name: name.into(),
            kind,
            header,
            issuers,
            algorithms,
            metrics: self.input.metrics.tokens_of(name),
        })
    }

    fn header_of(&mut self, authorizer: &Authorizer) -> Option<HeaderName> {
        match authorizer.identity_sources.is_empty() {
            true => Some(AUTHORIZATION),
            false => self.token_header(authorizer),
        }
    }

    /// Cognito signs by RS256
    /// (<https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>).
    fn user_pools(&mut self, authorizer: &Authorizer) -> Option<(JwtKind, Vec<TrustedIssuer>, Algorithms)> {
        let audience = match &authorizer.identity_validation_expression {
            Some(expression) => Some(self.pattern(authorizer, expression)?),
            None => None,
        };
        let mut issuers = Vec::new();
        for arn in &authorizer.provider_arns {
            let Some(name) = issuer_of_pool(arn) else {
                let message = format!("`{arn}` is no user pool");
                let problem = self.error("user-pool", &authorizer.pointer, message);
                problem.hint = Some(
                    "such as arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
                        .to_owned(),
                );
                return None;
            };
            let key_set = format!("{name}/.well-known/jwks.json");
            issuers.push(self.trusted(authorizer, &name, Some(&key_set))?);
        }
        Some((JwtKind::Cognito { audience }, issuers, Algorithms::RS256))
    }

    fn any_issuer(&mut self, authorizer: &Authorizer) -> Option<(JwtKind, Vec<TrustedIssuer>, Algorithms)> {
        let at = &authorizer.pointer;
        let said = authorizer.jwt_configuration.as_deref().unwrap_or("null");
        let configuration = match configuration(said) {
            Ok(configuration) => configuration,
            Err(error) => {
                let message = format!("the jwtConfiguration cannot be read: {error}");
                self.error("jwt-configuration", at, message);
                return None;
            }
        };
        let algorithms = self.algorithms(authorizer, &configuration.default_algorithms)?;
        let mut issuers = Vec::new();
        for said in configuration.issuers {
            let mut trusted = self.trusted(authorizer, &said.issuer, None)?;
            if said.audiences.is_empty() || said.audiences.iter().any(String::is_empty) {
                let message = format!("the issuer `{}` needs audiences, and none is empty", said.issuer);
                let problem = self.error("audiences", at, message);
                problem.hint =
                    Some("without them every token of the issuer would do, whomever it is for".to_owned());
                return None;
            }
            trusted.audiences = said.audiences;
            for claim in said.additional_claims {
                if claim.claim_name.is_empty() || OWN_RULES.contains(&claim.claim_name.as_str()) {
                    let message = format!("`{}` cannot be an additional claim", claim.claim_name);
                    self.error("claims", at, message);
                    return None;
                }
                trusted.claims.push(ClaimRule {
                    name: claim.claim_name,
                    required: claim.required,
                    values: claim.expected_values,
                });
            }
            issuers.push(trusted);
        }
        Some((JwtKind::Any, issuers, algorithms))
    }

    fn algorithms(&mut self, authorizer: &Authorizer, names: &[String]) -> Option<Algorithms> {
        let unknown = names.iter().find(|name| Algorithm::parse(name).is_none());
        if unknown.is_none() && !names.is_empty() {
            return Some(names.iter().filter_map(|name| Algorithm::parse(name)).collect());
        }
        let unknown = unknown.map_or("", String::as_str);
        let message = match unknown {
            "" => "no algorithm is allowed".to_owned(),
            unknown => format!("`{unknown}` is no algorithm that tokens may be signed by"),
        };
        let known = Algorithm::ALL.map(Algorithm::name);
        let document = self.input.document;
        let problem = document.error("algorithm", &authorizer.pointer, message);
        let problem = problem.hint(format!("there are {}", known.join(", ")));
        self.push(problem);
        None
    }

    /// An issuer by its name, as `gateway.toml` knows it; its keys are at `key_set`, or where discovery says.
    fn trusted(
        &mut self,
        authorizer: &Authorizer,
        name: &str,
        key_set: Option<&str>,
    ) -> Option<TrustedIssuer> {
        let usual = IssuerConfig::default();
        let config = self.input.connections.issuers.get(name).unwrap_or(&usual);
        let rule = config.rule(name);
        let source = match config.jwks.as_deref().or(key_set) {
            Some(key_set) => Location::parse(key_set, rule).map(KeySource::KeySet),
            None => Location::discovery(name, rule).map(KeySource::Discovery),
        };
        let source = match source {
            Ok(source) => source,
            Err(error) => {
                self.bad_issuer(authorizer, &error);
                return None;
            }
        };
        let tls = self.tls_of(authorizer, config)?;
        let of = IssuerOf {
            name: name.to_owned(),
            iss: config.iss.clone().unwrap_or_else(|| name.to_owned()),
            source,
            rule,
        };
        Some(TrustedIssuer {
            issuer: self.input.issuers.issuer(of, tls),
            audiences: Vec::new(),
            claims: Vec::new(),
            leeway: config.leeway_seconds.into(),
        })
    }

    fn bad_issuer(&mut self, authorizer: &Authorizer, error: &BadLocation) {
        let message = format!("the issuer's keys cannot be fetched: {error}");
        let problem = self.error("bad-issuer", &authorizer.pointer, message);
        problem.hint = Some(issuer_hint(error).to_owned());
    }

    fn tls_of(&mut self, authorizer: &Authorizer, config: &IssuerConfig) -> Option<Arc<TlsSettings>> {
        let bundles = &self.input.connections.certificates.bundles;
        let bundle = config.trust_bundle.as_ref().and_then(|name| bundles.get(name));
        let trust = match bundle {
            None => None,
            Some(Ok(bundle)) => Some(bundle.clone()),
            Some(Err(problem)) => {
                let problem = problem.clone();
                self.push(problem);
                return None;
            }
        };
        let options = TlsOptions {
            trust: trust.as_deref(),
            ..TlsOptions::default()
        };
        match self.input.issuers.upstream().tls(&options) {
            Ok(settings) => Some(settings),
            Err(error) => {
                let message = format!("no TLS can be spoken with the issuer: {error}");
                self.error("tls", &authorizer.pointer, message);
                None
            }
        }
    }
}

fn configuration(text: &str) -> Result<Configuration, serde_json::Error> {
    let value: Value = serde_json::from_str(text)?;
    match value.get("issuer") {
        Some(_) => serde_json::from_value(value).map(|of: OfHttpApi| of.into()),
        None => serde_json::from_value(value),
    }
}

/// The issuer of a user pool's tokens
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>).
fn issuer_of_pool(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "cognito-idp", region, _account, resource] = parts[..] else {
        return None;
    };
    let pool = resource.strip_prefix("userpool/")?;
    let good = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let domain = match partition {
        "aws" | "aws-us-gov" => "amazonaws.com",
        "aws-cn" => "amazonaws.com.cn",
        _ => return None,
    };
    (good(region) && good(pool)).then(|| format!("https://cognito-idp.{region}.{domain}/{pool}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_pool_is_an_issuer() {
        for (arn, expected) in [
            (
                "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbC",
                Some("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC"),
            ),
            (
                "arn:aws-cn:cognito-idp:cn-north-1:000000000000:userpool/cn-north-1_AbC",
                Some("https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC"),
            ),
            ("arn:aws:cognito-idp:eu-west-1:0:userpool/", None),
            ("arn:aws:cognito-idp:eu-west-1:0:userpool/a/b", None),
            ("arn:aws:cognito-idp:evil.com/:0:userpool/a", None),
            ("arn:aws:cognito-identity:eu-west-1:0:userpool/a", None),
            ("arn:other:cognito-idp:eu-west-1:0:userpool/a", None),
            ("eu-west-1_AbC", None),
        ] {
            assert_eq!(issuer_of_pool(arn).as_deref(), expected, "{arn}");
        }
    }

    #[test]
    fn configurations_are_those_of_rest_and_http_apis() {
        let rest = r#"{"issuers":[{"issuer":"https://a","audiences":["b"]}],"defaultAlgorithms":["ES256"]}"#;
        let http = r#"{"issuer":"https://a","audience":["b"]}"#;
        for (text, algorithms) in [(rest, &["ES256"][..]), (http, &["RS256", "RS384", "RS512"])] {
            let read = configuration(text).expect(text);
            assert_eq!(read.default_algorithms, algorithms);
            let [issuer] = &read.issuers[..] else {
                panic!("{read:?}")
            };
            assert_eq!(
                (issuer.issuer.as_str(), &issuer.audiences[..]),
                ("https://a", &["b".to_owned()][..])
            );
        }
        for bad in [
            "null",
            "{}",
            r#"{"issuer":"https://a"}"#,
            r#"{"issuers":[{"issuer":"https://a"}],"defaultAlgorithms":[]}"#,
        ] {
            assert!(configuration(bad).is_err(), "{bad}");
        }
    }
}
