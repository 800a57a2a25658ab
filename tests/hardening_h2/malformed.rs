//! Connections that are not as RFC 9113 says: what each is told, and that the next client is answered.

use portcullis_testkit::{Origin, Running};

use portcullis_tests::http2::*;

const PROTOCOL: u32 = 1;
const FLOW: u32 = 3;
const CLOSED: u32 = 5;
const SIZE: u32 = 6;
const COMPRESSION: u32 = 9;
const CALM: u32 = 11;

/// What is to come of it.
#[derive(Debug)]
enum Expected {
    /// The connection ends, with one of these errors. h2 calls some of them by a name more general than RFC 9113 has.
    GoAway(&'static [u32]),
    /// The stream ends so; a connection that ends is allowed everywhere (RFC 9113, section 5.4.1).
    Reset(u32),
    /// A response.
    Status(u16),
    /// The connection ends.
    Ends,
}
use Expected::{Ends, GoAway, Reset, Status};

struct Case {
    name: &'static str,
    /// Whether the preface and the settings come before it.
    greeted: bool,
    bytes: Vec<u8>,
    expected: Expected,
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Case {
    let (greeted, bytes) = (true, bytes.into());
    Case {
        name,
        greeted,
        bytes,
        expected,
    }
}

fn raw(name: &'static str, bytes: &[u8], expected: Expected) -> Case {
    let (greeted, bytes) = (false, bytes.to_vec());
    Case {
        name,
        greeted,
        bytes,
        expected,
    }
}

/// A request whose fields are these.
fn asks(name: &'static str, list: &[(&str, &str)], expected: Expected) -> Case {
    let bytes = frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(list));
    case(name, bytes, expected)
}

/// A good request with these fields beside.
fn beside(name: &'static str, more: &[(&str, &str)], expected: Expected) -> Case {
    let block = request("GET", "/dev/ok", more);
    case(
        name,
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &block),
        expected,
    )
}

const M: (&str, &str) = (":method", "GET");
const S: (&str, &str) = (":scheme", "http");
const P: (&str, &str) = (":path", "/dev/ok");
const A: (&str, &str) = (":authority", "localhost");

