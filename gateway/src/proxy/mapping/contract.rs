//! What a function's answer means by `AWS_PROXY`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.v2>).
//!
//! Scalars are taken for texts and texts for scalars, as the service does: a status may be `"201"`, a header `true`. Any
//! other form, and any member that is not known, is no answer.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use portcullis_model::PayloadFormat;
use serde_json::{Map, Value};

use crate::proxy::view::header_value;

/// What a function says of its response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it is written.
    pub body: String,
    /// Whether that is base64.
    pub is_base64: bool,
}

/// Why an answer is none, for the log.
type Malformed = String;

/// Reads a whole answer.
pub(super) fn read(payload: &[u8], format: PayloadFormat) -> Result<Said, Malformed> {
    let answer: Value =
        serde_json::from_slice(payload).map_err(|error| format!("it is not JSON: {error}"))?;
    match (answer, format) {
        (Value::Object(answer), PayloadFormat::V1) if answer.is_empty() => {
            Err("it is an empty object".to_owned())
        }
        (Value::Object(answer), PayloadFormat::V1) => said(
            answer,
            &[
                "statusCode",
                "headers",
                "multiValueHeaders",
                "body",
                "isBase64Encoded",
            ],
        ),
        (Value::Object(answer), PayloadFormat::V2) if answer.contains_key("statusCode") => said(
            answer,
            &[
                "statusCode",
                "headers",
                "multiValueHeaders",
                "cookies",
                "body",
                "isBase64Encoded",
            ],
        ),
        (answer, PayloadFormat::V2) => Ok(inferred(answer)),
        (_, PayloadFormat::V1) => Err("it is not a JSON object".to_owned()),
    }
}

/// Reads what stands before the body of an answer that streams
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>).
pub(super) fn read_metadata(metadata: &[u8]) -> Result<Said, Malformed> {
    match serde_json::from_slice(metadata) {
        Ok(Value::Object(metadata)) => said(
            metadata,
            &["statusCode", "headers", "multiValueHeaders", "cookies"],
        ),
        Ok(_) => Err("its metadata is not a JSON object".to_owned()),
        Err(error) => Err(format!("its metadata is not JSON: {error}")),
    }
}

/// Payload format 2.0 without a status: all of it is the body.
fn inferred(answer: Value) -> Said {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Said {
        status: StatusCode::OK,
        headers,
        body: match answer {
            Value::String(text) => text,
            answer => answer.to_string(),
        },
        is_base64: false,
    }
}

fn said(mut answer: Map<String, Value>, known: &[&str]) -> Result<Said, Malformed> {
    if let Some(name) = answer.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("it has the unknown member `{}`", name.escape_debug()));
    }
    let mut take = |name: &str| answer.remove(name).unwrap_or_default();
    let status = status(&take("statusCode"))?;
    let mut headers = multi_value_headers(take("multiValueHeaders"))?;
    single_headers(take("headers"), &mut headers)?;
    cookies(take("cookies"), &mut headers)?;
    Ok(Said {
        status,
        headers,
        body: match take("body") {
            Value::Null => String::new(),
            body => scalar(body).ok_or("its body is not a string")?,
        },
        is_base64: match take("isBase64Encoded") {
            Value::Null | Value::Bool(false) => false,
            Value::Bool(true) => true,
            Value::String(text) if text.eq_ignore_ascii_case("true") => true,
            Value::String(text) if text.eq_ignore_ascii_case("false") => false,
            _ => return Err("its isBase64Encoded is neither true nor false".to_owned()),
        },
    })
}

