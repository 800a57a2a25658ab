//! What makes a mapped request one to an AWS service: headers that follow from the integration's URI, and a signature.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};

use super::source::Unmappable;
use crate::plan::{AwsPlan, AwsSigner, HttpPlan};
use crate::proxy::body::Body;
use crate::proxy::exchange::Exchange;
use crate::proxy::percent;
use crate::proxy::refusal::{Blame, Refusal};
use crate::signing::{S3, Scope, signature};

const X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// What a signature brings: mappings have no say in it.
const OF_SIGNATURES: [HeaderName; 4] = [
    header::AUTHORIZATION,
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
];

/// Completes a request, and signs it. `body` is what the request has as its own.
pub(super) async fn finish(
    exchange: &Exchange,
    (aws, http): (&AwsPlan, &HttpPlan),
    request: &mut Request<Body>,
    body: &[u8],
) -> Result<(), Refusal> {
    let headers = request.headers_mut();
    for name in &OF_SIGNATURES {
        headers.remove(name);
    }
    if let Some(host) = &aws.host {
        headers.insert(header::HOST, host.clone());
    }
    if let Some(target) = &aws.target {
        headers.entry(X_AMZ_TARGET).or_insert_with(|| target.clone());
    }
    if &*aws.service == S3 {
        encode_key(request)?;
    }
    let credentials = credentials(exchange, aws, http).await?;
    sign(exchange, (aws, http), &credentials, request, body)
}

/// S3 sums the path as it encodes keys itself, and not as it was sent: so it is sent like that.
fn encode_key(request: &mut Request<Body>) -> Result<(), Refusal> {
    let mut encoded = percent::canonical_path(request.uri().path());
    if let Some(query) = request.uri().query() {
        encoded.push('?');
        encoded.push_str(query);
    }
    let path = PathAndQuery::try_from(encoded);
    let path = path.map_err(|_| Refusal::bad_request(r#"{"message": "Invalid path"}"#))?;
    *request.uri_mut() = Uri::from(path);
    Ok(())
}

async fn credentials(exchange: &Exchange, aws: &AwsPlan, http: &HttpPlan) -> Result<Credentials, Refusal> {
    let refused = |reason: &dyn std::fmt::Display| {
        exchange
            .log()
            .misconfigured(format_args!("the request cannot be signed: {reason}"));
        Refusal::configuration(Blame::Gateway)
    };
    match &aws.signer {
        AwsSigner::Fixed(credentials) => Ok((**credentials).clone()),
        // Boxed: it is large, and hardly any request waits.
        AwsSigner::Chain(chain) => Box::pin(chain.credentials(http.timeout))
            .await
            .map_err(|error| refused(&error)),
        AwsSigner::Caller => {
            of_caller(exchange).ok_or_else(|| refused(&"no access key of the caller is known here"))
        }
    }
}

/// The key that the caller signed with.
fn of_caller(exchange: &Exchange) -> Option<Credentials> {
    let signer = exchange.signer.as_ref()?;
    let key = exchange.gateway.keys.get()?.known(&signer.access_key)?;
    let secret = key.secret.as_str();
    Some(Credentials::new(
        &*signer.access_key,
        secret,
        None,
        None,
        "caller",
    ))
}

fn sign(
    exchange: &Exchange,
    (aws, http): (&AwsPlan, &HttpPlan),
    credentials: &Credentials,
    request: &mut Request<Body>,
    body: &[u8],
) -> Result<(), Refusal> {
    let host = request.headers().get(header::HOST).unwrap_or(http.backend.host());
    let host = host.to_str().map_err(|_| Unmappable::Header)?;
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let url = format!("{}://{host}{path}", http.uri.scheme);
    let signed = signed_headers(request.headers())?;
    let scope = Scope {
        service: &aws.service,
        region: &aws.region,
    };
    let now = exchange.gateway.clock.wall();
    let made = SignableRequest::new(
        request.method().as_str(),
        url,
        signed.into_iter(),
        SignableBody::Bytes(body),
    )
    .map_err(|error| error.to_string())
    .and_then(|signable| signature(signable, scope, credentials, now))
    .map_err(|reason| {
        exchange
            .log()
            .misconfigured(format_args!("the request cannot be signed: {reason}"));
        Refusal::configuration(Blame::Gateway)
    })?;
    for (name, value) in made {
        let name = name.parse::<HeaderName>().map_err(|_| Unmappable::Header)?;
        let value = HeaderValue::try_from(value).map_err(|_| Unmappable::Header)?;
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

/// The headers that are part of the signature: those that AWS asks for, and none that something in between may change
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
fn signed_headers(headers: &HeaderMap) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut signed = Vec::with_capacity(8);
    for (name, value) in headers {
        let name = name.as_str();
        if matches!(name, "host" | "content-type") || name.starts_with("x-amz-") {
            let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Unmappable::Header)?;
            signed.push((name, value));
        }
    }
    Ok(signed)
}
