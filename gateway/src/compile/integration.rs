//! Integrations.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use portcullis_model::{HttpTarget, Integration, Target};
use portcullis_plugin_host::Plugin;

use super::Compiler;
use crate::plan::uri::{UriTemplate, fold_stage_variables};
use crate::plan::{HttpPlan, IntegrationPlan, Verb};

/// API Gateway's default integration timeout
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
const DEFAULT_TIMEOUT_MS: u32 = 29_000;

impl Compiler<'_> {
    pub(super) fn integration(
        &mut self,
        integration: &Integration,
        names: &[Arc<str>],
    ) -> Option<IntegrationPlan> {
        let timeout = u64::from(integration.timeout_in_millis.unwrap_or(DEFAULT_TIMEOUT_MS));
        let timeout = Duration::from_millis(timeout);
        match &integration.target {
            Target::Http(_) => {
                self.error(
                    "unsupported",
                    &integration.pointer,
                    "HTTP integrations are not there yet",
                );
                None
            }
            Target::Mock => {
                let status = integration.responses.first();
                let status = status
                    .and_then(|response| response.status_code.parse::<StatusCode>().ok())
                    .filter(|status| !status.is_informational());
                if status.is_none() {
                    self.error(
                        "bad-status",
                        &integration.pointer,
                        "the status of a response is 200 to 599",
                    );
                }
                Some(IntegrationPlan::Mock { status: status? })
            }
            Target::Plugin { plugin } => {
                let document = self.input.document;
                let plugin =
                    self.plugin(
                        document,
                        &integration.pointer,
                        plugin,
                        "integration",
                        |plugin| match plugin {
                            Plugin::Integration(integration) => Some(integration.clone()),
                            _ => None,
                        },
                    );
                Some(IntegrationPlan::Plugin {
                    plugin: plugin?,
                    timeout,
                })
            }
            Target::HttpProxy(target) => {
                let HttpTarget { uri, http_method, .. } = target;
                let placeholders = integration.request_parameters.iter().filter_map(|(to, from)| {
                    let to = to.strip_prefix("integration.request.path.")?;
                    Some((
                        to.to_owned(),
                        from.strip_prefix("method.request.path.")?.to_owned(),
                    ))
                });
                let uri = self.uri(integration, uri, &placeholders.collect(), names);
                let backend = uri
                    .as_ref()
                    .and_then(|uri| self.backend(integration, target, uri));
                let method = match http_method.as_deref() {
                    None | Some("ANY") => Some(None),
                    Some(verb) => self.verb(integration, verb).map(Some),
                };
                Some(IntegrationPlan::Http(Box::new(HttpPlan {
                    uri: uri?,
                    backend: backend?,
                    method: method?,
                    timeout,
                })))
            }
        }
    }

    fn uri(
        &mut self,
        integration: &Integration,
        uri: &str,
        mapping: &BTreeMap<String, String>,
        names: &[Arc<str>],
    ) -> Option<UriTemplate> {
        let variables = &self.input.settings.variables;
        let folded = match fold_stage_variables(uri, |name| variables.get(name).map(String::as_str)) {
            Ok(folded) => folded,
            Err(name) => {
                let message = format!(
                    "the stage {} has no variable `{name}`, which the URI needs",
                    self.input.stage
                );
                let problem = self.error("unknown-stage-variable", &integration.pointer, message);
                problem.hint = Some("add it under the stage's variables".to_owned());
                return None;
            }
        };
        let fill = |placeholder: &str| {
            let parameter = mapping.get(placeholder).map_or(placeholder, String::as_str);
            names.iter().position(|name| **name == *parameter)
        };
        match UriTemplate::parse(&folded, fill) {
            Ok(template) => Some(template),
            Err(error) => {
                self.error("bad-uri", &integration.pointer, error.to_string());
                None
            }
        }
    }

    fn verb(&mut self, integration: &Integration, verb: &str) -> Option<http::Method> {
        let method = Verb::parse(verb).and_then(|_| verb.parse().ok());
        if method.is_none() {
            let problem = self.error(
                "bad-method",
                &integration.pointer,
                format!("`{verb}` is not a verb"),
            );
            problem.hint = Some("use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY".to_owned());
        }
        method
    }
}
