//! A region, a point of presence in front of it, and clients.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use portcullis::edge::EdgeNode;
use portcullis_testkit::{Answer, Files, Running};
use portcullis_tests::gateways::*;
use portcullis_tests::tls::{Authority, Identity};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// Who issues what.
pub(crate) struct Authorities {
    pub(crate) regions: Authority,
    pub(crate) edges: Authority,
}

impl Authorities {
    pub(crate) fn new() -> Self {
        Self {
            regions: Authority::new("regions"),
            edges: Authority::new("edges"),
        }
    }

    /// A region that answers `/dev/echo` by a plugin that tells what it got.
    pub(crate) async fn region(&self, tls: &str, more: &str) -> Running {
        let files = guests();
        write(&files, "server", &self.regions.issue("localhost"));
        files.write("edges.pem", &self.edges.pem);
        let toml = format!(
            r#"
            {{listener api}}
            [listeners.tls]
            certificates = [{{ certificate = "server.pem", key = "server.key" }}]
            edge_trust = "edges.pem"
            {tls}
            [control]
            address = "127.0.0.1:0"
            [apis.api.stages.dev]
            [[apis.api.routes]]
            path = "/echo"
            integration = {{ type = "plugin", plugin = "echo" }}
            {more}
            {ECHO}"#
        );
        Running::start(&toml, files).await
    }

    /// The files of a point of presence: what it shows, and whom it trusts.
    pub(crate) fn files(&self) -> Files {
        let files = Files::default();
        files.write("regions.pem", &self.regions.pem);
        write(&files, "edge", &self.edges.issue("edge.example"));
        files
    }
}

pub(crate) fn write(files: &Files, name: &str, identity: &Identity) {
    files.write(&format!("{name}.pem"), &identity.certificate);
    files.write(&format!("{name}.key"), &identity.key);
}

/// `[[regions]]` of an `edge.toml`.
pub(crate) fn region(name: &str, address: SocketAddr) -> String {
    format!(
        r#"
        [[regions]]
        name = "{name}"
        address = "{address}"
        server_name = "localhost"
        trust = "regions.pem"
        certificate = "edge.pem"
        key = "edge.key"
        "#
    )
}

/// An `edge.toml` with a listener in clear text.
pub(crate) fn toml(more: &str) -> String {
    format!(
        r#"
        name = "fra1"
        listeners = [{{ address = "127.0.0.1:0" }}]
        control.address = "127.0.0.1:0"
        {more}"#
    )
}

/// A point of presence that runs.
pub(crate) struct Edge {
    pub(crate) node: EdgeNode,
    pub(crate) files: Files,
    client: portcullis_testkit::Client,
}

impl Edge {
    /// Starts one, and waits until a region is up.
    pub(crate) async fn start(toml: &str, files: Files) -> Self {
        let edge = Self::alone(toml, files).await;
        edge.ready().await;
        edge
    }

    /// The same, whatever is up.
    pub(crate) async fn alone(toml: &str, files: Files) -> Self {
        let path = files.write("edge.toml", toml);
        let started = EdgeNode::start(path, None).await;
        let (node, _) = started.unwrap_or_else(|problems| panic!("it does not start: {problems:?}"));
        Self {
            node,
            files,
            client: portcullis_testkit::Client::default(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.node.addresses()[0]
    }

    pub(crate) async fn ready(&self) {
        eventually("a region is up", async || {
            self.control("ready").await.status == 200
        })
        .await;
    }

    pub(crate) async fn control(&self, what: &str) -> Answer {
        let control = self.node.control_address().expect("a control listener");
        let url = format!("http://{control}/_portcullis/{what}");
        self.client.send("GET", &url, &[], b"").await.expect("an answer")
    }

    /// The value of a metric; 0 where it is absent.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let metrics = self.control("metrics").await;
        let value = metrics.text().lines().find_map(|line| line.strip_prefix(name));
        value
            .map(|value| value.trim().parse().expect("a number"))
            .unwrap_or_default()
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let url = format!("http://{}{path}", self.address());
        self.client
            .send(method, &url, headers, body)
            .await
            .expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"").await
    }
}

/// Waits for what will be so.
pub(crate) async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..18_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// GETs over a connection from an address of this machine's own.
pub(crate) async fn get_from(
    from: &str,
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> (SocketAddr, serde_json::Value) {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from = format!("{from}:0").parse().expect("an address");
    socket.bind(from).expect("an address of this machine");
    let stream = socket.connect(address).await.expect("a connection");
    let local = stream.local_addr().expect("an address");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("HTTP");
    tokio::spawn(connection);
    let mut request = Request::get(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::<Bytes>::default()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (local, serde_json::from_slice(&body).expect("JSON"))
}

/// The values of a header in what the plugin `echo` tells.
pub(crate) fn told(echo: &serde_json::Value, name: &str) -> Vec<String> {
    let pairs = echo["headers"].as_array().expect("pairs").iter();
    let named = pairs.filter(|pair| pair[0].as_str() == Some(name));
    named
        .map(|pair| pair[1].as_str().expect("text").to_owned())
        .collect()
}

/// A request as a [`Mock`] saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
}

pub(crate) type MockBody = BoxBody<Bytes, Infallible>;

/// A region that answers what a test says; probes aside.
pub(crate) struct Mock {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Mock {
    pub(crate) async fn start<F>(
        authorities: &Authorities,
        answer: impl Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Response<MockBody>, std::io::Error>> + Send + 'static,
    {
        let identity = authorities.regions.issue("localhost");
        let tls = identity.server_of(rustls::ALL_VERSIONS, Some(&authorities.edges.pem));
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = seen.clone();
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, log, answer) = (acceptor.clone(), log.clone(), answer.clone());
                serving.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let service = service_fn(move |request: Request<Incoming>| {
                        let (log, answer) = (log.clone(), answer.clone());
                        async move {
                            if request.uri().path() == "/_portcullis/health" {
                                return Ok(Response::new(whole("")));
                            }
                            log.lock().push(Seen {
                                method: request.method().to_string(),
                                target: request.uri().to_string(),
                                headers: request.headers().clone(),
                            });
                            answer(request).await
                        }
                    });
                    let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, seen, task }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn whole(text: &str) -> MockBody {
    Full::new(Bytes::copy_from_slice(text.as_bytes())).boxed()
}
