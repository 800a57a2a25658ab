//! Gateway responses and cross-origin rules.

use std::collections::BTreeMap;

use http::{HeaderValue, StatusCode};
use portcullis_document::pointer;
use portcullis_model::{Cors, GatewayResponse, ResponseType};

use super::Compiler;
use super::mapping::{Mapping, Reads};
use crate::plan::{CorsPlan, GatewayResponsePlan, GatewayResponses};

/// What API Gateway's console lets pages send
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors-console.html>).
const DEFAULT_HEADERS: &str = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token";

impl Compiler<'_> {
    pub(super) fn gateway_responses(&mut self) -> GatewayResponses {
        let responses = &self.input.api.gateway_responses;
        if let Some(response) = responses.get(&ResponseType::RequestTooLarge) {
            let message =
                "REQUEST_TOO_LARGE is answered before the API is asked, as on AWS, so this changes nothing";
            let problem = self.input.document.warning("unused", &response.pointer, message);
            self.push(problem);
        }
        let plans: BTreeMap<_, _> = responses
            .iter()
            .map(|(kind, response)| (*kind, self.gateway_response(response)))
            .collect();
        GatewayResponses(plans)
    }

    fn gateway_response(&mut self, response: &GatewayResponse) -> GatewayResponsePlan {
        let mut plan = GatewayResponsePlan::default();
        if let Some(text) = &response.status_code {
            plan.status = text
                .parse::<StatusCode>()
                .ok()
                .filter(|status| !status.is_informational() && status.as_u16() < 600);
            if plan.status.is_none() {
                let message = format!("`{text}` is not the status of a response: 200 to 599");
                self.error("bad-status", &response.pointer, message);
            }
        }
        for (to, from) in &response.response_parameters {
            let at = format!(
                "{}/responseParameters{}",
                response.pointer,
                pointer([to.as_str()])
            );
            let Some(name) = to
                .strip_prefix("gatewayresponse.header.")
                .filter(|name| !name.is_empty())
            else {
                let problem = self.error(
                    "bad-mapping",
                    &at,
                    format!("`{to}` is no place that can be mapped to"),
                );
                problem.hint = Some("use gatewayresponse.header.NAME".to_owned());
                continue;
            };
            let source = self.source(Mapping { at: &at, from }, Reads::Refused);
            let header = self.header_name(&at, name);
            plan.headers.extend(header.zip(source));
        }
        for (content_type, text) in &response.response_templates {
            match HeaderValue::from_str(content_type) {
                Ok(content_type) => plan.templates.push((content_type, self.simple_template(text))),
                Err(_) => {
                    let at = format!("{}/responseTemplates", response.pointer);
                    self.error(
                        "bad-content-type",
                        &at,
                        format!("{content_type:?} is no content type"),
                    );
                }
            }
        }
        plan
    }

    pub(super) fn cors(&mut self) -> Option<Box<CorsPlan>> {
        let configured = crate::config::cors(&self.input.api.id, self.input.api_config);
        let of_document = self.input.api.cors.clone();
        let (cors, in_config) = match (configured, of_document) {
            (Some(_), Some(cors)) => {
                let message = "the API's cross-origin rules stand in its document and in gateway.toml";
                let problem = self.error("cors", &cors.pointer, message);
                problem.hint = Some("remove one of them".to_owned());
                return None;
            }
            (Some(cors), None) => (cors, true),
            (None, cors) => (cors?, false),
        };
        self.cors_plan(&cors, in_config).map(Box::new)
    }

    fn cors_plan(&mut self, cors: &Cors, in_config: bool) -> Option<CorsPlan> {
        let document = if in_config {
            self.input.config
        } else {
            self.input.document
        };
        let any_origin = cors.allow_origins.iter().any(|origin| origin == "*");
        let mut reasons = Vec::new();
        if cors.allow_origins.is_empty() {
            reasons.push("there is no origin: nobody would be let in".to_owned());
        }
        if any_origin && cors.allow_credentials {
            reasons
                .push("with credentials every origin must be named: a browser takes no `*` then".to_owned());
        }
        for origin in cors.allow_origins.iter().filter(|origin| !is_origin(origin)) {
            reasons.push(format!(
                "`{origin}` is no origin, such as https://example.com or *"
            ));
        }
        let mut list = |items: &[String], what: &str| -> Option<HeaderValue> {
            let good = |item: &&String| *item == "*" || item.parse::<http::HeaderName>().is_ok();
            reasons.extend(
                items
                    .iter()
                    .filter(|item| !good(item))
                    .map(|item| format!("`{item}` is no {what}")),
            );
            (!items.is_empty())
                .then(|| items.join(",").parse().ok())
                .flatten()
        };
        let methods = list(&cors.allow_methods, "verb");
        let headers = list(&cors.allow_headers, "header");
        let expose = list(&cors.expose_headers, "header");
        if !reasons.is_empty() {
            for reason in reasons {
                let problem = document.error("cors", &cors.pointer, reason);
                self.push(problem);
            }
            return None;
        }
        // With credentials `*` means a header of that name, so what is asked for is allowed by name.
        let any_header = cors.allow_headers.iter().any(|name| name == "*");
        Some(CorsPlan {
            any_origin,
            origins: cors
                .allow_origins
                .iter()
                .map(|origin| origin.to_ascii_lowercase().into())
                .collect(),
            methods: methods.filter(|methods| methods != "*"),
            headers: match any_header {
                true => None,
                false => headers.or_else(|| Some(HeaderValue::from_static(DEFAULT_HEADERS))),
            },
            expose,
            credentials: cors.allow_credentials,
            max_age: cors.max_age.map(HeaderValue::from),
        })
    }
}

/// `scheme://host[:port]` without a path, `*`, or `null` (RFC 6454 section 6.1).
fn is_origin(text: &str) -> bool {
    if matches!(text, "*" | "null") {
        return true;
    }
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let scheme_fits = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    scheme_fits
        && !host.is_empty()
        && !host.contains(['/', '?', '#', '@', '*'])
        && HeaderValue::from_str(host).is_ok()
}
