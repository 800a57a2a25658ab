//! Station 8: the integration request. What was the client's becomes what the integration is given.

use std::sync::Arc;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use portcullis_plugin_host::{Rendered, RequestOverride};
use portcullis_vtl::bounds::{Bounds, Limits};
use portcullis_vtl::json;
use portcullis_vtl::value::{Text, Value};

use super::as_sent;
use super::event::{self, Event};
use super::source::{Unmappable, Values};
use super::target::{self, joined};
use super::{aws, body, template};
use crate::plan::{
    CustomHttpPlan, HttpPlan, IntegrationPlan, LambdaPlan, MockPlan, ParameterPlan, PassthroughBehavior,
    ProxyParameters, RequestPlan, Slot, Source, StageLive, TemplatePlan,
};
use crate::proxy::body::Body;
use crate::proxy::call::{Call, Head};
use crate::proxy::exchange::Exchange;
use crate::proxy::integrate::http::headers as wire;
use crate::proxy::percent;
use crate::proxy::refusal::{Blame, Refusal};

/// What the integration is given.
#[derive(Debug)]
pub enum Outgoing {
    /// A request for an HTTP endpoint. Boxed: it is passed on many times.
    Http(Box<Request<Body>>),
    /// An event for a function.
    Event(Box<Event>),
    /// The status that a MOCK was told.
    Mock(u16),
    /// The call as it is.
    Call,
}

/// Makes what the integration is given.
pub async fn make(exchange: &mut Exchange, call: &mut Call) -> Result<Outgoing, Refusal> {
    match exchange.method().map(|method| &method.integration) {
        None => Err(Refusal::unknown_method()),
        Some(IntegrationPlan::HttpProxy(plan)) if plan.parameters.is_none() && !is_encoded(call) => {
            passed(exchange, plan, call).map(Outgoing::Http)
        }
        Some(IntegrationPlan::Plugin { .. }) => Ok(Outgoing::Call),
        // Boxed: it is large, and what passes as it is never polls it.
        Some(_) => Box::pin(made(exchange, call)).await,
    }
}

/// The same, where something is to be made of the call.
async fn made(exchange: &mut Exchange, call: &mut Call) -> Result<Outgoing, Refusal> {
    let Some(stage) = exchange.stage.clone() else {
        return Err(Refusal::unknown_stage());
    };
    let Some(method) = exchange.method_of(&stage) else {
        return Err(Refusal::unknown_method());
    };
    match &method.integration {
        IntegrationPlan::HttpProxy(plan) => match &plan.parameters {
            None => {
                if is_encoded(call) {
                    body::of_request(exchange, call).await?;
                }
                passed(exchange, plan, call)
            }
            Some(parameters) => proxied(exchange, &stage, plan, parameters, call).await,
        }
        .map(Outgoing::Http),
        IntegrationPlan::Http(plan) => custom(exchange, &stage, plan, call).await.map(Outgoing::Http),
        IntegrationPlan::LambdaProxy(plan) => event::of_call(exchange, &stage, plan, call)
            .await
            .map(|event| Outgoing::Event(Box::new(event))),
        IntegrationPlan::Lambda(plan) => mapped_event(exchange, &stage, plan, call)
            .await
            .map(|event| Outgoing::Event(Box::new(event))),
        IntegrationPlan::Handler { .. } => {
            let request = as_sent::for_handler(exchange, call).await;
            request.map(|request| Outgoing::Http(Box::new(request)))
        }
        IntegrationPlan::FunctionUrl(plan) => {
            let request = as_sent::for_url(exchange, plan, call).await;
            request.map(|request| Outgoing::Http(Box::new(request)))
        }
        IntegrationPlan::Mock(plan) => mock(exchange, &stage, plan, call).await.map(Outgoing::Mock),
        IntegrationPlan::Plugin { .. } => Ok(Outgoing::Call),
        IntegrationPlan::Misconfigured { reason } => {
            exchange.log().misconfigured(reason);
            Err(Refusal::configuration(Blame::Gateway))
        }
    }
}

/// A backend is not told of a content coding, so it must get the body without
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html>).
pub(super) fn is_encoded(call: &Call) -> bool {
    call.head.headers.contains_key(header::CONTENT_ENCODING)
}

/// HTTP_PROXY: the request as it is.
fn passed(exchange: &Exchange, plan: &HttpPlan, call: &mut Call) -> Result<Box<Request<Body>>, Refusal> {
    // Slots that are mapped read no body here: `proxied` has those.
    let values = Values::of_request(exchange, &call.head, b"");
    let path = target::of(
        exchange,
        plan,
        &values,
        &RequestOverride::default(),
        call.head.query(),
    )?;
    drop(values);
    Ok(passed_to(exchange, plan, call, path))
}

