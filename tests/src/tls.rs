//! Certificates made for one test, and backends that tell by whom and how they were asked.

#![allow(clippy::disallowed_methods, reason = "tests")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{WebPkiClientVerifier, danger::ClientCertVerifier};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A certificate authority that nobody knows.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for a host name or an address.
    pub fn issue(&self, host: &str) -> Identity {
        self.issue_with(host, |_| {})
    }

    /// The same, changed.
    pub fn issue_with(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Identity {
    /// The certificate as it is sent.
    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("a certificate")
    }

    /// A server that shows it, in all versions.
    pub fn server(&self) -> ServerConfig {
        self.server_of(rustls::ALL_VERSIONS, None)
    }

    /// A server that shows it and, where there is a certificate of an authority, asks for one of that.
    pub fn server_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&str>,
    ) -> ServerConfig {
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(versions).expect("versions");
        let builder = match clients {
            Some(pem) => builder.with_client_cert_verifier(verifier(pem)),
            None => builder.with_no_client_auth(),
        };
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key");
        let config = builder.with_single_cert(vec![self.der()], key);
        let mut config = config.expect("a certificate with its key");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

fn verifier(pem: &str) -> Arc<dyn ClientCertVerifier> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    roots.add(root).expect("an authority");
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    builder.build().expect("a verifier")
}

/// A request that a [`Server`] got.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Whose certificate was asked for (SNI).
    pub name: Option<String>,
    /// What was agreed upon (ALPN).
    pub protocol: Option<String>,
    /// The client's certificate.
    pub client: Option<CertificateDer<'static>>,
    /// `Host`.
    pub host: String,
    /// Path and query.
    pub target: String,
}

/// A port of this machine on which nobody answers yet: a connection is refused.
#[derive(Debug)]
pub struct Closed(TcpSocket);

impl Closed {
    /// A free port.
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .expect("a free port");
        Self(socket)
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an address")
    }

    /// Lets a server answer on it.
    pub fn open(self, tls: Option<ServerConfig>) -> Server {
        Server::on(self.0.listen(64).expect("a listener"), tls)
    }
}

impl Default for Closed {
    fn default() -> Self {
        Self::new()
    }
}

/// A backend that answers with the body that it got. Dropped, it closes all its connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    connections: Arc<Mutex<usize>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// One on a free port of 127.0.0.1, in clear text or by TLS.
    pub fn start(tls: Option<ServerConfig>) -> Self {
        Closed::new().open(tls)
    }

    fn on(listener: TcpListener, tls: Option<ServerConfig>) -> Self {
        let address = listener.local_addr().expect("an address");
        let connections: Arc<Mutex<usize>> = Arc::default();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (count, log) = (connections.clone(), asked.clone());
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock() += 1;
                serving.spawn(serve(stream, acceptor.clone(), log.clone()));
            }
        });
        Self {
            address,
            connections,
            asked,
            task,
        }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections it has had.
    pub fn connections(&self) -> usize {
        *self.connections.lock()
    }

    /// The requests that it got.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }

    /// The request that it got last.
    pub fn last(&self) -> Asked {
        self.asked().pop().expect("a request")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, acceptor: Option<TlsAcceptor>, log: Arc<Mutex<Vec<Asked>>>) {
    let Some(acceptor) = acceptor else {
        return answer(stream, Asked::default(), log).await;
    };
    match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => {
            let tls = stream.get_ref().1;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let asked = Asked {
                name: tls.server_name().map(str::to_owned),
                protocol: tls.alpn_protocol().map(text),
                client: tls.peer_certificates().and_then(|chain| chain.first()).cloned(),
                ..Asked::default()
            };
            answer(stream, asked, log).await;
        }
        // Closing at once would reset the connection, and the client might never read why.
        Err((_, mut stream)) => drop(stream.read_to_end(&mut Vec::new()).await),
    }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    asked: Asked,
    log: Arc<Mutex<Vec<Asked>>>,
) {
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let mut asked = asked.clone();
        let host = request.headers().get("host").map(|host| host.to_str());
        asked.host = host.and_then(Result::ok).unwrap_or_default().to_owned();
        asked.target = request.uri().to_string();
        log.lock().push(asked);
        async move {
            let body = request.into_body().collect().await;
            let body: Bytes = body.map(|body| body.to_bytes()).unwrap_or_default();
            Ok::<_, Infallible>(Response::new(Full::new(body)))
        }
    });
    let http = hyper::server::conn::http1::Builder::new();
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}
