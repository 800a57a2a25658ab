//! What the answers of functions mean. Sources: set-up-lambda-proxy-integrations.html (output format) and
//! http-api-develop-integrations-lambda.html (format 2.0) of the developer guide; answers of the service, recorded.

use portcullis_testkit::Answer;
use portcullis_tests::gateways::*;

use super::{BAD_GATEWAY, INTERNAL, SECOND, got};

fn values(answer: &Answer, name: &str) -> Vec<String> {
    let values = answer.headers.get_all(name).iter();
    values
        .map(|value| value.to_str().expect("text").to_owned())
        .collect()
}

#[tokio::test]
async fn an_answer_is_the_response() {
    let text = r#"{"statusCode":"201","headers":{"X-One":"1","x-yes":true,"content-type":"text/plain","Date":"then","Content-Length":"99"},
        "multiValueHeaders":{"x-one":["2","3"],"Set-Cookie":["a=1","b=2"]},"body":"hello","isBase64Encoded":false}"#;
    let answer = got("", text, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (201, "hello"));
    assert_eq!(values(&answer, "x-one"), ["2", "3", "1"]);
    assert_eq!(values(&answer, "set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.header("x-yes"), "true");
    assert_eq!(answer.header("content-type"), "text/plain");
    // behaviours: what the gateway has itself comes back under another name.
    assert_eq!(answer.header("x-amzn-remapped-date"), "then");
    assert_eq!(answer.header("x-amzn-remapped-content-length"), "99");
    assert!(answer.header("x-amzn-trace-id").starts_with("Root=1-"));
    assert_ids(&answer, "ids");
}

#[tokio::test]
async fn what_is_not_said_is_the_least() {
    for text in [
        r#"{"statusCode":200}"#,
        r#"{"headers":{}}"#,
        r#"{"headers":null,"multiValueHeaders":null,"body":null}"#,
    ] {
        let answer = got("", text, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""), "{text}");
        assert_eq!(answer.header("content-type"), "application/json", "{text}");
    }
}

#[tokio::test]
async fn anything_else_is_a_bad_gateway() {
    for text in [
        "",
        "no JSON",
        "null",
        "[]",
        "\"ok\"",
        "{}",
        r#"{"statusCode":200,"more":1}"#,
        r#"{"statusCode":"test"}"#,
        r#"{"statusCode":99}"#,
        r#"{"headers":"a"}"#,
        r#"{"headers":{"a":{}}}"#,
        r#"{"headers":{"a":"b\r\nx-injected: c"}}"#,
        r#"{"multiValueHeaders":{"a":"b"}}"#,
        r#"{"body":{"a":1}}"#,
        r#"{"isBase64Encoded":"perhaps"}"#,
        r#"{"statusCode":200,"cookies":[]}"#,
    ] {
        let answer = got("", text, &[]).await;
        assert_refused(&answer, BAD_GATEWAY, text);
    }
}

#[tokio::test]
async fn base64_is_decoded_for_who_accepts_bytes() {
    let text = r#"{"body":"AAEC","isBase64Encoded":true,"headers":{"content-type":"image/png"}}"#;
    let answer = got("", text, &[("accept", "image/png")]).await;
    assert_eq!(answer.body[..], [0, 1, 2]);
    for accept in ["text/plain", "text/plain, image/png", "*/*"] {
        let answer = got("", text, &[("accept", accept)]).await;
        assert_eq!(answer.text(), "AAEC", "{accept}: only the first type counts");
    }
    let bad = r#"{"body":"no base64","isBase64Encoded":true}"#;
    let answer = got("", bad, &[("accept", "image/png")]).await;
    assert_refused(&answer, INTERNAL, "no base64");
}

#[tokio::test]
async fn format_2_infers_a_response() {
    for (text, body) in [
        (r#""Hello from Lambda!""#, "Hello from Lambda!"),
        (r#"{"message":"Hello"}"#, r#"{"message":"Hello"}"#),
        ("{}", "{}"),
    ] {
        let answer = got(SECOND, text, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, body), "{text}");
        assert_eq!(answer.header("content-type"), "application/json", "{text}");
    }
    let text = r#"{"statusCode":202,"cookies":["a=1","b=2"],"headers":{"x":"y"},"body":"AAEC","isBase64Encoded":true}"#;
    let answer = got(SECOND, text, &[]).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (202, &[0, 1, 2][..]));
    assert_eq!(
        (values(&answer, "set-cookie"), answer.header("x")),
        (vec!["a=1".to_owned(), "b=2".to_owned()], "y")
    );
    assert_refused(&got(SECOND, "no JSON", &[]).await, BAD_GATEWAY, "no JSON");
    assert_refused(
        &got(SECOND, r#"{"statusCode":"x"}"#, &[]).await,
        BAD_GATEWAY,
        "no status",
    );
}
