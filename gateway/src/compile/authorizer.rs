//! Custom authorizers.

use http::HeaderName;
use portcullis_model::{Authorizer, AuthorizerKind, IdentitySource};
use portcullis_plugin_host::Plugin;
use regex::Regex;

use super::Compiler;
use crate::plan::{AuthorizerPlan, IdentityPlan, PluginUse};

impl Compiler<'_> {
    pub(super) fn authorizer(
        &mut self,
        name: &str,
        authorizer: &Authorizer,
        plugin: &str,
    ) -> Option<AuthorizerPlan> {
        let identity = self.identity(authorizer);
        let document = self.input.document;
        let plugin = match self.folded(&authorizer.pointer, plugin) {
            Ok(plugin) => plugin,
            // Closed: a method whose authorizer cannot be asked is a 500.
            Err(reason) => {
                return Some(AuthorizerPlan {
                    name: name.into(),
                    identity: identity?,
                    plugin: PluginUse::Broken { name: reason.into() },
                });
            }
        };
        let plugin = self.plugin(
            document,
            &authorizer.pointer,
            &plugin,
            "authorizer",
            |plugin| match plugin {
                Plugin::Authorizer(authorizer) => Some(authorizer.clone()),
                _ => None,
            },
        );
        Some(AuthorizerPlan {
            name: name.into(),
            identity: identity?,
            plugin: plugin?,
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
            // The last two are not asked: their methods are closed.
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

    fn token_header(&mut self, authorizer: &Authorizer) -> Option<HeaderName> {
        let [IdentitySource::Header(name)] = authorizer.identity_sources.as_slice() else {
            self.error(
                "identity-source",
                &authorizer.pointer,
                "a TOKEN authorizer needs exactly one header as identity source",
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
    fn pattern(&mut self, authorizer: &Authorizer, expression: &str) -> Option<Regex> {
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
