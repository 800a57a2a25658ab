//! A client that speaks TLS as the test says.

#![allow(clippy::disallowed_methods, clippy::needless_pass_by_value, reason = "tests")]

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls::{Authority, Identity, provider};

/// How it connects.
#[derive(Debug, Clone)]
pub struct Https {
    config: ClientConfig,
    roots: RootCertStore,
    /// Whom it names in the handshake.
    host: String,
    /// Whom its requests are for, where that is another.
    asked: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// Of HTTP.
    pub version: Version,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answered {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// A connection that is open.
#[derive(Debug)]
pub struct Opened(http1::SendRequest<Empty<Bytes>>);

impl Https {
    /// One that trusts an authority, names `localhost`, and speaks HTTP/1.1.
    pub fn trusting(authority: &Authority) -> Self {
        Self::of(authority, rustls::ALL_VERSIONS)
    }

    /// The same, with some versions of TLS.
    pub fn of(authority: &Authority, versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::of_root(&authority.pem, versions)
    }

    /// The same, of an authority that is known by its certificate alone.
    pub fn of_root(pem: &str, versions: &[&'static SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        roots.add(root).expect("an authority");
        let builder = ClientConfig::builder_with_provider(provider());
        let builder = builder.with_protocol_versions(versions).expect("versions");
        let mut config = builder
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            config,
            roots,
            host: "localhost".to_owned(),
            asked: None,
        }
    }

    /// The same, showing a certificate.
    pub fn showing(&self, identity: &Identity) -> Self {
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
        let key = provider().key_provider.load_private_key(key).expect("a key");
        let pair = rustls::sign::CertifiedKey::new(vec![identity.der()], key);
        let mut config = self.config.clone();
        config.client_auth_cert_resolver = Arc::new(rustls::sign::SingleCertAndKey::from(pair));
        // Sessions of another certificate are none of this one.
        config.resumption = rustls::client::Resumption::in_memory_sessions(8);
        Self {
            config,
            ..self.clone()
        }
    }

    /// The same, offering these protocols.
    pub fn offering(&self, protocols: &[&str]) -> Self {
        let mut client = self.clone();
        client.config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        client
    }

    /// The same, naming another host.
    pub fn naming(&self, host: &str) -> Self {
        Self {
            host: host.to_owned(),
            ..self.clone()
        }
    }

    /// The same, with requests for a host that its handshake does not name.
    pub fn asking(&self, host: &str) -> Self {
        Self {
            asked: Some(host.to_owned()),
            ..self.clone()
        }
    }

    /// The same, exchanging keys by these alone.
    pub fn exchanging(&self, groups: &[&'static dyn SupportedKxGroup]) -> Self {
        let mut provider = CryptoProvider::clone(&provider());
        provider.kx_groups = groups.to_vec();
        let builder = ClientConfig::builder_with_provider(Arc::new(provider));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let mut config = builder
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = self.config.alpn_protocols.clone();
        Self {
            config,
            ..self.clone()
        }
    }

    /// What comes back for bytes, until the end.
    pub async fn raw(&self, address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect(address).await.expect("a connection");
        stream.write_all(bytes).await.expect("sent");
        let mut answered = Vec::new();
        // An end without a goodbye is one too.
        let _ = stream.read_to_end(&mut answered).await;
        answered
    }

    async fn connect(&self, address: SocketAddr) -> Result<TlsStream<TcpStream>, String> {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let name = ServerName::try_from(self.host.clone()).expect("a name");
        let connector = TlsConnector::from(Arc::new(self.config.clone()));
        connector
            .connect(name, stream)
            .await
            .map_err(|error| error.to_string())
    }

    /// GETs a path on a connection of its own, by the protocol that was agreed upon; else says why not.
    pub async fn get(
        &self,
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answered, String> {
        let stream = self.connect(address).await?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let host = self.asked.as_ref().unwrap_or(&self.host);
        let mut request = Request::get(match is_h2 {
            true => format!("https://{host}{path}"),
            false => path.to_owned(),
        });
        if !is_h2 {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let io = TokioIo::new(stream);
        let response = if is_h2 {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.map_err(told)?;
            tokio::spawn(connection);
            sender.send_request(request).await
        } else {
            let (mut sender, connection) = http1::handshake(io).await.map_err(told)?;
            tokio::spawn(connection);
            sender.send_request(request).await
        };
        answered(response.map_err(told)?).await
    }

    /// Whether a connection takes up a session of one before it. It sends a request, so that a session may come of it.
    pub async fn resumes(&self, address: SocketAddr) -> bool {
        let mut stream = self.connect(address).await.expect("a connection");
        let kind = stream.get_ref().1.handshake_kind();
        let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.expect("a request");
        stream.read_to_end(&mut Vec::new()).await.expect("an answer");
        kind == Some(rustls::HandshakeKind::Resumed)
    }

    /// An HTTP/2 connection that stays open.
    pub async fn open_multiplexed(&self, address: SocketAddr) -> Result<Multiplexed, String> {
        let stream = self.offering(&["h2"]).connect(address).await?;
        let (sender, connection) = h2::client::handshake(stream).await.map_err(told)?;
        tokio::spawn(connection);
        Ok(Multiplexed(sender))
    }

    /// A connection that stays open.
    pub async fn open(&self, address: SocketAddr) -> Result<Opened, String> {
        let io = TokioIo::new(self.connect(address).await?);
        let (sender, connection) = http1::handshake(io).await.map_err(told)?;
        tokio::spawn(connection);
        Ok(Opened(sender))
    }
}

/// An HTTP/2 connection that stays open. It is h2's: hyper's client does not tell a request that it did not send, as the
/// server had just said that it takes no more, from one that the server has not answered.
#[derive(Debug, Clone)]
pub struct Multiplexed(h2::client::SendRequest<Bytes>);

impl Multiplexed {
    /// GETs a path; nothing where the connection takes no more requests, so that none was sent.
    pub async fn get(&mut self, path: &str) -> Result<Option<Answered>, String> {
        let request = Request::get(format!("https://localhost{path}"));
        let request = request.body(()).expect("a request");
        let sent = match self.0.clone().ready().await {
            Ok(mut ready) => ready.send_request(request, true),
            Err(error) => Err(error),
        };
        let response = match sent {
            Ok((response, _)) => response.await.map_err(told)?,
            Err(error) if error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR) => {
                return Ok(None);
            }
            Err(error) => return Err(told(error)),
        };
        let (parts, mut body) = response.into_parts();
        let mut whole = Vec::new();
        while let Some(data) = body.data().await {
            let data = data.map_err(told)?;
            body.flow_control().release_capacity(data.len()).map_err(told)?;
            whole.extend_from_slice(&data);
        }
        Ok(Some(Answered {
            status: parts.status,
            version: parts.version,
            headers: parts.headers,
            body: whole.into(),
        }))
    }
}

impl Opened {
    /// GETs a path.
    pub async fn get(&mut self, path: &str) -> Result<Answered, String> {
        let request = Request::get(path).header("host", "localhost");
        let request = request.body(Empty::new()).expect("a request");
        answered(self.0.send_request(request).await.map_err(told)?).await
    }
}

async fn answered(response: http::Response<hyper::body::Incoming>) -> Result<Answered, String> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(told)?.to_bytes();
    Ok(Answered {
        status: parts.status,
        version: parts.version,
        headers: parts.headers,
        body,
    })
}

/// An error with all that it came of.
fn told(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
