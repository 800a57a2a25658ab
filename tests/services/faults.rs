//! All that can fail between the gateway and a service: the documented status and message.

use bytes::Bytes;
use http::Response;
use portcullis_testkit::{GatedOrigin, Hold, Origin, RawOrigin, Running};
use portcullis_tests::tls::Closed;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{definition, gateway, post, told};

const ACTION: &str = "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem";

async fn of(endpoint: &str, more: &str) -> Running {
    gateway(&definition(ACTION, more), &format!("http://{endpoint}"), "").await
}

fn refused(gateway: &portcullis_testkit::Answer) -> (u16, &str, &str) {
    gateway.refusal()
}

#[tokio::test]
async fn an_unreachable_service() {
    let closed = Closed::new();
    let gateway = of(&closed.address().to_string(), "").await;
    let answer = post(&gateway, "/dev/call", "{}").await;
    assert_eq!(
        refused(&answer),
        (
            503,
            "ServiceUnavailableException",
            r#"{"message": "Service Unavailable"}"#
        )
    );
}

#[tokio::test]
async fn a_slow_service() {
    let origin = GatedOrigin::start(Hold::Head, "{}").await;
    let gateway = of(&origin.authority(), "\n          timeoutInMillis: 50").await;
    let answer = post(&gateway, "/dev/call", "{}").await;
    assert_eq!(
        refused(&answer),
        (
            504,
            "InternalServerErrorException",
            r#"{"message": "Endpoint request timed out"}"#
        )
    );
}

/// Refusals of the service are its answers: they are chosen by their status, and nothing is tried again.
#[tokio::test]
async fn refusals_of_the_service() {
    let origin = Origin::start(|request| {
        let kind = String::from_utf8_lossy(&request.body).into_owned();
        let status = match &*kind {
            "SlowDown" => 503,
            "ExpiredTokenException" => 403,
            _ => 400,
        };
        let body = format!(r#"{{"__type": "com.amazonaws.dynamodb#{kind}"}}"#);
        let response = Response::builder().status(status);
        let response = response.header("content-type", "application/x-amz-json-1.0");
        response.body(Bytes::from(body)).expect("a response")
    })
    .await;
    let responses = r##"
          responses:
            default: {statusCode: '200'}
            '5\d{2}': {statusCode: '503', responseTemplates: {application/json: busy}}
            '403': {statusCode: '500', responseTemplates: {application/json: "$input.path('$.__type')"}}
            '400':
              statusCode: '400'
              responseTemplates:
                application/json: |-
                  #if($input.path('$.__type').endsWith('ThroughputExceededException'))
                  #set($context.responseOverride.status = 429)
                  {"message": "Too Many Requests"}#else
                  {"message": "Bad Request"}#end"##;
    let gateway = of(&origin.authority(), responses).await;
    for (kind, expected) in [
        (
            "ProvisionedThroughputExceededException",
            (429, r#"{"message": "Too Many Requests"}"#),
        ),
        ("ValidationException", (400, r#"{"message": "Bad Request"}"#)),
        ("SlowDown", (503, "busy")),
        (
            "ExpiredTokenException",
            (500, "com.amazonaws.dynamodb#ExpiredTokenException"),
        ),
    ] {
        let answer = post(&gateway, "/dev/call", kind).await;
        assert_eq!((answer.status.as_u16(), answer.text().trim()), expected, "{kind}");
    }
    assert_eq!(origin.recorded().len(), 4);
}

#[tokio::test]
async fn malformed_responses() {
    const NETWORK: (u16, &str, &str) = (
        504,
        "InternalServerErrorException",
        r#"{"message": "Network error communicating with endpoint"}"#,
    );
    const INTERNAL: (u16, &str, &str) = (
        500,
        "InternalServerErrorException",
        r#"{"message": "Internal server error"}"#,
    );
    let large = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 11 * 1024 * 1024);
    for (name, bytes, expected) in [
        ("no HTTP", "nonsense\r\n\r\n", NETWORK),
        ("nothing", "", NETWORK),
        (
            "a short body",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
            NETWORK,
        ),
        ("a body that is too large", &large, INTERNAL),
        (
            "a body that is not in the coding it says",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-encoding: gzip\r\n\r\n{}",
            INTERNAL,
        ),
    ] {
        let bytes = bytes.to_owned();
        let origin = RawOrigin::start(move |mut stream, _| {
            let bytes = bytes.clone();
            async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(bytes.as_bytes()).await;
            }
        })
        .await;
        let gateway = of(&origin.authority(), "").await;
        let answer = post(&gateway, "/dev/call", "{}").await;
        assert_eq!(refused(&answer), expected, "{name}");
        assert_eq!(origin.connections(), 1, "{name}");
    }
}

/// A response that none of the integration's is for.
#[tokio::test]
async fn a_status_without_a_response() {
    let origin = Origin::start(|_| Response::builder().status(418).body(Bytes::new()).expect("one")).await;
    let gateway = of(
        &origin.authority(),
        "\n          responses: {'200': {statusCode: '200'}}",
    )
    .await;
    let answer = post(&gateway, "/dev/call", "{}").await;
    assert_eq!(
        refused(&answer),
        (
            500,
            "InternalServerErrorException",
            r#"{"message": "Internal server error"}"#
        )
    );
}

/// A verb says what may be sent again in protocols of REST alone: a `GET` of a query may send a message.
#[tokio::test]
async fn only_what_is_safe_is_sent_again() {
    for (uri, times) in [
        ("arn:aws:apigateway:us-east-1:s3:path/bucket/key", 2),
        (
            "arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders?Action=SendMessage",
            1,
        ),
        ("arn:aws:apigateway:us-east-1:sqs:action/SendMessage", 1),
        ("arn:aws:apigateway:us-east-1:nobody-knows:path/x", 1),
    ] {
        let origin = RawOrigin::start(|mut stream, _| async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
        })
        .await;
        let definition = definition(uri, "").replace("httpMethod: ANY", "httpMethod: GET");
        let gateway = gateway(&definition, &format!("http://{}", origin.authority()), "").await;
        let answer = gateway.get("/dev/call", &[]).await;
        assert_eq!(told(&answer).0, 504, "{uri}");
        assert_eq!(origin.connections(), times, "{uri}");
    }
}
