//! What may be kept, by the sections of RFC 9111.

use http::Version;

use super::*;
use crate::proxy::host::Host;
use crate::proxy::{Body, Call, Head};

fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

fn asked(method: &str, target: &str, fields: &[(&'static str, &'static str)]) -> Asked {
    let head = Head {
        method: method.parse().expect("a method"),
        target: target.parse().expect("a target"),
        below_stage: 0,
        host: Some(Host::from_static("api.example.com")),
        version: Version::HTTP_11,
        headers: map(fields),
    };
    Asked::of(
        &Call {
            head,
            body: Body::Empty,
        },
        true,
    )
}

fn answer(status: u16, fields: &[(&'static str, &'static str)]) -> Reply {
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: map(fields),
        body: Body::Whole(Bytes::from_static(b"body")),
    }
}

fn cache() -> Arc<EdgeCache> {
    let config = EdgeCacheConfig {
        memory_mib: 1,
        max_ttl_s: 1000,
    };
    EdgeCache::follow(None, &config)
}

const NOW: Duration = Duration::from_secs(10_000);

fn after(seconds: u64) -> Duration {
    NOW + Duration::from_secs(seconds)
}

/// Lets a response pass to its end.
async fn pass(cache: &Arc<EdgeCache>, asked: Asked, reply: Reply) {
    keep(cache, asked, reply, NOW).body.whole().await.expect("a body");
}

async fn told(cache: &EdgeCache, asked: &Asked, now: Duration) -> String {
    match cache.look(asked, now) {
        Looked::Fresh(reply) => {
            let age = reply
                .headers
                .get("age")
                .expect("an age")
                .to_str()
                .expect("text")
                .to_owned();
            let body = reply.body.whole().await.expect("a body");
            format!(
                "{} {} age {age}",
                reply.status.as_u16(),
                String::from_utf8_lossy(&body)
            )
        }
        Looked::Stale(_) => "stale".to_owned(),
        Looked::Absent => "absent".to_owned(),
        Looked::OnlyIfCached => "only if cached".to_owned(),
    }
}

