//! Settings of a stage's methods (<https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>).
//!
//! Their keys stay as the patch had them: `*/*`, `~1pets~1{id}/GET`, or `pets/GET`, which Terraform writes.

use portcullis_document::{escape, unescape};
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::patch::{self, Expected, PatchOperation};

/// The key of the settings of all methods.
pub(crate) const ALL: &str = "*/*";
/// The ends of paths as the service tells them, where what is before them is a method (recorded, with the blank that is
/// missing).
const ENDS: &str = ".../metrics/enabled, .../logging/dataTrace, .../logging/loglevel,.../throttling/burstLimit, .../throttling/rateLimit, .../caching/ttlInSeconds, .../caching/enabled, .../caching/dataEncrypted, .../caching/requireAuthorizationForCacheControl, .../caching/unauthorizedCacheControlHeaderStrategy";
const LEVELS: &[&str] = &["OFF", "ERROR", "INFO"];
const STRATEGIES: &[&str] = &[
    "FAIL_WITH_403",
    "SUCCEED_WITH_RESPONSE_HEADER",
    "SUCCEED_WITHOUT_RESPONSE_HEADER",
];
const VERBS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// The longest that a response is kept, in seconds
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>).
const LONGEST_TTL: i64 = 3_600;

/// The member that a path's end means, and what it holds.
fn member(group: &str, setting: &str) -> Option<(&'static str, Expected)> {
    Some(match (group, setting) {
        ("logging", "loglevel") => ("loggingLevel", Expected::One(LEVELS)),
        ("logging", "dataTrace") => ("dataTraceEnabled", Expected::Flag),
        ("metrics", "enabled") => ("metricsEnabled", Expected::Flag),
        ("throttling", "rateLimit") => ("throttlingRateLimit", Expected::Number),
        ("throttling", "burstLimit") => ("throttlingBurstLimit", Expected::Whole),
        ("caching", "enabled") => ("cachingEnabled", Expected::Flag),
        ("caching", "ttlInSeconds") => ("cacheTtlInSeconds", Expected::Whole),
        ("caching", "dataEncrypted") => ("cacheDataEncrypted", Expected::Flag),
        ("caching", "requireAuthorizationForCacheControl") => {
            ("requireAuthorizationForCacheControl", Expected::Flag)
        }
        ("caching", "unauthorizedCacheControlHeaderStrategy") => (
            "unauthorizedCacheControlHeaderStrategy",
            Expected::One(STRATEGIES),
        ),
        _ => return None,
    })
}

/// What the first patch of a method's settings fills in (recorded; there is no `loggingLevel` until one is set).
pub(super) fn defaults() -> Value {
    json!({
        "metricsEnabled": false,
        "dataTraceEnabled": false,
        "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0,
        "cachingEnabled": false,
        "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": false,
        "requireAuthorizationForCacheControl": true,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    })
}

/// Sets what a path such as `/*/*/throttling/rateLimit` means; none where it is no such path.
pub(super) fn set(
    document: &mut Map<String, Value>,
    path: &str,
    operation: &PatchOperation,
) -> Result<Option<()>, ApiError> {
    let mut ends = path.rsplitn(3, '/');
    let (Some(setting), Some(group), Some(key)) = (ends.next(), ends.next(), ends.next()) else {
        return Ok(None);
    };
    if !is_key(key) {
        return Ok(None);
    }
    let Some((name, expected)) = member(group, setting) else {
        return Err(ApiError::bad_request(format!(
            "Invalid method setting path: {group}/{setting}. Must be one of: [{ENDS}]"
        )));
    };
    let value = checked(name, patch::convert(expected, operation)?, operation)?;
    let settings = document
        .entry("methodSettings")
        .or_insert_with(|| Value::Object(Map::new()));
    let settings = settings.as_object_mut();
    let of_method = settings.map(|settings| settings.entry(key).or_insert_with(defaults));
    if let Some(of_method) = of_method.and_then(Value::as_object_mut) {
        of_method.insert(name.to_owned(), value);
    }
    Ok(Some(()))
}

/// Bounds: -1 means no limit of a method's own.
fn checked(name: &str, value: Value, operation: &PatchOperation) -> Result<Value, ApiError> {
    let within = match name {
        "cacheTtlInSeconds" => value.as_i64().is_some_and(|ttl| (0..=LONGEST_TTL).contains(&ttl)),
        "throttlingBurstLimit" => value
            .as_i64()
            .is_some_and(|burst| (-1..=i64::from(i32::MAX)).contains(&burst)),
        "throttlingRateLimit" => value
            .as_f64()
            .is_some_and(|rate| rate >= 0.0 || (rate + 1.0).abs() < f64::EPSILON),
        _ => true,
    };
    if within {
        return Ok(value);
    }
    Err(ApiError::bad_request(format!(
        "Invalid value '{}' specified for path '{}'",
        operation.value.as_deref().unwrap_or_default(),
        operation.path
    )))
}

/// Removes all settings of a method; those that are not there cannot be (recorded, with the last space).
pub(super) fn remove(document: &mut Map<String, Value>, path: &str) -> Result<(), ApiError> {
    let settings = document.get_mut("methodSettings").and_then(Value::as_object_mut);
    let removed = settings.and_then(|settings| settings.swap_remove(path));
    removed.map(drop).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Cannot remove method setting {path} because there is no method setting for this method "
        ))
    })
}

/// A resource's path and a verb, or `*/*`. The service refuses `ANY`.
fn is_key(key: &str) -> bool {
    key == ALL
        || key
            .rsplit_once('/')
            .is_some_and(|(resource, verb)| !resource.is_empty() && resource != "*" && VERBS.contains(&verb))
}

/// The key of a method that is named as `/pets/{id}/GET`: what [`method_of`] is the inverse of.
pub(super) fn key_of(method: &str) -> String {
    if method == ALL {
        return ALL.to_owned();
    }
    match method.rsplit_once('/') {
        Some((resource, verb)) => {
            let resource = if resource.is_empty() { "/" } else { resource };
            format!("{}/{verb}", escape(resource))
        }
        None => method.to_owned(),
    }
}

/// The method that a key means, as `/pets/{id}/GET`, or `*/*`.
pub(crate) fn method_of(key: &str) -> Option<String> {
    if key == ALL {
        return Some(ALL.to_owned());
    }
    let (resource, verb) = key.rsplit_once('/')?;
    let resource = unescape(resource);
    let path = resource.trim_matches('/');
    Some(match path {
        "" => format!("/{verb}"),
        path => format!("/{path}/{verb}"),
    })
}
