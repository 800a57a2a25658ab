//! What a gateway is compared with: the least that a proxy made of the same parts can be, and an origin.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, Uri, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

async fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!(
        "listening on http://{}",
        listener.local_addr().expect("an address")
    );
    listener
}

/// Passes every request to the backend: the same server, the same pooled client, nothing else.
pub(crate) fn proxy(backend: SocketAddr) {
    runtime().block_on(async {
        let listener = listen().await;
        let client = client();
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            tokio::spawn(passed(stream, client.clone(), backend));
        }
    });
}

/// The same behind TLS, with the certificate of a directory.
pub(crate) fn tls_proxy(backend: SocketAddr, directory: &str) {
    let acceptor = crate::tls::acceptor(directory);
    runtime().block_on(async {
        let listener = listen().await;
        let client = client();
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let (acceptor, client) = (acceptor.clone(), client.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    passed(stream, client, backend).await;
                }
            });
        }
    });
}

type Pooled = Client<hyper_util::client::legacy::connect::HttpConnector, Incoming>;

fn client() -> Pooled {
    let mut connector = hyper_util::client::legacy::connect::HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

async fn passed(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    client: Pooled,
    backend: SocketAddr,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("http://{backend}{path}").parse().expect("a URI");
        *request.uri_mut() = uri;
        // What came by HTTP/2 goes on by HTTP/1.1, to the same backend.
        *request.version_mut() = Version::HTTP_11;
        client.request(request)
    });
    let http = auto::Builder::new(TokioExecutor::new());
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// Answers 1 KiB to every request, of JSON or of nothing.
pub(crate) fn origin(json: bool) {
    runtime().block_on(async move {
        let listener = listen().await;
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            tokio::spawn(async move {
                let service = service_fn(move |_: Request<Incoming>| async move {
                    let body = if json {
                        crate::mapped::BODY.as_bytes()
                    } else {
                        &[b'x'; 1024]
                    };
                    let mut response = Response::new(Full::new(Bytes::from_static(body)));
                    if json {
                        let json = http::HeaderValue::from_static("application/json");
                        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
                    }
                    Ok::<_, Infallible>(response)
                });
                let http = auto::Builder::new(TokioExecutor::new());
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

/// Answers 1 KiB to every request, with as many headers as a response of the gateway has.
pub(crate) fn kept() {
    answering(|_| {
        let mut response = Response::new(Full::new(Bytes::from_static(&[b'x'; 1024])));
        for (name, value) in [
            ("x-amzn-requestid", "00000000-0000-4000-8000-000000000000"),
            ("x-amz-apigw-id", "AAAAAAAAAAAAAAA="),
            ("x-amzn-trace-id", "Root=1-00000000-000000000000000000000000"),
        ] {
            let value = http::HeaderValue::from_static(value);
            response
                .headers_mut()
                .insert(http::HeaderName::from_static(name), value);
        }
        response
    });
}

/// Answers as many bytes as the query begins with.
pub(crate) fn sizes() {
    answering(|request| {
        let query = request.uri().query().unwrap_or_default();
        let size = query
            .trim_start_matches("q=")
            .split('.')
            .next()
            .and_then(|size| size.parse().ok());
        Response::new(Full::new(Bytes::from(vec![b'x'; size.unwrap_or_default()])))
    });
}

fn answering(answer: fn(&Request<Incoming>) -> Response<Full<Bytes>>) {
    runtime().block_on(async move {
        let listener = listen().await;
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| async move {
                    Ok::<_, Infallible>(answer(&request))
                });
                let http = auto::Builder::new(TokioExecutor::new());
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}
