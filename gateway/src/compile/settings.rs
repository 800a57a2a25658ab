//! A stage's settings: its access log, and what is told of each method.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use portcullis_document::pointer;
use sha2::{Digest as _, Sha256};

use super::Compiler;
use crate::config::{AccessLogConfig, LoggingLevel, MethodSettingsConfig};
use crate::observe::access_log::{AccessLog, FORMAT_LIMIT, Format};
use crate::observe::sink::{Destination, Sinks};
use crate::plan::{Observed, Throttle, Verbosity};

/// The key that stands for all methods.
const ALL: &str = "*/*";

/// Settings by resource path and verb.
#[derive(Debug, Default)]
pub(super) struct MethodSettings {
    all: MethodSettingsConfig,
    own: BTreeMap<(String, String), MethodSettingsConfig>,
}

impl MethodSettings {
    /// What a method says of its own wins, field by field.
    pub(super) fn of(&self, path: &str, verb: &str) -> MethodSettingsConfig {
        let own = self.own(path, verb);
        let all = &self.all;
        MethodSettingsConfig {
            logging: own.and_then(|own| own.logging).or(self.all.logging),
            data_trace: own.and_then(|own| own.data_trace).or(self.all.data_trace),
            metrics: own.and_then(|own| own.metrics).or(self.all.metrics),
            throttle: own.and_then(|own| own.throttle).or(all.throttle),
            caching: own.and_then(|own| own.caching).or(all.caching),
            cache_ttl_seconds: own
                .and_then(|own| own.cache_ttl_seconds)
                .or(all.cache_ttl_seconds),
            cache_encrypted: own.and_then(|own| own.cache_encrypted).or(all.cache_encrypted),
            require_authorization_for_cache_control: own
                .and_then(|own| own.require_authorization_for_cache_control)
                .or(all.require_authorization_for_cache_control),
            unauthorized_cache_control: own
                .and_then(|own| own.unauthorized_cache_control)
                .or(all.unauthorized_cache_control),
        }
    }

    /// What a method says of its own.
    pub(super) fn own(&self, path: &str, verb: &str) -> Option<&MethodSettingsConfig> {
        self.own.get(&(path.to_owned(), verb.to_owned()))
    }
}

/// The path and verb of a key such as `/pets/{id}/GET`; the root's is `//GET` or `/GET`.
pub(crate) fn method_key(key: &str) -> Option<(&str, &str)> {
    let (path, verb) = key.rsplit_once('/')?;
    let path = if path.is_empty() { "/" } else { path };
    (path.starts_with('/') && !verb.is_empty()).then_some((path, verb))
}

