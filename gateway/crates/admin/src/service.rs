//! One entry for every call of the protocol.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use portcullis_store::{Key, Store};
use serde_json::{Map, Value};

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::plane::Plane;
use crate::{dispatch, id, route};

/// The largest body of a call: API Gateway's own limit for a document to import is 6 MB; JSON of its own is smaller.
pub const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// What the service is told of the place it runs in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account in identifiers and messages, 12 digits.
    pub account: String,
    /// The region in ARNs.
    pub region: String,
    /// What stands behind `{api}.execute-api.` in the addresses of exports, with its port.
    pub domain: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            domain: "localhost".to_owned(),
        }
    }
}

/// The control plane.
#[derive(Clone)]
pub struct Service(pub(crate) Arc<Inner>);

/// Makes of a secret what the row of this key may have. None: it cannot be kept now.
pub type Seal = Box<dyn Fn(&Key, &[u8]) -> Option<String> + Send + Sync>;

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) plane: Arc<dyn Plane>,
    pub(crate) settings: Settings,
    /// Seconds since 1970.
    pub(crate) clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// What private keys go through before they are kept.
    pub(crate) seal: Seal,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Service")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

/// A call, read whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// The path as sent.
    pub path: String,
    /// The query as sent, without its question mark.
    pub query: Option<String>,
    /// The body.
    pub body: Bytes,
    /// The header `Accept`; empty where there is none.
    pub accept: String,
}

/// Who calls: whoever serves the protocol has made sure of it, and that the caller may.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the history of changes.
    pub name: String,
}

impl Service {
    /// A control plane over a store that is trusted with secrets as they are. `clock` gives seconds since 1970.
    pub fn new(
        store: Store,
        plane: Arc<dyn Plane>,
        settings: Settings,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let plain = |_: &Key, secret: &[u8]| Some(String::from_utf8_lossy(secret).into_owned());
        Self::sealing(store, plane, settings, clock, Box::new(plain))
    }

    /// As [`Self::new`], but private keys are kept as `seal` makes them.
    pub fn sealing(
        store: Store,
        plane: Arc<dyn Plane>,
        settings: Settings,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
        seal: Seal,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            plane,
            settings,
            clock: Box::new(clock),
            seal,
        }))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Answers a call. Never fails: what goes wrong is the answer.
    pub fn answer<'a>(
        &'a self,
        caller: &'a Caller,
        request: Request,
    ) -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>> {
        Box::pin(async move {
            let request_id = format!("{}-{}", id::random(8), id::random(12));
            let mut response = match self.outcome(caller, &request).await {
                Ok((status, outcome)) => written(status, outcome),
                Err(error) => refused(&error),
            };
            if let Ok(request_id) = HeaderValue::from_str(&request_id) {
                response.headers_mut().insert("x-amzn-requestid", request_id);
            }
            response
        })
    }

    async fn outcome(&self, caller: &Caller, request: &Request) -> Result<(u16, Outcome), ApiError> {
        let query = route::query_pairs(request.query.as_deref());
        let routed = route::find(request.method.as_str(), &request.path, &query).ok_or_else(unknown_path)?;
        let call = Call {
            service: &self.0,
            caller,
            operation: routed.operation,
            parameters: routed.parameters,
            query,
            body: &request.body,
            accept: &request.accept,
        };
        // Told here, where the lifetimes are known, that any thread may carry it on: whoever serves need not prove it.
        let carried_out: Pin<Box<dyn Future<Output = Result<Outcome, ApiError>> + Send + '_>> =
            Box::pin(dispatch::run(call));
        let outcome = carried_out.await?;
        Ok((routed.status, outcome))
    }
}

/// What API Gateway answers for a path or verb that it does not know.
fn unknown_path() -> ApiError {
    ApiError::of(
        StatusCode::FORBIDDEN,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )
}

fn written(status: u16, outcome: Outcome) -> Response<Bytes> {
    let mut disposition = None;
    let (content_type, body) = match outcome {
        Outcome::Nothing => (None, Bytes::new()),
        Outcome::Json(value) => (Some("application/json"), Bytes::from(value.to_string())),
        Outcome::File(file) => {
            disposition = HeaderValue::try_from(format!("attachment; filename=\"{}\"", file.name)).ok();
            (Some("application/octet-stream"), file.content)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Some(content_type) = content_type {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some(disposition) = disposition {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

impl ApiError {
    /// The error as a response, for what is refused before there is a call.
    pub fn into_response(self) -> Response<Bytes> {
        refused(&self)
    }
}

fn refused(error: &ApiError) -> Response<Bytes> {
    let mut body = Map::new();
    body.insert("message".to_owned(), Value::from(error.message.as_str()));
    let mut response = written(error.status.as_u16(), Outcome::Json(Value::Object(body)));
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(error.kind));
    response
}
