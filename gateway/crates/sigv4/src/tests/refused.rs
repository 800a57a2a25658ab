//! What is refused, and in which words. Sources of the words are at [`crate::Refused`].

use super::{NOW, Request, policy};
use crate::{Payload, Policy, Presented, Refused, Regions};

const CREDENTIAL: &str = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
const SIGNED: &str = "SignedHeaders=host;x-amz-date";
const SIGNATURE: &str = "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn request(headers: &[(&str, &str)], query: &str) -> Request {
    Request {
        method: "GET".to_owned(),
        path: b"/".to_vec(),
        query: query.into(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect(),
        body: Vec::new(),
    }
}

fn vanilla(authorization: &str) -> Request {
    let authorization = ("authorization", authorization);
    request(
        &[
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            authorization,
        ],
        "",
    )
}

fn good() -> String {
    format!("AWS4-HMAC-SHA256 {CREDENTIAL}, {SIGNED}, {SIGNATURE}")
}

fn assert_refused(name: &str, request: &Request, policy: &Policy<'_>, error_type: &str, message: &str) {
    let refused = request.verify(policy).expect_err(name);
    assert_eq!(
        (refused.error_type(), refused.to_string().as_str()),
        (error_type, message),
        "{name}"
    );
}

#[test]
fn of_the_header_in_awss_words() {
    assert!(vanilla(&good()).verify(&policy()).is_ok());
    let incomplete = "IncompleteSignatureException";
    let invalid = "InvalidSignatureException";
    let cases: &[(&str, String, &str, &str)] = &[
        (
            "a bearer token",
            "Bearer x".into(),
            incomplete,
            "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'.",
        ),
        (
            "basic",
            "Basic eA==".into(),
            incomplete,
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization=Basic eA==",
        ),
        (
            "no algorithm",
            "key=x".into(),
            incomplete,
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign",
        ),
        (
            "no signature",
            format!("AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host"),
            incomplete,
            "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\
             20150830/us-east-1/service/aws4_request, SignedHeaders=host",
        ),
        (
            "twice",
            format!("{}, {SIGNATURE}", good()),
            incomplete,
            "'Signature' must be given once.",
        ),
        (
            "another algorithm",
            good().replace("SHA256 ", "SHA25 "),
            incomplete,
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
        ),
        (
            "four parts",
            good().replace("/aws4_request", ""),
            incomplete,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             'AKIDEXAMPLE/20150830/us-east-1/service'",
        ),
        (
            "host is not signed",
            good().replace("host;", ""),
            invalid,
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            "another service",
            good().replace("/service/", "/s3/"),
            invalid,
            "Credential should be scoped to correct service: 'service'.",
        ),
        (
            "everything of the scope",
            good().replace("20150830/us-east-1/service/aws4_request", "b//d/e"),
            invalid,
            "Credential should be scoped to a valid region, not ''. Credential should be scoped to correct service: 'service'. \
             Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not \
             match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'.",
        ),
        (
            "an unknown key",
            good().replace("AKID", "AKIX"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            "a wrong signature",
            good().replace("5fa0", "5fa1"),
            invalid,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
             and signing method. Consult the service documentation for details.",
        ),
    ];
    for (name, authorization, error_type, message) in cases {
        assert_refused(name, &vanilla(authorization), &policy(), error_type, message);
    }
}

#[test]
fn of_both_forms_or_none() {
    let missing = "MissingAuthenticationTokenException";
    assert_refused(
        "none",
        &request(&[], ""),
        &policy(),
        missing,
        "Missing Authentication Token",
    );
    let mut both = vanilla(&good());
    both.query = b"a=1&X-Amz%2DAlgorithm=x".to_vec();
    let message = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    assert_refused("both", &both, &policy(), "InvalidSignatureException", message);
    let mut repeated = vanilla(&good());
    repeated.headers.push(("Authorization".to_owned(), good().into()));
    assert!(
        matches!(repeated.verify(&policy()), Err(Refused::NotKeyValue { piece, .. }) if piece == "AWS4-HMAC-SHA256")
    );
}

#[test]
fn of_the_date() {
    let without = request(
        &[("host", "a"), ("authorization", "AWS4-HMAC-SHA256 Credential=x")],
        "",
    );
    let message = without.verify(&policy()).unwrap_err().to_string();
    assert!(
        message.contains("requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="),
        "{message}"
    );
    let mut malformed = vanilla(&good());
    malformed.headers[1].1 = b"201".to_vec();
    let message =
        "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601";
    assert_refused(
        "malformed",
        &malformed,
        &policy(),
        "IncompleteSignatureException",
        message,
    );
    let mut twice = vanilla(&good());
    twice
        .headers
        .push(("X-Amz-Date".to_owned(), b"20150830T123600Z".to_vec()));
    assert!(matches!(twice.verify(&policy()), Err(Refused::MalformedDate(_))));
}

#[test]
fn of_the_clock() {
    let at = |now| vanilla(&good()).verify(&Policy::new("service", now));
    for (offset, accepted) in [(0, true), (300, true), (301, false), (-300, true), (-301, false)] {
        assert_eq!(at(NOW + offset).is_ok(), accepted, "{offset}");
    }
    assert_eq!(
        at(NOW + 360).unwrap_err().to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)"
    );
    assert_eq!(
        at(NOW - 360).unwrap_err().to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)"
    );
    assert_eq!(
        at(i64::MAX).unwrap_err().error_type(),
        "InvalidSignatureException"
    );
    assert!(at(i64::MIN).is_err());
}

