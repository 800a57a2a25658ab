//! The same cases at another server: `PORTCULLIS_HARDENING_TARGET=host:port` names it, and
//! `PORTCULLIS_HARDENING_BACKEND=host:port` where it must find its backend. `cargo test -p portcullis-tests --test hardening
//! -- --ignored --nocapture compared` tells what it does with each case.

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
    let (mut as_here, mut other) = (0, 0);
    for case in all() {
        let statuses = statuses(&target, &case).await;
        let seen = backend.take();
        if is_as_here(&case, &statuses, seen.len()) {
            as_here += 1;
        } else {
            other += 1;
            println!(
                "{:60} here {:?}, there {statuses:?}, its backend saw {seen:?}",
                case.name, case.want
            );
        }
    }
    println!("{as_here} as here, {other} otherwise");
}

/// Whether as many requests pass there as here.
fn is_as_here(case: &Case, statuses: &[u16], seen: usize) -> bool {
    let passed = match case.want {
        Want::Passes(requests) | Want::Last(requests) | Want::Refused(requests, ..) => requests.len(),
        Want::AnsweredThen(_, _, requests) => requests.len(),
        Want::Answered(..) | Want::Cut(_) | Want::Unknown(_) => 0,
    };
    let is_refused = !matches!(case.want, Want::Passes(_) | Want::Last(_) | Want::Unknown(_));
    seen == passed && (!is_refused || statuses.iter().any(|status| *status >= 400))
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
