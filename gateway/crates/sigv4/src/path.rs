//! The canonical path.

use crate::PathRule;
use crate::encode::{escape_at, is_unreserved, push_escaped};

/// The path as it is hashed.
pub(crate) fn canonical(path: &[u8], rule: PathRule) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(path.len() + 16);
    if rule.normalise {
        push_encoded(&normalised(path), rule, &mut canonical);
    } else {
        push_encoded(path, rule, &mut canonical);
    }
    if canonical.is_empty() {
        canonical.push(b'/');
    }
    canonical
}

/// The path without empty and dot segments: "Normalize URI paths according to RFC 3986", section 5.2.4, where what ends with
/// a dot segment ends with a slash. The crate `aws-sigv4` signs so; botocore signs `/a/.` as `/a`, and is refused.
fn normalised(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut normalised = Vec::with_capacity(path.len() + 1);
    for segment in &segments {
        normalised.push(b'/');
        normalised.extend_from_slice(segment);
    }
    if segments.is_empty() || [&b"/"[..], b"/.", b"/.."].iter().any(|end| path.ends_with(end)) {
        normalised.push(b'/');
    }
    normalised
}

fn push_encoded(mut path: &[u8], rule: PathRule, to: &mut Vec<u8>) {
    while let Some((&first, rest)) = path.split_first() {
        let escaped = if rule.encode_again { None } else { escape_at(path) };
        match escaped {
            // Already an escape: kept, in the form that a client would have given it. `%2F` stays apart from a slash.
            Some(byte) => {
                if is_unreserved(byte) {
                    to.push(byte)
                } else {
                    push_escaped(byte, to)
                }
                path = path.get(3..).unwrap_or_default();
            }
            None => {
                if is_unreserved(first) || first == b'/' {
                    to.push(first)
                } else {
                    push_escaped(first, to)
                }
                path = rest;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_paths_as_aws_does() {
        // "Create a signed AWS API request", step 1: canonical URI.
        const ONCE: PathRule = PathRule {
            normalise: true,
            encode_again: false,
        };
        let cases: &[(&str, &str, PathRule, &str)] = &[
            ("nothing is a slash", "", PathRule::SERVICE, "/"),
            ("dots", "/a/./b/../c", PathRule::SERVICE, "/a/c"),
            ("dots beyond the root", "/../../a", PathRule::SERVICE, "/a"),
            ("slashes", "//a///b//", PathRule::SERVICE, "/a/b/"),
            ("a slash at the end stays", "/a/", PathRule::SERVICE, "/a/"),
            ("a dot at the end", "/a/.", PathRule::SERVICE, "/a/"),
            ("two dots at the end", "/a/b/..", PathRule::SERVICE, "/a/"),
            ("three dots at the end", "/a/...", PathRule::SERVICE, "/a/..."),
            (
                "an escape is escaped again",
                "/a%20b",
                PathRule::SERVICE,
                "/a%2520b",
            ),
            (
                "the documentation's example",
                "/documents%20and%20settings/",
                PathRule::SERVICE,
                "/documents%2520and%2520settings/",
            ),
            (
                "reserved characters",
                "/@connections/x=",
                PathRule::SERVICE,
                "/%40connections/x%3D",
            ),
            ("once", "/a%20b/%7e/%2f/:", ONCE, "/a%20b/~/%2F/%3A"),
            ("once, half an escape", "/%2", ONCE, "/%252"),
            (
                "S3 keeps dots and slashes",
                "/a//b/../c",
                PathRule::S3,
                "/a//b/../c",
            ),
        ];
        for (name, path, rule, expected) in cases {
            assert_eq!(
                String::from_utf8(canonical(path.as_bytes(), *rule)).unwrap(),
                *expected,
                "{name}"
            );
        }
    }
}
