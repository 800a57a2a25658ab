//! Buckets of methods and of all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use portcullis_testkit::Files;
use portcullis_tests::gateways::{assert_refused, guests};

use super::{TOO_MANY, pass, started};

const ROUTES: &str = r#"
[control]
address = "127.0.0.1:0"
[[apis.api.routes]]
path = "/a"
method = "GET"
integration = { type = "mock" }
[[apis.api.routes]]
path = "/b"
integration = { type = "mock" }
[[apis.api.routes]]
path = "/free"
integration = { type = "mock" }
"#;

fn limited(methods: &str) -> String {
    format!("{{listener api}}\n[apis.api.stages.dev]\n{methods}\n[apis.api.stages.prod]\n{ROUTES}")
}

/// A limit of all methods is one of each.
#[tokio::test]
async fn each_method_of_a_stage_has_a_bucket() {
    let toml = limited(
        "methods.'*/*'.throttle = { rate = 2, burst = 3 }\nmethods.'/a/GET'.throttle = { rate = 1, burst = 1 }\n\
         methods.'/free/ANY'.throttle = {}",
    );
    let (gateway, clock) = started(&toml, Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 5).await, 1);
    assert_refused(&gateway.get("/dev/a", &[]).await, TOO_MANY, "a");
    assert_eq!(pass(&gateway, "/dev/b", &[], 5).await, 3);
    assert_eq!(pass(&gateway, "/dev/free", &[], 50).await, 50);
    assert_eq!(pass(&gateway, "/prod/a", &[], 5).await, 5, "another stage");
    clock.advance(Duration::from_millis(999));
    assert_eq!(pass(&gateway, "/dev/a", &[], 5).await, 0);
    assert_eq!(pass(&gateway, "/dev/b", &[], 5).await, 1);
    clock.advance(Duration::from_millis(1));
    assert_eq!(pass(&gateway, "/dev/a", &[], 5).await, 1);
    assert_eq!(pass(&gateway, "/dev/b", &[], 5).await, 1);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        pass(&gateway, "/dev/b", &[], 9).await,
        3,
        "no more than its burst"
    );
    let metrics = gateway.metrics().await;
    let refused = |scope| {
        metrics.sum(
            "portcullis_throttled_total",
            &[("scope", scope), ("stage", "dev")],
        )
    };
    assert!(refused("method") > 20.0);
    assert_eq!(refused("account"), 0.0);
    gateway.stop().await;
}

#[tokio::test]
async fn a_rate_or_a_burst_of_nothing_lets_nobody_pass() {
    for throttle in [
        "{ rate = 0 }",
        "{ burst = 0 }",
        "{ rate = 0, burst = 5 }",
        "{ rate = 5, burst = 0 }",
    ] {
        let (gateway, clock) = started(
            &limited(&format!("methods.'*/*'.throttle = {throttle}")),
            Files::default(),
        )
        .await;
        clock.advance(Duration::from_secs(60));
        assert_eq!(pass(&gateway, "/dev/a", &[], 2).await, 0, "{throttle}");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn what_is_said_by_halves_is_a_second() {
    for (throttle, at_once, in_a_second) in [("{ rate = 2.5 }", 3, 2), ("{ burst = 4 }", 4, 4)] {
        let (gateway, clock) = started(
            &limited(&format!("methods.'*/*'.throttle = {throttle}")),
            Files::default(),
        )
        .await;
        assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, at_once, "{throttle}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, in_a_second, "{throttle}");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn all_requests_share_one_bucket_and_what_it_refuses_is_not_taken_from_methods() {
    let toml = |account: &str| {
        format!(
            "throttle = {account}\n{}",
            limited("methods.'/a/GET'.throttle = { rate = 1, burst = 4 }")
        )
    };
    let (mut gateway, clock) = started(&toml("{ rate = 1, burst = 3 }"), Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/b", &[], 1).await, 1);
    assert_eq!(pass(&gateway, "/prod/b", &[], 1).await, 1);
    assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, 1);
    assert_refused(&gateway.get("/dev/free", &[]).await, TOO_MANY, "of all");
    assert_eq!(
        gateway.get("/nowhere/a", &[]).await.status,
        403,
        "no stage, and so nothing to shed"
    );
    gateway.rewrite(&toml("{}")).await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, 3, "of its four");
    // With a limit again: full, since there was none.
    gateway.rewrite(&toml("{ rate = 1, burst = 2 }")).await;
    assert_eq!(pass(&gateway, "/dev/b", &[], 9).await, 2);
    gateway.rewrite(&toml("{ rate = 10, burst = 20 }")).await;
    assert_eq!(
        pass(&gateway, "/dev/b", &[], 9).await,
        0,
        "a change refills nothing"
    );
    clock.advance(Duration::from_millis(500));
    assert_eq!(pass(&gateway, "/dev/b", &[], 9).await, 5, "at the new rate");
    let metrics = gateway.metrics().await;
    assert!(metrics.sum("portcullis_throttled_total", &[("scope", "account")]) > 0.0);
    gateway.stop().await;
}

/// Beyond API Gateway, whose stages have limits of their methods alone.
#[tokio::test]
async fn a_stage_has_a_bucket_for_all_its_methods() {
    let of = |throttle: &str| {
        limited(&format!(
            "throttle = {throttle}\nmethods.'/a/GET'.throttle = {{ rate = 1, burst = 4 }}"
        ))
    };
    let (mut gateway, clock) = started(&of("{ rate = 1, burst = 3 }"), Files::default()).await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 2).await, 2);
    assert_eq!(pass(&gateway, "/dev/b", &[], 9).await, 1);
    assert_refused(&gateway.get("/dev/a", &[]).await, TOO_MANY, "the stage");
    assert_eq!(pass(&gateway, "/prod/a", &[], 9).await, 9, "another stage");
    clock.advance(Duration::from_secs(1));
    assert_eq!(pass(&gateway, "/dev/b", &[], 9).await, 1);
    gateway.rewrite(&of("{ rate = 100, burst = 100 }")).await;
    assert_eq!(
        pass(&gateway, "/dev/b", &[], 9).await,
        0,
        "a change refills nothing"
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        pass(&gateway, "/dev/a", &[], 9).await,
        4,
        "what the stage refused was not the method's"
    );
    let metrics = gateway.metrics().await;
    assert!(metrics.sum("portcullis_throttled_total", &[("scope", "stage")]) > 0.0);
    gateway.stop().await;
}