fn passed_to(
    exchange: &Exchange,
    plan: &HttpPlan,
    call: &mut Call,
    path: PathAndQuery,
) -> Box<Request<Body>> {
    let mut request = Box::new(Request::new(std::mem::take(&mut call.body)));
    *request.uri_mut() = http::Uri::from(path);
    *request.method_mut() = plan.method.clone().unwrap_or_else(|| call.head.method.clone());
    let read_late = exchange
        .stage
        .as_ref()
        .is_some_and(|stage| stage.base.reads_request_late);
    *request.headers_mut() = match read_late {
        true => call.head.headers.clone(),
        false => std::mem::take(&mut call.head.headers),
    };
    let trailers = plan.backend.may_multiplex() && wire::takes_trailers(request.headers());
    wire::to_backend(exchange, plan.backend.host(), request.headers_mut());
    if trailers {
        // What gRPC asks for, of every proxy on the way
        // (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
        request
            .headers_mut()
            .insert(header::TE, HeaderValue::from_static("trailers"));
    }
    request
}

/// HTTP_PROXY with parameters beside what the client sent.
async fn proxied(
    exchange: &Exchange,
    stage: &StageLive,
    plan: &HttpPlan,
    parameters: &ProxyParameters,
    call: &mut Call,
) -> Result<Box<Request<Body>>, Refusal> {
    if parameters.illegal {
        return Err(illegal(exchange));
    }
    let mut bytes = Bytes::new();
    if parameters.content_handling.is_some() || reads_body(&parameters.mapped, plan) || is_encoded(call) {
        bytes = body::of_request(exchange, call).await?;
        let turned = body::turn_request(
            (exchange, stage),
            &call.head,
            parameters.content_handling,
            bytes.clone(),
        )?;
        body::measure(&mut call.head.headers, &turned);
        call.body = turned.into();
    }
    let values = Values::of_request(exchange, &call.head, &bytes);
    let mapped = Mapped::of(&parameters.mapped, &values)?;
    let query = joined(call.head.query(), &mapped.query);
    let path = target::of(
        exchange,
        plan,
        &values,
        &RequestOverride::default(),
        query.as_deref(),
    )?;
    drop(values);
    let mut request = passed_to(exchange, plan, call, path);
    put(&mapped.headers, request.headers_mut());
    Ok(request)
}

/// HTTP: all that the backend is sent is mapped.
async fn custom(
    exchange: &mut Exchange,
    stage: &StageLive,
    plan: &CustomHttpPlan,
    call: &mut Call,
) -> Result<Box<Request<Body>>, Refusal> {
    if plan.request.illegal {
        return Err(illegal(exchange));
    }
    let made = text(
        exchange,
        stage,
        &plan.request,
        reads_body(&plan.request.parameters, &plan.http),
        call,
    )
    .await?;
    let method = plan
        .http
        .method
        .clone()
        .unwrap_or_else(|| call.head.method.clone());
    let (path, mapped) = addressed(exchange, plan, &call.head, &made)?;
    let has_body = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut headers = HeaderMap::with_capacity(8 + mapped.len());
    if has_body && !made.body.is_empty() {
        let of_protocol = plan.aws.as_ref().and_then(|aws| aws.content_type.as_ref());
        let named = of_protocol
            .or(call.head.headers.get(header::CONTENT_TYPE))
            .cloned();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, named.unwrap_or(json));
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    put(&mapped, &mut headers);
    wire::of_mapping(
        exchange,
        &call.head.headers,
        plan.http.backend.host(),
        &mut headers,
    );
    let body = if has_body { made.body } else { Bytes::new() };
    let mut request = Box::new(Request::new(Body::from(body.clone())));
    *request.uri_mut() = http::Uri::from(path);
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    if let Some(aws) = &plan.aws {
        aws::finish(exchange, (aws, &plan.http), &mut request, &body).await?;
    }
    Ok(request)
}

/// Where the request goes, with its query, and the headers that are mapped.
fn addressed(
    exchange: &Exchange,
    plan: &CustomHttpPlan,
    head: &Head,
    made: &Made,
) -> Result<(PathAndQuery, HeaderMap), Refusal> {
    let values = Values::of_request(exchange, head, &made.original);
    let mut mapped = Mapped::of(&plan.request.parameters, &values)?;
    mapped.override_by(exchange, &made.overrides)?;
    let path = target::of(
        exchange,
        &plan.http,
        &values,
        &made.overrides,
        joined(None, &mapped.query).as_deref(),
    )?;
    Ok((path, mapped.headers))
}

