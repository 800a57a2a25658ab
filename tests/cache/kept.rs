//! What is kept, and for how long.

use std::time::Duration;

use bytes::Bytes;
use portcullis_testkit::Origin;

use crate::support::{ALL, ITEM, counting, get, plain, started, toml};

#[tokio::test]
async fn a_response_is_kept_for_its_time() {
    let origin = plain().await;
    for (settings, seconds) in [
        ("", 300),
        (", cache_ttl_seconds = 10", 10),
        (", cache_ttl_seconds = 3600", 3_600),
    ] {
        origin.forget();
        let stage = format!("methods.\"*/*\" = {{ caching = true{settings} }}");
        let (gateway, clock) = started(&toml(&origin, &stage, ITEM)).await;
        let first = get(&gateway, "/dev/item?q=1").await;
        clock.advance(Duration::from_secs(seconds - 1));
        assert_eq!(
            get(&gateway, "/dev/item?q=1").await,
            first,
            "{settings}: in its time"
        );
        clock.advance(Duration::from_secs(1));
        assert_ne!(
            get(&gateway, "/dev/item?q=1").await,
            first,
            "{settings}: after it"
        );
        assert_eq!(origin.recorded().len(), 2, "{settings}");
    }
}

#[tokio::test]
async fn nothing_is_kept_where_nobody_says_so() {
    let origin = plain().await;
    for (name, stage) in [
        ("no settings", ""),
        (
            "not this method",
            "methods.\"*/*\" = { caching = true }\nmethods.\"/item/ANY\" = { caching = false }",
        ),
        (
            "no time",
            "methods.\"*/*\" = { caching = true, cache_ttl_seconds = 0 }",
        ),
    ] {
        let (gateway, _) = started(&toml(&origin, stage, ITEM)).await;
        let first = get(&gateway, "/dev/item").await;
        assert_ne!(get(&gateway, "/dev/item").await, first, "{name}");
    }
    let without = toml(&origin, ALL, ITEM).replace("cache = { capacity_mib = 64 }", "");
    let (gateway, _) = started(&without).await;
    let first = get(&gateway, "/dev/item").await;
    assert_ne!(get(&gateway, "/dev/item").await, first, "no cache");
}

/// Source: the guide, "only GET methods have caching enabled by default … by overriding method settings".
#[tokio::test]
async fn other_verbs_than_get_are_kept_where_their_own_settings_say_so() {
    let origin = plain().await;
    let own = "methods.\"/item/ANY\" = { caching = true }";
    for (stage, verb, kept) in [
        (ALL, "GET", true),
        (ALL, "POST", false),
        (ALL, "HEAD", false),
        (own, "GET", true),
        (own, "POST", true),
    ] {
        origin.forget();
        let (gateway, _) = started(&toml(&origin, stage, ITEM)).await;
        for _ in 0..2 {
            gateway.send(verb, "/dev/item", &[], b"").await;
        }
        assert_eq!(origin.recorded().len() == 1, kept, "{verb} with {stage}");
    }
}

#[tokio::test]
async fn a_kept_response_is_the_same_but_for_what_is_its_requests() {
    let origin = counting(|_, response, number| {
        response
            .status(404)
            .header("content-type", "text/plain")
            .header("x-two", "1")
            .header("x-two", "2")
            .header("X-Odd", &b"\xe9"[..])
            .body(Bytes::from(number))
            .expect("a response")
    })
    .await;
    let (gateway, _) = started(&toml(&origin, ALL, ITEM)).await;
    let trace = [("x-amzn-trace-id", "Root=1-11111111-222222222222222222222222")];
    let first = gateway.get("/dev/item", &trace).await;
    let other = [("x-amzn-trace-id", "Root=1-33333333-444444444444444444444444")];
    let second = gateway.get("/dev/item", &other).await;
    assert_eq!(
        (first.status, second.status),
        (http::StatusCode::NOT_FOUND, http::StatusCode::NOT_FOUND)
    );
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("x-amzn-trace-id"), other[0].1);
    let rest = |answer: &portcullis_testkit::Answer| {
        let mut headers = answer.headers.clone();
        for own in ["x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id", "date"] {
            assert!(headers.remove(own).is_some(), "{own}: {headers:?}");
        }
        headers
    };
    assert_eq!(rest(&first), rest(&second));
    assert_ne!(
        first.header("x-amzn-requestid"),
        second.header("x-amzn-requestid")
    );
    assert_eq!(origin.recorded().len(), 1);
}

