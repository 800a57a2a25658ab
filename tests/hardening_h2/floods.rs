//! Floods: each is cut off, costs little memory, and the next client is answered.

use std::net::SocketAddr;
use std::time::Duration;

use portcullis_testkit::{Client, Files, Process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use portcullis_tests::http2::*;

const BINARY: &str = env!("CARGO_BIN_EXE_portcullis-under-test");
/// Bytes of a flood at the most: one that is not cut takes all of them.
const MOST: usize = 64 << 20;
/// What a flood may cost (issue: memory growth under 64 MiB in every flood).
const GROWTH: u64 = 64 << 20;

const TOML: &str = r#"
    [[listeners]]
    address = "127.0.0.1:0"
    default_api = "api"
    [listeners.limits]
    write_timeout_s = 2
    [control]
    address = "127.0.0.1:0"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/ok"
    integration = { type = "mock", status = 200 }
    [[apis.api.routes]]
    path = "/echo"
    integration = { type = "http_proxy", uri = "http://127.0.0.1:9/" }
"#;

/// A gateway as a process of its own: what it holds can be measured.
struct Gateway {
    process: Process,
    address: SocketAddr,
    control: SocketAddr,
    _files: Files,
}

impl Gateway {
    async fn start() -> Self {
        let files = Files::default();
        let toml = files.write("gateway.toml", TOML);
        let process = Process::start(BINARY, &["run", toml.to_str().expect("a path")]);
        let (address, control) = (process.address().await, process.control().await);
        Self {
            process,
            address,
            control,
            _files: files,
        }
    }

    async fn is_well(&self) {
        let client = Client::default();
        for url in [
            format!("http://{}/dev/ok", self.address),
            format!("http://{}/_portcullis/health", self.control),
        ] {
            let answer = client.send("GET", &url, &[], b"").await.expect("an answer");
            assert_eq!(answer.status, 200, "{url}");
        }
    }

    /// Of any of these reasons.
    async fn cuts_for(&self, reasons: Option<&str>) -> u64 {
        let mut cuts = 0;
        for reason in reasons.unwrap_or_default().split_whitespace() {
            cuts += self.cuts(reason).await;
        }
        cuts
    }

    async fn cuts(&self, reason: &str) -> u64 {
        let url = format!("http://{}/_portcullis/metrics", self.control);
        let metrics = Client::default()
            .send("GET", &url, &[], b"")
            .await
            .expect("metrics");
        let name = format!("portcullis_cut_connections_total{{reason=\"{reason}\"}} ");
        let value = metrics
            .text()
            .lines()
            .find_map(|line| line.strip_prefix(&*name)?.parse().ok());
        value.expect("a counter")
    }

    /// Bytes that it has had at the most.
    fn peak(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("its status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.expect("a size") << 10
    }
}

/// Sends pieces until the connection ends; how many bytes it took. All that comes back is read, unless it is not to be.
async fn flood(address: SocketAddr, reads: bool, mut piece: impl FnMut(u32) -> Vec<u8>) -> usize {
    let mut stream = Peer::greeted(address).await.into_stream();
    let (mut from, mut to) = stream.split();
    let sending = async {
        let mut sent = 0;
        for index in 0.. {
            let bytes = piece(index);
            if sent > MOST || to.write_all(&bytes).await.is_err() {
                break;
            }
            sent += bytes.len();
        }
        sent
    };
    let reading = async {
        let mut bytes = vec![0; 16 << 10];
        while reads && from.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
        if !reads {
            std::future::pending::<()>().await;
        }
    };
    let both = async {
        tokio::pin!(sending, reading);
        tokio::select! {
            sent = &mut sending => sent,
            () = &mut reading => sending.await,
        }
    };
    timeout(Duration::from_secs(60), both)
        .await
        .expect("the flood is cut")
}

/// What a flood is made of.
type Pieces = Box<dyn FnMut(u32) -> Vec<u8>>;

/// Many frames at once.
fn many(frame: &[u8]) -> impl FnMut(u32) -> Vec<u8> + use<> {
    let piece = frame.repeat(1_000);
    move |_| piece.clone()
}

/// Requests of which each is followed by a frame of its stream.
fn followed(open: impl Fn(u32) -> Vec<u8>, then: impl Fn(u32) -> Vec<u8>) -> impl FnMut(u32) -> Vec<u8> {
    move |index| {
        let streams = (0..10).map(|part| 1 + 2 * (index * 10 + part));
        streams
            .flat_map(|stream| [open(stream), then(stream)].concat())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flood_is_cut_off_and_costs_little() {
    let gateway = Gateway::start().await;
    gateway.is_well().await;
    let before = gateway.peak();
    let code = |code: u8| [0, 0, 0, code];
    let open = |stream| frame(HEADERS, END_HEADERS, stream, &request("POST", "/dev/echo", &[]));
    let floods: Vec<(&str, Option<&str>, Pieces)> = vec![
        (
            "settings",
            Some("settings"),
            Box::new(many(&frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9]))),
        ),
        ("pings", Some("ping"), Box::new(many(&frame(PING, 0, 0, &[7; 8])))),
        (
            "answers to pings",
            Some("ping"),
            Box::new(many(&frame(PING, ACK, 0, &[7; 8]))),
        ),
        (
            "priorities",
            Some("priority"),
            Box::new(many(&frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 9]))),
        ),
        (
            "unknown frames",
            Some("unknown_frame"),
            Box::new(many(&frame(0xbe, 0, 0, b"x"))),
        ),
        (
            "windows",
            Some("window_update"),
            Box::new(many(&frame(WINDOW_UPDATE, 0, 0, &code(1)))),
        ),
        (
            "rapid reset",
            None,
            Box::new(followed(get, move |stream| {
                frame(RST_STREAM, 0, stream, &code(8))
            })),
        ),
        (
            "made you reset",
            // A stream counts as open until its reset is written: with those that are read before that there may be too many.
            Some("local_reset streams"),
            Box::new(followed(open, move |stream| {
                frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff])
            })),
        ),
        (
            "made you reset, by streams that depend on themselves",
            None,
            Box::new(followed(open, |stream| {
                frame(PRIORITY, 0, stream, &[&stream.to_be_bytes()[..], &[9]].concat())
            })),
        ),
        (
            "empty data",
            Some("empty_data"),
            Box::new(|index| match index {
                0 => post(1, &[]),
                _ => frame(DATA, 0, 1, &[]).repeat(1_000),
            }),
        ),
        (
            "data that is padding only",
            None,
            Box::new(|index| match index {
                0 => post(1, &[]),
                _ => frame(DATA, PADDED, 1, &[4, 0, 0, 0, 0]).repeat(1_000),
            }),
        ),
        (
            "continuations without end",
            None,
            Box::new(|index| match index {
                0 => frame(HEADERS, END_STREAM, 1, &request("GET", "/dev/ok", &[])),
                _ => frame(CONTINUATION, 0, 1, &fields(&[("a", "b")])),
            }),
        ),
        (
            "empty continuations",
            None,
            Box::new(|index| match index {
                0 => frame(HEADERS, END_STREAM, 1, &request("GET", "/dev/ok", &[])),
                _ => frame(CONTINUATION, 0, 1, &[]),
            }),
        ),
        (
            "large continuations",
            None,
            Box::new(|index| match index {
                0 => frame(HEADERS, END_STREAM, 1, &request("GET", "/dev/ok", &[])),
                _ => frame(CONTINUATION, 0, 1, &fields(&[("a", &"x".repeat(16_000))])),
            }),
        ),
        (
            "a table's bomb",
            None,
            Box::new(|index| {
                let stream = 1 + 2 * index;
                // A field of 4,000 bytes that is kept, then told again and again (RFC 7541, section 6.1).
                let mut block = vec![0x40];
                block.extend(&fields(&[("a", &"x".repeat(4_000))])[1..]);
                block.extend([0xbe; 10_000]);
                frame(HEADERS, END_HEADERS | END_STREAM, stream, &block)
            }),
        ),
        (
            "streams at once",
            None,
            Box::new(move |index| post(1 + 2 * index, &[])),
        ),
    ];
    for (name, reason, pieces) in floods {
        let before_it = gateway.cuts_for(reason).await;
        let sent = flood(gateway.address, true, pieces).await;
        assert!(sent < MOST, "{name}: all of it was taken");
        let counted = u64::from(reason.is_some());
        assert_eq!(gateway.cuts_for(reason).await, before_it + counted, "{name}");
        gateway.is_well().await;
        let growth = gateway.peak().saturating_sub(before);
        assert!(growth < GROWTH, "{name}: {} KiB more", growth >> 10);
    }
}

