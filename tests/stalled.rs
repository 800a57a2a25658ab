//! Clients that stall, limits of connections, and more work than a node takes upon itself: each option has a test that fails
//! where it is ignored.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::net::SocketAddr;
use std::time::Duration;

use portcullis_testkit::{Answer, GatedOrigin, Hold, Origin, RawAnswer, Running, Wire};
use portcullis_tests::gateways::{ECHO, guests};
use portcullis_tests::http2::{
    self, ACK, END_HEADERS, END_STREAM, Event, HEADERS, PING, Peer, SETTINGS, frame,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, interval, timeout};

/// The longest that a client that stalls is held by limits of a second; the defaults are 20 s and more.
const SOON: Duration = Duration::from_secs(12);
/// How often a client drips.
const DRIP: Duration = Duration::from_millis(50);

const UNAVAILABLE: (u16, &str, &str) = (
    503,
    "ServiceUnavailableException",
    r#"{"message": "Service Unavailable"}"#,
);

/// A gateway with these limits of its listener, and `more` beside: `/mock`, `/echo` by a plugin, `/origin` by a backend.
fn toml(limits: &str, origin: &str, more: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [listeners.limits]
        {limits}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/mock"
        integration = {{ type = "mock", status = 200 }}
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "plugin", plugin = "echo" }}
        [[apis.api.routes]]
        path = "/origin"
        integration = {{ type = "http_proxy", uri = "http://{origin}/", timeout_ms = 300_000 }}
        {ECHO}
        {more}"#
    )
}

async fn limited(limits: &str) -> Running {
    Running::start(&toml(limits, "127.0.0.1:9", ""), guests()).await
}

async fn cuts(gateway: &Running, reason: &str) -> f64 {
    let name = format!("portcullis_cut_connections_total{{reason=\"{reason}\"}}");
    gateway.metric(&name).await
}

/// What comes until the connection ends, which is soon.
async fn ended(wire: &mut Wire) -> Vec<u8> {
    timeout(SOON, wire.rest()).await.expect("the connection ends")
}

/// Sends a byte now and then, until the other side ends the connection.
async fn dripped(address: SocketAddr, head: &str) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (from, to) = stream.into_split();
    let reading = async {
        let mut bytes = Vec::new();
        let mut from = from;
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut from, &mut bytes).await;
        bytes
    };
    let writing = async {
        let mut to = to;
        let mut drips = interval(DRIP);
        let _ = tokio::io::AsyncWriteExt::write_all(&mut to, head.as_bytes()).await;
        loop {
            drips.tick().await;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut to, b"x").await;
        }
    };
    let both = async {
        tokio::select! {
            bytes = reading => bytes,
            () = writing => Vec::new(),
        }
    };
    timeout(SOON, both).await.expect("the connection ends")
}

/// A client whose kernel takes little.
async fn narrow(address: SocketAddr) -> Wire {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a socket");
    Wire::of(socket.connect(address).await.expect("a connection"))
}

fn status(answer: &[u8]) -> &str {
    let line = std::str::from_utf8(answer).unwrap_or_default();
    line.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test(flavor = "multi_thread")]
