//! Calls of API Gateway's protocol to a control listener, signed where there are credentials.

use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest};
use bytes::Bytes;
use clap::Args;
use http::uri::{Authority, Scheme};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::credentials;
use super::failure::Failure;
use crate::clock::SystemClock;
use crate::signing::{Scope, signature};

/// What help has them under.
const HEADING: &str = "Control plane";
/// The longest that a call may take: a deployment compiles.
const PATIENCE: Duration = Duration::from_secs(120);
/// The largest answer that is read.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
/// The service and the region in the scope of a signature. The listener takes any region.
const SCOPE: Scope<'static> = Scope {
    service: "apigateway",
    region: "us-east-1",
};
/// How many are asked for at once.
const PAGE: usize = 500;
const JSON: &str = "application/json";

/// Where the control plane is, and who asks.
#[derive(Debug, Args)]
pub(super) struct Connection {
    /// The control listener of a gateway that has `data` in its [control]
    #[arg(
        long,
        global = true,
        help_heading = HEADING,
        value_name = "URL",
        env = "PORTCULLIS_ENDPOINT",
        default_value = "http://127.0.0.1:9080"
    )]
    endpoint: String,
    /// A file of the form of ~/.aws/credentials [default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file of
    /// AWS_SHARED_CREDENTIALS_FILE, or none: then requests are not signed]
    #[arg(long, global = true, help_heading = HEADING, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Which section of that file
    #[arg(
        long,
        global = true,
        help_heading = HEADING,
        value_name = "NAME",
        env = "AWS_PROFILE",
        default_value = "default"
    )]
    profile: String,
    /// Print JSON, as the control plane answers it
    #[arg(long, global = true, help_heading = HEADING)]
    pub(super) json: bool,
}

impl Connection {
    /// A client; nothing is sent yet.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let authority = self.authority()?;
        let credentials = credentials::find(self.credentials.as_deref(), &self.profile)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::runtime(format!("cannot start: {error}")))?;
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        Ok(Client {
            runtime,
            http,
            authority,
            credentials,
        })
    }

    fn authority(&self) -> Result<Authority, Failure> {
        let bad = |why: &str| {
            Failure::usage(format!("the endpoint `{}` {why}", self.endpoint))
                .hint("such as http://127.0.0.1:9080, which `portcullis run` prints as control")
        };
        let uri: Uri = self.endpoint.parse().map_err(|_| bad("is no URL"))?;
        if uri.scheme() == Some(&Scheme::HTTPS) {
            return Err(bad(
                "is of https, and a control listener speaks http; reach one elsewhere by a tunnel",
            ));
        }
        // The second as `portcullis run` prints it.
        let is_root = matches!(uri.path().trim_end_matches('/'), "" | "/_portcullis");
        if uri.scheme() != Some(&Scheme::HTTP) || !is_root || uri.query().is_some() {
            return Err(bad("is not http://, a host and a port"));
        }
        uri.authority().cloned().ok_or_else(|| bad("has no host"))
    }
}

/// Calls a control plane, one call after the other.
pub(super) struct Client {
    runtime: Runtime,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    authority: Authority,
    credentials: Option<Credentials>,
}

