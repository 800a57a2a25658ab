//! Certificates that the gateway gets by itself (ACME, RFC 8555).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::Uri;
use portcullis_document::{Document, Problem, pointer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use super::certificates::bundle;
use super::load::directory;
use crate::upstream::TrustBundle;

/// An authority that issues certificates by ACME, for the domain names that say `acme = true`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcmeConfig {
    /// The address of its directory, such as `https://acme-v02.api.letsencrypt.org/directory`.
    pub directory: String,
    /// Whether you agree to its terms of service; without that it issues nothing.
    pub agree_terms: bool,
    /// A directory, relative to this file, for the account's key and the certificates. The gateway's user alone may read it.
    pub data: PathBuf,
    /// Whom it may write to, such as `mailto:admin@example.com`.
    #[serde(default)]
    pub contact: Vec<String>,
    /// How it makes sure that a name leads here.
    #[serde(default)]
    pub challenge: AcmeChallenge,
    /// A PEM file with certificate authorities, relative to this file, that are trusted beside the system's when the authority
    /// is connected to.
    #[serde(default)]
    pub trust: Option<PathBuf>,
}

/// How an authority makes sure that a name leads here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AcmeChallenge {
    /// By a request to port 80 of the name: a listener in clear text answers it.
    #[default]
    #[serde(rename = "http-01")]
    Http01,
    /// By a handshake on port 443 of the name: a listener with TLS answers it.
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
}

/// Whom to ask for certificates, and for which names.
#[derive(Debug, Clone)]
pub struct AcmeSource {
    /// The authority.
    pub config: AcmeConfig,
    /// The directory for what is kept.
    pub data: PathBuf,
    /// What is trusted beside the system's authorities.
    pub trust: Option<Arc<TrustBundle>>,
    /// The names, in lower case.
    pub names: Vec<Arc<str>>,
}

impl AcmeSource {
    /// Nothing where there is no authority; the directories of files are added to `directories`.
    pub(super) fn read(
        document: &Document,
        config: &GatewayConfig,
        at: impl Fn(&Path) -> PathBuf,
        directories: &mut Vec<PathBuf>,
    ) -> Option<Result<Arc<Self>, Problem>> {
        let acme = config.acme.as_ref()?;
        let trust = acme.trust.as_ref().map(|file| {
            let file = at(file);
            directories.push(directory(&file));
            bundle(document, "/acme/trust", &file)
        });
        let names = config.domains.iter().filter(|(_, domain)| domain.acme);
        let made = trust.transpose().map(|trust| Self {
            config: acme.clone(),
            data: at(&acme.data),
            trust,
            names: names
                .map(|(name, _)| Arc::from(name.to_ascii_lowercase()))
                .collect(),
        });
        Some(made.map(Arc::new))
    }
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    if let Some(acme) = &config.acme {
        let directory = acme.directory.parse::<Uri>().ok();
        if directory.is_none_or(|uri| uri.scheme_str() != Some("https") || uri.host().is_none()) {
            let message = format!("`{}` is no https address", acme.directory);
            let problem = document.error("acme", "/acme/directory", message);
            problems.push(problem.hint("such as https://acme-v02.api.letsencrypt.org/directory"));
        }
        if !acme.agree_terms {
            let message = "the authority issues nothing to those who do not agree to its terms of service";
            let problem = document.error("acme", "/acme/agree_terms", message);
            problems.push(problem.hint("read them, then agree_terms = true"));
        }
        for (index, contact) in acme.contact.iter().enumerate() {
            if !contact.starts_with("mailto:") {
                let at = format!("/acme/contact/{index}");
                let problem = document.error("acme", &at, format!("`{contact}` is no address to write to"));
                problems.push(problem.hint("such as mailto:admin@example.com"));
            }
        }
        check_listener(document, config, acme, problems);
    }
    for (name, domain) in config.domains.iter().filter(|(_, domain)| domain.acme) {
        let at = pointer(["domains", name, "acme"]);
        let mut tell = |message: String, hint: &str| {
            problems.push(document.error("acme", &at, message).hint(hint));
        };
        if config.acme.is_none() {
            tell(
                format!("nothing says who issues the certificate of `{name}`"),
                "add [acme] with directory, agree_terms and data",
            );
        }
        if domain.certificate.is_some() {
            tell(
                format!("the domain name `{name}` has a certificate already"),
                "keep acme or certificate: one of them is shown",
            );
        }
        if name.starts_with("*.") {
            tell(
                format!("no certificate for `{name}` can be had by http-01 or tls-alpn-01"),
                "a wildcard needs dns-01, which is not supported: name the hosts, or give the name a certificate",
            );
        }
    }
}

fn check_listener(
    document: &Document,
    config: &GatewayConfig,
    acme: &AcmeConfig,
    problems: &mut Vec<Problem>,
) {
    let by_tls = acme.challenge == AcmeChallenge::TlsAlpn01;
    if config
        .listeners
        .iter()
        .any(|listener| listener.tls.is_some() == by_tls)
    {
        return;
    }
    let (challenge, needed) = match acme.challenge {
        AcmeChallenge::Http01 => ("http-01", "in clear text, on port 80"),
        AcmeChallenge::TlsAlpn01 => ("tls-alpn-01", "with tls, on port 443"),
    };
    let message = format!("no listener could answer the challenge {challenge}");
    let problem = document.error("acme", "/acme", message);
    problems.push(problem.hint(format!("add one {needed}")));
}
