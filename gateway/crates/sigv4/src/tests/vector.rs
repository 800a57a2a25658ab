//! AWS's vectors: all signed requests of the suites that the crate `aws-sigv4` and the source of botocore carry, with the key
//! and the time that they say. They are small, so they lie here (`tests/vectors/NOTICE` says whose they are), and these tests
//! need no network. `### NAME FORM PATHS` comes before each.

use super::{Request, policy};
use crate::{PathRule, Payload, Policy, Presented, Refused, Secret};

/// Of the crate `aws-sigv4`: those of `aws-c-auth`, and two older ones.
const OF_THE_CRATE: &str = include_str!("../../tests/vectors/aws-signing-test-suite.txt");
/// Of botocore: the suite that AWS's documentation had.
const OF_BOTOCORE: &str = include_str!("../../tests/vectors/aws4_testsuite.txt");

/// Vectors with a key, a time and a scope of their own: the crate's tests have the keys.
const OF_THEIR_OWN: [&str; 2] = ["double-encode-path header", "double-url-encode header"];

/// A request as text; a header's line that begins with a blank continues the one before.
fn read(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let line = lines.next().unwrap();
    let (method, rest) = line.split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for line in lines {
        if line.starts_with(' ') {
            let (_, value) = headers.last_mut().unwrap();
            value.extend(format!("\n{line}").bytes());
        } else {
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.into()));
        }
    }
    Request {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers,
        body: body.trim_end().into(),
    }
}

fn vectors(of: &'static str) -> impl Iterator<Item = (&'static str, &'static str, Request)> {
    of.split("### ")
        .filter(|vector| !vector.is_empty())
        .map(|vector| {
            let (title, text) = vector.split_once('\n').unwrap();
            let (name, paths) = title.rsplit_once(' ').unwrap();
            (name, paths, read(text))
        })
}

#[test]
fn verifies_awss_vectors() {
    let mut count = 0;
    let all = vectors(OF_THE_CRATE).chain(vectors(OF_BOTOCORE));
    for (name, paths, request) in all.filter(|(name, ..)| !OF_THEIR_OWN.contains(name)) {
        let mut policy = policy();
        policy.path.normalise = paths == "normalised";
        // These two are signed before the token is added.
        policy.unsigned_session_token = name.starts_with("post-sts-header-after");
        if name == "post-sts-header-after query" {
            // The token of a query is always signed here: nothing that is in a query may change.
            assert!(
                matches!(request.verify(&policy), Err(Refused::Mismatch(_))),
                "{name}"
            );
            continue;
        }
        if let Err(error) = request.verify(&policy) {
            panic!("{name}: {}", error.detail());
        }
        count += 1;
    }
    assert_eq!(count, 75 + 34);
}

#[test]
fn verifies_vectors_with_a_key_and_a_scope_of_their_own() {
    let scopes = [
        ("notrealrnrELgWzOk3IfjzDKtFBhDby", "service", super::NOW),
        (super::SECRET, "lambda", 1_620_747_645),
    ];
    for (name, (secret, service, now)) in OF_THEIR_OWN.into_iter().zip(scopes) {
        let request = vectors(OF_THE_CRATE)
            .find(|(found, ..)| *found == name)
            .unwrap()
            .2;
        let verified = request.with(|parts| {
            let presented = Presented::parse(parts, &Policy::new(service, now))?;
            presented.verify(parts, &Secret::new(secret.to_owned()), Payload::Bytes(b""))
        });
        if let Err(error) = verified {
            panic!("{name}: {}", error.detail());
        }
    }
}

#[test]
fn encodes_execute_api_paths_twice() {
    // `double-encode-path` of the same suite: WebSocket connections, whose ids end in `%3D`.
    let mut request = vectors(OF_THE_CRATE)
        .find(|(name, ..)| *name == "get-vanilla header")
        .unwrap()
        .2;
    request.path = b"/test/@connections/JBDvjfGEIAMCERw%3D".to_vec();
    let refused = request.verify(&policy()).unwrap_err();
    assert!(
        refused
            .detail()
            .contains("\n'GET\n/test/%40connections/JBDvjfGEIAMCERw%253D\n"),
        "{}",
        refused.detail()
    );
    let mut policy = policy();
    policy.path = PathRule::S3;
    let refused = request.verify(&policy).unwrap_err();
    assert!(
        refused
            .detail()
            .contains("\n'GET\n/test/%40connections/JBDvjfGEIAMCERw%3D\n"),
        "{}",
        refused.detail()
    );
}

#[test]
fn verifies_dates_of_the_header_date() {
    // "Handling dates in Signature Version 4": without x-amz-date the header date counts. The signature is that of
    // `get-vanilla`, so only what would have to be signed is looked at.
    for date in ["20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT"] {
        let mut request = vectors(OF_THE_CRATE)
            .find(|(name, ..)| *name == "get-vanilla header")
            .unwrap()
            .2;
        request.headers.retain(|(name, _)| name != "X-Amz-Date");
        request.headers.push(("Date".to_owned(), date.into()));
        let refused = request.verify(&policy()).unwrap_err();
        let Refused::Mismatch(calculated) = refused else {
            panic!("{refused}")
        };
        assert!(
            calculated
                .string_to_sign
                .starts_with("AWS4-HMAC-SHA256\n20150830T123600Z\n"),
            "{date}"
        );
    }
}
