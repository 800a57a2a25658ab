//! Which certificate a client is shown: by the host that it names (SNI).

use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// Certificates with the hosts that they are for.
#[derive(Debug)]
pub(super) struct ByName(Vec<(Vec<String>, Arc<CertifiedKey>)>);

impl ByName {
    pub(super) fn new<'a>(keys: impl Iterator<Item = &'a CertifiedKey>) -> Self {
        Self(keys.map(|key| (hosts(key), Arc::new(key.clone()))).collect())
    }

    /// The first that is for this host; else the first.
    fn find(&self, host: Option<&str>) -> Option<&Arc<CertifiedKey>> {
        let named = host.and_then(|host| {
            let host = host.to_ascii_lowercase();
            self.0
                .iter()
                .find(|(hosts, _)| hosts.iter().any(|name| is_for(name, &host)))
        });
        named.or_else(|| self.0.first()).map(|(_, key)| key)
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.find(hello.server_name()).cloned()
    }
}

/// A wildcard stands for one label (RFC 9525, section 6.3).
fn is_for(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
        None => name == host,
    }
}

/// The hosts that a certificate is for.
fn hosts(key: &CertifiedKey) -> Vec<String> {
    let Some(Ok((_, certificate))) = key.cert.first().map(|der| X509Certificate::from_der(der)) else {
        return Vec::new();
    };
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = names.value.general_names.iter();
    let hosts = names.filter_map(|name| match name {
        GeneralName::DNSName(host) => Some(host.to_ascii_lowercase()),
        _ => None,
    });
    hosts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (name, host, expected) in [
            ("a.example", "a.example", true),
            ("a.example", "b.example", false),
            ("*.example", "a.example", true),
            ("*.example", "a.b.example", false),
            ("*.example", "example", false),
            ("*.example", ".example", false),
        ] {
            assert_eq!(is_for(name, host), expected, "{name} {host}");
        }
    }
}
