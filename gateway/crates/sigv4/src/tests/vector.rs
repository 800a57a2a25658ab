//! AWS's vectors: the signed requests of `aws-signing-test-suite`, as the crate `aws-sigv4` 1.6.4 carries them
//! (Apache-2.0), with the key and the time of its `context.json`. `### NAME FORM PATHS` comes before each.

use super::{Request, policy};
use crate::{PathRule, Refused};

const VECTORS: &str = include_str!("vectors.txt");

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

fn vectors() -> impl Iterator<Item = (&'static str, &'static str, Request)> {
    VECTORS
        .split("### ")
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
    for (name, paths, request) in vectors() {
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
    assert_eq!(count, 75);
}

#[test]
fn encodes_execute_api_paths_twice() {
    // `double-encode-path` of the same suite: WebSocket connections, whose ids end in `%3D`.
    let mut request = vectors()
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
        let mut request = vectors()
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
