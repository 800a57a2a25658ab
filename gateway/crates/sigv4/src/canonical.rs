//! The canonical request and the string to sign: "Create a signed AWS API request", steps 1 and 3.

use sha2::{Digest, Sha256};

use crate::encode::hex;
use crate::{ALGORITHM, Form, Presented, RequestParts, header, path, query};

/// The canonical request. `payload` is the body's hash in hexadecimal digits, or what stands for it.
pub(crate) fn request(presented: &Presented, parts: &RequestParts<'_>, payload: &str) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(512 + parts.path.len() + parts.query.len());
    canonical.extend_from_slice(parts.method.as_bytes());
    canonical.push(b'\n');
    canonical.extend(path::canonical(parts.path, presented.path));
    canonical.push(b'\n');
    canonical.extend(query::canonical(parts.query, presented.form == Form::Query));
    canonical.push(b'\n');
    header::push_canonical(parts, &presented.signed_headers, &mut canonical);
    canonical.push(b'\n');
    canonical.extend_from_slice(presented.signed_headers.as_bytes());
    canonical.push(b'\n');
    canonical.extend_from_slice(payload.as_bytes());
    canonical
}

/// The string to sign.
pub(crate) fn string_to_sign(presented: &Presented, canonical: &[u8]) -> String {
    let hash = hex(&Sha256::digest(canonical).into());
    format!(
        "{ALGORITHM}\n{}\n{}\n{hash}",
        presented.signed_at,
        presented.credential.scope()
    )
}
