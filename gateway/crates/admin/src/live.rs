//! What the data plane serves of what is kept: stages, each with the definitions that it points at.
//!
//! Nothing is cached here. Who serves many stages asks for [`stage_refs`], and for the [`definition`] of hashes that it has
//! not seen.

mod connection;

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_model::{AccessLog, Canary, MethodSetting, RestApi, Stage};
use portcullis_store::{Hash, Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::file_api;
use crate::kind::rows::text;
use crate::kind::{deployment, stage as kept};

pub use connection::{ClientCertificate, VpcLink, client_certificate, vpc_link};

/// A stage with what it serves.
#[derive(Debug, Clone)]
pub struct LiveStage {
    /// The API's id.
    pub api: String,
    /// Its settings.
    pub stage: Stage,
    /// The definition of the deployment that it points at.
    pub base: Definition,
    /// That of its canary.
    pub canary: Option<Definition>,
}

/// A deployment's definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Of the snapshot: the same for the same definition.
    pub hash: [u8; 32],
    /// The model.
    pub api: Arc<RestApi>,
}

/// A stage with the hashes of what it serves.
#[derive(Debug, Clone)]
pub struct StageRefs {
    /// Its settings.
    pub stage: Stage,
    /// Of the definition of the deployment that it points at.
    pub base: Hash,
    /// Of that of its canary.
    pub canary: Option<Hash>,
}

/// A stage with its definitions, if it is there.
///
/// # Errors
///
/// The store's, and a deployment or a definition that is lost.
pub async fn stage(read: &mut Read, api: &str, name: &str) -> Result<Option<LiveStage>, StoreError> {
    let Some(refs) = stage_refs(read, api, name).await? else {
        return Ok(None);
    };
    let base = definition(read, api, &refs.base).await?;
    let canary = match refs.canary {
        None => None,
        Some(hash) if hash == refs.base => Some(base.clone()),
        Some(hash) => Some(definition(read, api, &hash).await?),
    };
    Ok(Some(LiveStage {
        api: api.to_owned(),
        stage: refs.stage,
        base,
        canary,
    }))
}

/// A stage with the hashes of its definitions, if it is there.
///
/// # Errors
///
/// The store's, and a deployment that is lost.
pub async fn stage_refs(read: &mut Read, api: &str, name: &str) -> Result<Option<StageRefs>, StoreError> {
    let Some(row) = read.get(&kept::key_of(api, name)).await? else {
        return Ok(None);
    };
    let stage = stage_of(row.document.as_object().unwrap_or(&Map::new()));
    let base = hash_of(read, api, &stage.deployment).await?;
    let canary = match &stage.canary {
        None => None,
        Some(canary) => Some(hash_of(read, api, &canary.deployment).await?),
    };
    Ok(Some(StageRefs { stage, base, canary }))
}

/// A definition by its hash.
///
/// # Errors
///
/// The store's, and one that is lost.
pub async fn definition(read: &mut Read, api: &str, hash: &Hash) -> Result<Definition, StoreError> {
    let lost = |what: &str| StoreError::Corrupt(format!("the snapshot {hash} of API {api} {what}"));
    let bytes = read.snapshot(hash).await?.ok_or_else(|| lost("is lost"))?;
    let snapshot: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| lost(&format!("cannot be read: {error}")))?;
    Ok(Definition {
        hash: *hash.as_bytes(),
        api: Arc::new(crate::definition::rest_api(&snapshot)),
    })
}

async fn hash_of(read: &mut Read, api: &str, id: &str) -> Result<Hash, StoreError> {
    let row = read.get(&Key::new(deployment::KIND, api, id)).await?;
    let hash = row.as_ref().and_then(|row| {
        let hash = row.document.get(deployment::SNAPSHOT)?.as_str()?;
        hash.parse().ok()
    });
    hash.ok_or_else(|| StoreError::Corrupt(format!("the deployment {id} of API {api} is lost")))
}

