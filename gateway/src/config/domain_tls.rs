//! TLS of custom domain names, and what names of the control plane refer to: certificates by their ARN, trust stores by their
//! address.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::{NoPolicy, RestApi, SecurityPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::certificates::{Pair, bundle, pair};
use super::domains::STRICT;
use super::load::directory;
use super::{ApiSource, DomainConfig, GatewayConfig};
use crate::acme::Acme;
use crate::api_keys::Origin;
use crate::proxy::strict::Strict;
use crate::proxy::tls::{DomainTls, Said, Shown, TlsNames};
use crate::upstream::{ClientCertificate, TrustBundle};

/// A certificate that domain names of the control plane name by its ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateConfig {
    /// Its ARN. Absent: `arn:aws:acm:REGION:ACCOUNT:certificate/NAME`, with the control plane's region and account.
    #[serde(default)]
    pub arn: Option<String>,
    /// A PEM file with the certificate, and its chain behind it, relative to this file.
    pub certificate: PathBuf,
    /// A PEM file with the private key, relative to this file.
    pub key: PathBuf,
}

/// What files have for domain names.
#[derive(Debug, Default)]
pub struct DomainsTls {
    /// Of the names of `gateway.toml`; what is wrong where something cannot be used.
    names: BTreeMap<String, Result<DomainTls, Vec<Problem>>>,
    /// Of the names that APIs have of their own, where they say anything; nothing where it cannot be read what they say.
    apis: BTreeMap<String, Option<DomainTls>>,
    /// Those whose certificate the node gets by itself.
    renewed: BTreeSet<String>,
    /// By ARN.
    certificates: BTreeMap<String, Result<Arc<ClientCertificate>, Problem>>,
    /// By address.
    truststores: BTreeMap<String, Result<Arc<TrustBundle>, Problem>>,
}

/// What `gateway.toml` has under a name that the control plane refers to.
#[derive(Debug)]
pub enum Named<T> {
    /// This.
    Found(T),
    /// Something that cannot be used now.
    Unusable,
    /// Nothing.
    Absent,
}

impl<T> Named<T> {
    fn of(read: Option<&Result<T, Problem>>) -> Self
    where
        T: Clone,
    {
        match read {
            Some(Ok(found)) => Self::Found(found.clone()),
            Some(Err(_)) => Self::Unusable,
            None => Self::Absent,
        }
    }
}

impl DomainsTls {
    /// Reads what APIs and domain names say, and what certificates and trust stores name; the directories of files are added to `directories`.
    pub(super) fn read(
        document: &Document,
        config: &GatewayConfig,
        apis: &BTreeMap<String, Arc<ApiSource>>,
        at: impl Fn(&Path) -> PathBuf,
        directories: &mut Vec<PathBuf>,
    ) -> Self {
        let mut read = Self::default();
        for (name, domain) in &config.domains {
            let said = of_name(document, name, domain, &at, directories);
            let name = name.to_ascii_lowercase();
            if domain.acme {
                read.renewed.insert(name.clone());
            }
            read.names.insert(name, said);
        }
        for id in config.apis.keys() {
            let said = apis.get(id).map(|source| of_api(&source.api));
            if !matches!(said, Some(None)) {
                read.apis.insert(TlsNames::of_api(id), said.flatten());
            }
        }
        for (name, named) in &config.certificates {
            let files = Pair {
                place: &pointer(["certificates", name]),
                certificate: &at(&named.certificate),
                key: &at(&named.key),
            };
            directories.extend([directory(files.certificate), directory(files.key)]);
            let certificate = pair(document, &files);
            read.certificates.insert(arn(config, name, named), certificate);
        }
        for (uri, file) in &config.truststores {
            let file = at(file);
            directories.push(directory(&file));
            let store = bundle(document, &pointer(["truststores", uri]), &file);
            read.truststores.insert(uri.clone(), store);
        }
        read
    }

    /// What is wrong with them.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Problem> {
        let names = self.names.values().filter_map(|read| read.as_ref().err());
        let certificates = self.certificates.values().filter_map(|read| read.as_ref().err());
        let truststores = self.truststores.values().filter_map(|read| read.as_ref().err());
        names.flatten().chain(certificates).chain(truststores)
    }

    /// The certificate of an ARN.
    pub fn certificate(&self, arn: &str) -> Named<Arc<ClientCertificate>> {
        Named::of(self.certificates.get(arn))
    }

    /// The trust store of an address such as `s3://bucket/truststore.pem`.
    pub fn truststore(&self, uri: &str) -> Named<Arc<TrustBundle>> {
        Named::of(self.truststores.get(uri))
    }

    /// Makes the names of `gateway.toml` speak as it says.
    pub fn publish(&self, to: &TlsNames, acme: &Acme) {
        let names = self.names.iter().map(|(name, said)| {
            let said = match said {
                Ok(said) if self.renewed.contains(name) => Said::Now(DomainTls {
                    shown: Shown::Renewed(acme.slot(name)),
                    ..said.clone()
                }),
                Ok(said) => Said::Now(said.clone()),
                Err(_) => Said::Unusable,
            };
            (Arc::from(name.as_str()), said)
        });
        let apis = self.apis.iter().map(|(name, said)| {
            let said = said.clone().map_or(Said::Unknown, Said::Now);
            (Arc::from(name.as_str()), said)
        });
        to.replace(Origin::File, names.chain(apis));
    }
}

