//! What may be patched in a domain name
//! (<https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateDomainName-Patch>).

use serde_json::{Map, Value, json};

use super::{ADDRESSES, MODES, POLICIES, ROUTING, TYPES};
use crate::error::ApiError;
use crate::patch::{self, Expected, Op, PatchOperation, REPLACE, Rule, Table, Target, rule};

type Document = Map<String, Value>;

const SET: &[Op] = &[Op::Add, Op::Replace, Op::Remove];

const fn text(path: &'static str, names: &'static [&'static str]) -> Rule {
    rule(path, REPLACE, Expected::Text, Target::Member(names))
}

pub(super) const TABLE: Table = Table {
    rules: &[
        text("/certificateArn", &["certificateArn"]),
        text("/certificateName", &["certificateName"]),
        rule(
            "/endpointAccessMode",
            REPLACE,
            Expected::One(MODES),
            Target::Member(&["endpointAccessMode"]),
        ),
        rule(
            "/endpointConfiguration/ipAddressType",
            REPLACE,
            Expected::One(ADDRESSES),
            Target::Member(&["endpointConfiguration", "ipAddressType"]),
        ),
        rule(
            "/endpointConfiguration/types",
            &[Op::Add, Op::Remove],
            Expected::One(TYPES),
            Target::Own(kind),
        ),
        rule(
            "/endpointConfiguration/types/{}",
            &[Op::Add, Op::Replace, Op::Remove],
            Expected::One(TYPES),
            Target::Own(kind),
        ),
        rule(
            "/mutualTlsAuthentication",
            &[Op::Replace, Op::Remove],
            Expected::Text,
            Target::Own(no_mutual_tls),
        ),
        rule(
            "/mutualTlsAuthentication/truststoreUri",
            SET,
            Expected::Text,
            Target::Own(truststore),
        ),
        rule(
            "/mutualTlsAuthentication/truststoreVersion",
            SET,
            Expected::Text,
            Target::Own(truststore_version),
        ),
        text(
            "/ownershipVerificationCertificateArn",
            &["ownershipVerificationCertificateArn"],
        ),
        text("/managementPolicy", &["managementPolicy"]),
        text("/policy", &["policy"]),
        text("/regionalCertificateArn", &["regionalCertificateArn"]),
        text("/regionalCertificateName", &["regionalCertificateName"]),
        rule(
            "/routingMode",
            REPLACE,
            Expected::One(ROUTING),
            Target::Member(&["routingMode"]),
        ),
        rule(
            "/securityPolicy",
            REPLACE,
            Expected::One(POLICIES),
            Target::Member(&["securityPolicy"]),
        ),
    ],
    names_paths: true,
};

/// A type is named by its place, by itself, or by the value. A name has one type: `add` and `remove` together change it.
fn kind(document: &mut Document, captures: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let named = captures.first().cloned();
    let types = document
        .entry("endpointConfiguration")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .map(|endpoint| endpoint.entry("types").or_insert_with(|| json!([])));
    let Some(types) = types.and_then(Value::as_array_mut) else {
        return Err(patch::absent(operation));
    };
    let at = |name: &Option<String>| {
        let name = name.as_deref()?;
        let by_name = types.iter().position(|known| known.as_str() == Some(name));
        by_name.or_else(|| name.parse().ok().filter(|at| *at < types.len()))
    };
    let value = operation.value.clone();
    match operation.op {
        Op::Remove => {
            let place = at(&named.or(value)).ok_or_else(|| patch::absent(operation))?;
            types.remove(place);
        }
        Op::Add => {
            let is_type = |name: &String| TYPES.contains(&name.as_str());
            let new = value.filter(is_type).or_else(|| named.filter(is_type));
            let new = new.ok_or_else(invalid)?;
            if !types.iter().any(|known| known.as_str() == Some(&new)) {
                types.push(Value::String(new));
            }
        }
        _ => {
            let place = at(&named).ok_or_else(|| patch::absent(operation))?;
            let new = value
                .filter(|name| TYPES.contains(&name.as_str()))
                .ok_or_else(invalid)?;
            if let Some(known) = types.get_mut(place) {
                *known = Value::String(new);
            }
        }
    }
    Ok(())
}

/// Recorded for APIs.
fn invalid() -> ApiError {
    ApiError::bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
}

/// A name without a truststore has no mutual TLS: an empty value turns it off
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html>).
fn truststore(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    match given(operation) {
        Some(uri) => patch::put(document, &["mutualTlsAuthentication", "truststoreUri"], uri),
        None => drop(document.remove("mutualTlsAuthentication")),
    }
    Ok(())
}

fn truststore_version(
    document: &mut Document,
    _: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    if let Some(version) = given(operation) {
        patch::put(
            document,
            &["mutualTlsAuthentication", "truststoreVersion"],
            version,
        );
    } else if let Some(Value::Object(mutual)) = document.get_mut("mutualTlsAuthentication") {
        mutual.remove("truststoreVersion");
    }
    Ok(())
}

/// The value that an operation sets, if it sets one.
fn given(operation: &PatchOperation) -> Option<Value> {
    let value = operation.value.clone().filter(|value| !value.is_empty());
    value.filter(|_| operation.op != Op::Remove).map(Value::String)
}

/// An empty value turns mutual TLS off.
fn no_mutual_tls(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    if operation.op == Op::Replace && operation.value.as_deref().is_some_and(|value| !value.is_empty()) {
        return Err(patch::absent(operation));
    }
    document.remove("mutualTlsAuthentication");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_truststore_has_no_mutual_tls() {
        let uri = "/mutualTlsAuthentication/truststoreUri";
        let version = "/mutualTlsAuthentication/truststoreVersion";
        let mutual = json!({"truststoreUri": "s3://b/c.pem", "truststoreVersion": "1"});
        for (op, path, value, expected) in [
            (Op::Replace, uri, Some(""), None),
            (Op::Remove, uri, None, None),
            (
                Op::Add,
                uri,
                Some("s3://b/d.pem"),
                Some(json!({"truststoreUri": "s3://b/d.pem", "truststoreVersion": "1"})),
            ),
            (
                Op::Remove,
                version,
                None,
                Some(json!({"truststoreUri": "s3://b/c.pem"})),
            ),
            (
                Op::Replace,
                version,
                Some("2"),
                Some(json!({"truststoreUri": "s3://b/c.pem", "truststoreVersion": "2"})),
            ),
        ] {
            let mut document = Map::new();
            document.insert("mutualTlsAuthentication".to_owned(), mutual.clone());
            let operation = PatchOperation {
                op,
                path: path.to_owned(),
                value: value.map(str::to_owned),
                from: None,
            };
            let applied = patch::apply(&mut document, &[operation], &TABLE);
            assert!(applied.is_ok(), "{op:?} {path}: {applied:?}");
            assert_eq!(
                document.remove("mutualTlsAuthentication"),
                expected,
                "{op:?} {path}"
            );
        }
    }
}
