//! What calls say of a domain name's TLS: certificates that come with them, trust stores, security policies.

use portcullis_model::{NoPolicy, SecurityPolicy};
use portcullis_store::Key;
use serde_json::{Map, Value, json};

use super::super::rows::text;
use crate::call::Call;
use crate::error::ApiError;

type Document = Map<String, Value>;

/// Where the document keeps a certificate that came with a call; the key is sealed. None of it is ever shown.
pub(crate) const BODY: &str = "$certificateBody";
pub(crate) const CHAIN: &str = "$certificateChain";
pub(crate) const PRIVATE: &str = "$certificatePrivateKey";

/// Moves a certificate that came with a call to where it is kept.
pub(super) fn keep(call: &Call<'_>, key: &Key, document: &mut Document) -> Result<(), ApiError> {
    let mut take = |name: &str| match document.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (body, private, chain) = (
        take("certificateBody"),
        take("certificatePrivateKey"),
        take("certificateChain"),
    );
    if body.is_empty() && private.is_empty() && chain.is_empty() {
        return Ok(());
    }
    if body.is_empty() || private.is_empty() {
        return Err(ApiError::bad_request(
            "certificateBody and certificatePrivateKey are needed together",
        ));
    }
    let checked = call
        .service
        .plane
        .check_certificate(format!("{body}\n{chain}").as_bytes(), private.as_bytes());
    checked.map_err(|reason| ApiError::bad_request(format!("The certificate cannot be used: {reason}")))?;
    let sealed = (call.service.seal)(key, private.as_bytes()).ok_or_else(|| {
        ApiError::of(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            "A private key cannot be kept now",
        )
    })?;
    document.insert(BODY.to_owned(), json!(body));
    document.insert(CHAIN.to_owned(), json!(chain));
    document.insert(PRIVATE.to_owned(), json!(sealed));
    document.insert("certificateUploadDate".to_owned(), json!(call.now()));
    Ok(())
}

/// Another certificate was named: that which came with a call is none any more.
pub(super) fn forget(document: &mut Document) {
    for name in [BODY, CHAIN, PRIVATE] {
        document.remove(name);
    }
}

/// A policy that cannot be kept to is refused by its name.
pub(crate) fn check_policy(document: &Document) -> Result<(), ApiError> {
    let name = text(document, "securityPolicy");
    match SecurityPolicy::parse(name) {
        Err(NoPolicy::Refused(reason)) => Err(ApiError::bad_request(format!(
            "The security policy {name} is not supported by Portcullis: {reason}"
        ))),
        _ => Ok(()),
    }
}

/// A trust store that nobody knows would let everybody in, or nobody: it is refused. What is odd about one is told as the
/// service tells it (<https://docs.aws.amazon.com/apigateway/latest/api/API_MutualTlsAuthentication.html>).
pub(super) fn check_truststore(call: &Call<'_>, document: &mut Document) -> Result<(), ApiError> {
    let mutual = document
        .get_mut("mutualTlsAuthentication")
        .and_then(Value::as_object_mut);
    let Some(mutual) = mutual.filter(|mutual| !mutual.is_empty()) else {
        return Ok(());
    };
    let uri = text(mutual, "truststoreUri").to_owned();
    let Some(warnings) = call.service.plane.truststore(&uri) else {
        return Err(ApiError::bad_request(format!(
            "Invalid truststore URI: {uri} is not among the gateway's own: add it to [truststores] of gateway.toml, with the file that has its certificates"
        )));
    };
    mutual.remove("truststoreWarnings");
    if !warnings.is_empty() {
        mutual.insert("truststoreWarnings".to_owned(), json!(warnings));
    }
    Ok(())
}
