//! Integrations with Lambda functions.

use std::sync::Arc;

use http::HeaderName;
use portcullis_model::{AwsTarget, FunctionName, Integration, Method};

use super::Compiler;
use super::function::Runs;
use super::integration::{Selects, parameter_pointer, streams, timeout};
use super::mapping::{Mapping, Reads};
use crate::lambda::Function;
use crate::plan::{FunctionUrlPlan, IntegrationPlan, LambdaPlan, LambdaProxyPlan, RequestPlan, Source};

/// The one mapping that an `AWS_PROXY` heeds
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integration-async.html>).
const INVOCATION_TYPE: &str = "integration.request.header.x-amz-invocation-type";

/// Headers that no mapping of an `AWS` integration may set, beside those that no mapping at all may
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>).
const ILLEGAL: [&str; 5] = [
    "authorization",
    "connection",
    "expect",
    "proxy-authenticate",
    "te",
];

/// Whether it is a Lambda function that is called.
pub(super) fn is_function(target: &AwsTarget) -> bool {
    FunctionName::parse(&target.uri).is_some()
}

impl Compiler<'_> {
    pub(super) fn lambda_proxy(
        &mut self,
        integration: &Integration,
        target: &AwsTarget,
        names: &[Arc<str>],
    ) -> Option<IntegrationPlan> {
        let invocation_type = self.invocation_type(integration, names);
        let runs = match self.called(integration, target)? {
            Ok(runs) => runs,
            Err(reason) => return Some(IntegrationPlan::Misconfigured { reason }),
        };
        let timeout = timeout(integration);
        Some(match runs {
            Runs::Url(function) => IntegrationPlan::FunctionUrl(Box::new(FunctionUrlPlan {
                function,
                streams: streams(integration),
                timeout,
            })),
            Runs::Invoked(function) => IntegrationPlan::LambdaProxy(Box::new(LambdaProxyPlan {
                function,
                format: integration.payload_format,
                invocation_type: invocation_type?,
                streams: streams(integration),
                timeout,
            })),
        })
    }

    pub(super) fn lambda(
        &mut self,
        method: &Method,
        integration: &Integration,
        target: &AwsTarget,
        names: &[Arc<str>],
    ) -> Option<IntegrationPlan> {
        let request = self.request(integration, names);
        let responses = self.responses(method, integration, Selects::Message);
        let function = match self.called(integration, target)? {
            Ok(Runs::Invoked(function)) => function,
            Ok(Runs::Url(_)) => {
                let name = &target.uri;
                let reason = format!("`{name}` has a function URL, which answers proxy integrations alone");
                return Some(IntegrationPlan::Misconfigured {
                    reason: reason.into(),
                });
            }
            Err(reason) => return Some(IntegrationPlan::Misconfigured { reason }),
        };
        let request = request?;
        let illegal = request.illegal || self.maps_illegal_header(integration, &request);
        Some(IntegrationPlan::Lambda(Box::new(LambdaPlan {
            function,
            request: RequestPlan { illegal, ..request },
            responses: responses?,
            timeout: timeout(integration),
        })))
    }

    /// The function, with the stage's variables in its name; an error inside says why nothing calls it.
    fn called(&mut self, integration: &Integration, target: &AwsTarget) -> Option<Result<Runs, Box<str>>> {
        // Lambda's Invoke is a POST, and API Gateway calls it by the verb that it is told.
        if let Some(verb) = target.http_method.as_deref().filter(|verb| *verb != "POST") {
            let reason =
                format!("a Lambda function is invoked by POST, and the integration's method is {verb}");
            let problem = self
                .input
                .document
                .warning("bad-method", &integration.pointer, reason.clone());
            self.push(problem.hint("set httpMethod to POST; until then the method answers 500"));
            return Some(Err(reason.into()));
        }
        match self.folded(&integration.pointer, &target.uri) {
            Ok(uri) => self.runs(&integration.pointer, &uri),
            Err(reason) => Some(Err(reason)),
        }
    }

    /// Where the type of invocation comes from; `None` after a problem.
    fn invocation_type(&mut self, integration: &Integration, names: &[Arc<str>]) -> Option<Option<Source>> {
        let mut found = None;
        for (to, from) in &integration.request_parameters {
            let at = parameter_pointer(integration, "requestParameters", to);
            if !to.eq_ignore_ascii_case(INVOCATION_TYPE) {
                let message =
                    format!("`{to}` has no effect: a proxy passes the whole request to its function");
                let problem = self.input.document.warning("unused", &at, message);
                self.push(problem);
                continue;
            }
            found = Some(self.source(Mapping { at: &at, from }, Reads::Request(names))?);
        }
        Some(found)
    }

    /// Tells of headers that must not be mapped, and of what has no effect.
    fn maps_illegal_header(&mut self, integration: &Integration, request: &RequestPlan) -> bool {
        let unused = integration
            .request_parameters
            .keys()
            .filter(|to| !to.starts_with("integration.request.header."));
        for to in unused {
            let at = parameter_pointer(integration, "requestParameters", to);
            let message =
                format!("`{to}` has no effect: the function's name is all that an invocation's URL has");
            let problem = self.input.document.warning("unused", &at, message);
            self.push(problem);
        }
        let is_illegal = |(name, _): &(HeaderName, Source)| ILLEGAL.contains(&name.as_str());
        let illegal = request.parameters.headers.iter().any(is_illegal);
        if illegal {
            let message = format!(
                "no mapping of an AWS integration may set {}; every request will be a 500",
                ILLEGAL.join(", ")
            );
            let pointer = &integration.pointer;
            let problem = self.input.document.warning("illegal-header", pointer, message);
            self.push(problem);
        }
        illegal
    }

    /// A function that is invoked, and not one with a URL: an authorizer's.
    pub(super) fn function(&mut self, at: &str, text: &str) -> Option<Result<Arc<Function>, Box<str>>> {
        Some(self.runs(at, text)?.and_then(|runs| match runs {
            Runs::Invoked(function) => Ok(function),
            Runs::Url(_) => {
                Err(format!("`{text}` has a function URL, which no authorizer is asked by").into())
            }
        }))
    }
}
