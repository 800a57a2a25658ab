//! The signature itself.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::encode::hex;
use crate::{
    Calculated, Form, Payload, Presented, Refused, RequestParts, Secret, SigningKey, Timestamp, canonical,
    query,
};

/// What stands for the hash of a body that is not signed.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Who signed a request, proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The id of the access key.
    pub access_key_id: String,
    /// The region that it was signed for.
    pub region: String,
    /// The service that it was signed for.
    pub service: String,
    /// When it was signed, by the client's clock.
    pub signed_at: Timestamp,
    /// Where the signature was.
    pub form: Form,
    /// Whether the signature covers the body.
    pub payload_signed: bool,
}

impl Presented {
    /// Whether the body must be known to verify: all but requests that declare an unsigned payload, where the policy lets
    /// them.
    pub fn needs_body(&self, parts: &RequestParts<'_>) -> bool {
        !(self.unsigned_payload && declared_payload(parts).as_deref() == Some(UNSIGNED))
    }

    /// Verifies the signature with the secret of [`Presented::access_key_id`]. The parts must be those that were parsed.
    pub fn verify(
        &self,
        parts: &RequestParts<'_>,
        secret: &Secret,
        payload: Payload<'_>,
    ) -> Result<Verified, Refused> {
        let scope = &self.credential;
        self.verify_with(
            parts,
            &SigningKey::derive(secret, &scope.date, &scope.region, &scope.service),
            payload,
        )
    }

    /// Verifies the signature with a key that was derived before, for this key's id, day, region and service.
    pub fn verify_with(
        &self,
        parts: &RequestParts<'_>,
        key: &SigningKey,
        payload: Payload<'_>,
    ) -> Result<Verified, Refused> {
        let declared = declared_payload(parts);
        let signed = self.needs_body(parts);
        let hash = match (signed, payload) {
            (false, _) => UNSIGNED.to_owned(),
            (true, Payload::Bytes(body)) => hex(&Sha256::digest(body).into()),
            (true, Payload::Sha256(hash)) => hex(&hash),
            // Nothing has this hash, so it does not verify.
            (true, Payload::Unread) => String::new(),
        };
        let canonical = canonical::request(self, parts, &hash);
        let text = canonical::string_to_sign(self, &canonical);
        let expected = hex(&key.sign(text.as_bytes()));
        let same: bool = expected.as_bytes().ct_eq(self.signature.as_bytes()).into();
        // A header that is not signed must tell the truth too.
        let true_hash = declared.is_none_or(|declared| declared == hash);
        if !same || !true_hash || hash.is_empty() {
            return Err(Refused::Mismatch(Box::new(Calculated {
                canonical_request: String::from_utf8_lossy(&canonical).into_owned(),
                string_to_sign: text,
            })));
        }
        Ok(Verified {
            access_key_id: self.credential.access_key_id.clone(),
            region: self.credential.region.clone(),
            service: self.credential.service.clone(),
            signed_at: self.signed_at,
            form: self.form,
            payload_signed: signed,
        })
    }
}

/// What the request says of its body: `x-amz-content-sha256`, as a header or in the query.
fn declared_payload(parts: &RequestParts<'_>) -> Option<String> {
    parts.joined("x-amz-content-sha256").or_else(|| {
        query::parameters(parts.query)
            .find(|(name, _)| **name == *b"X-Amz-Content-Sha256")
            .map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
    })
}