impl Client {
    /// Calls; `path` as [`path`] makes it, and a query. An answer without a body is null.
    pub(super) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = Bytes::from(body.map(Value::to_string).unwrap_or_default());
        self.send_document(method, path, body)
    }

    /// The same with a body as it is.
    pub(super) fn send_document(&self, method: &str, path: &str, body: Bytes) -> Result<Value, Failure> {
        let what = what(method, path);
        let answer = self.answer(method, path, body, JSON, &what)?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer).map_err(|_| self.no_control_plane(&what, StatusCode::OK))
    }

    /// GETs a file of this type.
    pub(super) fn file(&self, path: &str, accept: &str) -> Result<Bytes, Failure> {
        self.answer("GET", path, Bytes::new(), accept, &what("GET", path))
    }

    /// Whether the gateway says that it is ready, and what it says.
    pub(super) fn ready(&self) -> Result<(bool, String), Failure> {
        let path = "/_portcullis/ready";
        let (status, _, told) = self.send("GET", path, Bytes::new(), "text/plain", "ready")?;
        let told = String::from_utf8_lossy(&told).trim().to_owned();
        Ok((status.is_success(), told))
    }

    /// The body of a success.
    fn answer(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
        accept: &str,
        what: &str,
    ) -> Result<Bytes, Failure> {
        let (status, kind, answer) = self.send(method, path, body, accept, what)?;
        if status.is_success() {
            return Ok(answer);
        }
        match serde_json::from_slice(&answer) {
            Ok(Value::Object(error)) if !kind.is_empty() => {
                let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
                Err(self.refused(what, status, &kind, message))
            }
            _ => Err(self.no_control_plane(what, status)),
        }
    }

    fn no_control_plane(&self, what: &str, status: StatusCode) -> Failure {
        Failure::problem(format!(
            "{what}: http://{} answered {status}, which no control plane does",
            self.authority
        ))
        .hint("name the control listener of a gateway whose [control] has `data`, by --endpoint")
    }

    /// GETs one thing.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call("GET", path, None)
    }

    /// GETs all pages of a list; `path` has no `limit` and no `position` yet.
    pub(super) fn items(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut position: Option<String> = None;
        loop {
            let from = position
                .take()
                .map(|position| format!("&position={}", encoded(&position)));
            let page = self.get(&format!("{path}{mark}limit={PAGE}{}", from.unwrap_or_default()))?;
            let Value::Object(mut page) = page else {
                return Ok(items);
            };
            if let Some(Value::Array(more)) = page.remove("item") {
                items.extend(more);
            }
            match page.remove("position") {
                Some(Value::String(next)) if !next.is_empty() => position = Some(next),
                _ => return Ok(items),
            }
        }
    }

    /// PATCHes.
    pub(super) fn patch(&self, path: &str, operations: Vec<Value>) -> Result<Value, Failure> {
        let mut body = Map::new();
        body.insert("patchOperations".to_owned(), Value::Array(operations));
        self.call("PATCH", path, Some(&Value::Object(body)))
    }

    /// The id of an API that is named by its id or by its name.
    pub(super) fn api(&self, named: &str) -> Result<String, Failure> {
        let found = self.get(&path(&["restapis", named]));
        match found {
            // The second is told of what no id can be, such as a name with blanks.
            Err(failure) if failure.is("NotFoundException") || failure.is("BadRequestException") => {}
            // Who may not look at the API may still do what he came for.
            Err(failure) if failure.is("AccessDeniedException") => return Ok(named.to_owned()),
            Err(failure) => return Err(failure),
            Ok(_) => return Ok(named.to_owned()),
        }
        let apis = self.items("/restapis")?;
        let ids: Vec<&str> = apis
            .iter()
            .filter(|api| api.get("name").and_then(Value::as_str) == Some(named))
            .filter_map(|api| api.get("id")?.as_str())
            .collect();
        match ids.as_slice() {
            [id] => Ok((*id).to_owned()),
            [] => Err(
                Failure::problem(format!("there is no API with the id or the name `{named}`"))
                    .hint("`portcullis api list` shows the APIs of this control plane"),
            ),
            several => Err(Failure::problem(format!("several APIs have the name `{named}`"))
                .hint(format!("name one by its id: {}", several.join(", ")))),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
        accept: &str,
        what: &str,
    ) -> Result<(StatusCode, String, Bytes), Failure> {
        let request = self.request(method, path, body, accept, what)?;
        let sent = async {
            let response = self.http.request(request).await.map_err(|error| {
                let mut cause: &dyn std::error::Error = &error;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                cause.to_string()
            })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT).collect().await;
            let body = body.map_err(|error| format!("the answer broke off: {error}"))?;
            let kind = parts.headers.get("x-amzn-errortype");
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            Ok((parts.status, kind.to_owned(), body.to_bytes()))
        };
        let answered = self
            .runtime
            .block_on(async { tokio::time::timeout(PATIENCE, sent).await });
        let answered = answered.unwrap_or_else(|_| Err(format!("no answer in {} s", PATIENCE.as_secs())));
        answered.map_err(|why: String| {
            Failure::runtime(format!("{what}: cannot call http://{}: {why}", self.authority)).hint(
                "start a gateway whose [control] has `data`, or name its control listener by --endpoint or \
                 PORTCULLIS_ENDPOINT",
            )
        })
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
        accept: &str,
        what: &str,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let unsendable = |why: String| Failure::usage(format!("{what}: cannot be sent: {why}"));
        let uri = format!("http://{}{path}", self.authority);
        let mut headers = vec![
            (header::HOST.as_str(), self.authority.to_string()),
            (header::ACCEPT.as_str(), accept.to_owned()),
        ];
        if !body.is_empty() {
            headers.push((header::CONTENT_TYPE.as_str(), JSON.to_owned()));
        }
        let mut request = Request::builder().method(method).uri(&uri);
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        if let Some(credentials) = &self.credentials {
            let names = headers.iter().map(|(name, value)| (*name, value.as_str()));
            let signable = SignableRequest::new(method, uri.as_str(), names, SignableBody::Bytes(&body));
            let signable = signable.map_err(|error| unsendable(error.to_string()))?;
            let now = SystemClock::shared().wall();
            for (name, value) in signature(signable, SCOPE, credentials, now).map_err(unsendable)? {
                request = request.header(name, value);
            }
        }
        request
            .body(Full::new(body))
            .map_err(|error| unsendable(error.to_string()))
    }

    fn refused(&self, what: &str, status: StatusCode, kind: &str, message: &str) -> Failure {
        // What AWS adds to a wrong signature is for who writes signers.
        let message = message.split("\n\n").next().unwrap_or(message);
        let failure = Failure::problem(format!("{what}: {} {kind}: {message}", status.as_u16())).of(kind);
        match (kind, &self.credentials) {
            ("MissingAuthenticationTokenException", None) => failure.hint(
                "this control plane wants signed requests: name a key by --credentials FILE; the first start of \
                 a gateway leaves administrator.credentials in its data directory",
            ),
            ("UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidSignatureException", _) => failure
                .hint(
                    "the control plane does not know this key, it is disabled, or its secret is another one; \
                     `portcullis keys list` shows the keys to who has one",
                ),
            ("AccessDeniedException", _) => {
                failure.hint("use a key whose policy allows this, or make one by `portcullis keys create`")
            }
            _ => failure,
        }
    }
}

