//! Time to the first byte of a client that has no connection yet: through a point of presence beside it, and straight to a
//! region that is 50 ms away. It is a time of distance, not of computing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use portcullis::edge::EdgeNode;
use portcullis::node::{Node, Options};

use crate::delayed::Delayed;

/// What a byte takes in one direction: with the way back it is 50 ms.
const ONE_WAY: Duration = Duration::from_millis(25);
const ROUNDS: usize = 31;

pub(crate) fn run() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let files = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let authority = certificates(&files);
    let region = region(&files).await;
    let far = Delayed::start(region.addresses()[0], ONE_WAY).await;
    let edge = edge(&files, far.address()).await;
    let (near, connector) = (edge.addresses()[0], connector(&authority));
    // Until the point of presence is connected.
    while first_byte(near, &connector).await.1 != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut through, mut straight, mut saved) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let by_edge = told(first_byte(near, &connector).await);
        let direct = told(first_byte(far.address(), &connector).await);
        through.push(by_edge);
        straight.push(direct);
        saved.push(direct - by_edge);
    }
    for (name, times) in [
        ("through the point of presence", through),
        ("straight to the region", straight),
        ("saved", saved),
    ] {
        println!("{name}: {}", spread(times));
    }
    println!(
        "(a round trip is {} ms; at least two are to be saved)",
        2 * ONE_WAY.as_millis()
    );
}

fn told((took, status): (f64, u16)) -> f64 {
    assert_eq!(status, 200);
    took
}

fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let (least, median, greatest) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    format!("{median:.1} ms ({least:.1} to {greatest:.1})")
}

/// Milliseconds from nothing to the first byte of a response over TLS 1.3, and its status.
async fn first_byte(address: SocketAddr, connector: &TlsConnector) -> (f64, u16) {
    let began = Instant::now();
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = connector.connect(name, stream).await.expect("TLS");
    let request = b"GET /dev/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("a request");
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.expect("a response");
    let took = began.elapsed().as_secs_f64() * 1e3;
    let status = std::str::from_utf8(&head[9..]).expect("text");
    (took, status.parse().expect("a status"))
}

fn connector(authority: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let root =
        rustls::pki_types::CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate");
    roots.add(root).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A new client has no session to take up.
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn region(files: &TempDir) -> Node {
    let toml = r#"
        [[listeners]]
        address = "127.0.0.1:0"
        default_api = "bench"
        [listeners.tls]
        certificates = [{ certificate = "server.pem", key = "server.key" }]
        edge_trust = "authority.pem"
        client_auth = "optional"
        [apis.bench.stages.dev]
        [[apis.bench.routes]]
        path = "/"
        integration = { type = "mock" }
    "#;
    let path = files.path().join("gateway.toml");
    std::fs::write(&path, toml).expect("a file");
    let (node, _) = Node::start(path, Options::default()).await.expect("a region");
    node
}

async fn edge(files: &TempDir, region: SocketAddr) -> EdgeNode {
    let toml = format!(
        r#"
        name = "bench"
        [[listeners]]
        address = "127.0.0.1:0"
        tls.certificates = [{{ certificate = "server.pem", key = "server.key" }}]
        [[regions]]
        name = "region"
        address = "{region}"
        server_name = "localhost"
        trust = "authority.pem"
        certificate = "edge.pem"
        key = "edge.key"
        "#
    );
    let path = files.path().join("edge.toml");
    std::fs::write(&path, toml).expect("a file");
    let (node, _) = EdgeNode::start(path, None).await.expect("a point of presence");
    node
}

/// An authority, and a certificate of its for each of the two.
fn certificates(files: &TempDir) -> String {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("a key");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let authority = Issuer::new(params, key);
    let write = |name: &str, text: &str| std::fs::write(files.path().join(name), text).expect("a file");
    write("authority.pem", &pem);
    for (name, host) in [("server", "localhost"), ("edge", "edge.example")] {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([host.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");
        write(&format!("{name}.pem"), &certificate.pem());
        write(&format!("{name}.key"), &key.serialize_pem());
    }
    pem
}
