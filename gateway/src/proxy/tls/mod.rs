//! TLS of a listener: rustls, with what the files of the listener say, and of the domain name that a client names.

mod by_domain;
mod certificate;
mod names;
mod policy;
mod speak;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::server::Acceptor;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ProtocolVersion, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::acme::Challenges;
use crate::clock::Clock;
use crate::config::{ClientAuthConfig, Hash, ListenerTls};
use crate::stream::Socket;

pub use by_domain::{DomainTls, Said, Shown, TlsNames};
pub use certificate::ClientCertificate;
use names::ByName;
use speak::{Spoken, verifier};

/// How long a client may take for its handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How long, and for how many bytes, one that was refused is listened to, so that it can read why.
const GOODBYE: Duration = Duration::from_secs(1);
const GOODBYE_BYTES: u64 = 64 * 1024;

/// TLS as a listener speaks it.
#[derive(Debug)]
pub struct Tls {
    from: Arc<ListenerTls>,
    certificates: Arc<ByName>,
    /// With clients that name no host, or one that says nothing of TLS itself.
    config: Arc<ServerConfig>,
    /// Whose certificate makes a client a point of presence.
    edges: Option<Arc<dyn ClientCertVerifier>>,
    clock: Arc<dyn Clock>,
    /// What domain names know this listener by.
    mark: Arc<()>,
}

/// What was agreed upon with a client.
#[derive(Debug, Default)]
pub struct Secured {
    /// `$context.tlsVersion`.
    pub version: &'static str,
    /// `$context.cipherSuite`, as IANA names it.
    pub cipher: String,
    /// The certificate that the client showed.
    pub client: Option<ClientCertificate>,
    /// Whether the client is a point of presence; nothing where the listener knows none.
    pub is_edge: Option<bool>,
    /// Whether HTTP/2 was agreed upon; else it is HTTP/1.1.
    pub is_http2: bool,
    /// Whether it is an authority's that makes sure of a name: nothing else is said.
    pub is_challenge: bool,
    /// The domain name against whose trust store the client was verified; none: the listener's, or nobody's.
    pub trust: Option<Arc<str>>,
    /// The host that the client named in its handshake.
    pub server_name: Option<Box<str>>,
    /// Whether it is what a point of presence tells of the client behind it.
    pub by_edge: bool,
}

impl Tls {
    /// TLS made from what a listener's files have.
    ///
    /// # Errors
    ///
    /// The cryptography does not go together with them.
    pub fn new(from: &Arc<ListenerTls>, clock: &Arc<dyn Clock>) -> Result<Self, rustls::Error> {
        let keys = from.certificates.iter().map(|certificate| certificate.key());
        let certificates = Arc::new(ByName::new(keys));
        let spoken = Spoken {
            policy: from.policy,
            shown: certificates.clone(),
            trust: from.trust.as_deref(),
            edges: from.edges.as_deref(),
            client_auth: from.client_auth,
        };
        let edges = from.edges.as_deref();
        let edges = edges.map(|edges| verifier(&[edges], ClientAuthConfig::Required));
        Ok(Self {
            edges: edges.transpose()?,
            config: spoken.made(clock)?,
            from: from.clone(),
            certificates,
            clock: clock.clone(),
            mark: Arc::default(),
        })
    }

    /// Whether it is made from just that.
    pub fn is_of(&self, from: &ListenerTls) -> bool {
        self.hash() == from.hash
    }

    fn hash(&self) -> Hash {
        self.from.hash
    }

    /// Speaks TLS with a client, as the host says that it names.
    ///
    /// # Errors
    ///
    /// There is no connection; the client has been told why.
    pub async fn accept(
        &self,
        stream: Socket,
        names: &TlsNames,
        challenges: &Challenges,
    ) -> Result<(Box<TlsStream<Socket>>, Secured), NoTls> {
        match timeout(HANDSHAKE_LIMIT, self.handshake(stream, names, challenges)).await {
            Ok(done) => done,
            Err(_) => Err(NoTls {
                error: io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long"),
                stream: None,
            }),
        }
    }

    async fn handshake(
        &self,
        stream: Socket,
        names: &TlsNames,
        challenges: &Challenges,
    ) -> Result<(Box<TlsStream<Socket>>, Secured), NoTls> {
        let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let start = match (&mut hello).await {
            Ok(start) => start,
            Err(error) => {
                let stream = hello.take_io();
                return Err(NoTls { error, stream });
            }
        };
        let said = start.client_hello();
        let challenge = challenges.tls(said.alpn(), said.server_name());
        let is_challenge = challenge.is_some();
        let name = names.find(said.server_name()).filter(|_| !is_challenge);
        let config = match (challenge, &name) {
            (Some(challenge), _) => challenge,
            (None, Some(name)) => name.on(self).map_err(|error| NoTls {
                error: io::Error::other(error),
                stream: None,
            })?,
            (None, None) => self.config.clone(),
        };
        match start.into_stream(config).into_fallible().await {
            Ok(stream) => {
                let trust = name.as_ref().and_then(|name| name.trusts().cloned());
                let mut secured = self.secured(&stream, trust);
                secured.is_challenge = is_challenge;
                Ok((Box::new(stream), secured))
            }
            Err((error, stream)) => Err(NoTls {
                error,
                stream: Some(stream),
            }),
        }
    }

    fn secured(&self, stream: &TlsStream<Socket>, trust: Option<Arc<str>>) -> Secured {
        let (_, connection) = stream.get_ref();
        let cipher = connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str());
        let shown = connection.peer_certificates().unwrap_or_default();
        let is_edge = self
            .edges
            .as_ref()
            .map(|edges| trust.is_none() && is_of(&**edges, &self.config, shown));
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
            is_http2: connection.alpn_protocol() == Some(b"h2"),
            is_challenge: false,
            trust,
            server_name: connection.server_name().map(Box::from),
            by_edge: false,
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
