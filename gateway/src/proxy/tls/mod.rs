//! TLS of a listener: rustls, with what the listener's files say.

mod certificate;
mod names;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{ProtocolVersion, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::clock::Clock;
use crate::config::{ClientAuthConfig, Hash, ListenerTls};
use crate::stream::Socket;
use crate::upstream::{TrustBundle, provider};

pub use certificate::ClientCertificate;
use names::ByName;

/// How long a client may take for its handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long, and for how many bytes, one that was refused is listened to, so that it can read why.
const GOODBYE: Duration = Duration::from_secs(1);
const GOODBYE_BYTES: u64 = 64 * 1024;

/// TLS as a listener speaks it.
#[derive(Debug)]
pub struct Tls {
    hash: Hash,
    config: Arc<ServerConfig>,
    /// Whose certificate makes a client a point of presence.
    edges: Option<Arc<dyn ClientCertVerifier>>,
}

/// What was agreed upon with a client.
#[derive(Debug)]
pub struct Secured {
    /// `$context.tlsVersion`.
    pub version: &'static str,
    /// `$context.cipherSuite`, as IANA names it.
    pub cipher: String,
    /// The certificate that the client showed.
    pub client: Option<ClientCertificate>,
    /// Whether the client is a point of presence; nothing where the listener knows none.
    pub is_edge: Option<bool>,
}

/// Time as the gateway's clock says it, for the periods of certificates.
#[derive(Debug)]
struct ByClock(Arc<dyn Clock>);

impl TimeProvider for ByClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(self.0.wall()))
    }
}

impl Tls {
    /// TLS made from what a listener's files have.
    ///
    /// # Errors
    ///
    /// The cryptography does not go together with them.
    pub fn new(from: &ListenerTls, clock: &Arc<dyn Clock>) -> Result<Self, rustls::Error> {
        let time = Arc::new(ByClock(clock.clone()));
        let builder = ServerConfig::builder_with_details(provider(), time);
        let builder = builder.with_safe_default_protocol_versions()?;
        let trusted: Vec<&TrustBundle> = [&from.trust, &from.edges]
            .into_iter()
            .flatten()
            .map(|trust| &**trust)
            .collect();
        let builder = match trusted.is_empty() {
            false => builder.with_client_cert_verifier(verifier(&trusted, from.client_auth)?),
            true => builder.with_no_client_auth(),
        };
        let edges = from.edges.as_deref();
        let edges = edges
            .map(|edges| verifier(&[edges], ClientAuthConfig::Required))
            .transpose()?;
        let keys = from.certificates.iter().map(|certificate| certificate.key());
        let mut config = builder.with_cert_resolver(Arc::new(ByName::new(keys)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        if !trusted.is_empty() {
            // A session that is taken up again would not look at the certificate again, which may have ended meanwhile.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Self {
            hash: from.hash,
            config: Arc::new(config),
            edges,
        })
    }

    /// Whether it is made from just that.
    pub fn is_of(&self, from: &ListenerTls) -> bool {
        self.hash == from.hash
    }

    /// Speaks TLS with a client.
    ///
    /// # Errors
    ///
    /// There is no connection; the client has been told why.
    pub async fn accept(&self, stream: Socket) -> Result<(Box<TlsStream<Socket>>, Secured), NoTls> {
        let handshake = TlsAcceptor::from(self.config.clone())
            .accept(stream)
            .into_fallible();
        match timeout(HANDSHAKE_LIMIT, handshake).await {
            Ok(Ok(stream)) => {
                let secured = self.secured(&stream);
                Ok((Box::new(stream), secured))
            }
            Ok(Err((error, stream))) => Err(NoTls {
                error,
                stream: Some(stream),
            }),
            Err(_) => Err(NoTls {
                error: io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long"),
                stream: None,
            }),
        }
    }

    fn secured(&self, stream: &TlsStream<Socket>) -> Secured {
        let (_, connection) = stream.get_ref();
        let cipher = connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str());
        let shown = connection.peer_certificates().unwrap_or_default();
        let is_edge = self
            .edges
            .as_ref()
            .map(|edges| is_of(&**edges, &self.config, shown));
        let client = shown.first().filter(|_| is_edge != Some(true));
        Secured {
            version: match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
                _ => "TLSv1.2",
            },
            // IANA's names of TLS 1.3's suites have no version.
            cipher: cipher.unwrap_or_default().replacen("TLS13_", "TLS_", 1),
            client: client.map(|certificate| ClientCertificate::new(certificate.clone())),
            is_edge,
        }
    }
}

/// A handshake that failed.
#[derive(Debug)]
pub struct NoTls {
    /// Why.
    pub error: io::Error,
    stream: Option<Socket>,
}

impl NoTls {
    /// Whether it failed for the client's certificate, or want of it: that is somebody who wanted in.
    pub fn is_about_client(&self) -> bool {
        let tls = self.error.get_ref();
        let tls = tls.and_then(|error| error.downcast_ref::<rustls::Error>());
        matches!(
            tls,
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    }

    /// Ends the connection. Closing at once would reset it, and the client might never read why.
    pub async fn goodbye(self) {
        let Some(mut stream) = self.stream else { return };
        let mut ignored = Vec::new();
        let listening = async {
            stream.shutdown().await?;
            stream.take(GOODBYE_BYTES).read_to_end(&mut ignored).await
        };
        let _ = timeout(GOODBYE, listening).await;
    }
}

fn verifier(
    trusted: &[&TrustBundle],
    client_auth: ClientAuthConfig,
) -> Result<Arc<dyn ClientCertVerifier>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots
        .roots
        .extend(trusted.iter().flat_map(|trust| trust.roots()).cloned());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = match client_auth {
        ClientAuthConfig::Required => builder,
        ClientAuthConfig::Optional => builder.allow_unauthenticated(),
    };
    builder
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))
}

/// Whether a chain that was good for the handshake is one of these authorities.
fn is_of(verifier: &dyn ClientCertVerifier, config: &ServerConfig, chain: &[CertificateDer<'_>]) -> bool {
    let (Some((end_entity, intermediates)), Some(now)) =
        (chain.split_first(), config.time_provider.current_time())
    else {
        return false;
    };
    verifier
        .verify_client_cert(end_entity, intermediates, now)
        .is_ok()
}
