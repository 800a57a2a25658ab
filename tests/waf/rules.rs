//! What the rules block, over sockets.

use std::sync::Arc;
use std::time::Duration;

use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Files, Origin, Running};
use portcullis_tests::gateways::{FORBIDDEN, assert_refused};

use super::{guarded, started};

const PATTERNS: &str = r#"
    { type = "sql_injection", name = "sql", look_at = ["path", "query", "cookies", "body"], headers = ["Referer"] },
    { type = "cross_site_scripting", name = "xss", look_at = ["path", "query", "cookies", "body"] }
"#;

#[tokio::test]
async fn attacks_reach_no_backend() {
    let (gateway, origin) = started(PATTERNS).await;
    for (path, headers, body) in [
        ("/dev/a?q=1%27%20or%20%271%27=%271", &[][..], ""),
        ("/dev/a?q=1+union+select+1", &[], ""),
        ("/dev/a?q=%c0%a7+or+1=1--", &[], ""),
        ("/dev/a?q=%253Cscript%253E", &[], ""),
        ("/dev/items/1%27%20or%201=1--", &[], ""),
        ("/dev/a", &[("cookie", "a=1; id=1' or '1'='1")], ""),
        ("/dev/a", &[("referer", "1' or '1'='1")], ""),
        (
            "/dev/a",
            &[("content-type", "application/json")],
            r#"{"a": ["<svg onload=alert(1)>"]}"#,
        ),
        (
            "/dev/a",
            &[("content-type", "application/x-www-form-urlencoded")],
            "a=1&b=1%27+or+%271%27=%271",
        ),
    ] {
        let answer = gateway.send("POST", path, headers, body.as_bytes()).await;
        assert_refused(&answer, FORBIDDEN, path);
    }
    assert_eq!(origin.recorded().len(), 0);
    // The stage without a web ACL lets them through: they are the backend's own concern there.
    assert_eq!(gateway.get("/open/a?q=%3Cscript%3E", &[]).await.status, 200);
    for path in [
        "/dev/a?q=O%27Brien",
        "/dev/a?q=select+a+seat+from+the+union+station",
        "/dev/it%27s/1%3C2",
    ] {
        assert_eq!(gateway.get(path, &[]).await.status, 200, "{path}");
    }
    let body = "b=it's <b>bold</b> & x < 5";
    assert_eq!(
        gateway.send("POST", "/dev/a", &[], body.as_bytes()).await.status,
        200
    );
    assert_eq!(
        origin.recorded().last().expect("a request").body,
        body,
        "the body passes unchanged"
    );
}

#[tokio::test]
async fn a_caller_has_a_rate_and_all_instances_count_together() {
    let rule = r#"{ type = "rate", name = "r", limit = 5, seconds = 60 }"#;
    let origin = Origin::echo().await;
    // An instance for each call: what it counted itself would be gone with it.
    let toml =
        guarded(&origin, rule).replace("builtin = \"waf\"", "builtin = \"waf\"\nisolation = \"fresh\"");
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    let mut gateway = Running::start_with(&toml, Files::default(), options).await;
    for round in 0..2 {
        for call in 0..5 {
            assert_eq!(gateway.get("/dev/a", &[]).await.status, 200, "{round} {call}");
        }
        assert_refused(&gateway.get("/dev/a", &[]).await, FORBIDDEN, "the sixth");
        clock.advance(Duration::from_secs(59));
        assert_refused(
            &gateway.get("/dev/a", &[]).await,
            FORBIDDEN,
            "before its time is over",
        );
        clock.advance(Duration::from_secs(1));
    }
    // A changed configuration does not begin anew.
    for _ in 0..5 {
        gateway.get("/dev/a", &[]).await;
    }
    let outcome = gateway.rewrite(&toml.replace("limit = 5", "limit = 4")).await;
    assert!(!outcome.has_errors(), "{outcome:?}");
    assert_refused(&gateway.get("/dev/a", &[]).await, FORBIDDEN, "after a reload");
}

#[tokio::test]
async fn a_group_that_counts_lets_pass() {
    let rule = r#"{ type = "cross_site_scripting", name = "xss", action = "count" }"#;
    let (gateway, origin) = started(rule).await;
    assert_eq!(gateway.get("/dev/a?q=%3Cscript%3E", &[]).await.status, 200);
    assert_eq!(origin.recorded().len(), 1);
}

#[tokio::test]
async fn addresses_and_sizes() {
    let rules = r#"
        { type = "ip", name = "nobody", addresses = ["203.0.113.0/24"] },
        { type = "size", name = "small", query = 8, body = 16, exclude_paths = ["/large"] }
    "#;
    let (gateway, _origin) = started(rules).await;
    assert_eq!(gateway.get("/dev/a?q=12345", &[]).await.status, 200);
    assert_refused(&gateway.get("/dev/a?q=1234567", &[]).await, FORBIDDEN, "query");
    assert_eq!(gateway.send("POST", "/dev/a", &[], &[b'x'; 16]).await.status, 200);
    assert_refused(
        &gateway.send("POST", "/dev/a", &[], &[b'x'; 17]).await,
        FORBIDDEN,
        "body",
    );
    assert_eq!(
        gateway
            .send("POST", "/dev/large/a", &[], &[b'x'; 17])
            .await
            .status,
        200
    );
    assert_refused(
        &gateway.get("/dev/large2?q=1234567", &[]).await,
        FORBIDDEN,
        "not below",
    );
    let (gateway, _origin) = started(r#"{ type = "ip", name = "here", addresses = ["127.0.0.0/8"] }"#).await;
    assert_refused(&gateway.get("/dev/a", &[]).await, FORBIDDEN, "address");
}
