//! Secrets, and the keys that are derived from them.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A secret access key. It is overwritten when it is dropped, and never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret over.
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The key of one secret for one day, region and service. It may be kept for that day; it is overwritten when it is
/// dropped, and never printed.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// Derives the key: "Create a signed AWS API request", step 4. `date` is `YYYYMMDD`.
    pub fn derive(secret: &Secret, date: &str, region: &str, service: &str) -> Self {
        let mut first = Zeroizing::new(Vec::with_capacity(4 + secret.0.len()));
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.0.as_bytes());
        let of_date = Zeroizing::new(hmac(&first, date.as_bytes()));
        let of_region = Zeroizing::new(hmac(&*of_date, region.as_bytes()));
        let of_service = Zeroizing::new(hmac(&*of_region, service.as_bytes()));
        Self(Zeroizing::new(hmac(&*of_service, b"aws4_request")))
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        hmac(&*self.0, text)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of one block cannot be refused. RFC 2104: a longer one is hashed, a shorter one filled up with zeros.
    let mut block = Zeroizing::new([0; 64]);
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => {
            for (to, from) in block.iter_mut().zip(Sha256::digest(key)) {
                *to = from;
            }
        }
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::hex;

    #[test]
    fn is_hmac() {
        // RFC 4231, test cases 2 and 6.
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn derives_the_documentations_key() {
        // "Examples of how to derive a signing key for Signature Version 4", AWS General Reference.
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into());
        let key = SigningKey::derive(&secret, "20120215", "us-east-1", "iam");
        assert_eq!(
            hex(&key.0),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
        );
    }

    #[test]
    fn prints_no_secret() {
        let secret = Secret::new("wJalr".into());
        let key = SigningKey::derive(&secret, "20120215", "us-east-1", "iam");
        assert_eq!(format!("{secret:?} {key:?}"), "Secret(…) SigningKey(…)");
    }
}
