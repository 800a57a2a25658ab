//! TLS towards backends: whom to trust, what to show, and the settings that come of it.
//!
//! rustls with AWS-LC as its cryptography. Roots are those of the system, by rustls-native-certs: on Linux the platform's
//! verifier is nothing but that, and a plain store of roots can take a bundle's beside them.

mod pem;
mod verifier;

use std::sync::{Arc, OnceLock};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};

pub use pem::{ClientCertificate, PemError, TrustBundle};

use crate::config::{BackendProtocol, Hash, hash};
use verifier::Verifier;

/// HTTP/2 as ALPN names it.
pub(super) const H2: &[u8] = b"h2";
/// HTTP/1.1, likewise.
const HTTP_1: &[u8] = b"http/1.1";

/// What connections to a backend are made by.
#[derive(Debug, Clone, Copy, Default)]
pub struct TlsOptions<'a> {
    /// Authorities that are trusted beside the system's.
    pub trust: Option<&'a TrustBundle>,
    /// Whether an issuer that nobody knows will do.
    pub any_issuer: bool,
    /// What is shown to a backend that asks.
    pub client: Option<&'a ClientCertificate>,
}

impl TlsOptions<'_> {
    /// The same for the same settings, whatever their names are.
    pub(super) fn id(&self) -> Hash {
        let trust = self.trust.map(TrustBundle::hash);
        let client = self.client.map(ClientCertificate::hash);
        let part = |hash: &Option<Hash>| hash.map(|hash| hash.to_vec()).unwrap_or_default();
        hash(&[&part(&trust), &[u8::from(self.any_issuer)], &part(&client)])
    }
}

/// Settings that are made once and used by all connections that have the same.
#[derive(Debug)]
pub struct TlsSettings {
    id: Hash,
    config: Arc<ClientConfig>,
}

impl TlsSettings {
    pub(crate) fn new(options: &TlsOptions<'_>) -> Result<Self, rustls::Error> {
        let builder =
            ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let verifier = match (options.any_issuer, options.trust) {
            (true, _) => Some(Verifier::of_any_issuer(provider())),
            (false, Some(bundle)) => Some(Verifier::of_bundle(provider(), with_system_roots(bundle), bundle)),
            (false, None) => None,
        };
        let builder = match verifier {
            Some(verifier) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier)),
            None => builder.with_root_certificates(system_roots()),
        };
        let mut config = match options.client {
            Some(certificate) => {
                let shown: Arc<dyn ResolvesClientCert> =
                    Arc::new(SingleCertAndKey::from(certificate.key().clone()));
                builder.with_client_cert_resolver(shown)
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![HTTP_1.to_vec()];
        Ok(Self {
            id: options.id(),
            config: Arc::new(config),
        })
    }

    /// The same for the same settings.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// The same settings, with what is offered to a backend (ALPN).
    pub(crate) fn config(&self, protocol: BackendProtocol) -> Arc<ClientConfig> {
        let offered: &[&[u8]] = match protocol {
            BackendProtocol::Http1 => return self.config.clone(),
            BackendProtocol::Http2 => &[H2],
            BackendProtocol::Auto => &[H2, HTTP_1],
        };
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

/// The one library of cryptography.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .clone()
}

/// Whether the system has any authorities.
pub fn has_system_roots() -> bool {
    !system_roots().is_empty()
}

fn with_system_roots(bundle: &TrustBundle) -> RootCertStore {
    let mut roots = RootCertStore::clone(&system_roots());
    roots.roots.extend(bundle.roots().iter().cloned());
    roots
}

/// The system's authorities, read when they are first needed, once in a process. `SSL_CERT_FILE` and `SSL_CERT_DIR` say
/// where they are, where they are set.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    ROOTS
        .get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!("some certificate authorities of the system cannot be read: {error}");
            }
            let mut roots = RootCertStore::empty();
            let (added, ignored) = roots.add_parsable_certificates(found.certs);
            tracing::debug!("the system has {added} certificate authorities; {ignored} cannot be used");
            Arc::new(roots)
        })
        .clone()
}