/// Of the statuses that are kept a 4xx is among, as on AWS; what is another client's own, or a failure, is not.
#[tokio::test]
async fn what_may_not_be_anothers_is_not_kept() {
    for (name, status, header, kept) in [
        ("a success", 200, ("x-a", "b"), true),
        ("a redirection", 302, ("location", "/"), true),
        ("not found", 404, ("x-a", "b"), true),
        ("throttled by the backend", 429, ("x-a", "b"), true),
        ("a failure", 500, ("x-a", "b"), false),
        ("unavailable", 503, ("x-a", "b"), false),
        ("a range", 206, ("content-range", "bytes 0-0/9"), false),
        ("a condition", 412, ("x-a", "b"), false),
        ("a cookie", 200, ("set-cookie", "session=1"), false),
        ("a coding", 200, ("content-encoding", "gzip"), false),
        ("no coding", 200, ("content-encoding", "identity"), true),
        ("events", 200, ("content-type", "text/event-stream"), false),
    ] {
        let origin = counting(move |_, response, number| {
            let response = response.status(status).header(header.0, header.1);
            response.body(Bytes::from(number)).expect("a response")
        })
        .await;
        let (gateway, _) = started(&toml(&origin, ALL, ITEM)).await;
        for _ in 0..2 {
            assert_eq!(gateway.get("/dev/item", &[]).await.status, status, "{name}");
        }
        assert_eq!(origin.recorded().len() == 1, kept, "{name}");
    }
}

#[tokio::test]
async fn a_coding_is_kept_where_it_is_a_key() {
    let origin = counting(|_, response, number| {
        let response = response.header("content-encoding", "br");
        response.body(Bytes::from(number)).expect("a response")
    })
    .await;
    let routes = ITEM.replace("querystring.q", "header.Accept-Encoding");
    let (gateway, _) = started(&toml(&origin, ALL, &routes)).await;
    for coding in ["br", "br", "gzip"] {
        gateway.get("/dev/item", &[("accept-encoding", coding)]).await;
    }
    assert_eq!(origin.recorded().len(), 2);
}

/// Source: the guide, "The maximum size of a response that can be cached is 1048576 bytes."
#[tokio::test]
async fn what_is_too_large_passes_and_is_not_kept() {
    const LIMIT: usize = 1_048_576;
    for (size, kept) in [(LIMIT, true), (LIMIT + 1, false), (3 * LIMIT, false)] {
        let origin = Origin::start(move |_| http::Response::new(Bytes::from(vec![b'x'; size]))).await;
        let (gateway, _) = started(&toml(&origin, ALL, ITEM)).await;
        for _ in 0..2 {
            assert_eq!(gateway.get("/dev/item", &[]).await.body.len(), size);
        }
        assert_eq!(origin.recorded().len() == 1, kept, "{size}");
    }
}

#[tokio::test]
async fn the_gateways_own_refusals_are_not_kept() {
    use portcullis_testkit::RawOrigin;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    // A request is sent once more where its connection is lost.
    let origin = RawOrigin::start(|mut stream, number| async move {
        let mut read = [0; 4096];
        let _ = stream.read(&mut read).await;
        if number >= 2 {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await;
        }
    })
    .await;
    let text = toml(&plain().await, ALL, "");
    let routes = ITEM.replace("ORIGIN", &origin.authority());
    let (gateway, _) = started(&format!("{text}{routes}")).await;
    assert_eq!(gateway.get("/dev/item", &[]).await.status, 504);
    assert_eq!(get(&gateway, "/dev/item").await, "ok");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_kept_too() {
    use portcullis_testkit::RawOrigin;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let origin = RawOrigin::start(|mut stream, number| async move {
        let mut read = [0; 4096];
        while stream.read(&mut read).await.is_ok_and(|read| read > 0) {
            let text = format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{number}\r\n2\r\nab\r\n0\r\n\r\n"
            );
            let _ = stream.write_all(text.as_bytes()).await;
        }
    })
    .await;
    let text = toml(&plain().await, ALL, "");
    let routes = ITEM.replace("ORIGIN", &origin.authority());
    let (gateway, _) = started(&format!("{text}{routes}")).await;
    let first = get(&gateway, "/dev/item").await;
    assert!(first.ends_with("ab"), "{first}");
    let answer = gateway.get("/dev/item", &[]).await;
    assert_eq!((answer.text(), answer.header("content-length")), (&*first, "3"));
    assert_eq!(origin.connections(), 1);
}