fn framing() -> Vec<Case> {
    let settings = |payload: &[u8]| frame(SETTINGS, 0, 0, payload);
    vec![
        raw(
            "a preface with another end",
            b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
            Ends,
        ),
        raw(
            "a preface in lower case",
            b"pri * http/2.0\r\n\r\nsm\r\n\r\n",
            Ends,
        ),
        raw(
            "something else than settings behind the preface",
            &[PREFACE, &frame(PING, 0, 0, &[0; 8])].concat(),
            GoAway(&[PROTOCOL]),
        ),
        raw(
            "a request before the settings",
            &[PREFACE, &get(1)].concat(),
            GoAway(&[PROTOCOL]),
        ),
        case("DATA on stream 0", frame(DATA, 0, 0, b"x"), GoAway(&[PROTOCOL])),
        case(
            "HEADERS on stream 0",
            frame(
                HEADERS,
                END_HEADERS | END_STREAM,
                0,
                &request("GET", "/dev/ok", &[]),
            ),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "PRIORITY on stream 0",
            frame(PRIORITY, 0, 0, &[0; 5]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "RST_STREAM on stream 0",
            frame(RST_STREAM, 0, 0, &[0; 4]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "CONTINUATION on stream 0",
            frame(CONTINUATION, END_HEADERS, 0, b"x"),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "SETTINGS on a stream",
            frame(SETTINGS, 0, 1, &[]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "PING on a stream",
            frame(PING, 0, 1, &[0; 8]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "GOAWAY on a stream",
            frame(GOAWAY, 0, 1, &[0; 8]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "a PING of 7 bytes",
            frame(PING, 0, 0, &[0; 7]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "a PING of 9 bytes",
            frame(PING, 0, 0, &[0; 9]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "SETTINGS of 5 bytes",
            settings(&[0; 5]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "an ACK with settings",
            frame(SETTINGS, ACK, 0, &[0; 6]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "a second ACK of settings that were acknowledged",
            [frame(SETTINGS, ACK, 0, &[]), frame(SETTINGS, ACK, 0, &[])].concat(),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "RST_STREAM of 3 bytes",
            frame(RST_STREAM, 0, 1, &[0; 3]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "WINDOW_UPDATE of 3 bytes",
            frame(WINDOW_UPDATE, 0, 0, &[0; 3]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "GOAWAY of 7 bytes",
            frame(GOAWAY, 0, 0, &[0; 7]),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "PRIORITY of 4 bytes",
            [post(1, &[]), frame(PRIORITY, 0, 1, &[0; 4])].concat(),
            Reset(SIZE),
        ),
        case(
            "a frame larger than was allowed",
            head(16_385, DATA, 0, 1),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "a frame as large as can be",
            head(0xff_ffff, HEADERS, 4, 1),
            GoAway(&[SIZE, PROTOCOL]),
        ),
        case(
            "a promise of the client's",
            frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "ENABLE_PUSH of 2",
            settings(&[0, 2, 0, 0, 0, 2]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "an initial window over the largest",
            settings(&[0, 4, 0x80, 0, 0, 0]),
            GoAway(&[FLOW, PROTOCOL]),
        ),
        case(
            "frames smaller than the smallest",
            settings(&[0, 5, 0, 0, 0x3f, 0xff]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "frames larger than the largest",
            settings(&[0, 5, 1, 0, 0, 0]),
            GoAway(&[PROTOCOL]),
        ),
    ]
}

fn streams() -> Vec<Case> {
    vec![
        case(
            "DATA whose padding is larger than it",
            [post(1, &[]), frame(DATA, PADDED, 1, &[9, 1, 2])].concat(),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "DATA that is padded and empty",
            [post(1, &[]), frame(DATA, PADDED, 1, &[])].concat(),
            GoAway(&[PROTOCOL, SIZE]),
        ),
        case(
            "HEADERS whose padding is larger than they",
            frame(HEADERS, PADDED | END_HEADERS | END_STREAM, 1, &[200, 0]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "HEADERS with half a priority",
            frame(HEADERS, PRIORITISED | END_HEADERS | END_STREAM, 1, &[0, 0]),
            GoAway(&[PROTOCOL, SIZE]),
        ),
        case(
            "a stream that depends on itself",
            [post(1, &[]), frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 0])].concat(),
            Reset(PROTOCOL),
        ),
        case(
            "DATA before HEADERS",
            frame(DATA, 0, 1, b"x"),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "WINDOW_UPDATE of a stream that never was",
            frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "RST_STREAM of a stream that never was",
            frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]),
            GoAway(&[PROTOCOL]),
        ),
        case("a stream with an even number", get(2), GoAway(&[PROTOCOL])),
        case(
            "a stream whose number goes back",
            [get(5), get(3)].concat(),
            GoAway(&[PROTOCOL, CLOSED]),
        ),
        case(
            "HEADERS behind the end of a stream",
            [get(1), get(1)].concat(),
            GoAway(&[CLOSED, PROTOCOL]),
        ),
        case(
            "DATA behind the end of a stream",
            [
                post(1, &[]),
                frame(DATA, END_STREAM, 1, b"x"),
                frame(DATA, 0, 1, b"y"),
            ]
            .concat(),
            Reset(CLOSED),
        ),
        case(
            "trailers without the end of their stream",
            [
                post(1, &[]),
                frame(HEADERS, END_HEADERS, 1, &fields(&[("a", "b")])),
            ]
            .concat(),
            Reset(PROTOCOL),
        ),
        // They should be malformed (RFC 9113, section 8.1); h2 takes the pseudo-header out, and nobody sees it.
        case(
            "trailers with a pseudo-header",
            [
                post(1, &[]),
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(&[M])),
            ]
            .concat(),
            Status(200),
        ),
        case(
            "an increment of zero for the connection",
            frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "an increment of zero for a stream",
            [post(1, &[]), frame(WINDOW_UPDATE, 0, 1, &[0; 4])].concat(),
            Reset(PROTOCOL),
        ),
        case(
            "a window of the connection over the largest",
            frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
            GoAway(&[FLOW]),
        ),
        case(
            "a window of a stream over the largest",
            [
                post(1, &[]),
                frame(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]),
            ]
            .concat(),
            Reset(FLOW),
        ),
        case(
            "initial windows that lift one over the largest",
            [
                frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 9]),
                post(1, &[]),
                frame(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xf0]),
                frame(SETTINGS, 0, 0, &[0, 4, 0x7f, 0xff, 0xff, 0xff]),
            ]
            .concat(),
            GoAway(&[FLOW]),
        ),
        case(
            "CONTINUATION without HEADERS",
            frame(CONTINUATION, END_HEADERS, 1, b"x"),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "CONTINUATION of another stream",
            [
                frame(HEADERS, END_STREAM, 1, &[]),
                frame(CONTINUATION, END_HEADERS, 3, &[]),
            ]
            .concat(),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "a PING between HEADERS and CONTINUATION",
            [frame(HEADERS, END_STREAM, 1, &[]), frame(PING, 0, 0, &[0; 8])].concat(),
            GoAway(&[PROTOCOL]),
        ),
        case(
            "CONTINUATION behind the end of the headers",
            [post(1, &[]), frame(CONTINUATION, END_HEADERS, 1, &[])].concat(),
            GoAway(&[PROTOCOL]),
        ),
    ]
}

fn headers() -> Vec<Case> {
    let large = "x".repeat(8_000);
    let list: Vec<(&str, &str)> = ["a", "b", "c", "d", "e"].map(|name| (name, &*large)).to_vec();
    let block = request("GET", "/dev/ok", &list);
    let mut too_large = frame(HEADERS, END_STREAM, 1, &block[..16_000]);
    too_large.extend(frame(CONTINUATION, 0, 1, &block[16_000..32_000]));
    too_large.extend(frame(CONTINUATION, END_HEADERS, 1, &block[32_000..]));
    vec![
        asks("no method", &[S, P, A], Reset(PROTOCOL)),
        asks("no scheme", &[M, P, A], Reset(PROTOCOL)),
        asks("no path", &[M, S, A], Reset(PROTOCOL)),
        asks("an empty path", &[M, S, (":path", ""), A], Reset(PROTOCOL)),
        asks("two methods", &[M, M, S, P, A], Reset(PROTOCOL)),
        asks("two paths", &[M, S, P, P, A], Reset(PROTOCOL)),
        asks("two authorities", &[M, S, P, A, A], Reset(PROTOCOL)),
        asks(
            "a pseudo-header behind a field",
            &[M, S, P, ("a", "b"), A],
            Reset(PROTOCOL),
        ),
        asks(
            "a pseudo-header that nobody knows",
            &[M, S, P, A, (":a", "b")],
            Reset(PROTOCOL),
        ),
        asks(
            "a pseudo-header of responses",
            &[M, S, P, A, (":status", "200")],
            Reset(PROTOCOL),
        ),
        beside("a name in upper case", &[("Abc", "b")], Reset(PROTOCOL)),
        beside("a name with a blank", &[("a b", "c")], Reset(PROTOCOL)),
        beside("a name with a colon", &[("a:b", "c")], Reset(PROTOCOL)),
        beside("an empty name", &[("", "c")], Reset(PROTOCOL)),
        beside("a line feed in a value", &[("a", "b\nc: d")], Reset(PROTOCOL)),
        beside("a carriage return in a value", &[("a", "b\rc")], Reset(PROTOCOL)),
        beside("a NUL in a value", &[("a", "b\0c")], Reset(PROTOCOL)),
        beside("connection", &[("connection", "close")], Reset(PROTOCOL)),
        beside("keep-alive", &[("keep-alive", "1")], Reset(PROTOCOL)),
        beside(
            "proxy-connection",
            &[("proxy-connection", "close")],
            Reset(PROTOCOL),
        ),
        beside(
            "transfer-encoding",
            &[("transfer-encoding", "chunked")],
            Reset(PROTOCOL),
        ),
        beside("upgrade", &[("upgrade", "websocket")], Reset(PROTOCOL)),
        beside("te that is no trailers", &[("te", "gzip")], Reset(PROTOCOL)),
        beside("te: trailers", &[("te", "trailers")], Status(200)),
        beside(
            "a length of a body that is not there",
            &[("content-length", "5")],
            Reset(PROTOCOL),
        ),
        beside(
            "two lengths",
            &[("content-length", "0"), ("content-length", "1")],
            Reset(PROTOCOL),
        ),
        beside(
            "a length that is no number",
            &[("content-length", "+0")],
            Reset(PROTOCOL),
        ),
        case(
            "a body longer than its length",
            [
                post(1, &[("content-length", "2")]),
                frame(DATA, END_STREAM, 1, b"abc"),
            ]
            .concat(),
            Reset(PROTOCOL),
        ),
        case(
            "a body shorter than its length",
            [
                post(1, &[("content-length", "4")]),
                frame(DATA, END_STREAM, 1, b"abc"),
            ]
            .concat(),
            Reset(PROTOCOL),
        ),
        case(
            "an index that there is not",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff, 0x80, 0x01]),
            GoAway(&[COMPRESSION, PROTOCOL]),
        ),
        case(
            "half a field",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x00, 0x05, b'a']),
            GoAway(&[COMPRESSION, PROTOCOL]),
        ),
        case(
            "a table larger than was allowed",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x3f, 0xff, 0xff, 0x03]),
            GoAway(&[COMPRESSION, PROTOCOL]),
        ),
        case("more headers than are taken", too_large, Status(431)),
        case(
            "much more headers than are taken",
            much_more(),
            GoAway(&[CALM, PROTOCOL, COMPRESSION]),
        ),
    ]
}