fn status(said: &Value) -> Result<StatusCode, Malformed> {
    let code = match said {
        Value::Null => Some(200),
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let status = code
        .and_then(|code| u16::try_from(code).ok())
        .and_then(|code| StatusCode::from_u16(code).ok())
        .filter(|status| !status.is_informational() && status.as_u16() < 600);
    status.ok_or_else(|| "its statusCode is not the status of a response: 200 to 599".to_owned())
}

fn multi_value_headers(said: Value) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::new();
    let said = match said {
        Value::Null => return Ok(headers),
        Value::Object(said) => said,
        _ => return Err("its multiValueHeaders are not an object".to_owned()),
    };
    for (name, values) in said {
        let Value::Array(values) = values else {
            return Err(format!(
                "its multiValueHeaders has no list for `{}`",
                name.escape_debug()
            ));
        };
        for value in values {
            if let Some((name, value)) = pair(&name, value)? {
                headers.append(name, value);
            }
        }
    }
    Ok(headers)
}

/// Beside those of several values; what stands there already is not repeated.
fn single_headers(said: Value, headers: &mut HeaderMap) -> Result<(), Malformed> {
    let said = match said {
        Value::Null => return Ok(()),
        Value::Object(said) => said,
        _ => return Err("its headers are not an object".to_owned()),
    };
    for (name, value) in said {
        if let Some((name, value)) = pair(&name, value)?
            && !headers.get_all(&name).iter().any(|known| *known == value)
        {
            headers.append(name, value);
        }
    }
    Ok(())
}

fn cookies(said: Value, headers: &mut HeaderMap) -> Result<(), Malformed> {
    let said = match said {
        Value::Null => return Ok(()),
        Value::Array(said) => said,
        _ => return Err("its cookies are not a list".to_owned()),
    };
    for cookie in said {
        if let Some((name, value)) = pair(header::SET_COOKIE.as_str(), cookie)? {
            headers.append(name, value);
        }
    }
    Ok(())
}

