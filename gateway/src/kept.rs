//! Stages that the control plane keeps, in the form that the reconciler compiles: beside those of the files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use portcullis_document::Document;
use portcullis_model::{MethodSetting, RestApi, Stage};

use crate::compile::Made;
use crate::config::{
    AccessLogConfig, ApiConfig, Hash, LoggingLevel, MethodSettingsConfig, StageCacheConfig, StageConfig,
    ThrottleConfig, UnauthorizedCacheControl, web_acl_name,
};
use crate::live::StageId;

/// A stage that the control plane keeps.
#[derive(Debug, Clone)]
pub struct KeptStage {
    /// Its API and name.
    pub id: StageId,
    /// What it serves.
    pub base: KeptDeployment,
    /// What a part of its requests gets instead.
    pub canary: Option<KeptCanary>,
    /// What the control plane has for connections to its backends.
    pub made: Made,
    /// What `gateway.toml` says of an API from a file, and nobody says here.
    pub api_config: ApiConfig,
    /// Documents of the control plane have no lines.
    pub document: Arc<Document>,
}

/// A deployment with the settings that act on it.
#[derive(Debug, Clone)]
pub struct KeptDeployment {
    /// `$context.deploymentId`
    pub id: String,
    /// The definition.
    pub api: Arc<RestApi>,
    /// Of the definition.
    pub hash: Hash,
    /// The stage's settings; a canary has its own variables.
    pub settings: StageConfig,
}

/// A canary.
#[derive(Debug, Clone)]
pub struct KeptCanary {
    /// 0 to 100.
    pub percent: f64,
    /// What its requests get.
    pub deployment: KeptDeployment,
}

impl KeptStage {
    /// A stage and the definitions that it points at, each with its hash.
    pub fn new(
        api: &str,
        stage: &Stage,
        base: (Arc<RestApi>, Hash),
        canary: Option<(Arc<RestApi>, Hash)>,
    ) -> Self {
        let settings = settings_of(stage, &base.0);
        let canary = stage.canary.as_ref().zip(canary).map(|(canary, (api, hash))| {
            let mut settings = settings_of(stage, &api);
            settings.variables.extend(canary.variable_overrides.clone());
            if !canary.use_stage_cache {
                settings.cache = None;
            }
            KeptCanary {
                percent: canary.percent,
                deployment: KeptDeployment {
                    id: canary.deployment.clone(),
                    api,
                    hash,
                    settings,
                },
            }
        });
        Self {
            id: StageId {
                api: api.into(),
                stage: stage.name.as_str().into(),
            },
            base: KeptDeployment {
                id: stage.deployment.clone(),
                api: base.0,
                hash: base.1,
                settings,
            },
            canary,
            made: Made::default(),
            api_config: ApiConfig::default(),
            document: document(api),
        }
    }
}

/// An earlier deployment that a stage of a file was pointed back at. It holds until the file's definition changes; what
/// `gateway.toml` says of the stage keeps acting.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The earlier deployment's id.
    pub deployment: String,
    /// Its definition.
    pub api: Arc<RestApi>,
    /// Of that definition.
    pub hash: Hash,
    /// Of the file's definition that it stands before.
    pub over: Hash,
    /// For problems: what was recorded has no lines.
    pub document: Arc<Document>,
}

/// A document in the name of an API, for problems: what the control plane keeps has no lines.
pub fn document(api: &str) -> Arc<Document> {
    Arc::new(Document::empty(&format!("API {api}")))
}

/// Where the lines of an access log go that a stage of the control plane sends to `destination`: to standard output, or to
/// a file of `directory` that is named after the log group or the stream. Nobody names a file by the protocol.
pub fn access_log(destination: &str, directory: &Path) -> String {
    const LONGEST: usize = 200;
    if destination == "stdout" {
        return destination.to_owned();
    }
    let resource = destination.splitn(6, ':').last().unwrap_or_default();
    let resource = resource.strip_suffix(":*").unwrap_or(resource);
    let kinds = ["log-group:", "deliverystream/"];
    let name = kinds.iter().find_map(|kind| resource.strip_prefix(kind));
    let plain = |char: char| match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => char,
        _ => '_',
    };
    let name: String = name
        .unwrap_or(resource)
        .chars()
        .take(LONGEST)
        .map(plain)
        .collect();
    let file = directory.join(format!("{name}.log"));
    file.to_string_lossy().into_owned()
}