impl Compiler<'_> {
    /// The stage's settings of methods; a key that names no method is a problem.
    pub(super) fn method_settings(&mut self) -> MethodSettings {
        let input = self.input;
        let mut settings = MethodSettings::default();
        let named = input.settings.methods.iter();
        let resources = input.api.resources.iter();
        let known: BTreeSet<(&str, &str)> = match input.settings.methods.keys().any(|key| key != ALL) {
            true => resources
                .flat_map(|resource| resource.methods.keys().map(|verb| (&*resource.path, &**verb)))
                .collect(),
            false => BTreeSet::new(),
        };
        for (key, config) in named {
            if key == ALL {
                settings.all = config.clone();
                continue;
            }
            match method_key(key).filter(|method| known.contains(method)) {
                Some((path, verb)) => {
                    let method = (path.to_owned(), verb.to_owned());
                    settings.own.insert(method, config.clone());
                }
                None => {
                    let at = pointer(["apis", &input.api.id, "stages", input.stage, "methods", key]);
                    let message = format!("no method of the API is named `{key}`");
                    let problem = input.config.error("unknown-method", &at, message);
                    let keys = known.iter().map(|(path, verb)| match *path {
                        "/" => format!("/{verb}"),
                        path => format!("{path}/{verb}"),
                    });
                    let problem = problem.hint("a path and a verb, such as /pets/{id}/GET, or */* for all");
                    self.push(problem.did_you_mean(key, keys));
                }
            }
        }
        settings
    }

    /// What is told of a method.
    pub(super) fn observed(&self, resource_path: &Arc<str>, verb: &str) -> Observed {
        let settings = self.methods.of(resource_path, verb);
        let level = settings.logging.unwrap_or_default();
        let verb: Arc<str> = verb.into();
        let metrics =
            (settings.metrics == Some(true)).then(|| self.input.metrics.method(resource_path, &verb));
        Observed {
            resource_id: short_id(&[self.input.api.id.as_bytes(), resource_path.as_bytes()]),
            verb,
            verbosity: Verbosity {
                error: level != LoggingLevel::Off,
                info: level == LoggingLevel::Info,
                data: level == LoggingLevel::Info && settings.data_trace == Some(true),
            },
            metrics,
        }
    }

    /// How often the stage may be called as a whole.
    pub(super) fn stage_throttle(&self) -> Option<Throttle> {
        let limit = self.input.settings.throttle?.limit()?;
        Some(Throttle {
            gate: self.input.throttles.stage(),
            limit,
        })
    }

    /// How often a method may be called. The setting for all methods gives each of them a bucket of its own
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>).
    pub(super) fn throttle(&self, resource_path: &Arc<str>, verb: &str) -> Option<Throttle> {
        let limit = self.methods.of(resource_path, verb).throttle?.limit()?;
        Some(Throttle {
            gate: self.input.throttles.method(resource_path, verb),
            limit,
        })
    }

    /// The stage's access log, where it has one that can be written.
    pub(super) fn access_log(&mut self) -> Option<AccessLog> {
        let config = self.input.settings.access_log.as_ref()?;
        let format = self.access_log_format(config);
        let directory = Path::new(self.input.config.file())
            .parent()
            .unwrap_or(Path::new(""));
        let destination = Destination::parse(&config.destination, directory);
        let opened = match self.input.sinks {
            _ if self.is_configuration(&destination) => {
                let reason = "it is a file of the configuration";
                Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, reason))
            }
            Some(sinks) => sinks.open(&destination).map(Some),
            None => Sinks::probe(&destination).map(|()| None),
        };
        match opened {
            Ok(sink) => Some(AccessLog::new(format?, sink?)),
            Err(error) => {
                let at = self.access_log_at("destination");
                let message = format!("the access log {} cannot be written: {error}", config.destination);
                let problem = self.input.config.error("access-log", &at, message);
                self.push(
                    problem.hint("\"stdout\", or a file in a directory that is there, relative to this file"),
                );
                None
            }
        }
    }

    /// Lines there would be read as configuration.
    fn is_configuration(&self, destination: &Destination) -> bool {
        let Destination::File(path) = destination else {
            return false;
        };
        let Ok(path) = path.canonicalize() else {
            return false;
        };
        let read = [self.input.config.file(), self.input.document.file()];
        read.iter()
            .any(|file| Path::new(file).canonicalize().is_ok_and(|file| file == path))
    }

    fn access_log_format(&mut self, config: &AccessLogConfig) -> Option<Format> {
        let at = self.access_log_at("format");
        if config.format.len() > FORMAT_LIMIT {
            let length = config.format.len();
            let message = format!("the format has {length} bytes; {FORMAT_LIMIT} is the limit");
            self.push(self.input.config.error("access-log-format", &at, message));
            return None;
        }
        let format = Format::compile(&config.format);
        for name in format.unknown() {
            let message = format!("there is no variable `$context.{name}`; a - is written in its place");
            let problem = self.input.config.warning("unknown-variable", &at, message);
            self.push(problem.did_you_mean(name, crate::proxy::context::NAMES));
        }
        if !format.identifies() {
            let message = "the format has neither $context.requestId nor $context.extendedRequestId";
            let problem = self.input.config.error("access-log-format", &at, message);
            self.push(problem.hint("add one of them, or take json, clf, xml or csv"));
            return None;
        }
        Some(format)
    }

    fn access_log_at(&self, key: &str) -> String {
        let input = self.input;
        pointer(["apis", &input.api.id, "stages", input.stage, "access_log", key])
    }
}

/// 10 letters and digits that are the same for the same parts, as API Gateway's ids look.
pub(super) fn short_id(parts: &[&[u8]]) -> Arc<str> {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    let mut bits = hash
        .iter()
        .take(8)
        .fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let mut id = String::with_capacity(10);
    for _ in 0..10 {
        let digit = usize::try_from(bits % 36).unwrap_or(0);
        id.push(DIGITS.get(digit).copied().map_or('a', char::from));
        bits /= 36;
    }
    id.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ThrottleConfig;

    #[test]
    fn ids_are_stable_and_look_like_api_gateways() {
        let id = short_id(&[b"shop", b"/pets/{id}"]);
        assert_eq!(id, short_id(&[b"shop", b"/pets/{id}"]));
        assert_ne!(id, short_id(&[b"shop/", b"pets/{id}"]));
        assert_eq!(id.len(), 10);
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        );
    }

    #[test]
    fn a_key_is_a_path_and_a_verb() {
        for (key, expected) in [
            ("/pets/{id}/GET", Some(("/pets/{id}", "GET"))),
            ("/GET", Some(("/", "GET"))),
            ("//GET", Some(("/", "GET"))),
            ("/pets/", None),
            ("pets/GET", None),
            ("GET", None),
        ] {
            assert_eq!(method_key(key), expected, "{key}");
        }
    }

    #[test]
    fn a_methods_own_settings_win_field_by_field() {
        let settings = MethodSettings {
            all: MethodSettingsConfig {
                logging: Some(LoggingLevel::Error),
                data_trace: Some(true),
                throttle: Some(ThrottleConfig::default()),
                ..MethodSettingsConfig::default()
            },
            own: BTreeMap::from([(
                ("/a".to_owned(), "GET".to_owned()),
                MethodSettingsConfig {
                    logging: Some(LoggingLevel::Off),
                    metrics: Some(true),
                    ..MethodSettingsConfig::default()
                },
            )]),
        };
        let own = settings.of("/a", "GET");
        assert_eq!(own.logging, Some(LoggingLevel::Off));
        assert_eq!((own.data_trace, own.metrics), (Some(true), Some(true)));
        assert_eq!(own.throttle, Some(ThrottleConfig::default()));
        let other = settings.of("/a", "POST");
        assert_eq!(other.logging, Some(LoggingLevel::Error));
        assert_eq!((other.data_trace, other.metrics), (Some(true), None));
    }
}
