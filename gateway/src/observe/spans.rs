//! A span of OpenTelemetry for each request, in the form of its semantic conventions
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server>).
//!
//! A request's end hands its span to a bounded queue and goes on; a thread sends what is in there. The trace goes on to backends as
//! `traceparent`, whether or not it is sent.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider,
};
use tokio::runtime::Handle;

use crate::config::TracingConfig;
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::trace::{TRACEPARENT, TRACESTATE, traceparent};

/// How long a collector may take to answer, and the end of the process waits for the last spans.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const ANSWER_LIMIT: usize = 64 * 1024;

/// What makes spans.
pub struct Spans {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// The span of one request.
pub struct Span {
    span: opentelemetry_sdk::trace::Span,
    /// What the wall's clock said when it began.
    began: SystemTime,
    method: http::Method,
}

impl Spans {
    /// Begins to send them as the configuration says, by the runtime that this is called on.
    pub fn new(config: &TracingConfig) -> Result<Self, String> {
        let connector = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector {
                client: connector.build_http(),
                runtime: Handle::current(),
            })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(&config.endpoint)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| error.to_string())?;
        let queue = usize::try_from(config.queue).unwrap_or(usize::MAX);
        let batch = BatchConfigBuilder::default()
            .with_max_queue_size(queue)
            .with_max_export_batch_size(queue.min(512))
            .with_scheduled_delay(Duration::from_secs(1))
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(batch)
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.ratio)));
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(sampler)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer("portcullis");
        Ok(Self { provider, tracer })
    }

    /// Begins the span of a request, and puts it into the request's `traceparent`, for whoever is asked on its behalf.
    pub(crate) fn begin(&self, exchange: &Exchange, head: &mut Head) -> Box<Span> {
        let began = SystemTime::UNIX_EPOCH + exchange.gateway.clock.wall();
        let parent = sent(&head.headers);
        let context = match &parent {
            Some(parent) => Context::new().with_remote_span_context(parent.clone()),
            None => Context::new(),
        };
        let method = head.method.clone();
        let path = head.target.path().to_owned();
        let builder = self
            .tracer
            .span_builder(method.as_str().to_owned())
            .with_kind(SpanKind::Server)
            .with_start_time(began)
            .with_attributes([
                KeyValue::new("http.request.method", method.as_str().to_owned()),
                KeyValue::new("url.path", path),
                KeyValue::new("url.scheme", scheme(exchange)),
                KeyValue::new("network.protocol.version", version(head)),
                KeyValue::new(
                    "client.address",
                    exchange.connection.peer.ip().to_canonical().to_string(),
                ),
                KeyValue::new("portcullis.request_id", exchange.id.as_str().to_owned()),
            ]);
        let mut span = self.tracer.build_with_context(builder, &context);
        if let Some(host) = &head.host {
            span.set_attribute(KeyValue::new("server.address", host.to_string()));
        }
        carry(span.span_context(), &mut head.headers);
        Box::new(Span { span, began, method })
    }

    /// Sends what waits, within a limit. It blocks.
    pub fn end(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            tracing::warn!("the last spans were not sent: {error}");
        }
    }
}

impl Span {
    /// The last byte has left, or the client has, so long after the request's begin.
    pub(crate) fn end(mut self, exchange: &Exchange, status: StatusCode, bytes: u64, took: Duration) {
        let span = &mut self.span;
        if let Some(method) = exchange.method() {
            let route = method.resource_path.to_string();
            span.update_name(format!("{} {route}", self.method));
            span.set_attribute(KeyValue::new("http.route", route));
        }
        if let Some(stage) = &exchange.stage {
            span.set_attribute(KeyValue::new("portcullis.api", stage.settings.api.to_string()));
            span.set_attribute(KeyValue::new("portcullis.stage", stage.settings.name.to_string()));
        }
        span.set_attribute(KeyValue::new(
            "http.response.status_code",
            i64::from(status.as_u16()),
        ));
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        span.set_attribute(KeyValue::new("http.response.body.size", bytes));
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_u16().to_string()));
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(self.began + took);
    }
}

/// The context that came with a request, where it is one.
fn sent(headers: &HeaderMap) -> Option<SpanContext> {
    let mut fields = traceparent(headers)?.split('-');
    let (version, trace) = (fields.next()?, fields.next()?);
    let (parent, flags) = (fields.next()?, fields.next()?);
    let lower = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    if (version.len(), trace.len(), parent.len(), flags.len()) != (2, 32, 16, 2)
        || version == "ff"
        || ![version, trace, parent, flags].into_iter().all(lower)
        || (version == "00" && fields.next().is_some())
    {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok()?;
    let state = headers.get(TRACESTATE).and_then(|state| state.to_str().ok());
    let state = state.and_then(|state| state.parse::<TraceState>().ok());
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(parent).ok()?,
        TraceFlags::new(flags) & TraceFlags::SAMPLED,
        true,
        state.unwrap_or_default(),
    );
    context.is_valid().then_some(context)
}

/// What came of vendors (`tracestate`) goes on as it came.
fn carry(context: &SpanContext, headers: &mut HeaderMap) {
    let flags = u8::from(context.is_sampled());
    let text = format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id());
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(TRACEPARENT, value);
    }
}

fn scheme(exchange: &Exchange) -> &'static str {
    match exchange.connection.tls {
        Some(_) => "https",
        None => "http",
    }
}

fn version(head: &Head) -> &'static str {
    match head.version {
        http::Version::HTTP_2 => "2",
        http::Version::HTTP_10 => "1.0",
        _ => "1.1",
    }
}

/// Who takes spans. The thread that sends them is none of the runtime's.
struct Collector {
    client: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    runtime: Handle,
}

type Sending<'c> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'c>>;

impl HttpClient for Collector {
    fn send_bytes<'c, 'a>(&'c self, request: Request<Bytes>) -> Sending<'a>
    where
        'c: 'a,
        Self: 'a,
    {
        let client = self.client.clone();
        let sending = async move {
            let response = client.request(request.map(Full::new)).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        let sent = self
            .runtime
            .spawn(async { tokio::time::timeout(PATIENCE, sending).await });
        Box::pin(async move { sent.await?? })
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Collector")
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Spans")
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Span")
    }
}