/// The API and the name of every stage that is served from here: those of files are not among them.
///
/// # Errors
///
/// The store's.
pub async fn stages(read: &mut Read) -> Result<Vec<(String, String)>, StoreError> {
    let of_files = file_api::all(read).await?;
    let rows = read.all(kept::KIND).await?;
    let stages = rows.into_iter().map(|row| (row.parent, row.id));
    Ok(stages.filter(|(api, _)| !of_files.contains(api)).collect())
}

/// The model of a stage's document.
pub fn stage_of(document: &Map<String, Value>) -> Stage {
    let text_of = |name: &str| text(document, name).to_owned();
    let object = |name: &str| document.get(name).and_then(Value::as_object);
    Stage {
        name: text_of("stageName"),
        deployment: text_of("deploymentId"),
        variables: texts(object("variables")),
        method_settings: object("methodSettings").map(method_settings).unwrap_or_default(),
        access_log: object("accessLogSettings").and_then(access_log),
        client_certificate: Some(text_of("clientCertificateId")).filter(|id| !id.is_empty()),
        web_acl: Some(text_of("webAclArn")).filter(|arn| !arn.is_empty()),
        cache: cache_size(document),
        canary: object("canarySettings").map(canary),
    }
}

fn texts(map: Option<&Map<String, Value>>) -> BTreeMap<String, String> {
    let pairs = map.into_iter().flatten();
    pairs
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn method_settings(settings: &Map<String, Value>) -> BTreeMap<String, MethodSetting> {
    let settings = settings.iter().filter_map(|(key, setting)| {
        let flag = |name: &str| setting.get(name).and_then(Value::as_bool);
        let level = setting.get("loggingLevel").and_then(Value::as_str);
        let setting = MethodSetting {
            logging_level: level.map(str::to_owned),
            data_trace: flag("dataTraceEnabled"),
            metrics: flag("metricsEnabled"),
            throttling_rate: setting.get("throttlingRateLimit").and_then(Value::as_f64),
            throttling_burst: setting.get("throttlingBurstLimit").and_then(Value::as_i64),
            caching: flag("cachingEnabled"),
            cache_ttl: setting
                .get("cacheTtlInSeconds")
                .and_then(Value::as_u64)
                .and_then(|ttl| u32::try_from(ttl).ok()),
            cache_encrypted: flag("cacheDataEncrypted"),
            cache_control_authorized: flag("requireAuthorizationForCacheControl"),
            cache_control_unauthorized: setting
                .get("unauthorizedCacheControlHeaderStrategy")
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        Some((kept::method_of(key)?, setting))
    });
    settings.collect()
}

/// A stage whose cluster is off has none, whatever size it says.
fn cache_size(document: &Map<String, Value>) -> Option<String> {
    let enabled = document.get("cacheClusterEnabled") == Some(&Value::Bool(true));
    enabled.then(|| match text(document, "cacheClusterSize") {
        "" => "0.5".to_owned(),
        size => size.to_owned(),
    })
}

/// One that has no destination yet writes nothing.
fn access_log(settings: &Map<String, Value>) -> Option<AccessLog> {
    let destination = text(settings, "destinationArn");
    (!destination.is_empty()).then(|| AccessLog {
        destination: destination.to_owned(),
        format: text(settings, "format").to_owned(),
    })
}

fn canary(settings: &Map<String, Value>) -> Canary {
    let overrides = settings.get("stageVariableOverrides").and_then(Value::as_object);
    Canary {
        deployment: text(settings, "deploymentId").to_owned(),
        percent: settings
            .get("percentTraffic")
            .and_then(Value::as_f64)
            .unwrap_or_default(),
        variable_overrides: texts(overrides),
        use_stage_cache: settings.get("useStageCache") == Some(&Value::Bool(true)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn makes_the_model_of_a_stage() {
        let document = json!({
            "stageName": "prod", "deploymentId": "abc123", "variables": {"a": "1"},
            "methodSettings": {
                "*/*": {"loggingLevel": "INFO", "dataTraceEnabled": true, "metricsEnabled": false, "throttlingRateLimit": 1.5, "throttlingBurstLimit": -1},
                "~1pets~1{id}/GET": {"metricsEnabled": true},
                "pets/POST": {"dataTraceEnabled": false},
                "~1/GET": {"loggingLevel": "OFF"},
            },
            "accessLogSettings": {"destinationArn": "stdout", "format": "$context.requestId"},
            "clientCertificateId": "cert", "webAclArn": "arn", "cacheClusterStatus": "NOT_AVAILABLE",
            "canarySettings": {
                "percentTraffic": 12.5, "deploymentId": "def456",
                "stageVariableOverrides": {"a": "2"}, "useStageCache": true,
            },
        });
        let stage = stage_of(document.as_object().expect("an object"));
        let setting = |logging_level: Option<&str>, data_trace, metrics| MethodSetting {
            logging_level: logging_level.map(str::to_owned),
            data_trace,
            metrics,
            ..MethodSetting::default()
        };
        let expected = Stage {
            name: "prod".to_owned(),
            deployment: "abc123".to_owned(),
            variables: [("a".to_owned(), "1".to_owned())].into(),
            method_settings: [
                (
                    "*/*".to_owned(),
                    MethodSetting {
                        throttling_rate: Some(1.5),
                        throttling_burst: Some(-1),
                        ..setting(Some("INFO"), Some(true), Some(false))
                    },
                ),
                ("/pets/{id}/GET".to_owned(), setting(None, None, Some(true))),
                ("/pets/POST".to_owned(), setting(None, Some(false), None)),
                ("/GET".to_owned(), setting(Some("OFF"), None, None)),
            ]
            .into(),
            access_log: Some(AccessLog {
                destination: "stdout".to_owned(),
                format: "$context.requestId".to_owned(),
            }),
            client_certificate: Some("cert".to_owned()),
            web_acl: Some("arn".to_owned()),
            cache: None,
            canary: Some(Canary {
                deployment: "def456".to_owned(),
                percent: 12.5,
                variable_overrides: [("a".to_owned(), "2".to_owned())].into(),
                use_stage_cache: true,
            }),
        };
        assert_eq!(stage, expected);
    }

    #[test]
    fn a_cache_is_there_where_its_cluster_is() {
        let cache = |document: Value| stage_of(document.as_object().expect("an object")).cache;
        assert_eq!(
            cache(json!({"cacheClusterEnabled": false, "cacheClusterSize": "1.6"})),
            None
        );
        let enabled = cache(json!({"cacheClusterEnabled": true, "cacheClusterSize": "1.6"}));
        assert_eq!(enabled.as_deref(), Some("1.6"));
        let document = json!({"methodSettings": {"*/*": {
            "cachingEnabled": true, "cacheTtlInSeconds": 60, "cacheDataEncrypted": true,
            "requireAuthorizationForCacheControl": false, "unauthorizedCacheControlHeaderStrategy": "FAIL_WITH_403",
        }}});
        let stage = stage_of(document.as_object().expect("an object"));
        let expected = MethodSetting {
            caching: Some(true),
            cache_ttl: Some(60),
            cache_encrypted: Some(true),
            cache_control_authorized: Some(false),
            cache_control_unauthorized: Some("FAIL_WITH_403".to_owned()),
            ..MethodSetting::default()
        };
        assert_eq!(stage.method_settings.get("*/*"), Some(&expected));
    }

    #[test]
    fn an_access_log_without_a_destination_writes_nothing() {
        let document = json!({"accessLogSettings": {"format": "x"}});
        let stage = stage_of(document.as_object().expect("an object"));
        assert_eq!(stage.access_log, None);
        assert_eq!(stage.canary, None);
    }
}
