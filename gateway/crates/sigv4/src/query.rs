//! The query: its parameters, and its canonical form.

use std::borrow::Cow;

use crate::encode::{push_encoded, query_decoded};

/// The parameter that carries a presigned request's signature, and so is not part of what is signed.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// The decoded parameters of a query, in order.
pub(crate) fn parameters(query: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at).unwrap_or((pair, b""));
            (
                query_decoded(name),
                query_decoded(value.get(1..).unwrap_or_default()),
            )
        })
}

/// The query as it is hashed: encoded anew, sorted by name and then by value.
pub(crate) fn canonical(query: &[u8], without_signature: bool) -> Vec<u8> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = parameters(query)
        .filter(|(name, _)| !(without_signature && **name == *SIGNATURE.as_bytes()))
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort_unstable();
    let mut canonical = Vec::with_capacity(query.len() + 16);
    for (name, value) in &pairs {
        if !canonical.is_empty() {
            canonical.push(b'&');
        }
        canonical.extend_from_slice(name);
        canonical.push(b'=');
        canonical.extend_from_slice(value);
    }
    canonical
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    push_encoded(bytes, &mut encoded);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_queries_as_aws_does() {
        // "Create a signed AWS API request", step 1: canonical query string.
        let cases = [
            ("nothing", "", false, ""),
            (
                "sorted by name, capitals first",
                "b=1&a=2&B=3",
                false,
                "B=3&a=2&b=1",
            ),
            ("then by value", "a=2&a=10&a=1", false, "a=1&a=10&a=2"),
            (
                "by name, not by the pair's text",
                "Param-3=a&Param=b",
                false,
                "Param=b&Param-3=a",
            ),
            ("a name alone gets an equals sign", "acl", false, "acl="),
            ("an equals sign in a value", "a=b=c", false, "a=b%3Dc"),
            ("an empty name", "=x", false, "=x"),
            ("encoded anew", "a=%7e%2f%3a/:", false, "a=~%2F%3A%2F%3A"),
            ("blanks", "a=x+y%20z", false, "a=x%20y%20z"),
            ("half an escape", "a=%2&b=%zz", false, "a=%252&b=%25zz"),
            ("empty pairs", "&&a=1&", false, "a=1"),
            ("the signature goes", "X-Amz-Signature=1&a=2", true, "a=2"),
            (
                "but only of a presigned one",
                "X-Amz-Signature=1&a=2",
                false,
                "X-Amz-Signature=1&a=2",
            ),
        ];
        for (name, query, presigned, expected) in cases {
            assert_eq!(
                String::from_utf8(canonical(query.as_bytes(), presigned)).unwrap(),
                expected,
                "{name}"
            );
        }
    }
}