/// 200 KiB of headers.
fn much_more() -> Vec<u8> {
    let value = "x".repeat(8_000);
    let mut bytes = frame(HEADERS, END_STREAM, 1, &request("GET", "/dev/ok", &[]));
    for _ in 0..25 {
        bytes.extend(frame(CONTINUATION, 0, 1, &fields(&[("a", &value)])));
    }
    bytes.extend(frame(CONTINUATION, END_HEADERS, 1, &[]));
    bytes
}

fn good() -> Vec<Case> {
    vec![
        case("a request", get(1), Status(200)),
        case(
            "frames of unknown kinds",
            [frame(0xbe, 0xff, 7, b"x"), get(1)].concat(),
            Status(200),
        ),
        case(
            "unknown settings",
            [frame(SETTINGS, 0, 0, &[0xab, 0xcd, 0, 0, 0, 1]), get(1)].concat(),
            Status(200),
        ),
        case(
            "headers in several frames",
            {
                let block = request("GET", "/dev/ok", &[("a", "b")]);
                let pieces = block.chunks(40).map(|piece| frame(CONTINUATION, 0, 1, piece));
                let mut bytes = frame(HEADERS, END_STREAM, 1, &[]);
                bytes.extend(pieces.flatten());
                bytes.extend(frame(CONTINUATION, END_HEADERS, 1, &[]));
                bytes
            },
            Status(200),
        ),
        case(
            "a padded body with trailers",
            [
                post(1, &[]),
                frame(DATA, PADDED, 1, &[3, b'h', b'i', 0, 0, 0]),
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields(&[("a", "b")])),
            ]
            .concat(),
            Status(200),
        ),
    ]
}

