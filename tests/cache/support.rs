//! A gateway with a cached stage, before a backend that never answers the same twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use http::Response;
use portcullis::clock::ManualClock;
use portcullis::node::Options;
use portcullis_testkit::{Answer, Files, Origin, Recorded, Running};

/// A backend that counts: each answer has its number, and what `with` makes of it.
pub(crate) async fn counting(
    with: impl Fn(&Recorded, http::response::Builder, String) -> Response<Bytes> + Send + Sync + 'static,
) -> Origin {
    let count = AtomicUsize::new(0);
    Origin::start(move |request| {
        let number = count.fetch_add(1, Relaxed) + 1;
        with(request, Response::builder(), number.to_string())
    })
    .await
}

/// One that answers 200 with the number alone.
pub(crate) async fn plain() -> Origin {
    counting(|_, response, number| response.body(Bytes::from(number)).expect("a response")).await
}

/// A file with one API, `shop`, whose stage `dev` is cached, whatever stands for the rest of it; `ORIGIN` is the backend.
pub(crate) fn toml(origin: &Origin, stage: &str, routes: &str) -> String {
    let text = format!(
        r#"
        {{listener shop}}
        [control]
        address = "127.0.0.1:0"
        [apis.shop.stages.dev]
        cache = {{ capacity_mib = 64 }}
        {stage}
        {routes}
        "#
    );
    text.replace("ORIGIN", &origin.authority())
}

/// The methods of a stage are cached.
pub(crate) const ALL: &str = "methods.\"*/*\" = { caching = true }";

/// `GET /item?q=`, whose `q` is a key.
pub(crate) const ITEM: &str = r#"
    [[apis.shop.routes]]
    path = "/item"
    method = "ANY"
    cache.key_parameters = ["method.request.querystring.q"]
    integration = { type = "http_proxy", uri = "http://ORIGIN/item" }
"#;

/// A gateway, and the clock that it goes by.
pub(crate) async fn started(toml: &str) -> (Running, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let options = Options {
        clock: Some(clock.clone()),
        ..Options::default()
    };
    (Running::start_with(toml, Files::default(), options).await, clock)
}

/// The body of `GET path`, which is answered with 200.
pub(crate) async fn get(gateway: &Running, path: &str) -> String {
    let answer = gateway.get(path, &[]).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.text().to_owned()
}

/// The same of an answer, with headers.
pub(crate) async fn with(gateway: &Running, path: &str, headers: &[(&str, &str)]) -> Answer {
    gateway.get(path, headers).await
}
