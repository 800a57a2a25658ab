//! HTTPS in front of HTTP_PROXY of 1 KiB, over HTTP/1.1 and HTTP/2. Target: at most 1.1 times the CPU of a bare hyper and rustls
//! proxy, which speaks the same TLS: of the same library, with the same certificate.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::server::Server;
use crate::{figures, load, proxy};

const REQUESTS: usize = 20_000;
const ROUNDS: usize = 25;
/// Connections, and requests at once on each, of HTTP/1.1 and of HTTP/2.
const KEPT: (usize, usize) = (8, 1);
const MULTIPLEXED: (usize, usize) = (2, 16);
const PATH: &str = "/dev/files/a/b.txt?c=1";

pub(crate) fn run() {
    let origin = Server::start(&["origin"]);
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let files = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    std::fs::write(files.path().join("server.pem"), &certificate).expect("a file");
    std::fs::write(files.path().join("server.key"), &key).expect("a file");
    let place = files.path().display().to_string();
    let backend = origin.address.to_string();
    let bare = Server::start(&["bare-tls-proxy", &backend, &place]);
    let toml = format!(
        "tls.certificates = [{{ certificate = \"server.pem\", key = \"server.key\" }}]\n{}",
        proxy::toml(&backend)
    );
    let beside = [
        ("server.pem", certificate.as_bytes()),
        ("server.key", key.as_bytes()),
    ];
    let gateway = Server::gateway(&toml, &beside, &[]);
    let client = Client::new(&certificate);
    for (name, protocol, shape) in [("HTTP/1.1", "http/1.1", KEPT), ("HTTP/2", "h2", MULTIPLEXED)] {
        // Handshakes are not what is compared: the connections are there before.
        let cost = |server: &Server| {
            let mut opened = client.open(server.address, protocol, shape);
            server.cost(REQUESTS, || client.run(&mut opened, REQUESTS))
        };
        cost(&bare);
        cost(&gateway);
        let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (cost(&bare), cost(&gateway))).collect();
        let of_bare = rounds.iter().map(|round| round.0).collect();
        figures::print(&format!("{name}: bare proxy"), "us of CPU", of_bare);
        let of_gateway = rounds.iter().map(|round| round.1).collect();
        figures::print(&format!("{name}: HTTP_PROXY"), "us of CPU", of_gateway);
        let ratios = rounds.iter().map(|round| round.1 / round.0).collect();
        figures::print(&format!("{name}: ratio (target 1.1)"), "", ratios);
    }
}

/// A client that trusts the one certificate.
struct Client {
    runtime: tokio::runtime::Runtime,
    config: rustls::ClientConfig,
}

/// A place for one request at a time.
enum Sender {
    Kept(http1::SendRequest<Empty<Bytes>>),
    Multiplexed(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    fn new(certificate: &str) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("a certificate");
        roots.add(root).expect("a certificate");
        let config = rustls::ClientConfig::builder_with_provider(provider());
        let config = config.with_safe_default_protocol_versions().expect("versions");
        Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            config: config.with_root_certificates(roots).with_no_client_auth(),
        }
    }

    fn open(
        &self,
        address: SocketAddr,
        protocol: &str,
        (connections, at_once): (usize, usize),
    ) -> Vec<Sender> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        self.runtime.block_on(async {
            let mut senders = Vec::new();
            for _ in 0..connections {
                let stream = connect(&connector, address).await;
                let agreed = stream.get_ref().1.alpn_protocol();
                assert_eq!(agreed, Some(protocol.as_bytes()), "the protocol");
                if protocol == "h2" {
                    let opened = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
                    let (sender, connection) = opened.expect("HTTP/2");
                    tokio::spawn(connection);
                    senders.extend((0..at_once).map(|_| Sender::Multiplexed(sender.clone())));
                } else {
                    let (sender, connection) =
                        http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
                    tokio::spawn(connection);
                    senders.push(Sender::Kept(sender));
                }
            }
            senders
        })
    }

    /// So many requests over all of them.
    fn run(&self, senders: &mut Vec<Sender>, count: usize) {
        let each = count / senders.len();
        self.runtime.block_on(async {
            let tasks = senders.drain(..).map(|mut sender| {
                tokio::spawn(async move {
                    for _ in 0..each {
                        sender.send().await;
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("answers");
            }
        });
    }
}

impl Sender {
    async fn send(&mut self) {
        let response = match self {
            Self::Kept(sender) => {
                let request = request(PATH).header("host", "localhost");
                sender.ready().await.expect("a connection");
                sender
                    .send_request(request.body(Empty::new()).expect("a request"))
                    .await
            }
            Self::Multiplexed(sender) => {
                let request = request(&format!("https://localhost{PATH}"));
                sender.ready().await.expect("a connection");
                sender
                    .send_request(request.body(Empty::new()).expect("a request"))
                    .await
            }
        };
        let response = response.expect("an answer");
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(body.len(), 1024);
    }
}

fn request(uri: &str) -> http::request::Builder {
    let headers = load::headers(10);
    let request = Request::get(uri);
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, value))
}

async fn connect(connector: &TlsConnector, address: SocketAddr) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let name = ServerName::try_from("localhost").expect("a name");
    connector.connect(name, stream).await.expect("TLS")
}

/// The gateway's library, with what it offers by itself.
fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// What the bare proxy accepts with: `server.pem` and `server.key` of a directory.
pub(crate) fn acceptor(directory: &str) -> TlsAcceptor {
    let file = |name: &str| std::fs::read(format!("{directory}/{name}")).expect("a file");
    let certificate = CertificateDer::from_pem_slice(&file("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(&file("server.key")).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().expect("versions");
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    let mut config = config.expect("a pair");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