fn settings_of(stage: &Stage, api: &RestApi) -> StageConfig {
    let has_method = |key: &str| {
        key == "*/*"
            || key.rsplit_once('/').is_some_and(|(path, verb)| {
                let path = if path.is_empty() { "/" } else { path };
                let resource = api.resources.iter().find(|resource| resource.path == path);
                resource.is_some_and(|resource| resource.methods.contains_key(verb))
            })
    };
    let methods: BTreeMap<String, MethodSettingsConfig> = stage
        .method_settings
        .iter()
        // API Gateway keeps settings of methods that a deployment does not have; they have nothing to act on.
        .filter(|(key, _)| has_method(key))
        .map(|(key, setting)| (key.clone(), method_settings(setting)))
        .collect();
    StageConfig {
        // API Gateway has none of a stage as a whole.
        throttle: None,
        variables: stage.variables.clone(),
        filters: Vec::new(),
        // What is no ARN of this gateway names no web ACL: the stage is closed.
        web_acl: stage
            .web_acl
            .as_ref()
            .map(|arn| web_acl_name(arn).unwrap_or(arn).to_owned()),
        client_certificate: stage.client_certificate.clone(),
        access_log: stage.access_log.as_ref().map(|log| AccessLogConfig {
            destination: log.destination.clone(),
            format: log.format.clone(),
        }),
        cache: stage.cache.as_deref().map(StageCacheConfig::of_cluster),
        methods,
    }
}

fn method_settings(setting: &MethodSetting) -> MethodSettingsConfig {
    MethodSettingsConfig {
        logging: setting.logging_level.as_deref().map(|level| match level {
            "INFO" => LoggingLevel::Info,
            "ERROR" => LoggingLevel::Error,
            _ => LoggingLevel::Off,
        }),
        data_trace: setting.data_trace,
        metrics: setting.metrics,
        throttle: throttle(setting),
        caching: setting.caching,
        cache_ttl_seconds: setting.cache_ttl,
        cache_encrypted: setting.cache_encrypted,
        require_authorization_for_cache_control: setting.cache_control_authorized,
        unauthorized_cache_control: setting
            .cache_control_unauthorized
            .as_deref()
            .map(UnauthorizedCacheControl::parse),
    }
}

/// -1 is no limit of the method's own
/// (<https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_method_settings>).
fn throttle(setting: &MethodSetting) -> Option<ThrottleConfig> {
    let rate = setting.throttling_rate?;
    if rate < 0.0 {
        return Some(ThrottleConfig::default());
    }
    Some(ThrottleConfig {
        rate: Some(rate),
        burst: setting.throttling_burst.and_then(|burst| burst.try_into().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_logs_stay_in_their_directory() {
        for (destination, expected) in [
            ("stdout", "stdout"),
            (
                "arn:aws:logs:us-east-1:000000000000:log-group:shop",
                "/data/shop.log",
            ),
            (
                "arn:aws:logs:us-east-1:000000000000:log-group:/aws/shop:*",
                "/data/_aws_shop.log",
            ),
            (
                "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-x",
                "/data/amazon-apigateway-x.log",
            ),
            ("arn:aws:logs:us-east-1:000000000000:log-group:..", "/data/...log"),
            (
                "arn:aws:logs:::log-group:../../etc/cron.d/x",
                "/data/.._.._etc_cron.d_x.log",
            ),
            ("/etc/cron.d/x", "/data/_etc_cron.d_x.log"),
            ("", "/data/.log"),
        ] {
            assert_eq!(
                access_log(destination, Path::new("/data")),
                expected,
                "{destination}"
            );
        }
    }
}
