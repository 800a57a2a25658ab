//! Clients: hyper's, with kept connections, and curl.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A client with a pool of connections.
#[derive(Debug, Clone)]
pub struct Client {
    client: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

/// A response, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body of UTF-8 text")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    /// What matters of a refusal: status, `x-amzn-ErrorType`, body.
    pub fn refusal(&self) -> (u16, &str, &str) {
        (self.status.as_u16(), self.header("x-amzn-errortype"), self.text())
    }

    /// The first value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a header of ASCII text"))
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::of_version(false)
    }
}

impl Client {
    /// A client of HTTP/1.1, or of HTTP/2 with prior knowledge.
    pub fn of_version(http2: bool) -> Self {
        let mut builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        let client = builder.http2_only(http2).build_http();
        Self { client }
    }

    /// Sends a request and reads the whole response.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .client
            .request(request.body(Full::new(Bytes::copy_from_slice(body)))?)
            .await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

/// Runs the real curl and gives what it printed. `-sS` and a time limit are added.
pub fn curl(arguments: &[&str]) -> String {
    let output = std::process::Command::new("curl")
        .args(["-sS", "--max-time", "30"])
        .args(arguments)
        .output();
    let output = output.expect("curl is installed");
    assert!(
        output.status.success(),
        "curl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text from curl")
}
