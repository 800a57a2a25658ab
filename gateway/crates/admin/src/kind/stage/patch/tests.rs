//! Patches in tables: a document, a patch, and the document after it or the words of the refusal.
//!
//! Words and documents marked "recorded" are the service's own, as snapshots of tests against it hold them.

#![allow(
    clippy::needless_pass_by_value,
    reason = "values are written where they are passed"
)]

use serde_json::json;

use super::*;

fn stage() -> Value {
    json!({
        "stageName": "dev", "deploymentId": "d1", "cacheClusterEnabled": false,
        "cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": false, "methodSettings": {},
    })
}

/// The stage with other members; null takes one away.
fn stage_with(members: Value) -> Value {
    let mut stage = stage();
    let object = stage.as_object_mut().expect("an object");
    for (name, value) in members.as_object().cloned().unwrap_or_default() {
        match value {
            Value::Null => drop(object.shift_remove(&name)),
            value => drop(object.insert(name, value)),
        }
    }
    stage
}

fn with_canary(canary: Value) -> Value {
    stage_with(json!({"canarySettings": canary}))
}

fn patched(document: &Value, patch: &Value) -> Result<(Value, BTreeSet<Reference>), String> {
    let document = document.as_object().cloned().expect("an object");
    let body = json!({ "patchOperations": patch });
    let operations = patch::operations(body.as_object().expect("an object"), "updateStageInput");
    let applied = operations.and_then(|operations| apply(&document, &operations));
    applied
        .map(|(document, references)| (Value::Object(document), references))
        .map_err(|error| error.message)
}

fn replace(path: &str, value: &str) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

