//! Which operation a request means.

use std::collections::BTreeMap;

use crate::operation::{BINDINGS, Binding, Operation};

/// An operation with what its path holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Routed {
    pub(crate) operation: Operation,
    pub(crate) status: u16,
    /// By the names of the operation's path, decoded.
    pub(crate) parameters: BTreeMap<&'static str, String>,
}

/// Finds the operation of a request; none where there is no such path, or not with that verb.
pub(crate) fn find(method: &str, path: &str, query: &[(String, String)]) -> Option<Routed> {
    let path = path.strip_prefix('/')?;
    let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    BINDINGS
        .iter()
        .filter(|binding| binding.method == method && asks(binding, query))
        .find_map(|binding| {
            Some(Routed {
                operation: binding.operation,
                status: binding.status,
                parameters: matched(binding.path, &parts)?,
            })
        })
}

fn asks(binding: &Binding, query: &[(String, String)]) -> bool {
    match binding.query.and_then(|query| query.split_once('=')) {
        None => true,
        Some((name, value)) => query.iter().any(|(known, sent)| known == name && sent == value),
    }
}

fn matched(template: &'static str, parts: &[&str]) -> Option<BTreeMap<&'static str, String>> {
    let wanted: Vec<&'static str> = template.trim_start_matches('/').split('/').collect();
    if wanted.len() != parts.len() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, part) in wanted.into_iter().zip(parts) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if part.is_empty() => return None,
            Some(name) => drop(parameters.insert(name, decoded(part, false))),
            None if wanted == *part => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// The pairs of a query string, decoded.
pub(crate) fn query_pairs(query: Option<&str>) -> Vec<(String, String)> {
    let pairs = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        })
        .collect()
}

fn decoded(text: &str, plus_is_blank: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let escaped = (byte == b'%').then(|| {
            let mut following = rest.clone();
            let high = char::from(following.next()?).to_digit(16)?;
            let low = char::from(following.next()?).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        });
        match escaped.flatten() {
            Some(value) => {
                bytes.push(value);
                rest.nth(1);
            }
            None if plus_is_blank && byte == b'+' => bytes.push(b' '),
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_operations_by_verb_path_and_query() {
        for (method, path, query, expected) in [
            ("GET", "/restapis", "", Some(Operation::GetRestApis)),
            ("POST", "/restapis", "", Some(Operation::CreateRestApi)),
            ("POST", "/restapis", "mode=import", Some(Operation::ImportRestApi)),
            (
                "POST",
                "/apikeys",
                "mode=import&format=csv",
                Some(Operation::ImportApiKeys),
            ),
            ("PATCH", "/restapis/abc", "", Some(Operation::UpdateRestApi)),
            (
                "PUT",
                "/restapis/abc/resources/r/methods/ANY/integration/responses/200",
                "",
                Some(Operation::PutIntegrationResponse),
            ),
            ("GET", "/restapis/abc/", "", Some(Operation::GetRestApi)),
            ("GET", "/restapis//stages", "", None),
            ("GET", "/nothing", "", None),
            ("TRACE", "/restapis", "", None),
        ] {
            let found = find(method, path, &query_pairs(Some(query)));
            assert_eq!(
                found.map(|found| found.operation),
                expected,
                "{method} {path}?{query}"
            );
        }
    }

    #[test]
    fn decodes_what_a_path_holds() {
        let found = find(
            "GET",
            "/tags/arn%3Aaws%3Aapigateway%3A%3A%3A%2Frestapis%2Fabc",
            &[],
        )
        .expect("tags");
        assert_eq!(
            found.parameters["resource_arn"],
            "arn:aws:apigateway:::/restapis/abc"
        );
    }
}
