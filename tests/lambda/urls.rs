//! Functions with a URL: they are sent requests as they are. Source: urls-invocation.html of the Lambda guide.

use bytes::Bytes;
use http::Response;
use portcullis_sigv4::{Payload, Policy, Presented, RequestParts, Secret};
use portcullis_testkit::{Files, Origin, Running};
use portcullis_tests::lambda::KEY;

fn toml(origin: &Origin, credentials: &str) -> String {
    format!(
        r#"
        {{listener api}}
        [lambda]
        {credentials}
        [lambda.functions.f]
        url = "http://{}"
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{{proxy+}}"
        integration = {{ type = "lambda", function = "f" }}
        "#,
        origin.authority()
    )
}

async fn origin() -> Origin {
    Origin::start(|_| {
        let response = Response::builder().status(202).header("x-function", "f");
        response.body(Bytes::from_static(b"hello")).expect("a response")
    })
    .await
}

#[tokio::test]
async fn a_function_url_is_sent_the_request() {
    let origin = origin().await;
    let gateway = Running::of(&toml(&origin, "")).await;
    let headers = [("x-one", "1"), ("authorization", "mine")];
    let answer = gateway
        .send("PUT", "/dev/a/b%20c?q=1&q=2", &headers, b"body")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.text(), answer.header("x-function")),
        (202, "hello", "f")
    );
    let recorded = origin.recorded().pop().expect("a request");
    assert_eq!(
        (recorded.method.as_str(), recorded.target.as_str()),
        ("PUT", "/a/b%20c?q=1&q=2")
    );
    assert_eq!(&recorded.body[..], b"body");
    assert_eq!(recorded.headers["x-one"], "1");
    assert_eq!(recorded.headers["authorization"], "mine");
    assert_eq!(recorded.headers["host"], origin.authority().as_str());
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "a server has its own clock")]
async fn it_is_signed_where_there_are_credentials() {
    let origin = origin().await;
    let files = Files::default();
    files.write(
        "aws.credentials",
        format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            KEY.0, KEY.1
        ),
    );
    let credentials = "region = \"eu-central-1\"\ncredentials = { file = \"aws.credentials\" }";
    let gateway = Running::start(&toml(&origin, credentials), files).await;
    let headers = [("authorization", "mine")];
    assert_eq!(
        gateway
            .send("POST", "/dev/a%20b?q=1", &headers, b"body")
            .await
            .status,
        202
    );
    let recorded = origin.recorded().pop().expect("a request");
    let (path, query) = recorded.target.split_once('?').expect("a query");
    let headers: Vec<(&str, &[u8])> = recorded
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let parts = RequestParts {
        method: &recorded.method,
        path: path.as_bytes(),
        query: query.as_bytes(),
        headers: &headers,
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a time")
        .as_secs();
    let policy = Policy::new("lambda", i64::try_from(now).expect("a time"));
    let presented = Presented::parse(&parts, &policy).expect("a signature");
    assert_eq!(
        (presented.access_key_id(), presented.region()),
        (KEY.0, "eu-central-1")
    );
    let secret = Secret::new(KEY.1.to_owned());
    presented
        .verify(&parts, &secret, Payload::Bytes(&recorded.body))
        .expect("it is verified");
}
