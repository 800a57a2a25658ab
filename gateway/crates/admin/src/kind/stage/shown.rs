//! Stages whose settings stand in `gateway.toml`, in the form of the wire.

use portcullis_model::{MethodSetting, Stage};
use serde_json::{Map, Value, json};

use super::clustered;
use super::method_setting::{defaults, key_of};

/// The document of such a stage, without its deployment and its dates.
pub(crate) fn shown(stage: &Stage) -> Map<String, Value> {
    let settings = stage.method_settings.iter();
    let settings = settings.map(|(method, setting)| (key_of(method), method_setting(setting)));
    let settings: Map<String, Value> = settings.collect();
    let mut document = Map::new();
    document.insert("stageName".to_owned(), json!(stage.name));
    document.insert("cacheClusterEnabled".to_owned(), json!(stage.cache.is_some()));
    if let Some(size) = &stage.cache {
        document.insert("cacheClusterSize".to_owned(), json!(size));
    }
    clustered(&mut document);
    document.insert("methodSettings".to_owned(), Value::Object(settings));
    if !stage.variables.is_empty() {
        document.insert("variables".to_owned(), json!(stage.variables));
    }
    if let Some(log) = &stage.access_log {
        let settings = json!({"destinationArn": log.destination, "format": log.format});
        document.insert("accessLogSettings".to_owned(), settings);
    }
    if let Some(certificate) = &stage.client_certificate {
        document.insert("clientCertificateId".to_owned(), json!(certificate));
    }
    if let Some(arn) = &stage.web_acl {
        document.insert("webAclArn".to_owned(), json!(arn));
    }
    document.insert("tracingEnabled".to_owned(), json!(false));
    document
}

fn method_setting(setting: &MethodSetting) -> Value {
    let mut settings = defaults();
    if let Some(members) = settings.as_object_mut() {
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        set(
            "loggingLevel",
            setting.logging_level.as_ref().map(|level| json!(level)),
        );
        set("dataTraceEnabled", setting.data_trace.map(Value::Bool));
        set("metricsEnabled", setting.metrics.map(Value::Bool));
        set(
            "throttlingRateLimit",
            setting.throttling_rate.map(|rate| json!(rate)),
        );
        set(
            "throttlingBurstLimit",
            setting.throttling_burst.map(|burst| json!(burst)),
        );
        set("cachingEnabled", setting.caching.map(Value::Bool));
        set("cacheTtlInSeconds", setting.cache_ttl.map(Value::from));
        set("cacheDataEncrypted", setting.cache_encrypted.map(Value::Bool));
        set(
            "requireAuthorizationForCacheControl",
            setting.cache_control_authorized.map(Value::Bool),
        );
        set(
            "unauthorizedCacheControlHeaderStrategy",
            setting.cache_control_unauthorized.clone().map(Value::String),
        );
    }
    settings
}

#[cfg(test)]
mod tests {
    use portcullis_model::AccessLog;

    use super::*;
    use crate::live::stage_of;

    #[test]
    fn the_model_of_what_is_shown_is_the_stage() {
        let setting = MethodSetting {
            logging_level: Some("INFO".to_owned()),
            data_trace: Some(true),
            metrics: Some(false),
            throttling_rate: Some(10.5),
            throttling_burst: Some(-1),
            caching: Some(true),
            cache_ttl: Some(60),
            cache_encrypted: Some(true),
            cache_control_authorized: Some(false),
            cache_control_unauthorized: Some("FAIL_WITH_403".to_owned()),
        };
        let methods = ["*/*", "/GET", "/pets/{id}/GET"];
        let stage = Stage {
            name: "prod".to_owned(),
            variables: [("color".to_owned(), "grey".to_owned())].into(),
            method_settings: methods.map(|method| (method.to_owned(), setting.clone())).into(),
            access_log: Some(AccessLog {
                destination: "access.log".to_owned(),
                format: "$context.requestId".to_owned(),
            }),
            client_certificate: Some("backend".to_owned()),
            web_acl: Some("arn".to_owned()),
            cache: Some("2.5".to_owned()),
            ..Stage::default()
        };
        let document = shown(&stage);
        assert_eq!(stage_of(&document), stage);
        let keys: Vec<&String> = document["methodSettings"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key)
            .collect();
        assert_eq!(keys, ["*/*", "~1/GET", "~1pets~1{id}/GET"]);
    }
}
