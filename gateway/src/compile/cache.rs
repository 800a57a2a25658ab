//! Caching: what of a method's responses is kept, under which keys, and what is doubtful about it.

use std::sync::Arc;
use std::time::Duration;

use http::header;
use portcullis_document::pointer;
use portcullis_model::{Authorization, IdentitySource, Integration, Method};

use super::Compiler;
use super::mapping::{Mapping, Reads};
use crate::config::MethodSettingsConfig;
use crate::live::StageId;
use crate::plan::{CachePlan, Renewal, Source, StageCachePlan};

/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>)
const DEFAULT_TTL: u32 = 300;

impl Compiler<'_> {
    /// What the stage has to keep responses in.
    pub(super) fn stage_cache(&mut self) -> Option<StageCachePlan> {
        let input = self.input;
        let config = input.settings.cache.as_ref()?;
        let capacity = u64::from(config.capacity_mib) * 1024 * 1024;
        let there_is = input.caches.total();
        if capacity > there_is {
            let message = format!(
                "the stage {} has a cache of {} MiB, and this gateway has {} MiB for all caches: it gets no more",
                input.stage,
                config.capacity_mib,
                there_is / 1024 / 1024
            );
            let at = pointer(["apis", &input.api.id, "stages", input.stage, "cache"]);
            let problem = input.config.warning("cache-capacity", &at, message);
            self.push(
                problem.hint("raise memory_mib, or directory and disk_mib, of [cache] in gateway.toml"),
            );
        }
        Some(StageCachePlan {
            kept: input.caches.of(&StageId {
                api: input.api.id.as_str().into(),
                stage: input.stage.into(),
            }),
            capacity,
        })
    }

    /// How a method's responses are kept; nothing where they are not. The outer option is `None` after a problem.
    pub(super) fn method_cache(
        &mut self,
        method: &Method,
        resource_path: &str,
        verb: &str,
        names: &[Arc<str>],
    ) -> Option<Option<Box<CachePlan>>> {
        let settings = self.methods.of(resource_path, verb);
        let own = self.methods.own(resource_path, verb);
        let all_verbs = own.and_then(|own| own.caching) == Some(true);
        let kept = self.cache.as_ref().map(|cache| cache.kept.clone());
        let integration = method.integration.as_ref();
        let (Some(kept), Some(integration)) = (kept, integration) else {
            return Some(None);
        };
        let ttl = settings.cache_ttl_seconds.unwrap_or(DEFAULT_TTL);
        let on = settings.caching == Some(true) && ttl > 0;
        if !on || !(all_verbs || matches!(verb, "GET" | "ANY")) {
            return Some(None);
        }
        let parameters = self.key_parameters(integration, names)?;
        self.doubts(method, integration, (resource_path, verb), names, &parameters);
        let encrypted = settings.cache_encrypted == Some(true);
        let mut prefix = kept.responses.key();
        prefix.part(self.input.deployment_id().as_bytes());
        match &integration.cache_namespace {
            Some(name) => prefix.list([b"named".as_slice(), name.as_bytes()].into_iter()),
            None => prefix.list([b"resource".as_slice(), resource_path.as_bytes()].into_iter()),
        }
        // What was kept before a method's responses were encrypted is not theirs any more.
        prefix.part(&[encrypted.into()]);
        let by_coding =
            |source: &Source| matches!(source, Source::MultiHeader(name) if *name == header::ACCEPT_ENCODING);
        Some(Some(Box::new(CachePlan {
            kept,
            prefix,
            reads_body: parameters.iter().any(Source::reads_body),
            by_coding: parameters.iter().any(by_coding),
            parameters,
            ttl: Duration::from_secs(ttl.into()),
            encrypted,
            all_verbs,
            renewal: renewal(&settings),
            rules: integration.cache_rules,
        })))
    }

    /// Only what is named here is looked at for a key, of all that is mapped.
    fn key_parameters(&mut self, integration: &Integration, names: &[Arc<str>]) -> Option<Vec<Source>> {
        let mut found = Vec::with_capacity(integration.cache_key_parameters.len());
        for key in &integration.cache_key_parameters {
            let at = format!("{}/cacheKeyParameters", integration.pointer);
            let mapped = integration.request_parameters.get(key).map(String::as_str);
            // A placeholder of the URI that nothing maps is the path's parameter of that name.
            let of_path = key
                .strip_prefix("integration.request.path.")
                .map(|name| format!("method.request.path.{name}"));
            let from = match key.starts_with("method.request.") {
                true => Some(key.as_str()),
                false => mapped.or(of_path.as_deref()),
            };
            let Some(from) = from else {
                let message = format!("`{key}` is no cache key: the integration maps no such parameter");
                let problem = self.error("bad-cache-key", &at, message);
                problem.hint =
                    Some("name a method.request.{path,querystring,header}.NAME, or map it".to_owned());
                return None;
            };
            let source = self.source(Mapping { at: &at, from }, Reads::Request(names))?;
            found.push(with_all_values(source));
        }
        Some(found)
    }

    /// Whether one client may get what was another's.
    fn doubts(
        &mut self,
        method: &Method,
        integration: &Integration,
        (path, verb): (&str, &str),
        names: &[Arc<str>],
        parameters: &[Source],
    ) {
        let input = self.input;
        let identifies = |source: &Source| is_identity(source, &self.identity_sources(method));
        let mut told = Vec::new();
        if method.authorization != Authorization::None && !parameters.iter().any(identifies) {
            told.push((
                format!(
                    "{verb} {path} is cached in the stage {} and its callers are told apart by an authorizer, but not \
                     in the cache: each may get what was answered to another",
                    input.stage
                ),
                "name the header that the identity is in among the cache key parameters, if answers depend on it",
            ));
        }
        let missing = names.iter().enumerate().find(|(place, _)| {
            let is_it = |source: &Source| *source == Source::Path(*place);
            !parameters.iter().any(is_it)
        });
        if let Some((_, name)) = missing {
            told.push((
                format!(
                    "{verb} {path} is cached in the stage {} whatever its path parameter {name} is: one answer is all \
                     paths'",
                    input.stage
                ),
                "name method.request.path.… among the cache key parameters",
            ));
        }
        for (message, hint) in told {
            let problem = input
                .document
                .warning("cache-shared", &integration.pointer, message);
            self.push(problem.hint(hint));
        }
    }

    /// Where the method's authorizer finds who calls.
    fn identity_sources(&self, method: &Method) -> Vec<IdentitySource> {
        let name = match &method.authorization {
            Authorization::Custom { authorizer } | Authorization::Cognito { authorizer } => authorizer,
            _ => return Vec::new(),
        };
        let authorizer = self.input.api.authorizers.get(name);
        authorizer
            .map(|known| known.identity_sources.clone())
            .unwrap_or_default()
    }
}

fn renewal(settings: &MethodSettingsConfig) -> Renewal {
    match settings.require_authorization_for_cache_control {
        Some(false) => Renewal::Anyone,
        _ => Renewal::Authorized(settings.unauthorized_cache_control.unwrap_or_default()),
    }
}

/// A backend may look at any of a parameter's values, so all of them tell responses apart.
fn with_all_values(source: Source) -> Source {
    match source {
        Source::Query(name) => Source::MultiQuery(name),
        Source::Header(name) => Source::MultiHeader(name),
        other => other,
    }
}

fn is_identity(source: &Source, of_authorizer: &[IdentitySource]) -> bool {
    match source {
        Source::Context(name) => name.starts_with("authorizer.") || name.starts_with("identity."),
        Source::MultiHeader(name) => {
            *name == header::AUTHORIZATION
                || of_authorizer.iter().any(
                    |known| matches!(known, IdentitySource::Header(known) if known.eq_ignore_ascii_case(name.as_str())),
                )
        }
        Source::MultiQuery(name) => of_authorizer
            .iter()
            .any(|known| matches!(known, IdentitySource::QueryString(known) if **known == **name)),
        _ => false,
    }
}
