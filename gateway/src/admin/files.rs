//! What files define, in the form that the control plane records.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_admin::file_api::FileApi;
use portcullis_document::{Problem, pointer};
use portcullis_model::{AccessLog, MethodSetting, RestApi, Stage};
use portcullis_openapi::ImportOptions;

use crate::compile;
use crate::config::{
    ApiSource, ControlConfig, LoggingLevel, MethodSettingsConfig, Sources, StageCacheConfig, StageConfig,
    web_acl_arn,
};
use crate::live::Live;

/// The ids of the deployments that the definitions are.
pub(super) fn deployments(sources: &Sources) -> BTreeMap<String, Arc<str>> {
    let apis = sources.apis.iter();
    apis.map(|(id, source)| (id.clone(), compile::deployment_id(&source.hash)))
        .collect()
}

/// Every API that could be read.
pub(super) fn apis<'s>(
    sources: &'s Sources,
    deployments: &'s BTreeMap<String, Arc<str>>,
    live: &Live,
) -> impl Iterator<Item = FileApi<'s>> {
    sources.apis.iter().filter_map(|(id, source)| {
        let deployment = deployments.get(id)?;
        let config = sources.config.apis.get(id)?;
        let is_document = config.openapi.is_some();
        let stages = config.stages.iter();
        let mut names = stages.clone().map(|(name, _)| name);
        let serves = |name: &String| {
            let plan = live.plan(id, name);
            plan.is_some_and(|plan| plan.settings.deployment_id == *deployment)
        };
        Some(FileApi {
            id,
            file: source.document.file(),
            api: Box::new(move || definition(id, source, is_document)),
            deployment,
            is_served: stages.len() == 0 || names.any(serves),
            stages: stages
                .map(|(name, config)| stage(sources, name, config))
                .collect(),
        })
    })
}

/// What is served leaves out what only documents an API; what is shown and exported has it.
fn definition(id: &str, source: &ApiSource, is_document: bool) -> RestApi {
    if is_document {
        portcullis_openapi::import(&source.document, &ImportOptions::keep(id)).api
    } else {
        source.api.clone()
    }
}

/// That the control plane has an API of that id.
pub(super) fn taken(sources: &Sources, id: &str) -> Problem {
    let message =
        format!("the control plane has made another API with the id `{id}`: this one is not shown there");
    let problem = sources.document.warning("taken", &pointer(["apis", id]), message);
    problem.hint("give it another name here")
}

fn stage(sources: &Sources, name: &str, config: &StageConfig) -> Stage {
    let arn = |control: &ControlConfig| {
        let name = config.web_acl.as_ref()?;
        Some(web_acl_arn(&control.region, &control.account, name))
    };
    let methods = config.methods.iter();
    Stage {
        name: name.to_owned(),
        variables: config.variables.clone(),
        method_settings: methods
            .map(|(key, setting)| (key.clone(), method(setting)))
            .collect(),
        access_log: config.access_log.as_ref().map(|log| AccessLog {
            destination: log.destination.clone(),
            format: log.format.clone(),
        }),
        client_certificate: config.client_certificate.clone(),
        web_acl: sources.config.control.as_ref().and_then(arn),
        cache: config.cache.as_ref().map(StageCacheConfig::cluster),
        ..Stage::default()
    }
}

fn method(config: &MethodSettingsConfig) -> MethodSetting {
    let level = config.logging.as_ref().map(|level| match level {
        LoggingLevel::Off => "OFF",
        LoggingLevel::Error => "ERROR",
        LoggingLevel::Info => "INFO",
    });
    let limit = config.throttle.and_then(|throttle| throttle.limit());
    MethodSetting {
        logging_level: level.map(str::to_owned),
        data_trace: config.data_trace,
        metrics: config.metrics,
        throttling_rate: Some(limit.map_or(-1.0, |limit| limit.rate())),
        throttling_burst: Some(limit.map_or(-1, |limit| i64::try_from(limit.burst()).unwrap_or(-1))),
        caching: config.caching,
        cache_ttl: config.cache_ttl_seconds,
        cache_encrypted: config.cache_encrypted,
        cache_control_authorized: config.require_authorization_for_cache_control,
        cache_control_unauthorized: config
            .unauthorized_cache_control
            .map(|otherwise| otherwise.name().to_owned()),
    }
}
