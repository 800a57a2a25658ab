//! What an authority may ask for while an order is open: nothing else is answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::RwLock;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::upstream::provider;

/// Below this path, by http-01 (RFC 8555, section 8.3).
const PATH: &str = "/.well-known/acme-challenge/";
/// The protocol of tls-alpn-01 (RFC 8737, section 6.2).
const ALPN: &[u8] = b"acme-tls/1";

/// The challenges that are open.
#[derive(Debug, Default)]
pub struct Challenges {
    /// So that a request costs one look where there are none.
    open: AtomicUsize,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// By token.
    http: HashMap<String, Arc<str>>,
    /// By host.
    tls: HashMap<String, Arc<ServerConfig>>,
}

/// A challenge that is answered as long as this is there.
#[derive(Debug)]
pub(super) struct Open<'c> {
    challenges: &'c Challenges,
    key: String,
}

impl Challenges {
    /// What a path of a request in clear text is answered with.
    pub fn http(&self, path: &str) -> Option<Arc<str>> {
        if self.open.load(Relaxed) == 0 {
            return None;
        }
        self.known.read().http.get(path.strip_prefix(PATH)?).cloned()
    }

    /// What is spoken with a client that offers these protocols and names this host.
    pub fn tls<'a>(
        &self,
        offered: Option<impl Iterator<Item = &'a [u8]>>,
        host: Option<&str>,
    ) -> Option<Arc<ServerConfig>> {
        if self.open.load(Relaxed) == 0 {
            return None;
        }
        let is_authority = offered?.eq([ALPN]);
        let host = host.filter(|_| is_authority)?.to_ascii_lowercase();
        self.known.read().tls.get(&host).cloned()
    }

    pub(super) fn open_http(&self, token: &str, authorization: &str) -> Open<'_> {
        self.known
            .write()
            .http
            .insert(token.to_owned(), authorization.into());
        self.opened(token)
    }

    pub(super) fn open_tls(&self, host: &str, digest: &[u8]) -> Result<Open<'_>, String> {
        let config = shown(host, digest)?;
        self.known.write().tls.insert(host.to_owned(), Arc::new(config));
        Ok(self.opened(host))
    }

    fn opened(&self, key: &str) -> Open<'_> {
        self.open.fetch_add(1, Relaxed);
        Open {
            challenges: self,
            key: key.to_owned(),
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut known = self.challenges.known.write();
        known.http.remove(&self.key);
        known.tls.remove(&self.key);
        self.challenges.open.fetch_sub(1, Relaxed);
    }
}

/// A certificate with the digest of the authorization, for this handshake alone (RFC 8737, section 3).
fn shown(host: &str, digest: &[u8]) -> Result<ServerConfig, String> {
    let told = |error: rcgen::Error| error.to_string();
    if digest.len() != 32 {
        return Err("the digest of the authorization has not 32 bytes".to_owned());
    }
    let key = KeyPair::generate().map_err(told)?;
    let mut params = CertificateParams::new([host.to_owned()]).map_err(told)?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params.self_signed(&key).map_err(told)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(str::to_owned)?;
    let config = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    let key = provider().key_provider.load_private_key(key);
    let key = key.map_err(|error| error.to_string())?;
    // Not by `with_single_cert`: it reads the certificate, and refuses the extension that this is about.
    let shown = CertifiedKey::new(vec![certificate.der().clone()], key);
    let mut config = config
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_answered_and_nothing_else() {
        let challenges = Challenges::default();
        let path = "/.well-known/acme-challenge/token";
        assert_eq!(challenges.http(path), None);
        let http = challenges.open_http("token", "token.key");
        let tls = challenges.open_tls("a.example.com", &[7; 32]).expect("open");
        assert_eq!(challenges.http(path).as_deref(), Some("token.key"));
        for other in [
            "/.well-known/acme-challenge/",
            "/token",
            "/.well-known/acme-challenge/token/x",
        ] {
            assert_eq!(challenges.http(other), None, "{other}");
        }
        let found =
            |names: &[&'static [u8]], host| challenges.tls(Some(names.iter().copied()), host).is_some();
        assert!(found(&[b"acme-tls/1"], Some("A.example.com")));
        assert!(!found(&[b"acme-tls/1"], Some("b.example.com")));
        assert!(!found(&[b"acme-tls/1"], None));
        assert!(
            !found(&[b"acme-tls/1", b"h2"], Some("a.example.com")),
            "a browser's"
        );
        assert!(!found(&[b"h2"], Some("a.example.com")));
        drop((http, tls));
        assert_eq!(challenges.http(path), None);
        assert!(!found(&[b"acme-tls/1"], Some("a.example.com")));
    }
}
