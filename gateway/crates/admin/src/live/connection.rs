//! What stages name beside their definitions: client certificates and VPC links that were made by calls.

use std::fmt;

use portcullis_store::{Key, Read, StoreError};

use crate::call::members;
use crate::kind::rows::text;
use crate::kind::{client_certificate, vpc_link};
use crate::secret::Secrets;

/// A client certificate with its key, both as PEM.
pub struct ClientCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientCertificate")
    }
}

/// A client certificate that was made by a call, if it is there.
///
/// # Errors
///
/// The store's, and a private key that cannot be opened.
pub async fn client_certificate(
    read: &mut Read,
    secrets: &Secrets,
    id: &str,
) -> Result<Option<ClientCertificate>, StoreError> {
    let row = Key::new(client_certificate::KIND, "", id);
    let Some(document) = read.get(&row).await?.map(members) else {
        return Ok(None);
    };
    let key = secrets.open(&row, text(&document, client_certificate::PRIVATE));
    let key = key.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Some(ClientCertificate {
        certificate: text(&document, "pemEncodedCertificate").to_owned(),
        key,
    }))
}

/// Where a VPC link that was made by a call leads, if there is such a link.
///
/// # Errors
///
/// The store's.
pub async fn vpc_link(read: &mut Read, id: &str) -> Result<Option<VpcLink>, StoreError> {
    let row = read.get(&Key::new(vpc_link::KIND, "", id)).await?;
    Ok(row.map(|row| VpcLink {
        upstream: vpc_link::upstream(&members(row)).map(str::to_owned),
    }))
}

/// A VPC link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpcLink {
    /// The name of the private upstream that its target names; none where the target names none.
    pub upstream: Option<String>,
}
