//! Which region gets a request, and what comes of it when that dies.

use std::time::Duration;

use http::Response;
use portcullis_testkit::Delayed;

use super::support::*;

async fn named(authorities: &Authorities, name: &'static str) -> Mock {
    Mock::start(
        authorities,
        move |_| async move { Ok(Response::new(whole(name))) },
    )
    .await
}

/// Waits until all connections to both are up.
async fn both_up(edge: &Edge, names: [&str; 2]) {
    let up = async |name| {
        let name = format!("portcullis_edge_region_connections{{region=\"{name}\"}}");
        edge.metric(&name).await == 2.0
    };
    eventually("both are up", async || up(names[0]).await && up(names[1]).await).await;
}

#[tokio::test]
async fn the_nearest_gets_requests_and_another_when_it_dies() {
    let authorities = Authorities::new();
    let (near, far) = (
        named(&authorities, "near").await,
        named(&authorities, "far").await,
    );
    let to_far = Delayed::start(far.address, Duration::from_millis(40)).await;
    let to_near = Delayed::start(near.address, Duration::from_millis(5)).await;
    let regions = region("far", to_far.address()) + &region("near", to_near.address());
    let edge = Edge::start(&toml(&regions), authorities.files()).await;
    both_up(&edge, ["far", "near"]).await;
    let answers = async |expected: &str| edge.get("/x", &[]).await.text() == expected;
    eventually("the nearest is used", async || answers("near").await).await;
    to_near.cut();
    // Nothing fails in between: a GET is tried again.
    for _ in 0..20 {
        let answer = edge.get("/x", &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert!(answers("far").await);
    to_near.mend();
    eventually("it is connected to again, and used", async || {
        answers("near").await
    })
    .await;
    // What was near is far now.
    to_near.set(Duration::from_millis(150));
    eventually("the other is nearer", async || answers("far").await).await;
}

#[tokio::test]
async fn what_may_have_been_acted_on_is_not_sent_again() {
    let authorities = Authorities::new();
    let failing = |_| async { Err(std::io::Error::other("in the middle of it")) };
    let (first, second) = (
        Mock::start(&authorities, failing).await,
        named(&authorities, "second").await,
    );
    // The first is nearer by far.
    let way = Delayed::start(second.address, Duration::from_millis(50)).await;
    let regions = region("first", first.address) + &region("second", way.address());
    let edge = Edge::start(&toml(&regions), authorities.files()).await;
    both_up(&edge, ["first", "second"]).await;
    // Its connections come up before anything is known of the way behind them.
    let far = async |name| {
        let name = format!("portcullis_edge_region_rtt_seconds{{region=\"{name}\"}}");
        edge.metric(&name).await
    };
    eventually("the first is nearer", async || {
        far("second").await > far("first").await + 0.01
    })
    .await;
    for (method, body, status, sent) in [
        ("GET", &b""[..], 200, 1),
        ("DELETE", b"", 200, 1),
        ("POST", b"", 502, 0),
        ("PUT", b"with a body", 502, 0),
    ] {
        let before = second.seen().len();
        let answer = edge.send(method, "/x", &[], body).await;
        assert_eq!(answer.status, status, "{method}: {}", answer.text());
        assert_eq!(second.seen().len() - before, sent, "{method}");
        if status == 502 {
            assert_eq!(answer.text(), r#"{"message": "Bad Gateway"}"#);
        }
    }
    let failed = edge
        .metric("portcullis_edge_failures_total{region=\"first\"}")
        .await;
    assert!(failed >= 4.0, "{failed}");
    assert!(edge.metric("portcullis_edge_retries_total").await >= 2.0);
}

#[tokio::test]
async fn a_region_that_does_not_answer_in_time_is_not_waited_for() {
    let authorities = Authorities::new();
    let silent = |_| async { std::future::pending().await };
    let silent = Mock::start(&authorities, silent).await;
    let more = format!("response_timeout_ms = 200\n{}", region("eu", silent.address));
    let edge = Edge::start(&toml(&more), authorities.files()).await;
    let answer = edge.get("/x", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (504, r#"{"message": "Gateway Timeout"}"#)
    );
    assert_eq!(edge.metric("portcullis_edge_timeouts_total").await, 1.0);
}
