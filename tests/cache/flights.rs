//! One flight a key.

use std::time::Duration;

use portcullis_testkit::{GatedOrigin, Hold, Origin, Running};
use tokio::task::JoinSet;

use crate::support::{ALL, ITEM, started, toml};

const MANY: usize = 1_000;

async fn gated(body: impl Into<Vec<u8>>) -> (GatedOrigin, Running) {
    let origin = GatedOrigin::start(Hold::Head, body).await;
    let other = Origin::echo().await;
    // A thousand take their time on a busy machine.
    let item = ITEM
        .replace("ORIGIN", &origin.authority())
        .replace("/item\" }", "/item\", timeout_ms = 300_000 }");
    let text = toml(&other, ALL, &item);
    (origin, started(&text).await.0)
}

/// As many requests at once, each by a connection of its own.
fn all_ask(gateway: &Running, many: usize) -> JoinSet<usize> {
    let mut asking = JoinSet::new();
    for _ in 0..many {
        let (client, url) = (gateway.client(), gateway.url("/dev/item"));
        asking.spawn(async move {
            let answer = client.send("GET", &url, &[], b"").await.expect("an answer");
            assert_eq!(answer.status, 200);
            answer.body.len()
        });
    }
    asking
}

async fn connected(gateway: &Running, many: usize) {
    while gateway.metric("portcullis_open_connections ").await < many as f64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_misses_are_one_call() {
    let (origin, gateway) = gated("once").await;
    let asking = all_ask(&gateway, MANY);
    origin.arrived().await;
    connected(&gateway, MANY).await;
    // A second call would wait for ever.
    origin.open();
    let lengths = asking.join_all().await;
    assert_eq!(lengths, vec![4; MANY]);
    let asked = r#"portcullis_cache_requests_total{api="shop",stage="dev",result="#;
    assert_eq!(gateway.metric(&format!("{asked}\"miss\"}}")).await, 1.0);
    assert_eq!(
        gateway.metric(&format!("{asked}\"hit\"}}")).await,
        MANY as f64 - 1.0
    );
}

#[tokio::test]
async fn those_who_waited_in_vain_do_not_stand_in_a_line() {
    const SOME: usize = 20;
    let (origin, gateway) = gated(vec![b'x'; 2 * 1024 * 1024]).await;
    let asking = all_ask(&gateway, SOME);
    origin.arrived().await;
    connected(&gateway, SOME).await;
    origin.open();
    // The others are there all at once, with none of them answered.
    for _ in 1..SOME {
        origin.arrived().await;
    }
    for _ in 1..SOME {
        origin.open();
    }
    assert_eq!(asking.join_all().await, vec![2 * 1024 * 1024; SOME]);
}

#[tokio::test]
async fn who_leaves_leaves_it_to_the_next() {
    let (origin, gateway) = gated("next").await;
    let mut leaving = gateway.wire().await;
    leaving.send("GET /dev/item HTTP/1.1\r\nhost: a\r\n\r\n").await;
    origin.arrived().await;
    let asking = all_ask(&gateway, 5);
    connected(&gateway, 6).await;
    drop(leaving);
    origin.arrived().await;
    // For the one that was left, and for the one that took its place.
    origin.open();
    origin.open();
    assert_eq!(asking.join_all().await, vec![4; 5]);
}
