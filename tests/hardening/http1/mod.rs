//! HTTP/1.1 at the level of bytes: what is refused, what passes, and that a backend sees what passed and not one byte more.

mod backend;
mod bodies;
mod compared;
mod fields;
mod good;
mod heads;
mod hosts;
mod smuggled;
mod targets;
mod told;

use std::sync::Arc;

use portcullis_testkit::{Running, Wire};

use self::backend::Backend;

/// Bytes, and what must come of them.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    want: Want,
}

/// What must come of a case. Requests are told as the backend sees them: `METHOD /path body`.
#[derive(Debug, Clone)]
enum Want {
    /// Each reaches the backend, and the connection goes on.
    Passes(&'static [&'static str]),
    /// Each reaches the backend, and the connection ends.
    Last(&'static [&'static str]),
    /// The first ones reach the backend; then comes a status for a reason, and the connection ends.
    Refused(&'static [&'static str], u16, &'static str),
    /// The same for what a head as a whole says: the connection goes on.
    Answered(u16, &'static str),
    /// The same, and then requests pass.
    AnsweredThen(u16, &'static str, &'static [&'static str]),
    /// The head passes, and its body is refused for a reason: no whole request reaches the backend.
    Cut(&'static str),
    /// A status that is none of a refusal: the API has nothing there. The connection goes on.
    Unknown(u16),
}

fn case(name: &'static str, bytes: impl AsRef<[u8]>, want: Want) -> Case {
    let bytes = bytes.as_ref().to_vec();
    Case { name, bytes, want }
}

/// A request without a body and with these more fields.
fn get(fields: &str) -> String {
    format!("GET /dev/a HTTP/1.1\r\nHost: a\r\n{fields}\r\n")
}

/// One whose fields and body are these.
fn post(fields: &str, body: &str) -> String {
    format!("POST /dev/a HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", body)
}

fn refused(status: u16, reason: &'static str) -> Want {
    Want::Refused(&[], status, reason)
}

/// All cases.
fn all() -> Vec<Case> {
    [
        good::cases(),
        heads::cases(),
        fields::cases(),
        targets::cases(),
        hosts::cases(),
        bodies::cases(),
        smuggled::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const TOML: &str = r#"
    {listener api}
    [control]
    address = "127.0.0.1:0"
    [apis.api.stages.dev]
    [[apis.api.routes]]
    path = "/{proxy+}"
    integration = { type = "http_proxy", uri = "http://ORIGIN/{proxy}", http_method = "ANY" }
"#;

async fn start() -> (Backend, Running) {
    let backend = Backend::start("127.0.0.1:0").await;
    let gateway = Running::of(&TOML.replace("ORIGIN", &backend.authority())).await;
    (backend, gateway)
}

/// How a case's bytes are sent.
#[derive(Debug, Clone, Copy)]
enum Sent {
    Whole,
    ByteByByte,
}

async fn holds(gateway: &Running, backend: &Backend, case: &Case, sent: Sent) {
    let name = format!("{} ({sent:?})", case.name);
    let counted = refusals(gateway).await;
    let mut wire = gateway.wire().await;
    match sent {
        Sent::Whole => wire.send(&case.bytes).await,
        Sent::ByteByByte => {
            for byte in &case.bytes {
                wire.send([*byte]).await;
            }
        }
    }
    let reason = match case.want {
        Want::Passes(seen) => {
            pass(&mut wire, backend, seen, &name).await;
            assert_goes_on(&mut wire, backend, &name).await;
            None
        }
        Want::Last(seen) => {
            pass(&mut wire, backend, seen, &name).await;
            assert_ended(&mut wire, &name).await;
            None
        }
        Want::Refused(before, status, reason) => {
            pass(&mut wire, backend, before, &name).await;
            assert_refused(&mut wire, status, &name).await;
            assert_ended(&mut wire, &name).await;
            Some(reason)
        }
        Want::Answered(status, reason) => {
            assert_refused(&mut wire, status, &name).await;
            assert_goes_on(&mut wire, backend, &name).await;
            Some(reason)
        }
        Want::AnsweredThen(status, reason, behind) => {
            assert_refused(&mut wire, status, &name).await;
            pass(&mut wire, backend, behind, &name).await;
            Some(reason)
        }
        Want::Cut(reason) => {
            let answer = wire.answer().await;
            assert_eq!(answer.status, 400, "{name}: {answer:?}");
            assert_ended(&mut wire, &name).await;
            Some(reason)
        }
        Want::Unknown(status) => {
            assert_eq!(wire.answer().await.status, status, "{name}");
            assert_goes_on(&mut wire, backend, &name).await;
            None
        }
    };
    let mut expected = counted;
    if let Some(reason) = reason {
        *expected.entry(reason.to_owned()).or_default() += 1;
    }
    assert_eq!(refusals(gateway).await, expected, "{name}");
    assert_eq!(
        backend.take(),
        Vec::<String>::new(),
        "{name}: more than what passed"
    );
}

/// Requests that are refused, by reason.
async fn refusals(gateway: &Running) -> std::collections::BTreeMap<String, u64> {
    let metrics = gateway.control("/_portcullis/metrics").await;
    let counted = metrics.text().lines().filter_map(|line| {
        let rest = line.strip_prefix("portcullis_refused_requests_total{reason=\"")?;
        let (reason, count) = rest.split_once("\"} ")?;
        Some((reason.to_owned(), count.parse().expect("a number")))
    });
    counted.collect()
}

async fn pass(wire: &mut Wire, backend: &Backend, seen: &[&str], name: &str) {
    for request in seen {
        let method = request.split(' ').next().unwrap_or_default();
        let mut answer = wire.answer_to(method).await;
        if answer.status == 100 {
            answer = wire.answer_to(method).await;
        }
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
    assert_eq!(backend.take(), seen, "{name}");
}

async fn assert_refused(wire: &mut Wire, status: u16, name: &str) {
    let answer = wire.answer().await;
    assert_eq!(answer.status, status, "{name}: {answer:?}");
    assert!(
        answer.text().starts_with(r#"{"message": ""#),
        "{name}: {answer:?}"
    );
    assert_eq!(answer.values("content-type"), ["application/json"], "{name}");
    assert_eq!(
        answer.values("x-amzn-errortype"),
        ["BadRequestException"],
        "{name}"
    );
    assert_eq!(answer.values("x-amzn-requestid")[0].len(), 36, "{name}");
    assert!(answer.complete, "{name}: {answer:?}");
}

async fn assert_ended(wire: &mut Wire, name: &str) {
    let rest = wire.rest().await;
    assert!(rest.is_empty(), "{name}: {}", String::from_utf8_lossy(&rest));
}

async fn assert_goes_on(wire: &mut Wire, backend: &Backend, name: &str) {
    let answer = wire.exchange("GET /dev/next HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(answer.status, 200, "{name}: {answer:?}");
    assert_eq!(backend.take(), ["GET /next "], "{name}");
}

/// Runs each case in a task of its own, so that all that fail are told.
async fn each(cases: impl Iterator<Item = Case>, sent: Sent) {
    let started = Arc::new(start().await);
    let mut failed = Vec::new();
    for case in cases {
        let (name, of) = (case.name, started.clone());
        let held = tokio::spawn(async move { holds(&of.1, &of.0, &case, sent).await });
        if held.await.is_err() {
            failed.push(name);
            started.0.take();
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
    let (_, gateway) = Arc::into_inner(started).expect("every task has ended");
    assert!(gateway.stop().await, "it drains");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_case_sent_whole() {
    each(all().into_iter(), Sent::Whole).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_case_sent_byte_by_byte() {
    let short = all().into_iter().filter(|case| case.bytes.len() < 500);
    each(short, Sent::ByteByByte).await;
}

#[test]
fn there_are_enough_cases_of_different_names() {
    let mut names: Vec<_> = all().iter().map(|case| case.name).collect();
    assert!(names.len() >= 150, "{}", names.len());
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
