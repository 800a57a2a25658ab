//! Client certificates (<https://docs.aws.amazon.com/apigateway/latest/api/API_ClientCertificate.html>): made here, each
//! with a key of its own that is sealed and never shown.

use std::time::Duration;

use portcullis_store::Key;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use serde_json::{Map, Value, json};

use super::listing;
use super::rows;
use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::id;
use crate::patch::{Table, replaced};
use crate::shape::{Form, Member, optional};

/// The kind in the store.
pub(crate) const KIND: &str = "clientcertificate";
pub(crate) const ABSENT: &str = "Invalid Client Certificate identifier specified";
/// Where the sealed private key is.
const PRIVATE: &str = "$privateKey";

/// How long a certificate is valid
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html>).
const VALID: u64 = 365 * 86_400;

const MEMBERS: &[Member] = &[
    optional("description", Form::Text),
    optional("tags", Form::TextMap),
];

const PATCHES: Table = Table {
    rules: &[replaced("/description", &["description"])],
    names_paths: true,
};

fn key(call: &Call<'_>) -> Key {
    Key::new(KIND, "", call.parameter("clientcertificate_id"))
}

/// A self-signed certificate and its private key, both as PEM.
fn made(id: &str, now: u64) -> Result<(String, String), rcgen::Error> {
    let pair = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "ApiGateway");
    name.push(DnType::OrganizationalUnitName, id);
    params.distinguished_name = name;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(now);
    params.not_after = epoch + Duration::from_secs(now + VALID);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.self_signed(&pair)?;
    Ok((certificate.pem(), pair.serialize_pem()))
}

pub(crate) async fn generate(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut document = call.checked(MEMBERS)?;
    listing::check_tags(&document)?;
    rows::drop_empty(&mut document, &["description"]);
    let (id, now) = (id::short(), call.now());
    let (certificate, private) = made(&id, now).map_err(|error| {
        tracing::error!("cannot make a client certificate: {error}");
        ApiError::of(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            "A client certificate cannot be made now",
        )
    })?;
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("clientCertificateId", json!(id));
    put("pemEncodedCertificate", json!(certificate));
    put("createdDate", json!(now));
    put("expirationDate", json!(now + VALID));
    put(PRIVATE, json!((call.service.seal)(private.as_bytes())));
    listing::created(&call, &Key::new(KIND, "", &id), document).await
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    Ok(listing::one(&call, &key(&call), ABSENT).await?.into())
}

pub(crate) async fn list(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let mut read = call.read().await?;
    listing::all(&mut read, (KIND, ""), &paging).await
}

pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let key = key(&call);
    let tidy = |document: &mut Map<String, Value>| {
        rows::drop_empty(document, &["description"]);
        Ok(())
    };
    Ok(listing::patched(&call, &key, ABSENT, &PATCHES, tidy)
        .await?
        .into())
}

pub(crate) async fn delete(call: Call<'_>) -> Result<Outcome, ApiError> {
    listing::deleted(&call, &key(&call), ABSENT).await
}
