//! TLS of listeners: what it is made from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_document::{Document, Problem};
use portcullis_model::SecurityPolicy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use super::certificates::{Pair, bundle, pair};
use super::domain_tls::check_policy;
use super::load::{Hash, directory, hash};
use crate::upstream::{ClientCertificate, TrustBundle};

/// TLS of a listener: 1.2 and 1.3, with HTTP/2 and HTTP/1.1. Its files are read again when they change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenerTlsConfig {
    /// A client that names a host is shown the first that is for it, others the first of all. Absent: clients are shown those
    /// of domain names alone, and others get no connection.
    #[serde(default)]
    pub certificates: Vec<ServerCertificateConfig>,
    /// A PEM file with certificate authorities, relative to this file: clients show a certificate that one of them has
    /// issued (mutual TLS). Absent: clients show none.
    #[serde(default)]
    pub client_trust: Option<PathBuf>,
    /// Whether a client may show no certificate; one that it shows must be good in any case.
    #[serde(default)]
    pub client_auth: ClientAuthConfig,
    /// Versions of TLS and cipher suites, by API Gateway's name for them, such as `TLS_1_2`. Absent: 1.2 and 1.3 with every
    /// suite that has forward secrecy and authenticates what it encrypts.
    #[serde(default)]
    pub security_policy: Option<String>,
}

/// A certificate that a listener shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerCertificateConfig {
    /// A PEM file with the certificate, and its chain behind it, relative to this file.
    pub certificate: PathBuf,
    /// A PEM file with the private key, relative to this file.
    pub key: PathBuf,
}

/// Whether a client may show no certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthConfig {
    /// It may not: there is no connection.
    #[default]
    Required,
    /// It may.
    Optional,
}

/// What the TLS of a listener is made from.
#[derive(Debug)]
pub struct ListenerTls {
    /// What it shows; the first to those who name no host.
    pub certificates: Vec<Arc<ClientCertificate>>,
    /// Whose certificates clients show.
    pub trust: Option<Arc<TrustBundle>>,
    /// Whether they may show none.
    pub client_auth: ClientAuthConfig,
    /// Versions and cipher suites.
    pub policy: Option<SecurityPolicy>,
    /// Of all that.
    pub hash: Hash,
}

/// The TLS of each listener, by its place: none in clear text, and what is wrong where a file cannot be used.
pub type ListenersTls = Vec<Option<Result<Arc<ListenerTls>, Vec<Problem>>>>;

/// Reads what listeners name; the directories of files are added to `directories`.
pub(super) fn read(
    document: &Document,
    config: &GatewayConfig,
    at: impl Fn(&Path) -> PathBuf,
    directories: &mut Vec<PathBuf>,
) -> ListenersTls {
    let listeners = config.listeners.iter().enumerate();
    let tls = listeners.map(|(index, listener)| {
        let tls = listener.tls.as_ref()?;
        let place = format!("/listeners/{index}/tls");
        Some(of_listener(document, tls, &place, &at, directories).map(Arc::new))
    });
    tls.collect()
}

fn of_listener(
    document: &Document,
    config: &ListenerTlsConfig,
    place: &str,
    at: impl Fn(&Path) -> PathBuf,
    directories: &mut Vec<PathBuf>,
) -> Result<ListenerTls, Vec<Problem>> {
    let (mut certificates, mut problems) = (Vec::new(), Vec::new());
    for (index, shown) in config.certificates.iter().enumerate() {
        let files = Pair {
            place: &format!("{place}/certificates/{index}"),
            certificate: &at(&shown.certificate),
            key: &at(&shown.key),
        };
        directories.extend([directory(files.certificate), directory(files.key)]);
        match pair(document, &files) {
            Ok(certificate) => certificates.push(certificate),
            Err(problem) => problems.push(problem),
        }
    }
    let trust = config.client_trust.as_ref().map(|file| {
        let file = at(file);
        directories.push(directory(&file));
        bundle(document, &format!("{place}/client_trust"), &file)
    });
    let trust = trust.transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut parts: Vec<Hash> = certificates
        .iter()
        .map(|certificate| certificate.hash())
        .collect();
    parts.extend(trust.as_ref().map(|trust| trust.hash()));
    let said = serde_json::to_vec(config).unwrap_or_default();
    let hashed: Vec<&[u8]> = std::iter::once(&*said)
        .chain(parts.iter().map(|part| &part[..]))
        .collect();
    Ok(ListenerTls {
        certificates,
        trust,
        client_auth: config.client_auth,
        policy: config
            .security_policy
            .as_deref()
            .and_then(|policy| SecurityPolicy::parse(policy).ok()),
        hash: hash(&hashed),
    })
}

/// Every breach of a rule.
pub(super) fn check(document: &Document, config: &GatewayConfig, problems: &mut Vec<Problem>) {
    for (index, listener) in config.listeners.iter().enumerate() {
        let Some(tls) = &listener.tls else { continue };
        let at = format!("/listeners/{index}/tls");
        if tls.certificates.is_empty() && !others_have_certificates(config) {
            let problem = document.error("no-certificate", &at, "a listener with TLS needs a certificate");
            problems.push(problem.hint(
                "certificates = [{ certificate = \"server.pem\", key = \"server.key\" }], or give domain names theirs",
            ));
        }
        let policy = tls.security_policy.as_deref();
        check_policy(document, &format!("{at}/security_policy"), policy, problems);
        if tls.client_trust.is_none() && tls.client_auth != ClientAuthConfig::default() {
            let message =
                "client_auth says whether clients show a certificate, but client_trust does not say whose";
            problems.push(document.error("client-trust", &format!("{at}/client_auth"), message));
        }
    }
}

/// Whether domain names have certificates, or may get some by calls.
fn others_have_certificates(config: &GatewayConfig) -> bool {
    let calls = config
        .control
        .as_ref()
        .is_some_and(|control| control.data.is_some());
    calls
        || config
            .domains
            .values()
            .any(|domain| domain.certificate.is_some() || domain.acme)
}
