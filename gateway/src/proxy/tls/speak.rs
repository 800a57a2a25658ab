//! What rustls speaks, made of what a listener and a domain name say.

use std::sync::Arc;

use portcullis_model::SecurityPolicy;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::pki_types::UnixTime;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig};

use super::policy::{cryptography, versions};
use crate::clock::Clock;
use crate::config::ClientAuthConfig;
use crate::upstream::{TrustBundle, provider};

/// What is spoken with a client.
#[derive(Debug)]
pub(super) struct Spoken<'a> {
    pub(super) policy: Option<SecurityPolicy>,
    pub(super) shown: Arc<dyn ResolvesServerCert>,
    /// Whose certificates clients show.
    pub(super) trust: Option<&'a TrustBundle>,
    /// Whose certificates points of presence show.
    pub(super) edges: Option<&'a TrustBundle>,
    pub(super) client_auth: ClientAuthConfig,
}

/// Time as the gateway's clock says it, for the periods of certificates.
#[derive(Debug)]
struct ByClock(Arc<dyn Clock>);

impl TimeProvider for ByClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(self.0.wall()))
    }
}

impl Spoken<'_> {
    /// Made once for each listener, and for each domain name on it: tickets are of one and open nothing else.
    pub(super) fn made(self, clock: &Arc<dyn Clock>) -> Result<Arc<ServerConfig>, rustls::Error> {
        let time = Arc::new(ByClock(clock.clone()));
        let builder = ServerConfig::builder_with_details(cryptography(self.policy), time);
        let builder = builder.with_protocol_versions(versions(self.policy))?;
        let trusted: Vec<&TrustBundle> = self.trust.into_iter().chain(self.edges).collect();
        let builder = match trusted.is_empty() {
            false => builder.with_client_cert_verifier(verifier(&trusted, self.client_auth)?),
            true => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(self.shown);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Sessions are the clients' to keep, sealed by keys that change every six hours: nothing grows with their number.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if !trusted.is_empty() {
            // A session that is taken up again would not look at the certificate again, which may have ended meanwhile.
            config.send_tls13_tickets = 0;
        } else {
            config.ticketer = Ticketer::new()?;
        }
        Ok(Arc::new(config))
    }
}

/// What verifies clients' certificates.
pub(super) fn verifier(
    trusted: &[&TrustBundle],
    client_auth: ClientAuthConfig,
) -> Result<Arc<dyn ClientCertVerifier>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let trusted = trusted.iter().flat_map(|trust| trust.roots());
    roots.roots.extend(trusted.cloned());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = match client_auth {
        ClientAuthConfig::Required => builder,
        ClientAuthConfig::Optional => builder.allow_unauthenticated(),
    };
    builder
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))
}