fn arn(config: &GatewayConfig, name: &str, named: &CertificateConfig) -> String {
    let (region, account) = match &config.control {
        Some(control) => (control.region.clone(), control.account.clone()),
        None => (super::default_region(), super::default_account()),
    };
    let made = || format!("arn:aws:acm:{region}:{account}:certificate/{name}");
    named.arn.clone().unwrap_or_else(made)
}

/// What an API says for its own names, if it says anything.
fn of_api(api: &RestApi) -> Option<DomainTls> {
    let endpoint = api.endpoint.types.first().map(String::as_str);
    let is_strict = api.endpoint_access_mode.as_deref() == Some(STRICT);
    let said = DomainTls {
        strict: is_strict.then(|| Strict::of(endpoint)),
        ..DomainTls::by_policy(api.security_policy.as_deref())
    };
    (said.policy.is_some() || said.strict.is_some()).then_some(said)
}

fn of_name(
    document: &Document,
    name: &str,
    domain: &DomainConfig,
    at: impl Fn(&Path) -> PathBuf,
    directories: &mut Vec<PathBuf>,
) -> Result<DomainTls, Vec<Problem>> {
    let place = pointer(["domains", name]);
    let mut problems = Vec::new();
    let mut said = DomainTls::by_policy(domain.security_policy.as_deref());
    if let (Some(certificate), Some(key)) = (&domain.certificate, &domain.key) {
        let files = Pair {
            place: &place,
            certificate: &at(certificate),
            key: &at(key),
        };
        directories.extend([directory(files.certificate), directory(files.key)]);
        match pair(document, &files) {
            Ok(own) => said.shown = Shown::Own(own),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(file) = &domain.client_trust {
        let file = at(file);
        directories.push(directory(&file));
        match bundle(document, &format!("{place}/client_trust"), &file) {
            Ok(trust) => said.trust = Some(trust),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(said)
    } else {
        Err(problems)
    }
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    for (name, domain) in &config.domains {
        let place = pointer(["domains", name]);
        for (has, key, other) in [
            (
                domain.certificate.is_some() && domain.key.is_none(),
                "certificate",
                "key",
            ),
            (
                domain.key.is_some() && domain.certificate.is_none(),
                "key",
                "certificate",
            ),
        ] {
            if has {
                let message = format!("the domain name `{name}` has {key} without {other}");
                let problem = document.error("certificate", &format!("{place}/{key}"), message);
                problems.push(problem.hint("certificate = \"api.pem\", key = \"api.key\""));
            }
        }
        let policy = domain.security_policy.as_deref();
        check_policy(document, &format!("{place}/security_policy"), policy, problems);
    }
    for (id, api) in &config.apis {
        let place = pointer(["apis", id, "security_policy"]);
        check_policy(document, &place, api.security_policy.as_deref(), problems);
    }
    let mut arns = BTreeMap::new();
    for (name, named) in &config.certificates {
        let arn = arn(config, name, named);
        let at = pointer(["certificates", name]);
        if !arn.starts_with("arn:") {
            let problem = document.error("arn", &format!("{at}/arn"), format!("`{arn}` is no ARN"));
            problems.push(problem.hint("such as arn:aws:acm:us-east-1:123456789012:certificate/shop"));
        }
        if let Some(other) = arns.insert(arn, name) {
            let message = format!("the certificates `{other}` and `{name}` have the same ARN");
            problems.push(document.error("arn", &at, message));
        }
    }
    for uri in config.truststores.keys() {
        let rest = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        if rest.is_none_or(|(bucket, key)| bucket.is_empty() || key.is_empty()) {
            let at = pointer(["truststores", uri]);
            let message = format!("`{uri}` is no address of a trust store");
            let problem = document.error("truststore", &at, message);
            problems
                .push(problem.hint("as domain names have it in truststoreUri: s3://bucket/truststore.pem"));
        }
    }
}

/// A policy that cannot be kept to is refused by its name.
pub(crate) fn check_policy(document: &Document, at: &str, name: Option<&str>, problems: &mut Vec<Problem>) {
    let Some(name) = name else { return };
    let problem = match SecurityPolicy::parse(name) {
        Ok(_) => return,
        Err(NoPolicy::Unknown) => {
            let problem = document.error(
                "security-policy",
                at,
                format!("there is no security policy `{name}`"),
            );
            problem.did_you_mean(name, SecurityPolicy::names())
        }
        Err(NoPolicy::Refused(reason)) => {
            let message = format!("the security policy {name} is not supported: {reason}");
            let known: Vec<&str> = SecurityPolicy::names().collect();
            document
                .error("security-policy", at, message)
                .hint(format!("one of {}", known.join(", ")))
        }
    };
    problems.push(problem);
}
