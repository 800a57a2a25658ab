//! The same cases at another server: `PORTCULLIS_HARDENING_TARGET=host:port` names it, and
//! `PORTCULLIS_HARDENING_BACKEND=host:port` where it must find its backend. `cargo test -p portcullis-tests --test hardening
//! -- --ignored --nocapture compared` tells what it does with each case.

use std::cmp::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::backend::Backend;
use super::{Case, Want, all};

/// How long another server may take to say something more.
const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
#[ignore = "needs another server"]
#[allow(clippy::print_stdout, reason = "it is what it is for")]
async fn compared() {
    let var = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is host:port"));
    let (target, backend) = (
        var("PORTCULLIS_HARDENING_TARGET"),
        var("PORTCULLIS_HARDENING_BACKEND"),
    );
    let backend = Backend::start(&backend).await;
    let mut counts = std::collections::BTreeMap::new();
    for case in all() {
        let statuses = statuses(&target, &case).await;
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

/// The statuses of what comes back before it is quiet.
async fn statuses(target: &str, case: &Case) -> Vec<u16> {
    let mut stream = TcpStream::connect(target).await.expect("the server");
    let _ = stream.write_all(&case.bytes).await;
    let mut bytes = Vec::new();
    while let Ok(Ok(1..)) = tokio::time::timeout(QUIET, stream.read_buf(&mut bytes)).await {}
    let text = String::from_utf8_lossy(&bytes);
    let heads = text.split("HTTP/1.").skip(1);
    let statuses = heads.filter_map(|head| head.split(' ').nth(1)?.get(..3)?.parse().ok());
    statuses.collect()
}
