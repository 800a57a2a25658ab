//! What the data plane knows of the TLS of custom domain names that are kept.

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::domain_name::{self, certificate};
use crate::kind::rows::text;
use crate::secret::Secrets;

/// What a domain name says of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDomainTls {
    /// The name, in lower case; a wildcard begins with `*.`.
    pub name: String,
    /// The certificate that it names: an ARN.
    pub certificate: Option<String>,
    /// The certificate that came with the call.
    pub uploaded: Option<Uploaded>,
    /// Where the trust store for clients' certificates is: an address such as `s3://bucket/truststore.pem`.
    pub truststore: Option<String>,
    /// The security policy.
    pub policy: Option<String>,
}

/// A certificate that came with a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The certificate and its chain, as PEM.
    pub certificate: String,
    /// Its private key, as PEM; none: it cannot be opened.
    pub key: Option<Vec<u8>>,
}

impl std::fmt::Debug for Uploaded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Uploaded").finish_non_exhaustive()
    }
}

/// A domain name by its id in the store, if it is there and served.
///
/// # Errors
///
/// The store's.
pub async fn domain_tls(
    read: &mut Read,
    secrets: &Secrets,
    id: &str,
) -> Result<Option<LiveDomainTls>, StoreError> {
    let key = Key::new(domain_name::KIND, "", id);
    let row = read.get(&key).await?;
    let document = row.map(members).filter(domain_name::is_public);
    Ok(document.map(|document| live(&document, &key, secrets)))
}

/// Every one that is served.
///
/// # Errors
///
/// The store's.
pub async fn domains_tls(read: &mut Read, secrets: &Secrets) -> Result<Vec<LiveDomainTls>, StoreError> {
    let mut found = Vec::new();
    for row in read.all(domain_name::KIND).await? {
        found.extend(domain_tls(read, secrets, &row.id).await?);
    }
    Ok(found)
}

fn live(document: &Map<String, Value>, row: &Key, secrets: &Secrets) -> LiveDomainTls {
    let said = |name: &str| Some(text(document, name).to_owned()).filter(|said| !said.is_empty());
    let mutual = document.get("mutualTlsAuthentication").and_then(Value::as_object);
    let uploaded = said(certificate::BODY).map(|body| Uploaded {
        certificate: format!("{body}\n{}", text(document, certificate::CHAIN)),
        key: secrets.open(row, text(document, certificate::PRIVATE)).ok(),
    });
    LiveDomainTls {
        name: text(document, "domainName").to_owned(),
        certificate: said("regionalCertificateArn").or_else(|| said("certificateArn")),
        uploaded,
        truststore: mutual.map(|mutual| text(mutual, "truststoreUri").to_owned()),
        policy: said("securityPolicy"),
    }
}
