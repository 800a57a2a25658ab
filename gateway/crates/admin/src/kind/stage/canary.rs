//! A stage's canary (<https://docs.aws.amazon.com/apigateway/latest/api/API_CanarySettings.html>).

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value, json};

use super::{Reference, variable};
use crate::error::ApiError;
use crate::kind::rows::text;
use crate::patch::{self, Expected, PatchOperation};
use crate::shape::{Form, Member, optional};

/// As a stage has it.
pub(crate) const OF_A_STAGE: &[Member] = &[
    optional("percentTraffic", Form::Number),
    optional("deploymentId", Form::Text),
    optional("stageVariableOverrides", Form::TextMap),
    optional("useStageCache", Form::Flag),
];

/// As a deployment is created with it: the deployment is the canary's.
pub(crate) const OF_A_DEPLOYMENT: &[Member] = &[
    optional("percentTraffic", Form::Number),
    optional("stageVariableOverrides", Form::TextMap),
    optional("useStageCache", Form::Flag),
];

/// The settings with what the service fills in (recorded).
///
/// # Errors
///
/// A percentage or variables that cannot be.
pub(crate) fn made(
    mut settings: Map<String, Value>,
    deployment: &str,
) -> Result<Map<String, Value>, ApiError> {
    settings.retain(|_, value| !value.is_null());
    if text(&settings, "deploymentId").is_empty() {
        settings.insert("deploymentId".to_owned(), json!(deployment));
    }
    let percent = settings.get("percentTraffic").and_then(Value::as_f64);
    settings.insert("percentTraffic".to_owned(), percentage(percent.unwrap_or(0.0))?);
    settings.entry("useStageCache").or_insert(Value::Bool(false));
    match settings.get("stageVariableOverrides").and_then(Value::as_object) {
        Some(overrides) if overrides.is_empty() => {
            settings.remove("stageVariableOverrides");
        }
        Some(overrides) => variable::all_valid(overrides)?,
        None => {}
    }
    Ok(settings)
}

fn percentage(percent: f64) -> Result<Value, ApiError> {
    let number = Number::from_f64(percent).filter(|_| (0.0..=100.0).contains(&percent));
    number.map(Value::Number).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Invalid canary percentTraffic {percent}. Must be between 0.0 and 100.0"
        ))
    })
}

/// Sets one of the settings; none where it is not one of them. The first makes the canary, on the stage's own deployment.
pub(super) fn set(
    document: &mut Map<String, Value>,
    parts: &[&str],
    operation: &PatchOperation,
    references: &mut BTreeSet<Reference>,
) -> Result<Option<()>, ApiError> {
    let (names, value): (Vec<&str>, Value) = match parts {
        ["percentTraffic"] => {
            let percent = patch::convert(Expected::Number, operation)?;
            (
                vec!["percentTraffic"],
                percentage(percent.as_f64().unwrap_or_default())?,
            )
        }
        ["deploymentId"] => {
            let id = patch::convert(Expected::Text, operation)?;
            references.insert(Reference::Deployment(id.as_str().unwrap_or_default().to_owned()));
            (vec!["deploymentId"], id)
        }
        ["useStageCache"] => (vec!["useStageCache"], patch::convert(Expected::Flag, operation)?),
        ["stageVariableOverrides", name] => {
            let value = patch::convert(Expected::Text, operation)?;
            variable::valid(name, value.as_str().unwrap_or_default())?;
            (vec!["stageVariableOverrides", name], value)
        }
        _ => return Ok(None),
    };
    let deployment = text(document, "deploymentId").to_owned();
    let canary = document
        .entry("canarySettings")
        .or_insert_with(|| json!({"percentTraffic": 0.0, "deploymentId": deployment, "useStageCache": false}))
        .as_object_mut();
    if let Some(canary) = canary {
        patch::put(canary, &names, value);
        let overrides = canary.get("stageVariableOverrides").and_then(Value::as_object);
        overrides.map_or(Ok(()), variable::few_enough)?;
    }
    Ok(Some(()))
}

/// Whether it is a path that [`set`] knows.
pub(super) fn is_setting(parts: &[&str]) -> bool {
    matches!(
        parts,
        ["percentTraffic" | "deploymentId" | "useStageCache"] | ["stageVariableOverrides", _]
    )
}

/// Promotes a part of the canary: its deployment becomes the stage's, its variables are merged into the stage's (recorded).
pub(super) fn promote(document: &mut Map<String, Value>, operation: &PatchOperation) -> Result<(), ApiError> {
    const DEPLOYMENT: (&str, &str) = ("/canarySettings/deploymentId", "/deploymentId");
    const VARIABLES: (&str, &str) = ("/canarySettings/stageVariableOverrides", "/variables");
    let from = operation.from.as_deref().unwrap_or("null");
    let pair = (from, operation.path.as_str());
    if pair != DEPLOYMENT && pair != VARIABLES {
        return Err(ApiError::bad_request(format!(
            "Invalid copy operation with path: {} and from {from}. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]",
            operation.path
        )));
    }
    let Some(canary) = document.get("canarySettings").and_then(Value::as_object) else {
        return Err(ApiError::bad_request(
            "Promotion not available. Canary does not exist.",
        ));
    };
    if pair == DEPLOYMENT {
        let id = json!(text(canary, "deploymentId"));
        document.insert("deploymentId".to_owned(), id);
    } else if let Some(Value::Object(overrides)) = canary.get("stageVariableOverrides") {
        for (name, value) in overrides.clone() {
            patch::put(document, &["variables", &name], value);
        }
        let variables = document.get("variables").and_then(Value::as_object);
        variables.map_or(Ok(()), variable::few_enough)?;
    }
    Ok(())
}