#[test]
fn of_regions_that_are_not_named() {
    let mut policy = policy();
    policy.regions = Regions::Only(&["eu-central-1", "us-east-1"]);
    assert!(vanilla(&good()).verify(&policy).is_ok());
    policy.regions = Regions::Only(&["eu-central-1"]);
    let message = "Credential should be scoped to a valid region, not 'us-east-1'.";
    assert_refused(
        "region",
        &vanilla(&good()),
        &policy,
        "InvalidSignatureException",
        message,
    );
}

/// A presigned query of AWS's vector `get-vanilla`.
fn presigned(expires: &str) -> Request {
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires={expires}&X-Amz-Signature=\
         e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"
    );
    request(&[("Host", "example.amazonaws.com")], &query)
}

#[test]
fn of_a_presigned_query() {
    assert!(presigned("3600").verify(&policy()).is_ok());
    assert!(
        presigned("3600")
            .verify(&Policy::new("service", NOW + 3600))
            .is_ok()
    );
    assert_eq!(
        presigned("3600")
            .verify(&Policy::new("service", NOW + 3601))
            .unwrap_err()
            .to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T133601Z - 60 min.)"
    );
    for (expires, expected) in [
        ("", Refused::ExpiryNotANumber),
        ("1h", Refused::ExpiryNotANumber),
        ("%2B1", Refused::ExpiryNotANumber),
        ("-1", Refused::NegativeExpiry),
        ("604801", Refused::ExpiryTooLong(604_800)),
        ("99999999999999999999999", Refused::ExpiryTooLong(604_800)),
        ("1&X-Amz-Expires=1", Refused::Duplicate("X-Amz-Expires")),
        ("1&X-Amz-Signature=1", Refused::Duplicate("X-Amz-Signature")),
    ] {
        assert_eq!(presigned(expires).verify(&policy()), Err(expected), "{expires}");
    }
    let message = "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include \
                   'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string \
                   parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.";
    let bare = request(&[], "X-Amz-Algorithm=AWS4-HMAC-SHA256");
    assert_refused("bare", &bare, &policy(), "IncompleteSignatureException", message);
}

#[test]
fn of_a_token_that_is_not_signed() {
    let mut request = vanilla(&good());
    request
        .headers
        .push(("X-Amz-Security-Token".to_owned(), b"token".to_vec()));
    assert_eq!(request.verify(&policy()), Err(Refused::TokenNotSigned));
    let policy = Policy {
        unsigned_session_token: true,
        ..policy()
    };
    assert!(request.verify(&policy).is_ok());
    let token = request.with(|parts| {
        Presented::parse(parts, &policy)
            .unwrap()
            .session_token()
            .map(str::to_owned)
    });
    assert_eq!(token.as_deref(), Some("token"));
}

#[test]
fn of_a_body_that_is_not_the_signed_one() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let lie = "f3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (header, body, accepted) in [
        (None, "", true),
        (None, "x", false),
        (Some(empty), "", true),
        (Some(empty), "x", false),
        (Some(lie), "", false),
        (Some("UNSIGNED-PAYLOAD"), "", false),
        (Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), "", false),
    ] {
        let mut request = vanilla(&good());
        request.body = body.into();
        request
            .headers
            .extend(header.map(|value| ("x-amz-content-sha256".to_owned(), value.into())));
        assert_eq!(request.verify(&policy()).is_ok(), accepted, "{header:?} {body}");
        request.with(|parts| {
            let presented = Presented::parse(parts, &policy()).unwrap();
            assert!(presented.needs_body(parts));
            assert!(
                presented
                    .verify(parts, &super::secret(), Payload::Unread)
                    .is_err(),
                "{header:?}"
            );
        });
    }
}

#[test]
fn of_more_names_than_are_looked_for() {
    let many = format!("SignedHeaders=host{}", ";a".repeat(256));
    let refused = vanilla(&good().replace(SIGNED, &many))
        .verify(&policy())
        .unwrap_err();
    assert_eq!(
        refused,
        Refused::TooLarge {
            what: "SignedHeaders",
            limit: 256
        }
    );
    let refused = vanilla(&format!("x {}", "a=b,".repeat(5000)))
        .verify(&policy())
        .unwrap_err();
    assert_eq!(
        refused,
        Refused::TooLarge {
            what: "Authorization",
            limit: 16 * 1024
        }
    );
}

#[test]
fn of_names_that_hide_lines() {
    let mut request = presigned("3600");
    request.query = String::from_utf8(request.query)
        .unwrap()
        .replace("=host&", "=host%0Ax&")
        .into();
    assert_eq!(request.verify(&policy()), Err(Refused::MalformedSignedHeaders));
    let mut request = presigned("3600");
    request.query = String::from_utf8(request.query)
        .unwrap()
        .replace("us-east-1", "us%0Aeast")
        .into();
    let message = "Credential should be scoped to a valid region, not 'us\neast'.";
    assert_refused(
        "region",
        &request,
        &policy(),
        "InvalidSignatureException",
        message,
    );
}

#[test]
fn with_what_was_calculated() {
    let refused = vanilla(&good().replace("5fa0", "5fa1"))
        .verify(&policy())
        .unwrap_err();
    let expected = "\n\nThe Canonical String for this request should have been\n'GET\n/\n\nhost:example.amazonaws.com\nx-amz-\
                    date:20150830T123600Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b\
                    855'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/\
                    service/aws4_request\nbb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63'\n";
    assert_eq!(refused.detail(), format!("{refused}{expected}"));
}
