//! Parity with API Gateway: one file a case, below `tests/parity`. Its README has the form of a case.
//!
//! One gateway serves the APIs of all cases; each case has a backend of its own. `PORTCULLIS_PARITY=text` runs the cases
//! whose path contains the text.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests; the filter is an environment variable"
)]

#[path = "parity/backend.rs"]
mod backend;
#[path = "parity/case.rs"]
mod case;
#[path = "parity/compare.rs"]
mod compare;
#[path = "parity/gateway.rs"]
mod gateway;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use backend::Backend;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use case::{Case, Request};
use portcullis_testkit::Wire;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Fewer cases than this are a mistake: a folder that is not read, say.
const AT_LEAST: usize = 150;

/// Cases under way at once, so that those that wait for a time-out do not add up.
const AT_ONCE: usize = 8;

/// What differs from what a case expects, by case.
type Failures = BTreeMap<String, Vec<String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_to_what_api_gateway_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("parity");
    let texts = case::texts(&root);
    assert!(
        texts.len() >= AT_LEAST,
        "found {} cases below {}, expected at least {AT_LEAST}",
        texts.len(),
        root.display()
    );
    let filter = std::env::var("PORTCULLIS_PARITY").unwrap_or_default();
    let mut failures = Failures::new();
    let mut cases = Vec::new();
    for (file, text) in texts.into_iter().filter(|(file, _)| file.contains(&filter)) {
        let backend = Backend::start().await;
        match Case::parse(&file, &text, &backend.places()) {
            Ok(case) => cases.push((case, backend)),
            Err(problem) => {
                failures.insert(file, vec![problem]);
            }
        }
    }
    let count = cases.len() + failures.len();
    assert!(count > 0, "no case has {filter:?} in its path");
    if let Some(gateway) = gateway::start(&mut cases, &mut failures).await {
        run_all(cases, gateway.address, &mut failures).await;
    }
    assert!(failures.is_empty(), "{}", report(&failures, count));
}

async fn run_all(cases: Vec<(Case, Backend)>, address: SocketAddr, failures: &mut Failures) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let mut files = BTreeMap::new();
    for (case, backend) in cases {
        let (file, places) = (case.file.clone(), places.clone());
        let task = running.spawn(async move {
            let _place = places.acquire().await.expect("an open semaphore");
            run(&case, &backend, address).await
        });
        files.insert(task.id(), file);
    }
    while let Some(ended) = running.join_next_with_id().await {
        let (id, told) = match ended {
            Ok((id, told)) => (id, told),
            Err(error) => {
                let id = error.id();
                let panic = error.into_panic();
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.into()));
                (id, vec![text.unwrap_or_else(|| "panicked".into())])
            }
        };
        if !told.is_empty() {
            failures.insert(files[&id].clone(), told);
        }
    }
}

/// Runs a case's exchanges over one connection, and tells what differs.
async fn run(case: &Case, backend: &Backend, address: SocketAddr) -> Vec<String> {
    let mut told = Vec::new();
    let mut wire = Wire::connect(address).await;
    for (number, exchange) in case.exchanges.iter().enumerate() {
        backend.answer(exchange.backend.clone());
        wire.send(bytes_of(case, &exchange.request)).await;
        let answer = wire.answer_to(&exchange.request.method).await;
        let got = backend.taken();
        let mut differences = compare::answer(exchange, &answer);
        differences.extend(compare::backend(exchange, &got));
        if answer.complete && exchange.expect.usable && differences.is_empty() {
            differences.extend(still_answers(case, &mut wire).await);
        } else {
            wire = Wire::connect(address).await;
        }
        let which = if case.exchanges.len() > 1 {
            format!("exchange {}: ", number + 1)
        } else {
            String::new()
        };
        told.extend(differences.iter().map(|text| format!("{which}{text}")));
    }
    told
}

/// Whether the connection takes another request after what it went through.
async fn still_answers(case: &Case, wire: &mut Wire) -> Option<String> {
    // What no case has, so that no backend is asked.
    let request = format!("GET /no-such-stage HTTP/1.1\r\nHost: {}\r\n\r\n", case.host());
    let status = wire.exchange(&request).await.status;
    (status != 403).then(|| format!("the connection afterwards: expected a 403, got {status}"))
}

fn bytes_of(case: &Case, request: &Request) -> Vec<u8> {
    let host = request.host.clone().unwrap_or_else(|| case.host());
    let stage = request.stage.as_deref().unwrap_or(&case.stage_name);
    let body = request.body();
    let mut head = format!(
        "{} /{stage}{} HTTP/1.1\r\nHost: {host}\r\n",
        request.method, request.path
    );
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if request.chunked {
        head += "Transfer-Encoding: chunked\r\n\r\n";
        let size = format!("{:x}\r\n", body.len());
        return [head.as_bytes(), size.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    }
    if request.has_body() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", &body].concat()
}

fn report(failures: &Failures, count: usize) -> String {
    let mut text = format!("{} of {count} cases fail\n", failures.len());
    for (file, told) in failures {
        text += &format!("\n{file}\n");
        for line in told.iter().flat_map(|told| told.lines()) {
            text += &format!("    {line}\n");
        }
    }
    text
}

/// Bytes of a case's base64.
fn decoded(text: &str) -> Vec<u8> {
    BASE64_STANDARD
        .decode(text.trim())
        .expect("checked when the case was read")
}

/// Whether it is base64.
fn is_base64(text: &str) -> bool {
    BASE64_STANDARD.decode(text.trim()).is_ok()
}

#[test]
fn refuses_a_case_with_an_unknown_key() {
    let case = |more: &str| {
        let text = format!("name = 'n'\nsource = 's'\n[request]\npath = '/'\n[expect]\nstatus = 200\n{more}");
        Case::parse("f.toml", &text, &[]).map(drop)
    };
    assert_eq!(case("body = ''\n[expect.backend]\ncalled = false"), Ok(()));
    for more in [
        "stauts = 1",
        "[expect.backend]\nboddy = ''",
        "[backend]\nfualt = 'cut'",
        "[mystery]",
    ] {
        assert!(case(more).is_err(), "{more}");
    }
}
