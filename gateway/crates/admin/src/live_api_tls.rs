//! What the data plane knows of the TLS of the names that kept APIs have of their own.

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::rows::text;
use crate::kind::{domain_name, rest_api};

/// What an API says of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveApiTls {
    /// The API's id.
    pub api: String,
    /// The security policy.
    pub policy: Option<String>,
    /// The type of its endpoint where its access mode is `STRICT`.
    pub strict: Option<String>,
}

/// That of an API, if it is there and says anything.
///
/// # Errors
///
/// The store's.
pub async fn api_tls(read: &mut Read, api: &str) -> Result<Option<LiveApiTls>, StoreError> {
    let row = read.get(&Key::new(rest_api::KIND, "", api)).await?;
    Ok(row.and_then(|row| live(api, &members(row))))
}

/// Of every API that says anything.
///
/// # Errors
///
/// The store's.
pub async fn apis_tls(read: &mut Read) -> Result<Vec<LiveApiTls>, StoreError> {
    let rows = read.all(rest_api::KIND).await?.into_iter();
    Ok(rows
        .filter_map(|row| {
            let api = row.id.clone();
            live(&api, &members(row))
        })
        .collect())
}

/// Whether an API says anything of TLS.
pub(crate) fn says(document: &Map<String, Value>) -> bool {
    live("", document).is_some()
}

fn live(api: &str, document: &Map<String, Value>) -> Option<LiveApiTls> {
    let policy = Some(text(document, "securityPolicy").to_owned()).filter(|policy| !policy.is_empty());
    let strict = domain_name::strict(document);
    (policy.is_some() || strict.is_some()).then(|| LiveApiTls {
        api: api.to_owned(),
        policy,
        strict,
    })
}
