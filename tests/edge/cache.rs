//! What is kept near clients. The rules are a table of their own beside them (`gateway/src/edge/cache/tests.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use http::{Request, Response};
use hyper::body::Incoming;
use portcullis_tests::https::Https;

use super::support::*;

/// A region whose answers are numbered, with the header `cache-control` that the query says.
async fn numbered(authorities: &Authorities) -> Mock {
    let count = Arc::<AtomicUsize>::default();
    Mock::start(authorities, move |request: Request<Incoming>| {
        let number = count.fetch_add(1, Relaxed);
        let says = request.uri().query().unwrap_or_default().replace('+', " ");
        let response = match request.headers().get("if-none-match") {
            Some(tag) if tag == "\"1\"" => Response::builder().status(304).header("x-number", number),
            _ => Response::builder()
                .header("x-number", number)
                .header("etag", "\"1\""),
        };
        let is_same = request.headers().contains_key("if-none-match");
        let response = response.header("cache-control", says);
        async move {
            Ok(response
                .body(whole(if is_same { "" } else { "kept" }))
                .expect("a response"))
        }
    })
    .await
}

#[tokio::test]
async fn what_a_stage_allows_is_kept() {
    let authorities = Authorities::new();
    let mock = numbered(&authorities).await;
    let more = format!("cache = {{ memory_mib = 1 }}\n{}", region("eu", mock.address));
    let edge = Edge::start(&toml(&more), authorities.files()).await;
    for (name, path, headers, x_cache, number) in [
        ("first", "/a?max-age=60", &[][..], "Miss from portcullis", "0"),
        ("again", "/a?max-age=60", &[], "Hit from portcullis", "0"),
        ("private", "/a?private", &[], "Miss from portcullis", "1"),
        ("private again", "/a?private", &[], "Miss from portcullis", "2"),
        (
            "must be asked",
            "/a?max-age=60",
            &[("cache-control", "no-cache")],
            "RefreshHit from portcullis",
            "3",
        ),
        ("and is kept so", "/a?max-age=60", &[], "Hit from portcullis", "3"),
    ] {
        let answer = edge.get(path, headers).await;
        let told = (
            answer.status.as_u16(),
            answer.header("x-cache"),
            answer.header("x-number"),
            answer.text(),
        );
        assert_eq!(told, (200, x_cache, number, "kept"), "{name}");
        assert_eq!(
            answer.headers.contains_key("age"),
            x_cache.starts_with("Hit"),
            "{name}"
        );
        assert_eq!(answer.headers.get_all("via").iter().count(), 1, "{name}");
    }
    let head = edge.send("HEAD", "/a?max-age=60", &[], b"").await;
    assert_eq!(
        (head.header("x-cache"), head.header("content-length"), head.text()),
        ("Hit from portcullis", "4", "")
    );
    let has_it = edge.get("/a?max-age=60", &[("if-none-match", "\"1\"")]).await;
    assert_eq!(
        (has_it.status.as_u16(), has_it.header("x-cache")),
        (304, "Hit from portcullis")
    );
    assert_eq!(mock.seen().len(), 4);
    assert_eq!(
        edge.metric("portcullis_edge_answers_total{from=\"hit\"}").await,
        4.0
    );
    assert!(edge.metric("portcullis_edge_cache_bytes").await > 0.0);
}

#[tokio::test]
async fn without_a_cache_nothing_is() {
    let authorities = Authorities::new();
    let mock = numbered(&authorities).await;
    let edge = Edge::start(&toml(&region("eu", mock.address)), authorities.files()).await;
    for number in ["0", "1"] {
        let answer = edge.get("/a?max-age=60", &[]).await;
        assert_eq!(
            (answer.header("x-cache"), answer.header("x-number")),
            ("Miss from portcullis", number)
        );
    }
}

#[tokio::test]
async fn a_longest_time_counts() {
    let authorities = Authorities::new();
    let mock = numbered(&authorities).await;
    let more = format!(
        "cache = {{ memory_mib = 1, max_ttl_s = 1 }}\n{}",
        region("eu", mock.address)
    );
    let edge = Edge::start(&toml(&more), authorities.files()).await;
    edge.get("/a?max-age=60", &[]).await;
    eventually("it is asked about", async || {
        edge.get("/a?max-age=60", &[]).await.header("x-cache") == "RefreshHit from portcullis"
    })
    .await;
}

/// A region may refuse a host that the handshake did not name: whoever asks so gets nothing that is kept, and makes nothing kept. What was
/// changed so is forgotten.
#[tokio::test]
async fn a_host_that_the_handshake_did_not_name_is_the_regions_matter() {
    const HOST: &str = "api.example.com";
    let authorities = Authorities::new();
    let mock = numbered(&authorities).await;
    let files = authorities.files();
    write(&files, "server", &authorities.regions.issue("localhost"));
    write(&files, "host", &authorities.regions.issue(HOST));
    let more = format!("cache = {{ memory_mib = 1 }}\n{}", region("eu", mock.address));
    let toml = toml(&more).replace(
        r#""127.0.0.1:0" }]"#,
        r#""127.0.0.1:0", tls = { certificates = [{ certificate = "server.pem", key = "server.key" }, { certificate = "host.pem", key = "host.key" }] } }]"#,
    );
    let edge = Edge::start(&toml, files).await;
    let client = Https::trusting(&authorities.regions);
    let (named, fronted) = (client.naming(HOST), client.asking(HOST));
    let x_cache = async |client: &Https| {
        let answer = client
            .get(edge.address(), "/a?max-age=60", &[])
            .await
            .expect("an answer");
        answer.headers["x-cache"].to_str().expect("text").to_owned()
    };
    let (miss, hit) = ("Miss from portcullis", "Hit from portcullis");
    assert_eq!(x_cache(&fronted).await, miss);
    assert_eq!(x_cache(&named).await, miss, "nothing was kept");
    assert_eq!(x_cache(&named).await, hit);
    assert_eq!(x_cache(&fronted).await, miss);
    let put = format!(
        "PUT /a?max-age=60 HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let answer = client.raw(edge.address(), put.as_bytes()).await;
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    assert_eq!(x_cache(&named).await, miss, "it is forgotten");
}