fn filled(settings: Value) -> Value {
    let mut filled = json!({
        "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0, "cachingEnabled": false, "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": false, "requireAuthorizationForCacheControl": true,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    });
    let object = filled.as_object_mut().expect("an object");
    object.extend(settings.as_object().cloned().unwrap_or_default());
    filled
}

#[track_caller]
fn gives(cases: Vec<(&str, Value, Value, Value)>) {
    for (name, before, patch, after) in cases {
        let patched = patched(&before, &patch).map(|(document, _)| document);
        assert_eq!(patched, Ok(after), "{name}");
    }
}

#[test]
fn sets_the_stages_own_members() {
    gives(vec![
        ("nothing", stage(), json!([]), stage()),
        (
            "a description",
            stage(),
            replace("/description", "new"),
            stage_with(json!({"description": "new"})),
        ),
        (
            "an empty description is none",
            stage_with(json!({"description": "old"})),
            replace("/description", ""),
            stage(),
        ),
        (
            "rollback",
            stage_with(json!({"deploymentId": "d2"})),
            replace("/deploymentId", "d1"),
            stage(),
        ),
        (
            "a cache, with the smallest size",
            stage(),
            replace("/cacheClusterEnabled", "true"),
            stage_with(
                json!({"cacheClusterEnabled": true, "cacheClusterSize": "0.5", "cacheClusterStatus": "AVAILABLE"}),
            ),
        ),
        (
            "a size alone",
            stage(),
            replace("/cacheClusterSize", "58.2"),
            stage_with(json!({"cacheClusterSize": "58.2"})),
        ),
        (
            "tracing",
            stage(),
            replace("/tracingEnabled", "True"),
            stage_with(json!({"tracingEnabled": true})),
        ),
        (
            "an access log",
            stage(),
            json!([
                {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "stdout"},
                {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"},
            ]),
            stage_with(
                json!({"accessLogSettings": {"destinationArn": "stdout", "format": "$context.requestId"}}),
            ),
        ),
        (
            "no access log any more",
            stage_with(json!({"accessLogSettings": {"destinationArn": "stdout", "format": "x"}})),
            remove("/accessLogSettings"),
            stage(),
        ),
        (
            "variables are made, replaced and removed",
            stage_with(json!({"variables": {"a": "1", "b": "2"}})),
            json!([
                {"op": "replace", "path": "/variables/c", "value": "https://h/p?q=1&r=2#f,~"},
                {"op": "add", "path": "/variables/a", "value": "3"},
                {"op": "remove", "path": "/variables/b"},
            ]),
            stage_with(json!({"variables": {"a": "3", "c": "https://h/p?q=1&r=2#f,~"}})),
        ),
        (
            "the last variable takes the map with it",
            stage_with(json!({"variables": {"a": "1"}})),
            remove("/variables/a"),
            stage(),
        ),
    ]);
}

#[test]
fn every_size_of_a_cluster_is_taken() {
    for size in ["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"] {
        let patched = patched(&stage(), &replace("/cacheClusterSize", size)).map(|(document, _)| document);
        assert_eq!(patched, Ok(stage_with(json!({"cacheClusterSize": size}))));
    }
}

#[test]
fn sets_every_setting_of_methods() {
    for (path, value, name, expected) in [
        ("logging/loglevel", "INFO", "loggingLevel", json!("INFO")),
        ("logging/dataTrace", "true", "dataTraceEnabled", json!(true)),
        ("metrics/enabled", "true", "metricsEnabled", json!(true)),
        ("throttling/rateLimit", "12.5", "throttlingRateLimit", json!(12.5)),
        ("throttling/rateLimit", "-1", "throttlingRateLimit", json!(-1.0)),
        ("throttling/burstLimit", "7", "throttlingBurstLimit", json!(7)),
        ("caching/enabled", "true", "cachingEnabled", json!(true)),
        ("caching/ttlInSeconds", "3600", "cacheTtlInSeconds", json!(3600)),
        ("caching/dataEncrypted", "true", "cacheDataEncrypted", json!(true)),
        (
            "caching/requireAuthorizationForCacheControl",
            "false",
            "requireAuthorizationForCacheControl",
            json!(false),
        ),
        (
            "caching/unauthorizedCacheControlHeaderStrategy",
            "FAIL_WITH_403",
            "unauthorizedCacheControlHeaderStrategy",
            json!("FAIL_WITH_403"),
        ),
    ] {
        for key in [
            "*/*",
            "~1pets~1{id}/GET",
            "~1/POST",
            "pets/DELETE",
            "a/b/{proxy+}/OPTIONS",
        ] {
            let mut setting = Map::new();
            setting.insert(name.to_owned(), expected.clone());
            let after = stage_with(json!({"methodSettings": {key: filled(Value::Object(setting))}}));
            let patched = patched(&stage(), &replace(&format!("/{key}/{path}"), value));
            assert_eq!(patched.map(|(document, _)| document), Ok(after), "{key} {path}");
        }
    }
}

#[test]
fn method_settings_are_filled_once_and_removed_whole() {
    gives(vec![
        (
            // Recorded: burst 123 and caching, and no loggingLevel.
            "two patches of one method",
            stage(),
            json!([
                {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "123"},
                {"op": "replace", "path": "/*/*/caching/enabled", "value": "true"},
            ]),
            stage_with(
                json!({"methodSettings": {"*/*": filled(json!({"throttlingBurstLimit": 123, "cachingEnabled": true}))}}),
            ),
        ),
        (
            "what was set stays",
            stage_with(json!({"methodSettings": {"*/*": {"loggingLevel": "ERROR"}}})),
            replace("/*/*/metrics/enabled", "true"),
            stage_with(json!({"methodSettings": {"*/*": {"loggingLevel": "ERROR", "metricsEnabled": true}}})),
        ),
        (
            "one of two goes",
            stage_with(json!({"methodSettings": {"*/*": {"a": 1}, "~1pets/GET": {"b": 2}}})),
            remove("/~1pets/GET"),
            stage_with(json!({"methodSettings": {"*/*": {"a": 1}}})),
        ),
        (
            "all of them",
            stage_with(json!({"methodSettings": {"*/*": {"a": 1}}})),
            remove("/*/*"),
            stage(),
        ),
    ]);
}

#[test]
fn moves_a_canary_and_promotes_it() {
    let canary = json!({
        "percentTraffic": 50.0, "deploymentId": "d2", "useStageCache": false,
        "stageVariableOverrides": {"testVar": "override"},
    });
    let variables = json!({"testVar": "test", "testVar2": "test2"});
    gives(vec![
        (
            // Recorded.
            "a percentage makes a canary on the stage's deployment",
            stage(),
            replace("/canarySettings/percentTraffic", "50"),
            with_canary(json!({"percentTraffic": 50.0, "deploymentId": "d1", "useStageCache": false})),
        ),
        (
            // Recorded.
            "so does a deployment",
            stage(),
            replace("/canarySettings/deploymentId", "d2"),
            with_canary(json!({"percentTraffic": 0.0, "deploymentId": "d2", "useStageCache": false})),
        ),
        (
            "the cache and a variable",
            with_canary(json!({"percentTraffic": 5.0, "deploymentId": "d2", "useStageCache": false})),
            json!([
                {"op": "replace", "path": "/canarySettings/useStageCache", "value": "true"},
                {"op": "replace", "path": "/canarySettings/stageVariableOverrides/a", "value": "1"},
            ]),
            with_canary(
                json!({"percentTraffic": 5.0, "deploymentId": "d2", "useStageCache": true, "stageVariableOverrides": {"a": "1"}}),
            ),
        ),
        (
            "an override goes",
            with_canary(canary.clone()),
            remove("/canarySettings/stageVariableOverrides/testVar"),
            with_canary(json!({"percentTraffic": 50.0, "deploymentId": "d2", "useStageCache": false})),
        ),
        (
            "the canary goes",
            with_canary(canary.clone()),
            remove("/canarySettings"),
            stage(),
        ),
        (
            // Recorded: the canary stays, the variables are merged.
            "promotion without an end of the canary",
            stage_with(json!({"variables": variables, "canarySettings": canary})),
            json!([
                {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
                {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
                {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
            ]),
            stage_with(json!({
                "deploymentId": "d2",
                "variables": {"testVar": "override", "testVar2": "test2"},
                "canarySettings": {
                    "percentTraffic": 0.0, "deploymentId": "d2", "useStageCache": false,
                    "stageVariableOverrides": {"testVar": "override"},
                },
            })),
        ),
        (
            // The sequence of the developer guide, "Promote a canary release".
            "promotion",
            stage_with(json!({"variables": variables, "canarySettings": canary})),
            json!([
                {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
                {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
                {"op": "remove", "path": "/canarySettings"},
            ]),
            stage_with(
                json!({"deploymentId": "d2", "variables": {"testVar": "override", "testVar2": "test2"}}),
            ),
        ),
    ]);
}

#[test]
fn names_what_must_be_there() {
    let patch = json!([
        {"op": "replace", "path": "/deploymentId", "value": "a"},
        {"op": "replace", "path": "/canarySettings/deploymentId", "value": "b"},
        {"op": "replace", "path": "/documentationVersion", "value": "c"},
        {"op": "replace", "path": "/clientCertificateId", "value": "d"},
        {"op": "replace", "path": "/clientCertificateId", "value": ""},
    ]);
    let references = patched(&stage(), &patch).map(|(_, references)| references);
    let expected = BTreeSet::from([
        Reference::Deployment("a".to_owned()),
        Reference::Deployment("b".to_owned()),
        Reference::Documentation("c".to_owned()),
        Reference::Certificate("d".to_owned()),
    ]);
    assert_eq!(references, Ok(expected));
}

#[test]
fn refuses_paths_in_the_services_words() {
    let wrong_path = |path: &str| format!("Invalid method setting path: {path}. Must be one of: [{PATHS}]");
    // The first six are recorded; the others are of the same kind.
    for path in [
        "/documentation_version",
        "/tags/tag1",
        "/canarySettings/badPath",
        "/canarySettings",
        "/canarySettings/stageVariableOverrides",
        // Measured: `ANY` has no settings.
        "/g/{proxy+}/ANY/caching/enabled",
        "/webAclArn",
        "/stageName",
        "/cacheClusterStatus",
        "/*/GET/caching/enabled",
        "/~1pets/*/caching/enabled",
        "/GET/caching/enabled",
        "/*/*/caching",
        "/variables",
        "/variables/a/b",
        "/",
        "",
        "description",
    ] {
        let refused = patched(&stage(), &replace(path, "x")).map(|(document, _)| document);
        assert_eq!(refused, Err(wrong_path(path)), "{path}");
    }
    let refused = patched(&stage(), &remove("/nothing")).map(|(document, _)| document);
    assert_eq!(refused, Err(wrong_path("/nothing")));
}

#[test]
fn the_paths_are_told_with_the_services_slips() {
    assert!(PATHS.starts_with("/deploymentId, /description, /cacheClusterEnabled, "));
    assert!(
        PATHS.contains(
            "/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}"
        )
    );
    assert!(
        PATHS.contains("/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, ")
    );
    assert!(PATHS.ends_with("/variables/{variable_name}, /tracingEnabled"));
}

#[test]
fn refuses_operations_in_the_services_words() {
    let no_setting = |key: &str| {
        format!("Cannot remove method setting {key} because there is no method setting for this method ")
    };
    let canary = with_canary(json!({"percentTraffic": 5.0, "deploymentId": "d2", "useStageCache": false}));
    for (before, patch, expected) in [
        // Recorded.
        (stage(), remove("/*/*"), no_setting("*/*")),
        (
            canary.clone(),
            remove("/canarySettings/stageVariableOverrides"),
            no_setting("canarySettings/stageVariableOverrides"),
        ),
        (
            canary.clone(),
            remove("/canarySettings/badPath"),
            no_setting("canarySettings/badPath"),
        ),
        (
            stage(),
            json!([{"op": "add", "path": "/canarySettings/deploymentId", "value": "d1"}]),
            "Invalid add operation with path: /canarySettings/deploymentId".to_owned(),
        ),
        (
            stage(),
            json!([
                {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
                {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
            ]),
            "Promotion not available. Canary does not exist.".to_owned(),
        ),
        (
            canary.clone(),
            json!([{"op": "copy", "from": "/variables", "path": "/canarySettings/stageVariableOverrides"}]),
            "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]".to_owned(),
        ),
        // Of the same kind.
        (stage(), remove("/*/*/throttling/rateLimit"), no_setting("*/*/throttling/rateLimit")),
        (
            canary.clone(),
            json!([{"op": "copy", "from": "/canarySettings/deploymentId", "path": "/variables"}]),
            "Invalid copy operation with path: /variables and from /canarySettings/deploymentId. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]".to_owned(),
        ),
        (
            stage(),
            json!([{"op": "test", "path": "/description", "value": "x"}]),
            "Invalid test operation with path: /description".to_owned(),
        ),
        (stage(), remove("/variables/nope"), "Invalid patch path /variables/nope".to_owned()),
        (
            canary,
            remove("/canarySettings/stageVariableOverrides/nope"),
            "Invalid patch path /canarySettings/stageVariableOverrides/nope".to_owned(),
        ),
    ] {
        let refused = patched(&before, &patch).map(|(document, _)| document);
        assert_eq!(refused, Err(expected), "{patch}");
    }
}

/// Recorded, both: for `/*/*/accessLogSettings/format`, `owner:application-name` and an empty value.
#[test]
fn tells_settings_and_variables_in_the_services_words() {
    for (path, value, expected) in [
        (
            "/*/*/accessLogSettings/format",
            "test",
            "Invalid method setting path: accessLogSettings/format. Must be one of: [.../metrics/enabled, .../logging/dataTrace, .../logging/loglevel,.../throttling/burstLimit, .../throttling/rateLimit, .../caching/ttlInSeconds, .../caching/enabled, .../caching/dataEncrypted, .../caching/requireAuthorizationForCacheControl, .../caching/unauthorizedCacheControlHeaderStrategy]",
        ),
        (
            "/variables/owner:application-name",
            "foo",
            "Invalid stage variable name: owner:application-name.  Please use names with only word characters.",
        ),
        (
            "/variables/admin_pass",
            "",
            "Invalid stage variable value: .  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.",
        ),
    ] {
        let refused = patched(&stage(), &replace(path, value)).map(|(document, _)| document);
        assert_eq!(refused, Err(expected.to_owned()), "{path}");
    }
}

#[test]
fn refuses_values_out_of_bounds() {
    for (path, value) in [
        ("/cacheClusterSize", "0.6"),
        ("/cacheClusterEnabled", "yes"),
        ("/tracingEnabled", ""),
        ("/canarySettings/percentTraffic", "100.1"),
        ("/canarySettings/percentTraffic", "-1"),
        ("/canarySettings/percentTraffic", "NaN"),
        ("/canarySettings/useStageCache", "1"),
        ("/canarySettings/stageVariableOverrides/a", "a$b"),
        ("/variables/a-b", "1"),
        ("/variables/a", ""),
        ("/variables/a", "ü"),
        ("/*/*/logging/loglevel", "DEBUG"),
        ("/*/*/throttling/rateLimit", "-2"),
        ("/*/*/throttling/rateLimit", "inf"),
        ("/*/*/throttling/burstLimit", "1.5"),
        ("/*/*/throttling/burstLimit", "99999999999"),
        ("/*/*/caching/ttlInSeconds", "3601"),
        ("/*/*/caching/ttlInSeconds", "-1"),
        ("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL"),
    ] {
        let refused = patched(&stage(), &replace(path, value));
        assert!(refused.is_err(), "{path} {value}: {refused:?}");
    }
    let (name, value) = ("n".repeat(65), "v".repeat(513));
    for (name, value) in [(name.as_str(), "v"), ("n", value.as_str())] {
        let refused = patched(&stage(), &replace(&format!("/variables/{name}"), value));
        assert!(refused.is_err(), "{refused:?}");
    }
    let without_a_value = patched(&stage(), &json!([{"op": "replace", "path": "/deploymentId"}]));
    assert!(without_a_value.is_err(), "{without_a_value:?}");
}

#[test]
fn a_stage_has_at_most_a_hundred_variables() {
    for map in ["/variables", "/canarySettings/stageVariableOverrides"] {
        let set = |count: usize| {
            let variables = (0..count)
                .map(|number| json!({"op": "replace", "path": format!("{map}/v{number}"), "value": "x"}));
            patched(&stage(), &variables.collect())
        };
        assert!(set(100).is_ok(), "{map}");
        let refused = set(101).map(|(document, _)| document);
        let words = "A stage can have at most 100 stage variables";
        assert_eq!(refused, Err(words.to_owned()), "{map}");
    }
}
