//! The same cases at another server: `PORTCULLIS_HARDENING_TARGET=host:port` names it, and
//! `PORTCULLIS_HARDENING_BACKEND=host:port` where it must find its backend. `cargo test -p portcullis-tests --test hardening
//! -- --nocapture compared` tells what it does with each case. Where none is named some of the cases are sent to a gateway, which
//! must do with them what it does.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::backend::Backend;
use super::{Case, Want, all, start};

/// How long another server may take to say something more.
const QUIET: Duration = Duration::from_millis(300);
/// How long a gateway may take to say what it must.
const PATIENCE: Duration = Duration::from_secs(60);

/// Of so many cases one is sent to a gateway: each may take until it is quiet.
const ONE_OF: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn compared() {
    let var = |name: &str| std::env::var(name).ok();
    if let Some(target) = var("PORTCULLIS_HARDENING_TARGET") {
        let backend = var("PORTCULLIS_HARDENING_BACKEND").expect("the host and port of its backend");
        let backend = Backend::start(&backend).await;
        compare(&target, &backend, all(), QUIET).await;
        return;
    }
    let (backend, gateway) = start().await;
    let some = all().into_iter().step_by(ONE_OF);
    let counts = compare(&gateway.address().to_string(), &backend, some, PATIENCE).await;
    assert_eq!(counts.keys().collect::<Vec<_>>(), [&SAME], "{counts:?}");
    assert!(gateway.stop().await, "it drains");
}

/// How many cases had which verdict; those that are not the same are told.
#[allow(clippy::print_stdout, reason = "it is what it is for")]
async fn compare(
    target: &str,
    backend: &Backend,
    cases: impl IntoIterator<Item = Case>,
    patience: Duration,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for case in cases {
        let statuses = statuses(target, &case, patience).await;
        let seen = backend.take();
        let Some(verdict) = verdict(&case, &statuses, seen.len()) else {
            continue;
        };
        *counts.entry(verdict).or_insert(0) += 1;
        if verdict != SAME {
            println!(
                "{verdict}: {}: here {:?}, there {statuses:?}, its backend saw {seen:?}",
                case.name, case.want
            );
        }
    }
    println!("{counts:?}");
    counts
}

const SAME: &str = "the same";

/// What another server does, by the requests that pass; nothing where the case is about the API that is here.
fn verdict(case: &Case, statuses: &[u16], seen: usize) -> Option<&'static str> {
    let passed = match case.want {
        Want::Passes(requests) | Want::Last(requests) | Want::Refused(requests, ..) => requests.len(),
        Want::AnsweredThen(_, _, requests) => requests.len(),
        Want::Answered(..) | Want::Cut(_) => 0,
        Want::Unknown(_) => return None,
    };
    let is_refused = !matches!(case.want, Want::Passes(_) | Want::Last(_));
    Some(match seen.cmp(&passed) {
        Ordering::Greater => "more passes there",
        Ordering::Less => "less passes there",
        Ordering::Equal if is_refused && !statuses.iter().any(|status| *status >= 400) => "no status there",
        Ordering::Equal => SAME,
    })
}

/// How many answers a case gets of a gateway.
fn answers(want: &Want) -> usize {
    match want {
        Want::Passes(requests) | Want::Last(requests) => requests.len(),
        Want::Refused(requests, ..) | Want::AnsweredThen(_, _, requests) => requests.len() + 1,
        Want::Answered(..) | Want::Cut(_) | Want::Unknown(_) => 1,
    }
}

/// The statuses of what comes back before it is quiet; each that a gateway would give is waited for with more patience.
async fn statuses(target: &str, case: &Case, patience: Duration) -> Vec<u16> {
    let mut stream = TcpStream::connect(target).await.expect("the server");
    let _ = stream.write_all(&case.bytes).await;
    let mut bytes = Vec::new();
    loop {
        let statuses = statuses_in(&bytes);
        let wait = match statuses.len() < answers(&case.want) {
            true => patience,
            false => QUIET,
        };
        let Ok(Ok(1..)) = tokio::time::timeout(wait, stream.read_buf(&mut bytes)).await else {
            return statuses;
        };
    }
}

fn statuses_in(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    let heads = text.split("HTTP/1.").skip(1);
    let statuses = heads.filter_map(|head| head.split(' ').nth(1)?.get(..3)?.parse().ok());
    statuses.collect()
}