#[tokio::test]
async fn what_may_be_kept() {
    const GOOD: (&str, &str) = ("cache-control", "max-age=60");
    for (name, request, status, response, expected) in [
        ("3: max-age", &[][..], 200, &[GOOD][..], "200 body age 5"),
        ("3: nothing said", &[], 200, &[], "absent"),
        (
            "3: public alone says not how long",
            &[],
            200,
            &[("cache-control", "public")],
            "absent",
        ),
        (
            "3: no-store",
            &[],
            200,
            &[("cache-control", "max-age=60, no-store")],
            "absent",
        ),
        (
            "3: private",
            &[],
            200,
            &[("cache-control", "private, max-age=60")],
            "absent",
        ),
        (
            "3: private with names",
            &[],
            200,
            &[("cache-control", "private=\"x\", max-age=60")],
            "absent",
        ),
        (
            "5.2.2.4: no-cache",
            &[],
            200,
            &[("cache-control", "no-cache, max-age=60")],
            "absent",
        ),
        ("3: a status that is not understood", &[], 418, &[GOOD], "absent"),
        ("3: 404", &[], 404, &[GOOD], "404 body age 5"),
        ("3.3: a part", &[], 206, &[GOOD], "absent"),
        (
            "3: the request says no-store",
            &[("cache-control", "no-store")],
            200,
            &[GOOD],
            "absent",
        ),
        (
            "3.5: Authorization",
            &[("authorization", "Bearer x")],
            200,
            &[GOOD],
            "absent",
        ),
        ("3.5: an API key", &[("x-api-key", "k")], 200, &[GOOD], "absent"),
        (
            "3.5: public",
            &[("authorization", "x")],
            200,
            &[("cache-control", "public, max-age=60")],
            "200 body age 5",
        ),
        (
            "3.5: s-maxage",
            &[("authorization", "x")],
            200,
            &[("cache-control", "s-maxage=60")],
            "200 body age 5",
        ),
        (
            "3.5: must-revalidate",
            &[("authorization", "x")],
            200,
            &[("cache-control", "max-age=60, must-revalidate")],
            "200 body age 5",
        ),
        ("4.1: Vary *", &[], 200, &[GOOD, ("vary", "*")], "absent"),
        (
            "4.2.1: s-maxage comes first",
            &[],
            200,
            &[("cache-control", "max-age=60, s-maxage=0")],
            "absent",
        ),
        (
            "4.2.1: s-maxage, the other way round",
            &[],
            200,
            &[("cache-control", "max-age=0, s-maxage=60")],
            "200 body age 5",
        ),
        (
            "4.2.1: no number",
            &[],
            200,
            &[("cache-control", "max-age=soon")],
            "absent",
        ),
        ("4.2.3: Age", &[], 200, &[GOOD, ("age", "20")], "200 body age 25"),
        (
            "4.2.3: older than fresh",
            &[],
            200,
            &[GOOD, ("age", "60")],
            "absent",
        ),
        (
            "4.2.3: an age that is none",
            &[],
            200,
            &[GOOD, ("age", "x")],
            "absent",
        ),
        (
            "7.3: Set-Cookie",
            &[],
            200,
            &[GOOD, ("set-cookie", "a=1")],
            "absent",
        ),
    ] {
        let cache = cache();
        pass(&cache, asked("GET", "/x", request), answer(status, response)).await;
        assert_eq!(
            told(&cache, &asked("GET", "/x", &[]), after(5)).await,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_may_be_answered() {
    let cache = cache();
    let fields = [
        ("cache-control", "max-age=60"),
        ("etag", "\"1\""),
        ("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ];
    pass(&cache, asked("GET", "/x?a=1", &[]), answer(200, &fields)).await;
    for (name, method, target, request, seconds, expected) in [
        ("4: the same", "GET", "/x?a=1", &[][..], 5, "200 body age 5"),
        ("4: another query", "GET", "/x?a=2", &[], 5, "absent"),
        ("4: HEAD", "HEAD", "/x?a=1", &[], 5, "200  age 5"),
        ("4: POST", "POST", "/x?a=1", &[], 5, "absent"),
        ("4.2: not fresh any more", "GET", "/x?a=1", &[], 60, "stale"),
        ("4.2: long gone", "GET", "/x?a=1", &[], 700, "absent"),
        (
            "5.2.1.1: max-age",
            "GET",
            "/x?a=1",
            &[("cache-control", "max-age=4")],
            5,
            "stale",
        ),
        (
            "5.2.1.1: a greater one",
            "GET",
            "/x?a=1",
            &[("cache-control", "max-age=5")],
            5,
            "200 body age 5",
        ),
        (
            "5.2.1.4: no-cache",
            "GET",
            "/x?a=1",
            &[("cache-control", "no-cache")],
            5,
            "stale",
        ),
        (
            "5.2.1.5: no-store",
            "GET",
            "/x?a=1",
            &[("cache-control", "no-store")],
            5,
            "absent",
        ),
        (
            "5.2.1.7: only-if-cached",
            "GET",
            "/x?a=1",
            &[("cache-control", "only-if-cached")],
            5,
            "200 body age 5",
        ),
        (
            "5.2.1.7: when there is none",
            "GET",
            "/y",
            &[("cache-control", "only-if-cached")],
            5,
            "only if cached",
        ),
        (
            "5.4: Pragma",
            "GET",
            "/x?a=1",
            &[("pragma", "no-cache")],
            5,
            "stale",
        ),
        (
            "4.3.2: the client has it",
            "GET",
            "/x?a=1",
            &[("if-none-match", "\"0\", W/\"1\"")],
            5,
            "304  age 5",
        ),
        (
            "4.3.2: it has another",
            "GET",
            "/x?a=1",
            &[("if-none-match", "\"2\"")],
            5,
            "200 body age 5",
        ),
        (
            "4.3.2: by its date",
            "GET",
            "/x?a=1",
            &[("if-modified-since", "Mon, 01 Jan 2024 00:00:00 GMT")],
            5,
            "304  age 5",
        ),
        (
            "RFC 9110, 14: a range",
            "GET",
            "/x?a=1",
            &[("range", "bytes=0-1")],
            5,
            "absent",
        ),
    ] {
        let found = told(&cache, &asked(method, target, request), after(seconds)).await;
        assert_eq!(found, expected, "{name}");
    }
}

/// Section 4.1.
#[tokio::test]
async fn variants_are_told_apart() {
    let cache = cache();
    let fields = [
        ("cache-control", "max-age=60"),
        ("vary", "Accept-Language, X-Other"),
    ];
    let german = [("accept-language", "de")];
    pass(&cache, asked("GET", "/x", &german), answer(200, &fields)).await;
    assert_eq!(
        told(&cache, &asked("GET", "/x", &german), NOW).await,
        "200 body age 0"
    );
    assert_eq!(told(&cache, &asked("GET", "/x", &[]), NOW).await, "absent");
    pass(&cache, asked("GET", "/x", &[]), answer(404, &fields)).await;
    assert_eq!(
        told(&cache, &asked("GET", "/x", &[]), NOW).await,
        "404 body age 0"
    );
    assert_eq!(
        told(&cache, &asked("GET", "/x", &german), NOW).await,
        "200 body age 0"
    );
}

/// Sections 4.3.1 and 4.3.4.
#[tokio::test]
async fn a_region_says_that_it_is_still_good() {
    let cache = cache();
    let fields = [
        ("cache-control", "max-age=60"),
        ("etag", "\"1\""),
        ("x-old", "1"),
        ("content-type", "text/plain"),
    ];
    pass(&cache, asked("GET", "/x", &[]), answer(200, &fields)).await;
    let again = asked("GET", "/x", &[("if-none-match", "\"mine\"")]);
    let Looked::Stale(stale) = cache.look(&again, after(60)) else {
        panic!("it is stale")
    };
    let mut headers = map(&[("if-none-match", "\"mine\"")]);
    stale.make_conditional(&mut headers);
    assert_eq!(headers, map(&[("if-none-match", "\"1\"")]));
    let told_by_region = map(&[("cache-control", "max-age=30"), ("etag", "\"1\""), ("x-old", "2")]);
    let reply = cache.renew(&again, stale, &told_by_region, after(60));
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["x-old"]),
        (200, &HeaderValue::from_static("2"))
    );
    assert_eq!(reply.headers["content-type"], "text/plain");
    assert_eq!(
        told(&cache, &asked("GET", "/x", &[]), after(89)).await,
        "200 body age 29"
    );
    assert_eq!(told(&cache, &asked("GET", "/x", &[]), after(90)).await, "stale");
}

#[tokio::test]
async fn a_stage_may_change_its_mind() {
    let cache = cache();
    let fields = [("cache-control", "max-age=60"), ("etag", "\"1\"")];
    pass(&cache, asked("GET", "/x", &[]), answer(200, &fields)).await;
    let again = asked("GET", "/x", &[]);
    let Looked::Stale(stale) = cache.look(&again, after(60)) else {
        panic!("it is stale")
    };
    let reply = cache.renew(&again, stale, &map(&[("cache-control", "no-store")]), after(60));
    assert_eq!(reply.status, 200);
    assert_eq!(told(&cache, &again, after(60)).await, "absent");
}

#[tokio::test]
async fn memory_is_bounded() {
    let cache = cache();
    for number in 0..64 {
        let reply = Reply {
            body: Body::Whole(Bytes::from(vec![b'x'; 64 * 1024])),
            ..answer(200, &[("cache-control", "max-age=60")])
        };
        pass(&cache, asked("GET", &format!("/{number}"), &[]), reply).await;
        assert!(cache.bytes() <= 1024 * 1024, "{}", cache.bytes());
    }
    assert!(cache.bytes() > 512 * 1024, "{}", cache.bytes());
}

/// Section 4.4.
#[tokio::test]
async fn what_was_changed_is_forgotten() {
    for (method, status, expected) in [
        ("POST", 201, "absent"),
        ("DELETE", 404, "200 body age 0"),
        ("OPTIONS", 200, "200 body age 0"),
    ] {
        let cache = cache();
        pass(
            &cache,
            asked("GET", "/x", &[]),
            answer(200, &[("cache-control", "max-age=60")]),
        )
        .await;
        pass(&cache, asked(method, "/x", &[]), answer(status, &[])).await;
        assert_eq!(
            told(&cache, &asked("GET", "/x", &[]), NOW).await,
            expected,
            "{method} {status}"
        );
    }
}

#[tokio::test]
async fn nothing_is_fresh_for_longer_than_the_file_says() {
    let cache = cache();
    pass(
        &cache,
        asked("GET", "/x", &[]),
        answer(200, &[("cache-control", "max-age=5000")]),
    )
    .await;
    assert_eq!(
        told(&cache, &asked("GET", "/x", &[]), after(999)).await,
        "200 body age 999"
    );
    assert_eq!(
        told(&cache, &asked("GET", "/x", &[]), after(1000)).await,
        "absent"
    );
}
