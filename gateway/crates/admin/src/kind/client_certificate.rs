//! Client certificates (<https://docs.aws.amazon.com/apigateway/latest/api/API_ClientCertificate.html>): made here, each
//! with a key of its own that is sealed and never shown.

use std::time::Duration;

use portcullis_store::{Key, Read};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
};
use serde_json::{Map, Value, json};

use super::rows::{self, text};
use super::{listing, stage};
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::id;
use crate::patch::{Table, replaced};
use crate::shape::{Form, Member, optional};

/// The kind in the store.
pub(crate) const KIND: &str = "clientcertificate";
pub(crate) const ABSENT: &str = "Invalid Client Certificate identifier specified";
/// Where the sealed private key is.
pub(crate) const PRIVATE: &str = "$privateKey";

/// How long a certificate is valid
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html>).
const VALID: u64 = 365 * 86_400;

/// How many stages are told of at the most.
const MOST: usize = 20;

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
    let key = Key::new(KIND, "", &id);
    let made =
        made(&id, now).inspect_err(|error| tracing::error!("cannot make a client certificate: {error}"));
    let (certificate, private) = made.map_err(|_| not_now())?;
    let private = (call.service.seal)(&key, private.as_bytes()).ok_or_else(not_now)?;
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("clientCertificateId", json!(id));
    put("pemEncodedCertificate", json!(certificate));
    put("createdDate", json!(now));
    put("expirationDate", json!(now + VALID));
    put(PRIVATE, json!(private));
    listing::created(&call, &key, document).await
}

fn not_now() -> ApiError {
    ApiError::of(
        http::StatusCode::SERVICE_UNAVAILABLE,
        "ServiceUnavailableException",
        "A client certificate cannot be made now",
    )
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
    let key = key(&call);
    let mut write = call.write().await?;
    found(&mut write, &key, ABSENT).await?;
    let stages = users(&mut write, &key.id).await?;
    if !stages.is_empty() {
        // Words of our own, after those for links: the service's are not published.
        return Err(ApiError::bad_request(format!(
            "Cannot delete client certificate. Client certificate '{}', is referenced in [{}] in format of [RESTApiId:Stage].",
            key.id,
            stages.join(", ")
        )));
    }
    write.delete(&key).await?;
    write.commit().await?;
    Ok(Outcome::Nothing)
}

/// The first stages that show a certificate to their backends.
async fn users(read: &mut Read, id: &str) -> Result<Vec<String>, ApiError> {
    let stages = read.all(stage::KIND).await?.into_iter();
    let named = stages.map(|row| (format!("{}:{}", row.parent, row.id), members(row)));
    let users = named.filter(|(_, stage)| text(stage, "clientCertificateId") == id);
    Ok(users.map(|(name, _)| name).take(MOST).collect())
}