/// Whoever does not read what the answers are is not read from any further, and cut when patience is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pings_whose_answers_are_not_read_is_cut_too() {
    let gateway = Gateway::start().await;
    let sent = flood(gateway.address, false, many(&frame(PING, 0, 0, &[7; 8]))).await;
    assert!(sent < MOST, "all of it was taken");
    gateway.is_well().await;
}

/// Clients that open the largest windows and then none, of responses that are large.
#[tokio::test(flavor = "multi_thread")]
async fn many_connections_that_flood_leave_nothing_behind() {
    let gateway = Gateway::start().await;
    gateway.is_well().await;
    let before = gateway.peak();
    for _ in 0..50 {
        flood(gateway.address, true, many(&frame(PING, 0, 0, &[7; 8]))).await;
    }
    assert_eq!(gateway.cuts("ping").await, 50);
    let growth = gateway.peak().saturating_sub(before);
    assert!(growth < GROWTH, "{} KiB more", growth >> 10);
    gateway.is_well().await;
}

/// The client is told why, where that can be.
#[tokio::test]
async fn whoever_floods_is_told_so() {
    let gateway = Gateway::start().await;
    let mut peer = Peer::greeted(gateway.address).await;
    assert!(matches!(peer.next().await, Event::Settings(_)));
    // One more than passes: all of them are read, so nothing resets the connection before it can be read.
    peer.send(&frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 9]).repeat(501))
        .await;
    let mut events = Vec::new();
    loop {
        let event = peer.next().await;
        events.push(event.clone());
        if event == Event::Closed {
            break;
        }
    }
    assert!(events.contains(&Event::GoAway(11)), "{events:?}");
    let _ = TcpStream::connect(gateway.address)
        .await
        .expect("it still accepts");
}