async fn header_timeout_s_ends_a_head_that_drips() {
    let gateway = limited("header_timeout_s = 1\nidle_timeout_s = 600").await;
    let answer = dripped(gateway.address(), "GET /dev/mock HTTP/1.1\r\nhost: a\r\nx-a: ").await;
    assert_eq!(answer, b"");
    assert_eq!(cuts(&gateway, "head").await, 1.0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn header_timeout_s_ends_headers_of_http2_that_do_not_end() {
    let gateway = limited("header_timeout_s = 1\nidle_timeout_s = 600").await;
    let mut peer = Peer::greeted(gateway.address()).await;
    peer.send(&frame(HEADERS, END_STREAM, 1, b"")).await;
    let mut event = peer.next().await;
    while event != Event::Closed {
        event = timeout(SOON, peer.next()).await.expect("the connection ends");
    }
    assert_eq!(cuts(&gateway, "head").await, 1.0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_timeout_s_ends_a_connection_without_requests() {
    let gateway = limited("idle_timeout_s = 1").await;
    let mut silent = gateway.wire().await;
    assert_eq!(ended(&mut silent).await, b"");
    let mut kept = gateway.wire().await;
    let answer = kept.exchange("GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(answer.status, 200);
    assert_eq!(ended(&mut kept).await, b"");
    assert_eq!(cuts(&gateway, "idle").await, 2.0);
    let mut http2 = Peer::greeted(gateway.address()).await;
    let mut event = http2.next().await;
    while event != Event::Closed {
        event = timeout(SOON, http2.next()).await.expect("the connection ends");
    }
    gateway.stop().await;
}

const POST: &str = "POST /dev/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn body_timeout_s_ends_a_body_that_drips() {
    let gateway = limited("body_timeout_s = 1").await;
    let answer = dripped(gateway.address(), POST).await;
    assert_eq!(status(&answer), "400");
    let mut silent = gateway.wire().await;
    silent.send(POST).await;
    assert_eq!(status(&ended(&mut silent).await), "400");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn min_rate_says_what_a_drip_is() {
    // 20 bytes a second are enough, or are not. They come for longer than the time-out.
    let dripped = async |rate: u32, expected: u16| {
        let gateway = limited(&format!("body_timeout_s = 5\nmin_rate = {rate}")).await;
        let mut wire = gateway.wire().await;
        wire.send("POST /dev/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 140\r\n\r\n")
            .await;
        let mut drips = interval(DRIP);
        for _ in 0..140 {
            drips.tick().await;
            wire.send("x").await;
        }
        let answer = timeout(SOON, wire.answer()).await.expect("an answer");
        assert_eq!(answer.status, expected, "{rate} bytes a second");
        gateway.stop().await;
    };
    tokio::join!(dripped(0, 200), dripped(10, 200), dripped(2_000, 400));
}

async fn large(limits: &str, more: &str) -> (Origin, Running) {
    let body = bytes::Bytes::from(vec![b'o'; 9 << 20]);
    let origin = Origin::start(move |_| http::Response::new(body.clone())).await;
    let gateway = Running::start(&toml(limits, &origin.authority(), more), guests()).await;
    (origin, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn write_timeout_s_ends_a_client_that_takes_nothing_or_next_to_nothing() {
    let (_origin, gateway) = large("write_timeout_s = 1", "").await;
    let request = "GET /dev/origin HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut nothing = narrow(gateway.address()).await;
    nothing.send(request).await;
    let mut next_to_nothing = narrow(gateway.address()).await;
    next_to_nothing.send(request).await;
    let mut drips = interval(DRIP);
    let began = Instant::now();
    while cuts(&gateway, "slow_read").await < 2.0 {
        drips.tick().await;
        next_to_nothing.bytes(1).await;
        assert!(began.elapsed() < SOON, "they are still held");
    }
    // Whoever takes all of it gets all of it.
    let answer = gateway.get("/dev/origin", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 9 << 20));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn write_timeout_s_ends_a_stream_whose_window_stays_closed() {
    let (_origin, gateway) = large("write_timeout_s = 1", "").await;
    for window in [0, 1] {
        let mut peer = Peer::with(gateway.address(), &[0, 4, 0, 0, 0, window]).await;
        let block = http2::request("GET", "/dev/origin", &[]);
        peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
            .await;
        let mut events = Vec::new();
        while events.last() != Some(&Event::Closed) {
            let event = timeout(SOON, peer.next()).await.expect("the connection ends");
            events.push(event);
        }
        assert!(events.contains(&Event::Status(1, 200)), "{events:?}");
        assert!(
            !events.iter().any(|event| matches!(event, Event::Data(_, 2..))),
            "{events:?}"
        );
    }
    assert_eq!(cuts(&gateway, "slow_read").await, 2.0);
    gateway.stop().await;
}

/// A connection that is to end for another reason is not held by it either.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_stays_closed_holds_no_connection_that_is_to_end() {
    let limits = "write_timeout_s = 2\nheader_timeout_s = 1\nmax_requests_per_connection = 1";
    let (_origin, gateway) = large(limits, "").await;
    let mut peer = Peer::with(gateway.address(), &[0, 4, 0, 0, 0, 0]).await;
    let block = http2::request("GET", "/dev/origin", &[]);
    assert!(
        peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
            .await
    );
    let began = Instant::now();
    loop {
        match timeout(SOON, peer.next()).await.expect("the connection ends") {
            Event::Closed => break,
            Event::Ping(ping) => assert!(peer.send(&frame(PING, ACK, 0, &ping)).await),
            _ => {}
        }
        assert!(began.elapsed() < SOON, "it is still held");
    }
    assert_eq!(cuts(&gateway, "requests").await, 1.0);
    assert_eq!(cuts(&gateway, "slow_read").await, 1.0);
    gateway.stop().await;
}

/// A response that streams and has nothing to send is no client that stalls, of either protocol.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_with_nothing_to_send_is_held() {
    let origin = GatedOrigin::start(Hold::Body, vec![b'o'; 1_000]).await;
    let limits = "write_timeout_s = 1\nidle_timeout_s = 1\nheader_timeout_s = 1\nbody_timeout_s = 1";
    let gateway = Running::start(&toml(limits, &origin.authority(), ""), guests()).await;
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/origin HTTP/1.1\r\nhost: a\r\n\r\n").await;
    origin.arrived().await;
    let mut peer = Peer::greeted(gateway.address()).await;
    let block = http2::request("GET", "/dev/origin", &[]);
    peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
        .await;
    origin.arrived().await;
    // Three idle connections come and go meanwhile.
    for _ in 0..3 {
        ended(&mut gateway.wire().await).await;
    }
    origin.open();
    origin.open();
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.body.len()), (200, 1_000));
    let mut bytes = 0;
    while bytes < 1_000 {
        match peer.next().await {
            Event::Data(1, length) => bytes += length,
            Event::Closed => panic!("the connection was cut after {bytes} bytes"),
            _ => {}
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_connections_per_address_closes_what_is_more() {
    let mut gateway = limited("max_connections_per_address = 2").await;
    let request = "GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut first = gateway.wire().await;
    let mut second = gateway.wire().await;
    assert_eq!(first.exchange(request).await.status, 200);
    assert_eq!(second.exchange(request).await.status, 200);
    let mut third = gateway.wire().await;
    assert_eq!(ended(&mut third).await, b"");
    assert_eq!(cuts(&gateway, "address").await, 1.0);
    // A place that was given back is there for the next one.
    drop(first);
    let place_is_back = async {
        loop {
            let mut next = gateway.wire().await;
            next.send(request).await;
            if next.head().await.starts_with("HTTP/1.1 200") {
                return next;
            }
        }
    };
    let _next = timeout(SOON, place_is_back)
        .await
        .expect("the place of the first");
    // So is one that a reload allows.
    let more = toml("max_connections_per_address = 3", "127.0.0.1:9", "");
    assert!(!gateway.rewrite(&more).await.has_errors());
    assert_eq!(gateway.wire().await.exchange(request).await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_connection_age_s_ends_a_connection_that_is_used() {
    let gateway = limited("max_connection_age_s = 1\nheader_timeout_s = 1").await;
    let mut wire = gateway.wire().await;
    let mut drips = interval(DRIP);
    let began = Instant::now();
    let asking = async {
        loop {
            drips.tick().await;
            wire.send("GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n").await;
            let head = wire.head().await;
            if head.is_empty() {
                break;
            }
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert!(began.elapsed() < SOON, "it is still served");
        }
    };
    asking.await;
    assert_eq!(cuts(&gateway, "age").await, 1.0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_requests_per_connection_ends_it_behind_the_last() {
    let gateway = limited("max_requests_per_connection = 3\nheader_timeout_s = 1").await;
    let mut wire = gateway.wire().await;
    let request = "GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n";
    for last in [false, false, true] {
        let answer = wire.exchange(request).await;
        let told: &[&str] = if last { &["close"] } else { &[] };
        assert_eq!((answer.status, &*answer.values("connection")), (200, told));
    }
    assert_eq!(ended(&mut wire).await, b"");
    let mut peer = Peer::greeted(gateway.address()).await;
    for stream in [1, 3, 5] {
        let block = http2::request("GET", "/dev/mock", &[]);
        peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &block))
            .await;
    }
    let mut events = Vec::new();
    while !matches!(events.last(), Some(Event::Closed)) {
        events.push(timeout(SOON, peer.next()).await.expect("the connection ends"));
    }
    assert!(
        events.contains(&Event::Status(5, 200)) && events.contains(&Event::GoAway(0)),
        "{events:?}"
    );
    gateway.stop().await;
}

/// h2's clients answer a ping before they send requests that they have begun already. Of a connection that is about to end they
/// hear before it takes no more of them.
#[tokio::test(flavor = "multi_thread")]
async fn http2_ends_behind_what_its_client_had_begun() {
    let gateway = limited("max_requests_per_connection = 1\nheader_timeout_s = 1").await;
    let mut peer = Peer::greeted(gateway.address()).await;
    let get = |stream| {
        let block = http2::request("GET", "/dev/mock", &[]);
        frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)
    };
    assert!(peer.send(&get(1)).await);
    // What follows the GOAWAY at once has come when this is answered.
    let round = frame(PING, 0, 0, b"a round!");
    let mut pings = Vec::new();
    until(&mut peer, &mut pings, Event::GoAway(0)).await;
    assert!(peer.send(&round).await);
    until(&mut peer, &mut pings, Event::Pong).await;
    let mut late: Vec<u8> = pings
        .drain(..)
        .flat_map(|ping| frame(PING, ACK, 0, &ping))
        .collect();
    late.extend(get(3));
    assert!(peer.send(&late).await);
    until(&mut peer, &mut pings, Event::Status(3, 200)).await;
    // Then it ends, and not for having waited in vain.
    while pings.is_empty() {
        assert_ne!(
            next(&mut peer, &mut pings).await,
            Event::Closed,
            "without a last stream"
        );
    }
    assert!(peer.send(&frame(PING, ACK, 0, &pings[0])).await);
    until(&mut peer, &mut pings, Event::GoAway(0)).await;
    until(&mut peer, &mut pings, Event::Closed).await;
    gateway.stop().await;
}

/// Waits until this happens.
async fn until(peer: &mut Peer, pings: &mut Vec<[u8; 8]>, expected: Event) {
    loop {
        let event = next(peer, pings).await;
        if event == expected {
            return;
        }
        assert_ne!(event, Event::Closed, "before {expected:?}");
    }
}

/// What happens next; pings are kept.
async fn next(peer: &mut Peer, pings: &mut Vec<[u8; 8]>) -> Event {
    let event = timeout(SOON, peer.next()).await.expect("it goes on");
    if let Event::Ping(ping) = event {
        pings.push(ping);
    }
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn max_streams_is_told_to_clients() {
    for (limits, expected) in [("max_streams = 7", 7), ("", 128)] {
        let gateway = limited(limits).await;
        let mut peer = Peer::greeted(gateway.address()).await;
        let Event::Settings(settings) = peer.next().await else {
            panic!("no settings");
        };
        assert!(settings.contains(&(3, expected)), "{settings:?}");
        gateway.stop().await;
    }
}

fn refusal(answer: &RawAnswer) -> (u16, &str, String) {
    (
        answer.status,
        answer
            .values("x-amzn-errortype")
            .first()
            .copied()
            .unwrap_or_default(),
        answer.text(),
    )
}

/// A gateway that has a request in flight which waits for its backend, and the connection that it came by.
async fn busy(overload: &str) -> (GatedOrigin, Running, Wire) {
    let origin = GatedOrigin::start(Hold::Head, b"late".to_vec()).await;
    let more = format!("[overload]\n{overload}");
    let gateway = Running::start(&toml("", &origin.authority(), &more), guests()).await;
    let mut wire = gateway.wire().await;
    wire.send("GET /dev/origin HTTP/1.1\r\nhost: a\r\n\r\n").await;
    origin.arrived().await;
    (origin, gateway, wire)
}

#[tokio::test(flavor = "multi_thread")]
async fn max_requests_bounds_the_requests_at_once() {
    let (origin, mut gateway, mut first) = busy("max_requests = 1\nmax_queue = 0").await;
    let mut second = gateway.wire().await;
    let refused = second.exchange("GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let (status, kind, body) = refusal(&refused);
    assert_eq!((status, kind, &*body), UNAVAILABLE);
    assert_eq!(refused.values("retry-after"), ["1"]);
    assert_eq!(gateway.metric("portcullis_shed_requests_total").await, 1.0);
    assert_eq!(gateway.metric("portcullis_unresolved_requests_total").await, 0.0);
    assert_eq!(gateway.metric("portcullis_requests_in_flight").await, 1.0);
    for path in ["/_portcullis/health", "/_portcullis/ready"] {
        assert_eq!(gateway.control(path).await.status, 200, "{path}");
    }
    origin.open();
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(
        gateway.get("/dev/mock", &[]).await.status,
        200,
        "there is room again"
    );
    // A reload makes room, too.
    first.send("GET /dev/origin HTTP/1.1\r\nhost: a\r\n\r\n").await;
    origin.arrived().await;
    assert_eq!(gateway.get("/dev/mock", &[]).await.status, 503);
    let more = "[overload]\nmax_requests = 2\nmax_queue = 0";
    let outcome = gateway.rewrite(&toml("", &origin.authority(), more)).await;
    assert!(!outcome.has_errors());
    assert_eq!(gateway.get("/dev/mock", &[]).await.status, 200);
    origin.open();
    first.answer().await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_queue_bounds_the_requests_that_wait() {
    let (origin, gateway, mut first) =
        busy("max_requests = 1\nmax_queue = 1\nqueue_timeout_ms = 60000").await;
    let (mut second, mut third) = (gateway.wire().await, gateway.wire().await);
    let request = "GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n";
    second.send(request).await;
    third.send(request).await;
    // One of them waits, and the other one is refused.
    let (refused, mut waits) = tokio::select! {
        answer = second.answer() => (answer, third),
        answer = third.answer() => (answer, second),
    };
    assert_eq!(refused.status, 503);
    origin.open();
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(waits.answer().await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queue_timeout_ms_bounds_the_wait() {
    let (origin, gateway, mut first) = busy("max_requests = 1\nmax_queue = 5\nqueue_timeout_ms = 20").await;
    let refused = gateway.get("/dev/mock", &[]).await;
    assert_eq!(refused.status, 503);
    origin.open();
    assert_eq!(first.answer().await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_buffered_bytes_bounds_the_bodies_that_are_held() {
    let more = "[overload]\nmax_buffered_bytes = 2097152";
    let gateway = Running::start(&toml("", "127.0.0.1:9", more), guests()).await;
    let send =
        async |bytes: usize| -> Answer { gateway.send("POST", "/dev/echo", &[], &vec![b'x'; bytes]).await };
    assert_eq!(send(1 << 20).await.status, 200);
    let refused = send(3 << 20).await;
    assert_eq!(refused.refusal(), UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(send(1 << 20).await.status, 200, "what was held is given back");
    assert_eq!(gateway.metric("portcullis_buffered_bytes").await, 0.0);
    let gateway_without = limited("").await;
    let body = vec![b'x'; 3 << 20];
    let answer = gateway_without.send("POST", "/dev/echo", &[], &body).await;
    assert_eq!(answer.status, 200);
    gateway.stop().await;
    gateway_without.stop().await;
}

/// Good requests are answered under 1 s while 200 clients stall.
#[tokio::test(flavor = "multi_thread")]
async fn good_requests_are_answered_while_200_clients_stall() {
    let (_origin, gateway) = large("", "").await;
    let mut held = Vec::new();
    for index in 0..200 {
        let mut wire = match index % 4 {
            3 => narrow(gateway.address()).await,
            _ => gateway.wire().await,
        };
        let begun = match index % 4 {
            0 => "GET /dev/mock HTTP/1.1\r\nhost: a\r\nx-a: ",
            1 => POST,
            2 => "",
            _ => "GET /dev/origin HTTP/1.1\r\nhost: a\r\n\r\n",
        };
        wire.send(begun).await;
        held.push(wire);
    }
    for _ in 0..50 {
        let answer = timeout(Duration::from_secs(1), gateway.get("/dev/mock", &[])).await;
        assert_eq!(answer.expect("an answer in time").status, 200);
    }
    assert_eq!(gateway.control("/_portcullis/health").await.status, 200);
    drop(held);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_reach_connections_of_http2_as_well() {
    let gateway = limited("write_timeout_s = 600").await;
    let mut peer = Peer::with(gateway.address(), &[]).await;
    peer.send(&frame(SETTINGS, 0, 0, &[])).await;
    let block = http2::request("GET", "/dev/mock", &[]);
    peer.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
        .await;
    let mut event = peer.next().await;
    while !matches!(event, Event::Status(..)) {
        event = peer.next().await;
    }
    assert_eq!(event, Event::Status(1, 200));
    gateway.stop().await;
}

/// What holds for a connection on which nothing has happened for a while holds for its next request, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_rested_is_served_again() {
    let gateway = limited("header_timeout_s = 1\nidle_timeout_s = 600").await;
    let request = "GET /dev/mock HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut kept = gateway.wire().await;
    assert_eq!(kept.exchange(request).await.status, 200);
    for _ in 0..2 {
        // One whose head does not come is cut meanwhile, and takes longer than a connection takes to rest.
        let mut stalls = gateway.wire().await;
        stalls.send("GET /dev").await;
        ended(&mut stalls).await;
        // In pieces, and two at once.
        let (first, rest) = request.split_at(3);
        kept.send(first).await;
        kept.send(format!("{rest}{request}")).await;
        assert_eq!(kept.answer().await.status, 200);
        assert_eq!(kept.answer().await.status, 200);
    }
    // A head that drips is one behind a rest, too.
    kept.send("GET /dev").await;
    assert_eq!(ended(&mut kept).await, b"");
    assert_eq!(cuts(&gateway, "head").await, 3.0);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preface_in_pieces_is_one() {
    let gateway = limited("").await;
    let mut peer = Peer::silent(gateway.address()).await;
    for byte in http2::PREFACE {
        peer.send(&[*byte]).await;
    }
    let block = http2::request("GET", "/dev/mock", &[]);
    let bytes = [
        frame(SETTINGS, 0, 0, &[]),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &block),
    ];
    for piece in bytes.concat().chunks(5) {
        peer.send(piece).await;
    }
    let mut event = peer.next().await;
    while !matches!(event, Event::Status(..) | Event::Closed) {
        event = peer.next().await;
    }
    assert_eq!(event, Event::Status(1, 200));
    gateway.stop().await;
}
