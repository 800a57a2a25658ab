//! Bodies and trailers pass as they come, both ways.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::support::*;

type Sent = Result<Frame<Bytes>, Infallible>;

/// A body of what is sent on a channel.
struct Sending(mpsc::Receiver<Sent>);

fn body() -> (mpsc::Sender<Sent>, MockBody) {
    let (sender, frames) = mpsc::channel(4);
    (sender, Sending(frames).boxed())
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Sent>> {
        self.0.poll_recv(cx)
    }
}

/// As gRPC has it: a request's pieces are answered one by one while both bodies are open, and trailers end them.
#[tokio::test]
async fn both_ways_at_once_with_trailers() {
    let authorities = Authorities::new();
    let region_of_mock = Mock::start(&authorities, |request: Request<hyper::body::Incoming>| async {
        let (sender, body) = body();
        let mut asked = request.into_body();
        tokio::spawn(async move {
            while let Some(Ok(frame)) = asked.frame().await {
                let answer = match frame.into_data() {
                    Ok(data) => Frame::data(Bytes::from([b"got ", &data[..]].concat())),
                    Err(frame) => {
                        let mut trailers = frame.into_trailers().expect("trailers");
                        trailers.insert("grpc-status", HeaderValue::from_static("0"));
                        Frame::trailers(trailers)
                    }
                };
                let _ = sender.send(Ok(answer)).await;
            }
        });
        Ok(Response::new(body))
    })
    .await;
    let edge = Edge::start(&toml(&region("eu", region_of_mock.address)), authorities.files()).await;
    let stream = TcpStream::connect(edge.address()).await.expect("a connection");
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut client, connection) = handshake.await.expect("HTTP/2");
    tokio::spawn(connection);
    let (sender, body) = body();
    let request = Request::post("http://api.example/Service/Method").header("te", "trailers");
    let request = request
        .header("content-type", "application/grpc")
        .body(body)
        .expect("a request");
    sender
        .send(Ok(Frame::data(Bytes::from_static(b"one"))))
        .await
        .expect("it is read");
    let response = client
        .send_request(request)
        .await
        .expect("a response while the request goes on");
    let mut answered = response.into_body();
    let mut next = async || {
        let frame = tokio::time::timeout(Duration::from_secs(30), answered.frame()).await;
        frame
            .expect("it comes while the request goes on")
            .expect("a frame")
            .expect("a good one")
    };
    assert_eq!(next().await.into_data().expect("data"), "got one");
    sender
        .send(Ok(Frame::data(Bytes::from_static(b"two"))))
        .await
        .expect("it is read");
    assert_eq!(next().await.into_data().expect("data"), "got two");
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("7"));
    sender
        .send(Ok(Frame::trailers(trailers)))
        .await
        .expect("it is read");
    drop(sender);
    let trailers = next().await.into_trailers().expect("trailers");
    assert_eq!(
        (&trailers["x-checksum"], &trailers["grpc-status"]),
        (&HeaderValue::from_static("7"), &HeaderValue::from_static("0"))
    );
    let seen = &region_of_mock.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "https://api.example/Service/Method")
    );
    assert_eq!(seen.headers["te"], "trailers");
}

#[tokio::test]
async fn heads_pass_as_they_are() {
    let authorities = Authorities::new();
    let mock = Mock::start(&authorities, |_| async {
        let response = Response::builder()
            .status(418)
            .header("x-one", "1")
            .header("x-one", "2");
        let response = response
            .header("content-length", "3")
            .header("content-type", "text/plain");
        Ok(response.body(whole("tea")).expect("a response"))
    })
    .await;
    let edge = Edge::start(&toml(&region("eu", mock.address)), authorities.files()).await;
    let headers = [
        ("host", "api.example.com"),
        ("x-two", "a"),
        ("x-two", "b"),
        ("cookie", "c=d"),
        ("keep-alive", "5"),
    ];
    let answer = edge.send("PATCH", "/a%2Fb/c?d=%20&d=", &headers, b"body").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (418, "tea"));
    let values: Vec<_> = answer.headers.get_all("x-one").iter().collect();
    assert_eq!(values, ["1", "2"]);
    assert_eq!(answer.header("content-length"), "3");
    let seen = &mock.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("PATCH", "https://api.example.com/a%2Fb/c?d=%20&d=")
    );
    let values: Vec<_> = seen.headers.get_all("x-two").iter().collect();
    assert_eq!(values, ["a", "b"]);
    assert_eq!(
        (&seen.headers["cookie"], &seen.headers["content-length"]),
        (&HeaderValue::from_static("c=d"), &HeaderValue::from_static("4"))
    );
    assert!(!seen.headers.contains_key("keep-alive") && !seen.headers.contains_key("host"));
}