/// A call in words, for failures.
fn what(method: &str, path: &str) -> String {
    format!("{method} {}", path.split('?').next().unwrap_or(path))
}

/// A path of segments, each encoded.
pub(super) fn path(segments: &[&str]) -> String {
    segments
        .iter()
        .map(|segment| format!("/{}", encoded(segment)))
        .collect()
}

/// Every byte but the unreserved ones as `%XX`.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_by_segment() {
        assert_eq!(path(&["restapis", "a/b c", "ü"]), "/restapis/a%2Fb%20c/%C3%BC");
    }

    #[test]
    fn endpoints_are_of_http_and_have_no_path() {
        let connection = |endpoint: &str| Connection {
            endpoint: endpoint.to_owned(),
            credentials: None,
            profile: "default".to_owned(),
            json: false,
        };
        for (endpoint, good) in [
            ("http://127.0.0.1:9080", true),
            ("http://gateway.internal:80/", true),
            ("http://[::1]:9080", true),
            ("http://127.0.0.1:9080/_portcullis/", true),
            ("https://127.0.0.1:9080", false),
            ("127.0.0.1:9080", false),
            ("http://127.0.0.1:9080/x", false),
            ("http://127.0.0.1:9080?x", false),
            ("", false),
        ] {
            assert_eq!(connection(endpoint).authority().is_ok(), good, "{endpoint}");
        }
    }
}
