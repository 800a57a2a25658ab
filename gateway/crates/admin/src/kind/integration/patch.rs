//! What may be patched of an integration. Its type may not.

use serde_json::{Map, Value, json};

use super::{CONNECTIONS, HANDLINGS, MODES};
use crate::error::ApiError;
use crate::kind::entry;
use crate::patch::{Expected, Op, Own, PatchOperation, Rule, Table, Target, convert, rule};

type Document = Map<String, Value>;

const REPLACE: &[Op] = &[Op::Replace];
const ENTRY: &[Op] = &[Op::Add, Op::Remove, Op::Replace];

pub(super) const PATCHES: Table = Table {
    rules: &[
        rule(
            "/cacheKeyParameters/{}",
            &[Op::Add, Op::Remove, Op::Replace],
            Expected::Text,
            Target::Own(cache_key),
        ),
        own("/cacheNamespace", |document, _, operation| {
            entry::member(document, "cacheNamespace", operation)
        }),
        own("/connectionId", |document, _, operation| {
            entry::member(document, "connectionId", operation)
        }),
        rule(
            "/connectionType",
            REPLACE,
            Expected::One(CONNECTIONS),
            Target::Member(&["connectionType"]),
        ),
        own("/contentHandling", content_handling),
        own("/credentials", |document, _, operation| {
            entry::member(document, "credentials", operation)
        }),
        own("/httpMethod", |document, _, operation| {
            entry::member(document, "httpMethod", operation)
        }),
        own("/integrationTarget", |document, _, operation| {
            entry::member(document, "integrationTarget", operation)
        }),
        rule(
            "/passthroughBehavior",
            REPLACE,
            Expected::Text,
            Target::Member(&["passthroughBehavior"]),
        ),
        rule(
            "/requestParameters/{}",
            ENTRY,
            Expected::Text,
            Target::Own(|document, captures, operation| {
                let named = ("requestParameters", entry::NO_PARAMETER);
                entry::text(document, named, captures, operation)
            }),
        ),
        rule(
            "/requestTemplates/{}",
            ENTRY,
            Expected::Text,
            Target::Own(|document, captures, operation| {
                let named = ("requestTemplates", entry::NO_TYPE);
                entry::template(document, named, captures, operation)
            }),
        ),
        rule(
            "/responseTransferMode",
            REPLACE,
            Expected::One(MODES),
            Target::Member(&["responseTransferMode"]),
        ),
        rule(
            "/timeoutInMillis",
            REPLACE,
            Expected::Whole,
            Target::Member(&["timeoutInMillis"]),
        ),
        own("/tlsConfig/insecureSkipVerification", |document, _, operation| {
            let names = ["tlsConfig", "insecureSkipVerification"];
            crate::patch::put(document, &names, json!(entry::truth(operation)));
            Ok(())
        }),
        own("/uri", |document, _, operation| {
            entry::member(document, "uri", operation)
        }),
    ],
    names_paths: false,
};

const fn own(path: &'static str, act: Own) -> Rule {
    rule(path, REPLACE, Expected::Text, Target::Own(act))
}

/// Nothing, or one that there is.
pub(super) fn content_handling(
    document: &mut Document,
    _: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    if operation.value.as_deref().is_some_and(|value| !value.is_empty()) {
        convert(Expected::One(HANDLINGS), operation)?;
    }
    entry::member(document, "contentHandling", operation)
}

/// A key is named by the path; `replace` puts the value in its place.
fn cache_key(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let named = captures.first().cloned().unwrap_or_default();
    let keys = document
        .entry("cacheKeyParameters")
        .or_insert_with(|| Value::Array(Vec::new()));
    let Some(keys) = keys.as_array_mut() else {
        return Err(crate::patch::absent(operation));
    };
    let at = keys.iter().position(|known| known.as_str() == Some(&named));
    match (operation.op, at) {
        (Op::Add, Some(_)) => {}
        (Op::Add, None) => keys.push(Value::String(named)),
        (_, None) => return Err(ApiError::not_found(entry::NO_PARAMETER)),
        (Op::Replace, Some(at)) => {
            let value = operation.value.clone().filter(|value| !value.is_empty());
            if let Some(key) = keys.get_mut(at) {
                *key = Value::String(value.unwrap_or(named));
            }
        }
        (_, Some(at)) => drop(keys.remove(at)),
    }
    Ok(())
}