/// AWS, of a function: the event is what a template renders, and what is mapped to headers is said of the invocation.
async fn mapped_event(
    exchange: &mut Exchange,
    stage: &StageLive,
    plan: &LambdaPlan,
    call: &mut Call,
) -> Result<Event, Refusal> {
    let request = &plan.request;
    if request.illegal {
        return Err(illegal(exchange));
    }
    let mapped = request.parameters.headers.iter();
    let reads_body = mapped.clone().any(|(_, source)| source.reads_body());
    let made = text(exchange, stage, request, reads_body, call).await?;
    let values = Values::of_request(exchange, &call.head, &made.original);
    let mut mapped = Mapped::of(&request.parameters, &values)?;
    drop(values);
    mapped.override_by(exchange, &made.overrides)?;
    let mut headers = HeaderMap::with_capacity(mapped.headers.len());
    put(&mapped.headers, &mut headers);
    exchange.trace(&call.head.headers).put(&mut headers);
    // A function is always passed JSON.
    let event = match made.body.is_empty() {
        true => Bytes::from_static(b"{}"),
        false => made.body,
    };
    Ok(Event { event, headers })
}

/// MOCK: the status that the rendered template says.
async fn mock(
    exchange: &mut Exchange,
    stage: &StageLive,
    plan: &MockPlan,
    call: &mut Call,
) -> Result<u16, Refusal> {
    if plan.request.illegal {
        return Err(illegal(exchange));
    }
    // Without any template there is nothing that could say a status, and the default response answers
    // (<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>).
    if plan.request.templates.is_empty() {
        return Ok(200);
    }
    let made = text(exchange, stage, &plan.request, false, call).await?;
    let status = std::str::from_utf8(&made.body).ok().and_then(status_code);
    status.ok_or_else(|| {
        exchange.log().misconfigured(
            "Unable to parse statusCode. It should be an integer that is defined in the request template.",
        );
        Refusal::configuration(Blame::Gateway)
    })
}

/// `{"statusCode": 200}`, as json-smart reads it: keys may lack their quotes.
fn status_code(text: &str) -> Option<u16> {
    let mut bounds = Bounds::new(Limits::default());
    let Ok(Value::Map(map)) = json::parse(&Text::from(text), &mut bounds) else {
        return None;
    };
    match map.get("statusCode")? {
        Value::Int(status) => u16::try_from(status).ok(),
        Value::Text(status) => status.trim().parse().ok(),
        _ => None,
    }
    .filter(|status| (100..1000).contains(status))
}

/// The body of an integration request.
struct Made {
    /// As the client sent it, decoded: what mappings read. Empty where nothing reads it.
    original: Bytes,
    /// As the integration gets it.
    body: Bytes,
    overrides: RequestOverride,
}

async fn text(
    exchange: &mut Exchange,
    stage: &StageLive,
    plan: &RequestPlan,
    mapped: bool,
    call: &mut Call,
) -> Result<Made, Refusal> {
    // Which template it is is known before the body is read: an unsupported type is refused at once.
    let template = chosen(plan, &body::media_type(&call.head.headers))?;
    let is_read = mapped || template.is_none_or(|template| template.reads_body());
    let original = match is_read {
        true => body::of_request(exchange, call).await?,
        false => Bytes::new(),
    };
    let body = body::turn_request(
        (exchange, stage),
        &call.head,
        plan.content_handling,
        original.clone(),
    )?;
    let Some(template) = template else {
        return Ok(Made {
            original,
            body,
            overrides: RequestOverride::default(),
        });
    };
    let rendered = template::render(exchange, &call.head, template, &body).await?;
    let Rendered {
        text,
        request,
        response,
        ..
    } = rendered;
    if response.status.is_some() || !response.headers.is_empty() {
        exchange.response_override = Some(Box::new(response));
    }
    exchange.request_override = (request != RequestOverride::default()).then(|| Box::new(request.clone()));
    Ok(Made {
        original,
        body: Bytes::from(text),
        overrides: request,
    })
}

