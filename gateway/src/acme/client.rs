//! Requests to an authority: HTTPS alone, bounded in time and size.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Limited;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use crate::config::BackendProtocol;
use crate::upstream::{TlsOptions, TlsSettings, TrustBundle};

/// Of one request.
const LIMIT: Duration = Duration::from_secs(30);
/// Bytes of one response: chains are the largest.
const MOST: usize = 1024 * 1024;

/// A client that trusts the system's authorities, and those of a bundle.
pub(super) struct AcmeClient(Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

impl AcmeClient {
    pub(super) fn new(trust: Option<&TrustBundle>) -> Result<Self, rustls::Error> {
        let options = TlsOptions {
            trust,
            ..TlsOptions::default()
        };
        let mut config =
            rustls::ClientConfig::clone(&TlsSettings::new(&options)?.config(BackendProtocol::Http1));
        // The connector says itself what it speaks.
        config.alpn_protocols.clear();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }
}

impl HttpClient for AcmeClient {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let asking = self.0.request(request);
        Box::pin(async move {
            let answered = tokio::time::timeout(LIMIT, asking).await;
            let answered = answered.map_err(|_| Error::Other("no answer within 30 s".into()))?;
            let answered = answered.map_err(|error| Error::Other(Box::new(error)))?;
            Ok(BytesResponse::from(answered.map(|body| Limited::new(body, MOST))))
        })
    }
}