/// Nothing is compiled anew that would forget it.
#[tokio::test]
async fn buckets_stay_as_full_as_they_are_over_reloads() {
    let of = |throttle: &str, more: &str| limited(&format!("methods.'*/*'.throttle = {throttle}\n{more}"));
    let (mut gateway, clock) = started(&of("{ rate = 1, burst = 3 }", ""), Files::default()).await;
    clock.advance(Duration::from_secs(100));
    assert_eq!(pass(&gateway, "/dev/a", &[], 2).await, 2);
    gateway
        .rewrite(&of("{ rate = 1, burst = 3 }", "variables.x = \"1\""))
        .await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, 1);
    gateway.rewrite(&of("{ rate = 5, burst = 50 }", "")).await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(pass(&gateway, "/dev/a", &[], 9).await, 5);
    gateway.rewrite(&limited("")).await;
    assert_eq!(pass(&gateway, "/dev/a", &[], 60).await, 60, "without a limit");
    gateway.stop().await;
}

/// An empty bucket is looked at before the authorizer is asked, and whom the authorizer refuses has taken nothing.
#[tokio::test]
async fn load_is_shed_before_the_authorizer_and_taken_after_it() {
    let toml = r#"
{listener api}
[control]
address = "127.0.0.1:0"
[plugins.decides]
file = "authorizer.wasm"
[apis.api.stages.dev]
methods.'*/*'.throttle = { rate = 1, burst = 2 }
[apis.api.authorizers.token]
type = "token"
plugin = "decides"
ttl_seconds = 0
[[apis.api.routes]]
path = "/a"
authorizer = "token"
integration = { type = "mock" }
"#;
    let (gateway, _clock) = started(toml, guests()).await;
    let asked = || async { portcullis_tests::gateways::calls(&gateway, "decides").await };
    for _ in 0..5 {
        let refused = gateway.get("/dev/a", &[("authorization", "deny")]).await;
        assert_ne!(refused.status, 429);
    }
    assert_eq!(asked().await, 5.0);
    assert_eq!(pass(&gateway, "/dev/a", &[("authorization", "ok")], 2).await, 2);
    assert_eq!(asked().await, 7.0);
    assert_refused(
        &gateway.get("/dev/a", &[("authorization", "ok")]).await,
        TOO_MANY,
        "shed",
    );
    assert_eq!(asked().await, 7.0, "nobody was asked");
    gateway.stop().await;
}

#[tokio::test]
async fn the_refusal_is_a_gateway_response() {
    let toml = format!(
        "{}\n[apis.api.gateway_responses.THROTTLED]\nstatus = 503\nheaders.Retry-After = \"'1'\"\n",
        limited("methods.'*/*'.throttle = { rate = 0 }")
    );
    let (gateway, _clock) = started(&toml, Files::default()).await;
    let refused = gateway.get("/dev/a", &[]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (503, "1")
    );
    gateway.stop().await;
}

/// 20,000 requests of eight clients while time goes on: as many pass as the burst and the rate say, to the request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_as_many_pass_as_may() {
    const STEPS: usize = 10_000;
    const BURST: usize = 500;
    let toml = limited("methods.'*/*'.throttle = { rate = 1000, burst = 500 }");
    let (gateway, clock) = started(&toml, Files::default()).await;
    let passed = Arc::new(AtomicUsize::new(0));
    let asked = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let url = gateway.url("/dev/a");
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (portcullis_testkit::Client::default(), url.clone());
            let (passed, asked, over) = (passed.clone(), asked.clone(), over.clone());
            tokio::spawn(async move {
                loop {
                    let last = over.load(Ordering::SeqCst);
                    let answer = client.send("GET", &url, &[], b"").await.expect("an answer");
                    asked.fetch_add(1, Ordering::SeqCst);
                    match answer.status.as_u16() {
                        200 => passed.fetch_add(1, Ordering::SeqCst),
                        429 if last => return,
                        429 => 0,
                        other => panic!("{other}"),
                    };
                }
            })
        })
        .collect();
    let answered = async |count: usize| {
        while asked.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
    };
    answered(BURST).await;
    for _ in 0..STEPS {
        // Two requests a token: what comes finds no full bucket.
        answered(asked.load(Ordering::SeqCst) + 2).await;
        clock.advance(Duration::from_millis(1));
    }
    over.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.expect("a client");
    }
    assert!(asked.load(Ordering::SeqCst) >= 2 * STEPS);
    assert_eq!(passed.load(Ordering::SeqCst), BURST + STEPS);
    gateway.stop().await;
}
