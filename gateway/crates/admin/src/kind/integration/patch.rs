//! What may be patched of an integration. Its type may not.

use serde_json::{Map, Value, json};

use super::{CONNECTIONS, HANDLINGS, MODES};
use crate::error::ApiError;
use crate::patch::{
    ENTRY, Expected, Op, Own, PatchOperation, REPLACE, Rule, Table, Target, convert, entry, replaced, rule,
};

type Document = Map<String, Value>;

pub(super) const PATCHES: Table = Table {
    rules: &[
        rule(
            "/cacheKeyParameters/{}",
            ENTRY,
            Expected::Text,
            Target::Own(cache_key),
        ),
        entry::optional("/cacheNamespace", "cacheNamespace"),
        entry::optional("/connectionId", "connectionId"),
        rule(
            "/connectionType",
            REPLACE,
            Expected::One(CONNECTIONS),
            Target::Member(&["connectionType"]),
        ),
        own("/contentHandling", content_handling),
        entry::optional("/credentials", "credentials"),
        entry::optional("/httpMethod", "httpMethod"),
        entry::optional("/integrationTarget", "integrationTarget"),
        replaced("/passthroughBehavior", &["passthroughBehavior"]),
        entry::entries(
            "/requestParameters/{}",
            "requestParameters",
            entry::NO_PARAMETER,
            entry::text,
        ),
        entry::entries(
            "/requestTemplates/{}",
            "requestTemplates",
            entry::NO_TYPE,
            entry::template,
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
        entry::optional("/uri", "uri"),
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
