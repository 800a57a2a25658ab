//! What may be patched in a usage plan
//! (<https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch>).

use serde_json::{Map, Value, json};

use super::PERIODS;
use crate::error::ApiError;
use crate::patch::{self, Expected, Op, PatchOperation, Table, Target, replaced, rule};

type Document = Map<String, Value>;

const REMOVE: &[Op] = &[Op::Remove];
const ANY: &[Op] = &[Op::Add, Op::Replace, Op::Remove];
const SET: &[Op] = &[Op::Add, Op::Replace];

pub(super) const TABLE: Table = Table {
    rules: &[
        rule(
            "/apiStages",
            &[Op::Add, Op::Remove],
            Expected::Text,
            Target::Own(stage),
        ),
        rule(
            "/apiStages/{}/throttle",
            &[Op::Add, Op::Replace, Op::Remove],
            Expected::Text,
            Target::Own(throttles),
        ),
        rule(
            "/apiStages/{}/throttle/{}",
            REMOVE,
            Expected::Text,
            Target::Own(method),
        ),
        rule(
            "/apiStages/{}/throttle/{}/burstLimit",
            ANY,
            Expected::Whole,
            Target::Own(burst),
        ),
        rule(
            "/apiStages/{}/throttle/{}/rateLimit",
            ANY,
            Expected::Number,
            Target::Own(rate),
        ),
        replaced("/description", &["description"]),
        replaced("/name", &["name"]),
        rule(
            "/productCode",
            &[Op::Add, Op::Replace, Op::Remove],
            Expected::Text,
            Target::Member(&["productCode"]),
        ),
        rule("/quota", REMOVE, Expected::Text, Target::Member(&["quota"])),
        rule(
            "/quota/limit",
            SET,
            Expected::Whole,
            Target::Member(&["quota", "limit"]),
        ),
        rule(
            "/quota/offset",
            SET,
            Expected::Whole,
            Target::Member(&["quota", "offset"]),
        ),
        rule(
            "/quota/period",
            SET,
            Expected::One(PERIODS),
            Target::Member(&["quota", "period"]),
        ),
        rule("/throttle", REMOVE, Expected::Text, Target::Member(&["throttle"])),
        rule(
            "/throttle/burstLimit",
            ANY,
            Expected::Whole,
            Target::Member(&["throttle", "burstLimit"]),
        ),
        rule(
            "/throttle/rateLimit",
            ANY,
            Expected::Number,
            Target::Member(&["throttle", "rateLimit"]),
        ),
    ],
    names_paths: true,
};

fn names(stage: &str) -> Option<(&str, &str)> {
    let (api, name) = stage.split_once(':')?;
    (!api.is_empty() && !name.is_empty()).then_some((api, name))
}

fn is_named(stage: &Value, (api, name): (&str, &str)) -> bool {
    stage.get("apiId").and_then(Value::as_str) == Some(api)
        && stage.get("stage").and_then(Value::as_str) == Some(name)
}

/// Stages are added and removed as `api:stage`.
fn stage(document: &mut Document, _: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let value = operation.value.as_deref().unwrap_or_default();
    let named = names(value).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Invalid API Stage specified: '{value}'. Must be of the form api:stage"
        ))
    })?;
    let list = document.entry("apiStages").or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else {
        return Err(patch::absent(operation));
    };
    let at = list.iter().position(|stage| is_named(stage, named));
    match (operation.op, at) {
        (Op::Remove, Some(at)) => drop(list.remove(at)),
        (Op::Remove, None) => return Err(ApiError::not_found(format!("API Stage not found: {value}"))),
        (_, Some(_)) => {
            return Err(ApiError::conflict(format!(
                "API Stage {value} already exists in the usage plan"
            )));
        }
        (_, None) => list.push(json!({ "apiId": named.0, "stage": named.1 })),
    }
    Ok(())
}

/// The members of a stage that is in the plan.
fn within<'d>(
    document: &'d mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<&'d mut Document, ApiError> {
    let named = captures.first().and_then(|stage| names(stage));
    let named = named.ok_or_else(|| patch::absent(operation))?;
    let list = document.get_mut("apiStages").and_then(Value::as_array_mut);
    let stage = list.into_iter().flatten().find(|stage| is_named(stage, named));
    stage
        .and_then(Value::as_object_mut)
        .ok_or_else(|| ApiError::not_found(format!("API Stage not found: {}:{}", named.0, named.1)))
}

/// All methods of a stage at once, as a JSON text.
fn throttles(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
) -> Result<(), ApiError> {
    let stage = within(document, captures, operation)?;
    if operation.op == Op::Remove {
        stage.remove("throttle");
        return Ok(());
    }
    let invalid = || ApiError::bad_request(format!("Invalid value specified for path '{}'", operation.path));
    let value = operation.value.as_deref().unwrap_or_default();
    let Ok(Value::Object(map)) = serde_json::from_str::<Value>(value) else {
        return Err(invalid());
    };
    let mut body = Map::new();
    body.insert("throttle".to_owned(), Value::Object(map));
    crate::shape::check(
        &mut body,
        &[crate::shape::optional(
            "throttle",
            crate::shape::Form::ObjectMap(super::THROTTLE),
        )],
    )?;
    stage.append(&mut body);
    Ok(())
}

fn method(document: &mut Document, captures: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    let name = captures.get(1).map(String::as_str).unwrap_or_default();
    let stage = within(document, captures, operation)?;
    let map = stage.get_mut("throttle").and_then(Value::as_object_mut);
    let gone = map.and_then(|map| map.remove(name));
    gone.map(drop).ok_or_else(|| patch::absent(operation))
}

fn burst(document: &mut Document, captures: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    limit(document, captures, operation, ("burstLimit", Expected::Whole))
}

fn rate(document: &mut Document, captures: &[String], operation: &PatchOperation) -> Result<(), ApiError> {
    limit(document, captures, operation, ("rateLimit", Expected::Number))
}

fn limit(
    document: &mut Document,
    captures: &[String],
    operation: &PatchOperation,
    (name, form): (&str, Expected),
) -> Result<(), ApiError> {
    let method = captures.get(1).map(String::as_str).unwrap_or_default();
    let stage = within(document, captures, operation)?;
    if operation.op == Op::Remove {
        let settings = stage.get_mut("throttle").and_then(|map| map.get_mut(method));
        let gone = settings
            .and_then(Value::as_object_mut)
            .and_then(|map| map.remove(name));
        return gone.map(drop).ok_or_else(|| patch::absent(operation));
    }
    let value = patch::convert(form, operation)?;
    patch::put(stage, &["throttle", method, name], value);
    Ok(())
}
