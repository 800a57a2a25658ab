//! Settings by names for people, as operations of a patch.

use portcullis_document::escape;
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::patch::{remove, replace};

/// What `portcullis stage set --help` ends with.
pub(super) const HELP: &str = "\
Settings of the stage:
  variables.NAME           a stage variable
  description              text
  deployment               the deployment that it runs
  access-log.destination   stdout, or a log group's ARN: a file of data/access-logs
  access-log.format        a line with $context variables
  client-certificate       the certificate that backends are shown
  documentation-version    a version of the documentation
  tracing                  true or false
  cache-cluster            true or false: whether it has a cache
  cache-size               0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118 or 237 gigabytes
Settings of all its methods, or of one as /PATH/VERB.SETTING:
  logging                  OFF, ERROR or INFO
  data-trace               true or false
  metrics                  true or false
  rate-limit, burst-limit  requests a second, requests at once
  cache, cache-ttl         true or false, seconds
  cache-encrypted          true or false
Anything else that begins with / is the path of a patch operation.

Examples:
  portcullis stage set shop prod variables.backend=https://v2.internal logging=ERROR
  portcullis stage set shop prod /pets/{id}/GET.logging=INFO
  portcullis stage set shop prod --remove variables.backend";

/// The names of settings of the stage, and their paths.
const OF_STAGE: [(&str, &str); 9] = [
    ("description", "/description"),
    ("deployment", "/deploymentId"),
    ("access-log.destination", "/accessLogSettings/destinationArn"),
    ("access-log.format", "/accessLogSettings/format"),
    ("client-certificate", "/clientCertificateId"),
    ("documentation-version", "/documentationVersion"),
    ("tracing", "/tracingEnabled"),
    ("cache-cluster", "/cacheClusterEnabled"),
    ("cache-size", "/cacheClusterSize"),
];
/// The names of settings of methods, and the ends of their paths.
const OF_METHODS: [(&str, &str); 8] = [
    ("logging", "logging/loglevel"),
    ("data-trace", "logging/dataTrace"),
    ("metrics", "metrics/enabled"),
    ("rate-limit", "throttling/rateLimit"),
    ("burst-limit", "throttling/burstLimit"),
    ("cache", "caching/enabled"),
    ("cache-ttl", "caching/ttlInSeconds"),
    ("cache-encrypted", "caching/dataEncrypted"),
];

/// The patch that sets some settings and takes others away.
pub(super) fn operations(settings: &[(String, String)], removed: &[String]) -> Result<Vec<Value>, Failure> {
    let taken = removed.iter().map(|name| removal(name).map(remove));
    let set = settings
        .iter()
        .map(|(name, value)| place(name).map(|path| replace(path, value)));
    taken.chain(set).collect()
}

fn removal(name: &str) -> Result<String, Failure> {
    if name == "access-log" {
        return Ok("/accessLogSettings".to_owned());
    }
    place(name)
}

/// The path of a setting.
fn place(name: &str) -> Result<String, Failure> {
    if let Some(variable) = name.strip_prefix("variables.").filter(|name| !name.is_empty()) {
        return Ok(format!("/variables/{}", escape(variable)));
    }
    if let Some((_, path)) = OF_STAGE.iter().find(|(known, _)| *known == name) {
        return Ok((*path).to_owned());
    }
    if let Some(end) = of_methods(name) {
        return Ok(format!("/*/*/{end}"));
    }
    if let Some(path) = of_method(name) {
        return Ok(path);
    }
    if name.starts_with('/') {
        return Ok(name.to_owned());
    }
    Err(
        Failure::usage(format!("there is no setting `{name}`")).hint(format!(
            "the settings are variables.NAME, {}",
            OF_STAGE
                .iter()
                .chain(&OF_METHODS)
                .map(|(known, _)| *known)
                .collect::<Vec<_>>()
                .join(", ")
        )),
    )
}

fn of_methods(name: &str) -> Option<&'static str> {
    let found = OF_METHODS.iter().find(|(known, _)| *known == name);
    found.map(|(_, end)| *end)
}

/// The path of a setting of one method, such as `/pets/GET.logging`.
fn of_method(name: &str) -> Option<String> {
    let (method, setting) = name.rsplit_once('.')?;
    let end = of_methods(setting)?;
    let (resource, verb) = method.rsplit_once('/')?;
    if verb.is_empty() || !method.starts_with('/') {
        return None;
    }
    let resource = if resource.is_empty() { "/" } else { resource };
    Some(format!("/{}/{verb}/{end}", escape(resource)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the page `patch-operations`, UpdateStage; a resource's path has `~1` for its slashes.
    #[test]
    fn settings_are_paths_of_a_patch() {
        for (name, expected) in [
            ("variables.backend", Some("/variables/backend")),
            ("variables.", None),
            ("logging", Some("/*/*/logging/loglevel")),
            (
                "/pets/{id}/GET.logging",
                Some("/~1pets~1{id}/GET/logging/loglevel"),
            ),
            ("/a.b/GET.rate-limit", Some("/~1a.b/GET/throttling/rateLimit")),
            ("/GET.metrics", Some("/~1/GET/metrics/enabled")),
            ("access-log.format", Some("/accessLogSettings/format")),
            (
                "/canarySettings/percentTraffic",
                Some("/canarySettings/percentTraffic"),
            ),
            ("cache-size", Some("/cacheClusterSize")),
            ("/GET.cache-encrypted", Some("/~1/GET/caching/dataEncrypted")),
            ("loging", None),
        ] {
            assert_eq!(place(name).ok().as_deref(), expected, "{name}");
        }
    }
}
