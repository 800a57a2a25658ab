//! Responses on a connection of HTTP/2 that many requests share.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::HashSet;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis_testkit::{Origin, Running};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const TOML: &str = r#"
    {listener api}
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/{proxy}" }
"#;

/// Answers as many bytes as the path says, all of them its last digit.
fn sized(path: &str) -> Response<Bytes> {
    let size: usize = path.trim_start_matches('/').parse().expect("a size");
    let digit = path.as_bytes()[path.len() - 1];
    Response::new(Bytes::from(vec![digit; size]))
}

async fn connect(gateway: &Running) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(gateway.address()).await.expect("a connection");
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (sender, connection) = handshake.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

fn request(size: usize) -> Request<Empty<Bytes>> {
    let request = Request::get(format!("http://a/dev/{size}"));
    request.body(Empty::new()).expect("a request")
}

/// Of lengths that are kept until others have had their turn, that fill what is kept, and that are not kept.
#[tokio::test(flavor = "multi_thread")]
async fn responses_of_all_sizes_come_whole_beside_each_other() {
    const SIZES: [usize; 8] = [0, 1, 255, 256, 1_025, 8_192, 20_003, 300_004];
    let origin = Origin::start(|recorded| sized(&recorded.target)).await;
    let gateway = Running::of(&TOML.replace("ORIGIN", &origin.authority())).await;
    let sender = connect(&gateway).await;
    let mut answers = JoinSet::new();
    for size in SIZES.into_iter().cycle().take(20 * SIZES.len()) {
        let mut sender = sender.clone();
        answers.spawn(async move {
            sender.ready().await.expect("a place");
            let answer = sender.send_request(request(size)).await.expect("an answer");
            let id = answer.headers()["x-amzn-requestid"].clone();
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            (size, id, body)
        });
    }
    let mut ids = HashSet::new();
    while let Some(answer) = answers.join_next().await {
        let (size, id, body) = answer.expect("no panic");
        assert_eq!(body, sized(&size.to_string()).into_body(), "{size} bytes");
        assert!(ids.insert(id), "an id of its own");
    }
    assert_eq!(ids.len(), 20 * SIZES.len());
    assert!(gateway.stop().await, "it drains");
}
