//! What is accepted hyper must read as the same requests with the same bodies.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::properties;
use crate::{Checker, Limits};

/// Whose body came whole, and the bytes of it.
type Bodies = Vec<(bool, Vec<u8>)>;

/// The requests as hyper reads them.
async fn by_hyper(bytes: &[u8]) -> Bodies {
    let bodies: Arc<Mutex<Bodies>> = Arc::default();
    let (mut client, server) = tokio::io::duplex(1 << 20);
    client.write_all(bytes).await.unwrap();
    client.shutdown().await.unwrap();
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let bodies = bodies.clone();
        async move {
            let mut body = request.into_body();
            let mut read = Vec::new();
            let is_whole = loop {
                match body.frame().await {
                    None => break true,
                    Some(Ok(frame)) => read.extend(frame.into_data().unwrap_or_default()),
                    Some(Err(_)) => break false,
                }
            };
            bodies.lock().push((is_whole, read));
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let served = http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(server), service)
        .await;
    drop(served);
    let mut answers = Vec::new();
    client.read_to_end(&mut answers).await.unwrap();
    let bodies = bodies.lock();
    bodies.clone()
}

/// The requests as the checker reads them; nothing where it refuses one.
fn by_checker(bytes: &[u8]) -> Option<Bodies> {
    let mut checker = Checker::new(Limits::default());
    let mut bodies = Bodies::new();
    for byte in bytes {
        let is_data = checker.is_in_data();
        checker.feed(std::slice::from_ref(byte)).ok()?;
        if usize::try_from(checker.heads()).unwrap() > bodies.len() {
            bodies.push((false, Vec::new()));
        }
        if let Some(last) = bodies.last_mut() {
            if is_data {
                last.1.push(*byte);
            }
            last.0 |= !checker.is_in_body();
        }
    }
    Some(bodies)
}

/// Whether a request says that it is the last one: hyper reads no further.
fn says_close(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    text.contains("http/1.0") || text.contains("close") || text.contains("expect")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn hyper_reads_what_passes_as_the_same_requests(bytes in properties::bytes()) {
        if let Some(ours) = by_checker(&bytes) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let hypers = runtime.block_on(by_hyper(&bytes));
            if says_close(&bytes) {
                prop_assert!(ours.starts_with(&hypers), "{:?} {:?}", ours, hypers);
            } else {
                prop_assert_eq!(ours, hypers);
            }
        }
    }
}
