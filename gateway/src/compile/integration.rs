//! Integrations.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use portcullis_document::pointer;
use portcullis_model::{HttpTarget, Integration, IntegrationResponse, Method, Target};
use portcullis_plugin_host::Plugin;
use portcullis_vtl::bounds::{Bounds, Limits};
use portcullis_vtl::java::regex::Regex;

use super::Compiler;
use super::lambda::is_function;
use super::mapping::{Mapping, Reads};
use super::template::engine_of;
use crate::plan::uri::{UriTemplate, fold_stage_variables};
use crate::plan::{
    CustomHttpPlan, HttpPlan, IntegrationPlan, MockPlan, ParameterPlan, ProxyParameters, RequestPlan,
    ResponsePlan, ResponsesPlan, Slot, Slots, Statuses, Verb,
};
use crate::proxy::integrate::http::headers::{ILLEGAL, is_illegal};

/// API Gateway's default integration timeout
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
const DEFAULT_TIMEOUT_MS: u32 = 29_000;

/// What a response is selected by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Selects {
    /// The backend's status.
    Status,
    /// The `errorMessage` of a function's answer.
    Message,
}

impl Compiler<'_> {
    pub(super) fn integration(
        &mut self,
        method: &Method,
        integration: &Integration,
        names: &[Arc<str>],
    ) -> Option<IntegrationPlan> {
        match &integration.target {
            Target::Mock => {
                let request = self.request(integration, names);
                let responses = self.responses(method, integration, Selects::Status);
                Some(IntegrationPlan::Mock(Box::new(MockPlan {
                    request: request?,
                    responses: responses?,
                })))
            }
            Target::Http(target) => {
                let request = self.request(integration, names);
                let responses = self.responses(method, integration, Selects::Status);
                match self.http(integration, target, names)? {
                    Ok(http) => Some(IntegrationPlan::Http(Box::new(CustomHttpPlan {
                        http,
                        request: request?,
                        responses: responses?,
                        aws: None,
                    }))),
                    Err(reason) => Some(IntegrationPlan::Misconfigured { reason }),
                }
            }
            Target::HttpProxy(target) => {
                let parameters = self.proxy_parameters(integration, names);
                let http = match self.http(integration, target, names)? {
                    Ok(http) => http,
                    Err(reason) => return Some(IntegrationPlan::Misconfigured { reason }),
                };
                let reads_body =
                    |(_, slot): &(_, Slot)| matches!(slot, Slot::Mapped(source) if source.reads_body());
                let parameters = match parameters? {
                    None if http.slots.iter().any(reads_body) => Some(Box::default()),
                    parameters => parameters,
                };
                Some(IntegrationPlan::HttpProxy(Box::new(HttpPlan {
                    parameters,
                    ..http
                })))
            }
            Target::Plugin { plugin } => self.plugin_target(integration, plugin),
            Target::AwsProxy(target) => self.lambda_proxy(integration, target, names),
            Target::Aws(target) if is_function(target) => self.lambda(method, integration, target, names),
            Target::Aws(target) => self.aws(method, integration, target, names),
            // The method is closed.
            Target::Unsupported { .. } => None,
        }
    }

    fn plugin_target(&mut self, integration: &Integration, plugin: &str) -> Option<IntegrationPlan> {
        let name = match self.folded(&integration.pointer, plugin) {
            Ok(name) => name,
            Err(reason) => return Some(IntegrationPlan::Misconfigured { reason }),
        };
        if let Some(Some(Plugin::Handler(plugin))) = self.input.plugins.get(&name) {
            return Some(IntegrationPlan::Handler {
                plugin: plugin.clone(),
                timeout: timeout(integration),
            });
        }
        let document = self.input.document;
        let plugin = self.plugin(
            document,
            &integration.pointer,
            &name,
            "integration",
            |plugin| match plugin {
                Plugin::Integration(integration) => Some(integration.clone()),
                _ => None,
            },
        );
        Some(IntegrationPlan::Plugin {
            plugin: plugin?,
            timeout: timeout(integration),
        })
    }

    /// A text with the stage's variables in it. One that the stage lacks is told, and its methods answer 500, as on AWS:
    /// the others are served.
    pub(super) fn folded(&mut self, at: &str, text: &str) -> Result<String, Box<str>> {
        let variables = &self.input.settings.variables;
        fold_stage_variables(text, |name| variables.get(name).map(String::as_str)).map_err(|name| {
            let reason = format!(
                "the stage {} has no variable `{name}`, which `{text}` needs",
                self.input.stage
            );
            let problem = self
                .input
                .document
                .warning("unknown-stage-variable", at, reason.clone());
            self.push(problem.hint("add it under the stage's variables; until then the method answers 500"));
            reason.into()
        })
    }

    /// The endpoint; an error inside says why it cannot be called in this stage.
    fn http(
        &mut self,
        integration: &Integration,
        target: &HttpTarget,
        names: &[Arc<str>],
    ) -> Option<Result<HttpPlan, Box<str>>> {
        let method = self.backend_verb(integration, target.http_method.as_deref());
        let uri = match self.folded(&integration.pointer, &target.uri) {
            Ok(uri) => uri,
            Err(reason) => return Some(Err(reason)),
        };
        let (uri, slots) = self.uri(integration, &uri, names)?;
        let backend = self.backend(integration, target, &uri)?;
        Some(Ok(HttpPlan {
            uri,
            slots,
            parameters: None,
            backend,
            method: method?,
            streams: streams(integration),
            timeout: timeout(integration),
            once: false,
        }))
    }

    pub(super) fn uri(
        &mut self,
        integration: &Integration,
        uri: &str,
        names: &[Arc<str>],
    ) -> Option<(UriTemplate, Slots)> {
        let mut slots = Vec::new();
        let mut right = true;
        let parsed = UriTemplate::parse(uri, |placeholder| {
            let key = format!("integration.request.path.{placeholder}");
            let slot = match integration.request_parameters.get(&key) {
                Some(from) => {
                    let at = parameter_pointer(integration, "requestParameters", &key);
                    match self.source(Mapping { at: &at, from }, Reads::Request(names)) {
                        Some(crate::plan::Source::Path(place)) => Slot::Capture(place),
                        Some(source) => Slot::Mapped(source),
                        None => {
                            right = false;
                            Slot::Capture(0)
                        }
                    }
                }
                None => Slot::Capture(names.iter().position(|name| **name == *placeholder)?),
            };
            slots.push((placeholder.into(), slot));
            Some(slots.len() - 1)
        });
        match parsed {
            Ok(uri) => right.then_some((uri, slots)),
            Err(error) => {
                self.error("bad-uri", &integration.pointer, error.to_string());
                None
            }
        }
    }

    /// The verb towards the backend; none inside where it is the client's own.
    pub(super) fn backend_verb(
        &mut self,
        integration: &Integration,
        verb: Option<&str>,
    ) -> Option<Option<http::Method>> {
        match verb {
            None | Some("ANY") => Some(None),
            Some(verb) => self.verb(integration, verb).map(Some),
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

    /// Nothing where an HTTP_PROXY passes everything as it is.
    fn proxy_parameters(
        &mut self,
        integration: &Integration,
        names: &[Arc<str>],
    ) -> Option<Option<Box<ProxyParameters>>> {
        let (mapped, illegal) = self.parameters(integration, names)?;
        let content_handling = integration.content_handling;
        if mapped == ParameterPlan::default() && !illegal && content_handling.is_none() {
            return Some(None);
        }
        Some(Some(Box::new(ProxyParameters {
            mapped,
            illegal,
            content_handling,
        })))
    }

    pub(super) fn request(&mut self, integration: &Integration, names: &[Arc<str>]) -> Option<RequestPlan> {
        let parameters = self.parameters(integration, names);
        let at = format!("{}/requestTemplates", integration.pointer);
        let templates = self.templates(&at, engine_of(integration), &integration.request_templates);
        let (parameters, illegal) = parameters?;
        Some(RequestPlan {
            parameters,
            templates: templates?,
            passthrough: integration.passthrough_behavior,
            content_handling: integration.content_handling,
            illegal,
        })
    }

    /// Query parameters and headers, and whether a header is among them that must not be mapped. Path parameters belong to
    /// the URI.
    pub(super) fn parameters(
        &mut self,
        integration: &Integration,
        names: &[Arc<str>],
    ) -> Option<(ParameterPlan, bool)> {
        let mut plan = ParameterPlan::default();
        let (mut illegal, mut right) = (false, true);
        for (to, from) in &integration.request_parameters {
            let at = parameter_pointer(integration, "requestParameters", to);
            let Some((kind, name)) = to
                .strip_prefix("integration.request.")
                .and_then(|rest| rest.split_once('.'))
                .filter(|(_, name)| !name.is_empty())
            else {
                self.bad_target(&at, to, "integration.request.{path,querystring,header}.NAME");
                right = false;
                continue;
            };
            let source = self.source(Mapping { at: &at, from }, Reads::Request(names));
            let Some(source) = source else {
                right = false;
                continue;
            };
            match kind {
                "path" => {}
                "querystring" => plan.query.push((name.into(), source)),
                "header" => match self.header_name(&at, name) {
                    Some(header) => {
                        illegal |= is_illegal(header.as_str());
                        plan.headers.push((header, source));
                    }
                    None => right = false,
                },
                _ => {
                    self.bad_target(&at, to, "integration.request.{path,querystring,header}.NAME");
                    right = false;
                }
            }
        }
        if illegal {
            let problem = self.input.document.warning(
                "illegal-header",
                &integration.pointer,
                format!(
                    "no mapping may set {}; every request will be a 500",
                    ILLEGAL.join(", ")
                ),
            );
            self.push(problem);
        }
        right.then_some((plan, illegal))
    }

    fn bad_target(&mut self, at: &str, to: &str, expected: &str) {
        let problem = self.error(
            "bad-mapping",
            at,
            format!("`{to}` is no place that can be mapped to"),
        );
        problem.hint = Some(format!("use {expected}"));
    }

    pub(super) fn responses(
        &mut self,
        method: &Method,
        integration: &Integration,
        by: Selects,
    ) -> Option<ResponsesPlan> {
        let mut rules = Vec::new();
        let mut defaults = Vec::new();
        let mut right = true;
        for response in &integration.responses {
            match self.response(method, integration, response, by) {
                // The default counts where nothing else does, wherever it stands.
                Some(rule)
                    if response
                        .selection_pattern
                        .as_deref()
                        .unwrap_or_default()
                        .is_empty() =>
                {
                    defaults.push(rule);
                }
                Some(rule) => rules.push(rule),
                None => right = false,
            }
        }
        rules.extend(defaults);
        right.then_some(ResponsesPlan { rules })
    }

    fn response(
        &mut self,
        method: &Method,
        integration: &Integration,
        response: &IntegrationResponse,
        by: Selects,
    ) -> Option<ResponsePlan> {
        let selected = match by {
            Selects::Status => self.statuses(response).map(|statuses| (statuses, None)),
            Selects::Message => self.message(response).map(|message| (Statuses::ALL, message)),
        };
        let status = self.status(response);
        let headers = self.response_headers(method, response);
        let at = format!("{}/responseTemplates", response.pointer);
        let templates = self.templates(&at, engine_of(integration), &response.response_templates);
        // A method that declares nothing, such as a route of gateway.toml, has no say.
        let declared = method.responses.is_empty() || method.responses.contains_key(&response.status_code);
        if !declared {
            let message = format!(
                "the method declares no response {}; where this one is chosen the answer is 500",
                response.status_code
            );
            let problem = self
                .input
                .document
                .warning("undeclared-status", &response.pointer, message);
            self.push(problem.hint("add the status to the operation's responses"));
        }
        let (statuses, message) = selected?;
        Some(ResponsePlan {
            statuses,
            message,
            status: status?,
            declared,
            headers: headers?,
            templates: templates?,
            content_handling: response.content_handling,
        })
    }

    /// The pattern is Java's, and must match a status whole. It is tried on every status there can be, in bounded steps.
    fn statuses(&mut self, response: &IntegrationResponse) -> Option<Statuses> {
        let Some((pattern, regex)) = self.regex(response)? else {
            return Some(Statuses::ALL);
        };
        let mut bounds = Bounds::new(Limits::default());
        let statuses = Statuses::of(|status| regex.matches(status, &mut bounds));
        statuses
            .map_err(|failure| self.bad_pattern(response, pattern, &failure.to_string()))
            .ok()
    }

    /// What the message of a function's error must match, which nobody knows yet.
    fn message(&mut self, response: &IntegrationResponse) -> Option<Option<Regex>> {
        let found = self.regex(response)?;
        Some(found.map(|(_, regex)| regex))
    }

    /// The pattern, with its text; none where every response is meant. Nothing at all: there is a problem.
    fn regex<'r>(&mut self, response: &'r IntegrationResponse) -> Option<Option<(&'r str, Regex)>> {
        let pattern = match response.selection_pattern.as_deref() {
            None | Some("") => return Some(None),
            Some(pattern) => pattern,
        };
        let reason = match Regex::compile_within(pattern, &mut Bounds::new(Limits::default())) {
            Ok(Ok(regex)) => return Some(Some((pattern, regex))),
            Ok(Err(error)) => error.description().to_owned(),
            Err(exceeded) => exceeded.to_string(),
        };
        self.bad_pattern(response, pattern, &reason);
        None
    }

    fn bad_pattern(&mut self, response: &IntegrationResponse, pattern: &str, reason: &str) {
        self.error(
            "bad-pattern",
            &response.pointer,
            format!("the selection pattern `{pattern}` cannot be used: {reason}"),
        );
    }

    fn status(&mut self, response: &IntegrationResponse) -> Option<StatusCode> {
        let status = response.status_code.parse::<StatusCode>().ok();
        let status = status.filter(|status| !status.is_informational() && status.as_u16() < 600);
        if status.is_none() {
            let message = format!(
                "`{}` is not the status of a response: 200 to 599",
                response.status_code
            );
            self.error("bad-status", &response.pointer, message);
        }
        status
    }

    fn response_headers(
        &mut self,
        method: &Method,
        response: &IntegrationResponse,
    ) -> Option<Vec<(http::HeaderName, crate::plan::Source)>> {
        let declared = method.responses.get(&response.status_code);
        let mut headers = Vec::new();
        let mut right = true;
        for (to, from) in &response.response_parameters {
            let at = format!(
                "{}/responseParameters{}",
                response.pointer,
                pointer([to.as_str()])
            );
            let Some(name) = to
                .strip_prefix("method.response.header.")
                .filter(|name| !name.is_empty())
            else {
                self.bad_target(&at, to, "method.response.header.NAME");
                right = false;
                continue;
            };
            let known = |parameters: &std::collections::BTreeMap<String, bool>| {
                parameters.keys().any(|known| known.eq_ignore_ascii_case(to))
            };
            if declared.is_some_and(|declared| !known(&declared.response_parameters)) {
                let message = format!(
                    "the method's response {} declares no header {name}, so nothing can be mapped to it",
                    response.status_code
                );
                let problem = self.error("undeclared-header", &at, message);
                problem.hint = Some("add it to the headers of the operation's response".to_owned());
                right = false;
                continue;
            }
            let source = self.source(Mapping { at: &at, from }, Reads::Response);
            let header = self.header_name(&at, name);
            match header.zip(source) {
                Some(mapped) => headers.push(mapped),
                None => right = false,
            }
        }
        right.then_some(headers)
    }
}

pub(super) fn streams(integration: &Integration) -> bool {
    integration.response_transfer_mode.as_deref() == Some("STREAM")
}

pub(super) fn timeout(integration: &Integration) -> Duration {
    Duration::from_millis(u64::from(
        integration.timeout_in_millis.unwrap_or(DEFAULT_TIMEOUT_MS),
    ))
}

pub(super) fn parameter_pointer(integration: &Integration, table: &str, name: &str) -> String {
    format!("{}/{table}{}", integration.pointer, pointer([name]))
}
