//! Custom authorizers.

use std::time::Duration;

use http::HeaderName;
use portcullis_model::{Authorizer, AuthorizerKind, IdentitySource, PayloadFormat};
use portcullis_plugin_host::Plugin;
use regex::Regex;

use super::Compiler;
use crate::plan::{AuthorizerPlan, Decider, Epoch, EventForm, FunctionPlan, IdentityPlan, KeepPlan};

/// Seconds that a decision is kept where the authorizer does not say
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>).
const TTL: u32 = 300;

impl Compiler<'_> {
    /// The plan of an authorizer that somebody decides for.
    pub(super) fn authorizer(&mut self, name: &str, authorizer: &Authorizer) -> Option<AuthorizerPlan> {
        let identity = self.identity(authorizer);
        let keep = self.keep(name, authorizer);
        let decider = self.decider(authorizer);
        Some(AuthorizerPlan {
            name: name.into(),
            identity: identity?,
            decider: decider?,
            metrics: self.input.metrics.authorizer(name),
            keep,
        })
    }

    /// Who decides. A plugin goes before the function whose name it has.
    fn decider(&mut self, authorizer: &Authorizer) -> Option<Decider> {
        let named = authorizer.function().or(authorizer.plugin.as_deref())?;
        let named = match self.folded(&authorizer.pointer, named) {
            Ok(named) => named,
            // Closed: a method whose authorizer cannot be asked is a 500.
            Err(reason) => return Some(Decider::Nobody { reason }),
        };
        if authorizer.function().is_none() {
            return self.deciding_plugin(authorizer, &named);
        }
        let plugin = Authorizer::plugin_of(&named).filter(|plugin| {
            // One of world `function` is asked as a function is.
            let known = self.input.plugins.get(*plugin);
            let is_function = matches!(known, Some(Some(Plugin::Function(_))));
            named.starts_with(Authorizer::PLUGIN) || (known.is_some() && !is_function)
        });
        if let Some(plugin) = plugin {
            return self.deciding_plugin(authorizer, plugin);
        }
        let event = match (authorizer.kind, authorizer.payload_format) {
            (AuthorizerKind::Token, _) => EventForm::Token,
            (_, PayloadFormat::V1) => EventForm::V1,
            (_, PayloadFormat::V2) => EventForm::V2 {
                sources: authorizer.identity_sources.clone(),
                simple: authorizer.simple_responses,
            },
        };
        Some(match self.function(&authorizer.pointer, &named)? {
            Ok(function) => Decider::Function(FunctionPlan { function, event }),
            Err(reason) => Decider::Nobody { reason },
        })
    }

    fn deciding_plugin(&mut self, authorizer: &Authorizer, name: &str) -> Option<Decider> {
        let (document, at) = (self.input.document, &authorizer.pointer);
        let plugin = self.plugin(document, at, name, "authorizer", |plugin| match plugin {
            Plugin::Authorizer(authorizer) => Some(authorizer.clone()),
            _ => None,
        });
        plugin.map(Decider::Plugin)
    }

    /// How its decisions are kept. Those of a REQUEST authorizer without identity sources would be one for all callers: API
    /// Gateway refuses it.
    fn keep(&mut self, name: &str, authorizer: &Authorizer) -> Option<KeepPlan> {
        let ttl = authorizer.result_ttl_in_seconds.unwrap_or(TTL);
        if ttl == 0 {
            return None;
        }
        if authorizer.kind == AuthorizerKind::Request && authorizer.identity_sources.is_empty() {
            let message = format!(
                "the authorizer `{name}` keeps its decisions, but has no identity source to tell callers apart"
            );
            let problem = self.error("identity-source", &authorizer.pointer, message);
            problem.hint = Some("name what its decisions depend on, or keep none: a TTL of 0".to_owned());
        }
        Some(KeepPlan {
            ttl: Duration::from_secs(ttl.into()),
            epoch: Epoch::unused(),
        })
    }

    fn identity(&mut self, authorizer: &Authorizer) -> Option<IdentityPlan> {
        match authorizer.kind {
            AuthorizerKind::Request => {
                let optional = authorizer.result_ttl_in_seconds == Some(0);
                let required = if optional {
                    Vec::new()
                } else {
                    authorizer.identity_sources.clone()
                };
                Some(IdentityPlan::Request { required })
            }
            // The last two verify tokens: see `jwt.rs`.
            AuthorizerKind::Token | AuthorizerKind::Cognito | AuthorizerKind::Jwt => {
                let header = self.token_header(authorizer);
                let pattern = match &authorizer.identity_validation_expression {
                    Some(expression) => self.pattern(authorizer, expression).map(Some),
                    None => Some(None),
                };
                Some(IdentityPlan::Token {
                    header: header?,
                    pattern: pattern?,
                })
            }
        }
    }

    pub(super) fn token_header(&mut self, authorizer: &Authorizer) -> Option<HeaderName> {
        let [IdentitySource::Header(name)] = authorizer.identity_sources.as_slice() else {
            self.error(
                "identity-source",
                &authorizer.pointer,
                format!(
                    "a {} authorizer needs exactly one header as identity source",
                    authorizer.kind.name()
                ),
            );
            return None;
        };
        let header = name.parse().ok();
        if header.is_none() {
            self.error(
                "identity-source",
                &authorizer.pointer,
                format!("`{name}` is not the name of a header"),
            );
        }
        header
    }

    /// The whole token must match; the engine is linear in the token's length.
    pub(super) fn pattern(&mut self, authorizer: &Authorizer, expression: &str) -> Option<Regex> {
        match Regex::new(&format!("^(?:{expression})$")) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let message =
                    format!("the identity validation expression is not a regular expression: {error}");
                self.error("bad-pattern", &authorizer.pointer, message);
                None
            }
        }
    }
}
