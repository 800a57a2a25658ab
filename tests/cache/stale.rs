//! Beyond API Gateway: responses past their time, and the backend's own word. Off where nothing is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use portcullis_testkit::Origin;

use crate::support::{ALL, ITEM, counting, get, plain, started, toml};

fn with_rules(rules: &str) -> String {
    format!("{ITEM}\n").replace("integration =", &format!("{rules}\nintegration ="))
}

#[tokio::test]
async fn a_response_past_its_time_answers_while_a_new_one_is_fetched() {
    let origin = plain().await;
    let routes = with_rules("cache.stale_while_revalidate_seconds = 60");
    let (gateway, clock) = started(&toml(&origin, ALL, &routes)).await;
    let first = get(&gateway, "/dev/item").await;
    clock.advance(Duration::from_secs(310));
    assert_eq!(get(&gateway, "/dev/item").await, first, "the older one, at once");
    while origin.recorded().len() < 2 {
        tokio::task::yield_now().await;
    }
    while get(&gateway, "/dev/item").await == first {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&gateway, "/dev/item").await, "2");
    clock.advance(Duration::from_secs(361));
    assert_eq!(get(&gateway, "/dev/item").await, "3", "too old for that");
}

/// Source: RFC 5861, 4.
#[tokio::test]
async fn a_response_past_its_time_answers_where_the_backend_fails() {
    let fails = Arc::new(AtomicBool::new(false));
    let said = fails.clone();
    let origin = counting(move |_, response, number| {
        let status = match said.load(SeqCst) {
            true => StatusCode::SERVICE_UNAVAILABLE,
            false => StatusCode::OK,
        };
        response
            .status(status)
            .body(Bytes::from(number))
            .expect("a response")
    })
    .await;
    for (rules, seconds, expected) in [
        ("", 301, 503),
        ("cache.stale_if_error_seconds = 60", 301, 200),
        ("cache.stale_if_error_seconds = 60", 361, 503),
    ] {
        fails.store(false, SeqCst);
        let (gateway, clock) = started(&toml(&origin, ALL, &with_rules(rules))).await;
        let first = get(&gateway, "/dev/item").await;
        fails.store(true, SeqCst);
        clock.advance(Duration::from_secs(seconds));
        let answer = gateway.get("/dev/item", &[]).await;
        assert_eq!(answer.status, expected, "{rules} after {seconds} s");
        assert_eq!(
            answer.text() == first,
            expected == 200,
            "{rules} after {seconds} s"
        );
    }
}

#[tokio::test]
async fn the_backends_word_counts_where_it_is_asked_for() {
    for (says, rules, seconds) in [
        ("max-age=10", "", 300),
        ("max-age=10", "cache.respect_cache_control = true", 10),
        ("no-store", "", 300),
        ("no-store", "cache.respect_cache_control = true", 0),
        ("public", "cache.respect_cache_control = true", 300),
    ] {
        let origin: Origin = counting(move |_, response, number| {
            let response = response.header("cache-control", says);
            response.body(Bytes::from(number)).expect("a response")
        })
        .await;
        let (gateway, clock) = started(&toml(&origin, ALL, &with_rules(rules))).await;
        let first = get(&gateway, "/dev/item").await;
        if seconds > 0 {
            clock.advance(Duration::from_secs(seconds - 1));
            assert_eq!(get(&gateway, "/dev/item").await, first, "{says} {rules}");
            clock.advance(Duration::from_secs(1));
        }
        assert_ne!(get(&gateway, "/dev/item").await, first, "{says} {rules}");
    }
}