/// The template for a content type; none where the body passes as it is.
fn chosen<'p>(plan: &'p RequestPlan, media_type: &str) -> Result<Option<&'p Arc<TemplatePlan>>, Refusal> {
    let found =
        template::find(&plan.templates, media_type).or_else(|| template::find(&plan.templates, "$default"));
    match (found, plan.passthrough) {
        (Some(template), _) => Ok(Some(template)),
        (None, PassthroughBehavior::WhenNoMatch) => Ok(None),
        (None, PassthroughBehavior::WhenNoTemplates) if plan.templates.is_empty() => Ok(None),
        (None, PassthroughBehavior::WhenNoTemplates | PassthroughBehavior::Never) => {
            Err(Refusal::unsupported_media_type())
        }
    }
}

fn reads_body(parameters: &ParameterPlan, plan: &HttpPlan) -> bool {
    let of_slots = plan
        .slots
        .iter()
        .any(|(_, slot)| matches!(slot, Slot::Mapped(source) if source.reads_body()));
    let of_query = parameters.query.iter().any(|(_, source)| source.reads_body());
    of_slots || of_query || parameters.headers.iter().any(|(_, source)| source.reads_body())
}

/// Parameters with their values.
struct Mapped {
    headers: HeaderMap,
    /// Names and values, encoded and joined.
    query: String,
    /// The names in `query`, and where what belongs to each is.
    parameters: Vec<(Box<str>, Vec<String>)>,
}

impl Mapped {
    fn of(plan: &ParameterPlan, values: &Values<'_>) -> Result<Self, Refusal> {
        let mut mapped = Self {
            headers: HeaderMap::with_capacity(plan.headers.len()),
            query: String::new(),
            parameters: Vec::with_capacity(plan.query.len()),
        };
        for (name, source) in &plan.headers {
            // What is empty is not sent, as on AWS.
            if let Some(value) = values.header(source)?.filter(|value| !value.is_empty()) {
                mapped.headers.insert(name, value);
            }
        }
        for (name, source) in &plan.query {
            let found = values.texts(source).map_err(Unmappable::from)?;
            let decoded = found
                .into_iter()
                .filter(|value| !value.is_empty())
                .map(|value| match source {
                    // As sent until here.
                    Source::Path(_) => percent::decode(&value).into_owned(),
                    _ => value.into_owned(),
                });
            mapped.parameters.push((name.clone(), decoded.collect()));
        }
        mapped.write_query();
        Ok(mapped)
    }

    fn override_by(&mut self, exchange: &Exchange, overrides: &RequestOverride) -> Result<(), Refusal> {
        for (name, value) in &overrides.headers {
            let (name, value) = header_of(exchange, name, value)?;
            self.headers.insert(name, value);
        }
        for (name, value) in &overrides.query {
            self.parameters.retain(|(known, _)| **known != **name);
            self.parameters.push((name.as_str().into(), vec![value.clone()]));
        }
        if !overrides.query.is_empty() {
            self.write_query();
        }
        Ok(())
    }

    fn write_query(&mut self) {
        self.query.clear();
        let pairs = self
            .parameters
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        for (name, value) in pairs {
            if !self.query.is_empty() {
                self.query.push('&');
            }
            percent::encode(name, &mut self.query);
            self.query.push('=');
            percent::encode(value, &mut self.query);
        }
    }
}

/// A header that a template names; one that no template may set is a 500.
fn header_of(
    exchange: &Exchange,
    name: &str,
    value: &str,
) -> Result<(http::HeaderName, HeaderValue), Refusal> {
    let header = name
        .parse::<http::HeaderName>()
        .ok()
        .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
    header
        .filter(|(name, _)| !wire::is_illegal(name.as_str()))
        .ok_or_else(|| {
            let log = exchange.log();
            log.misconfigured(format_args!("no template may set the header {name:?}"));
            Refusal::configuration(Blame::Gateway)
        })
}

/// Adds what was mapped, but for what never reaches a backend.
fn put(mapped: &HeaderMap, headers: &mut HeaderMap) {
    for (name, value) in mapped.iter().filter(|(name, _)| !wire::is_dropped(name.as_str())) {
        headers.insert(name, value.clone());
    }
}

fn illegal(exchange: &Exchange) -> Refusal {
    exchange
        .log()
        .misconfigured("a header is mapped that no mapping may set");
    Refusal::configuration(Blame::Gateway)
}

impl From<Unmappable> for Refusal {
    fn from(unmappable: Unmappable) -> Self {
        match unmappable {
            Unmappable::Body => Self::invalid_json(),
            Unmappable::Header => Self::bad_request(r#"{"message": "Invalid header value"}"#),
        }
    }
}