fn gateway_toml(origin: &Origin) -> String {
    format!(
        r#"
        {{listener api}}
        [control]
        address = "127.0.0.1:0"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/ok"
        integration = {{ type = "mock", status = 200 }}
        [[apis.api.routes]]
        path = "/echo"
        integration = {{ type = "http_proxy", uri = "http://{}/" }}
        "#,
        origin.authority()
    )
}

/// What came of a case, and whether it is what is expected.
async fn outcome(gateway: &Running, case: &Case) -> (Vec<Event>, bool) {
    let mut peer = match case.greeted {
        true => Peer::greeted(gateway.address()).await,
        false => Peer::silent(gateway.address()).await,
    };
    peer.send(&case.bytes).await;
    // What it is asked behind the case tells that it has read all of it.
    peer.send(&frame(PING, 0, 0, b"barrier!")).await;
    let (mut events, mut ponged) = (Vec::new(), false);
    loop {
        let event = peer.next().await;
        events.push(event.clone());
        let as_expected = match (&case.expected, &event) {
            (expected, Event::GoAway(code)) if *code != 0 => {
                return (events, codes_of(expected).contains(code));
            }
            (Reset(expected), Event::Reset(_, code)) => return (events, code == expected),
            (Status(expected), Event::Status(_, status)) => return (events, status == expected),
            (Ends, Event::Closed) => return (events, true),
            (_, Event::Closed) => return (events, false),
            (Reset(_), Event::Status(_, 400)) => return (events, true),
            (_, Event::Pong) => {
                ponged = true;
                false
            }
            (_, Event::Status(..)) => ponged && matches!(case.expected, Reset(_)),
            _ => false,
        };
        if as_expected {
            return (events, false);
        }
    }
}

fn codes_of(expected: &Expected) -> &'static [u32] {
    match expected {
        GoAway(codes) => codes,
        Reset(_) => &[PROTOCOL, FLOW, CLOSED, SIZE],
        Status(_) | Ends => &[],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_is_refused_and_the_next_client_is_answered() {
    let origin = Origin::echo().await;
    let gateway = Running::of(&gateway_toml(&origin)).await;
    let cases = [framing(), streams(), headers(), good()].concat_all();
    assert!(cases.len() >= 40, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let (events, is_right) = outcome(&gateway, case).await;
        if !is_right {
            wrong.push(format!("{}: {:?} expected, {events:?}", case.name, case.expected));
        }
        let next = gateway.get("/dev/ok", &[]).await;
        assert_eq!(next.status, 200, "behind {}", case.name);
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    // Of what was refused nothing came through: these are the bodies of good requests, and of one that ended before its fault.
    let good = [&b""[..], b"hi", b"x"];
    for request in origin.recorded() {
        assert!(good.contains(&&*request.body), "{:?} came through", request.body);
    }
    gateway.stop().await;
}

trait ConcatAll {
    fn concat_all(self) -> Vec<Case>;
}

impl<const N: usize> ConcatAll for [Vec<Case>; N] {
    fn concat_all(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}