/// A header; none where its value is null.
fn pair(name: &str, value: Value) -> Result<Option<(HeaderName, HeaderValue)>, Malformed> {
    if value.is_null() {
        return Ok(None);
    }
    let text = scalar(value).ok_or_else(|| format!("its header `{}` has no text", name.escape_debug()))?;
    let value = header_value(&text).or_else(|| HeaderValue::from_bytes(text.as_bytes()).ok());
    let header = name.parse::<HeaderName>().ok().zip(value);
    match header {
        Some(header) => Ok(Some(header)),
        None => Err(format!("`{}` is not a header", name.escape_debug())),
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(answer: &str) -> Result<Said, Malformed> {
        read(answer.as_bytes(), PayloadFormat::V1)
    }

    /// Sources: answers of the service, recorded; the developer guide on the output format of proxy integrations.
    #[test]
    fn an_answer_has_a_form() {
        for (answer, status) in [
            (r#"{"statusCode":200}"#, 200),
            (r#"{"statusCode":"201"}"#, 201),
            (r#"{"headers":{}}"#, 200),
            (
                r#"{"headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":null,"statusCode":null}"#,
                200,
            ),
            (
                r#"{"statusCode":204,"headers":{"a":true,"b":1,"c":null},"body":7,"isBase64Encoded":"true"}"#,
                204,
            ),
            (r#"{"statusCode":599}"#, 599),
        ] {
            assert_eq!(
                first(answer).map(|said| said.status.as_u16()),
                Ok(status),
                "{answer}"
            );
        }
        for (answer, reason) in [
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
            ("null", "it is not a JSON object"),
            ("[]", "it is not a JSON object"),
            ("\"ok\"", "it is not a JSON object"),
            ("{}", "it is an empty object"),
            (
                r#"{"errorMessage":"boom"}"#,
                "it has the unknown member `errorMessage`",
            ),
            (
                r#"{"statusCode":200,"cookies":[]}"#,
                "it has the unknown member `cookies`",
            ),
            (
                r#"{"statusCode":"test"}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (
                r#"{"statusCode":200.5}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (
                r#"{"statusCode":100}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (
                r#"{"statusCode":600}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (
                r#"{"statusCode":-1}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (
                r#"{"statusCode":true}"#,
                "its statusCode is not the status of a response: 200 to 599",
            ),
            (r#"{"headers":[]}"#, "its headers are not an object"),
            (r#"{"headers":{"a":{}}}"#, "its header `a` has no text"),
            (r#"{"headers":{"a b":"c"}}"#, "`a b` is not a header"),
            (r#"{"headers":{"a":"b\r\nc: d"}}"#, "`a` is not a header"),
            (
                r#"{"multiValueHeaders":"a"}"#,
                "its multiValueHeaders are not an object",
            ),
            (
                r#"{"multiValueHeaders":{"a":"b"}}"#,
                "its multiValueHeaders has no list for `a`",
            ),
            (
                r#"{"multiValueHeaders":{"a":[[]]}}"#,
                "its header `a` has no text",
            ),
            (r#"{"body":{}}"#, "its body is not a string"),
            (r#"{"body":[1]}"#, "its body is not a string"),
            (
                r#"{"isBase64Encoded":"maybe"}"#,
                "its isBase64Encoded is neither true nor false",
            ),
            (
                r#"{"isBase64Encoded":1}"#,
                "its isBase64Encoded is neither true nor false",
            ),
        ] {
            assert_eq!(first(answer), Err(reason.to_owned()), "{answer}");
        }
    }

    /// "If you specify values for both headers and multiValueHeaders, API Gateway merges them into a single list" (the same
    /// guide); the order is recorded.
    #[test]
    fn headers_of_both_kinds_are_joined() {
        let said = first(r#"{"headers":{"A":"1","b":true},"multiValueHeaders":{"a":["1","2"],"c":[3]}}"#);
        let headers = said.expect("an answer").headers;
        let all = |name: &str| -> Vec<String> {
            let values = headers.get_all(name).iter();
            values
                .map(|value| value.to_str().expect("text").to_owned())
                .collect()
        };
        assert_eq!(all("a"), ["1", "2"]);
        assert_eq!(
            (all("b"), all("c")),
            (vec!["true".to_owned()], vec!["3".to_owned()])
        );
        let other = first(r#"{"headers":{"a":"3"},"multiValueHeaders":{"A":["1","2"]}}"#).expect("an answer");
        let values: Vec<_> = other.headers.get_all("a").iter().collect();
        assert_eq!(values, ["1", "2", "3"]);
    }

    /// Source: the guide on payload format 2.0.
    #[test]
    fn format_2_infers_what_is_not_said() {
        let second = |answer: &str| read(answer.as_bytes(), PayloadFormat::V2).expect("an answer");
        for (answer, body) in [
            (r#""Hello from Lambda!""#, "Hello from Lambda!"),
            (r#"{ "message": "Hello" }"#, r#"{"message":"Hello"}"#),
            ("{}", "{}"),
            ("null", "null"),
            ("[1]", "[1]"),
            (r#"{"body":"b"}"#, r#"{"body":"b"}"#),
        ] {
            let said = second(answer);
            assert_eq!(
                (said.status.as_u16(), said.body.as_str()),
                (200, body),
                "{answer}"
            );
            assert_eq!(said.headers[header::CONTENT_TYPE], "application/json");
        }
        let said = second(
            r#"{"statusCode":201,"cookies":["a=1","b=2"],"headers":{"x":"y"},"body":"z","isBase64Encoded":true}"#,
        );
        assert_eq!(
            (said.status.as_u16(), said.body.as_str(), said.is_base64),
            (201, "z", true)
        );
        let cookies: Vec<_> = said.headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert!(read(b"no JSON", PayloadFormat::V2).is_err());
        assert!(read(br#"{"statusCode":200,"cookies":"a"}"#, PayloadFormat::V2).is_err());
    }

    #[test]
    fn metadata_has_no_body() {
        let said =
            read_metadata(br#"{"statusCode":202,"headers":{"a":"b"},"cookies":["c=d"]}"#).expect("metadata");
        assert_eq!((said.status.as_u16(), said.headers.len()), (202, 2));
        for bad in [&b""[..], b"[]", br#"{"body":"b"}"#] {
            assert!(read_metadata(bad).is_err());
        }
    }
}
