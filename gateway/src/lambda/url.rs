//! Function URLs: a function that is sent a plain request, of which AWS makes an event of payload format 2.0
//! (<https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Request};

use super::{InvokeError, Signer};
use crate::proxy::body::Body;
use crate::upstream::Backend;

/// A function with a URL.
#[derive(Debug)]
pub struct FunctionUrl {
    /// `http` or `https`.
    pub scheme: Box<str>,
    /// The server.
    pub backend: Arc<Backend>,
    /// Who invokes it.
    pub signer: Option<Signer>,
}

impl FunctionUrl {
    /// Signs a request for it, whose body that is. Of its headers only the host is signed: what is on the way may add others.
    ///
    /// # Errors
    ///
    /// It cannot be signed as it is.
    pub fn sign(&self, request: &mut Request<Body>, body: &Bytes, now: Duration) -> Result<(), InvokeError> {
        let Some(signer) = &self.signer else {
            return Ok(());
        };
        let host = self.backend.host();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let url = format!("https://{}{path}", String::from_utf8_lossy(host.as_bytes()));
        let mut signed = HeaderMap::new();
        signed.insert(HOST, host.clone());
        signer.sign((request.method().as_str(), &url), &mut signed, body, now)?;
        request.headers_mut().extend(signed);
        Ok(())
    }
}
