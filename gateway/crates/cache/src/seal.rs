//! Encryption of what is kept: AES-256-GCM under a key that one cache has for as long as it lives.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use bytes::{Bytes, BytesMut};

use crate::key::Key;

/// Bytes of the tag behind what is sealed.
const TAG: usize = 16;

/// Seals and opens. The key is in memory alone: what is on disk can be read by this process and nobody else.
pub(crate) struct Sealer {
    key: Option<RandomizedNonceKey>,
}

impl Sealer {
    /// A new key. Where the machine gives none, nothing that should be encrypted is kept.
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        let key = rand::fill(&mut key)
            .and_then(|()| RandomizedNonceKey::new(&AES_256_GCM, &key))
            .ok();
        if key.is_none() {
            tracing::warn!(
                "the machine gave no randomness for the encryption of cached responses; none is kept"
            );
        }
        Self { key }
    }

    /// Encrypts what is kept under `of`, which it is bound to.
    pub(crate) fn seal(&self, of: &Key, plain: &[u8]) -> Option<Bytes> {
        let mut text = BytesMut::with_capacity(NONCE_LEN + plain.len() + TAG);
        text.extend_from_slice(&[0; NONCE_LEN]);
        let mut sealed = text.split_off(NONCE_LEN);
        sealed.extend_from_slice(plain);
        let key = self.key.as_ref()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(of.0), &mut sealed).ok()?;
        text.copy_from_slice(nonce.as_ref());
        text.unsplit(sealed);
        Some(text.freeze())
    }

    /// Decrypts what [`seal`](Self::seal) gave for the same key.
    pub(crate) fn open(&self, of: &Key, sealed: &[u8]) -> Option<Bytes> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = self.key.as_ref()?;
        let length = key.open_in_place(nonce, Aad::from(of.0), &mut text).ok()?.len();
        text.truncate(length);
        Some(Bytes::from(text))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key([1; 16]);

    #[test]
    fn what_is_sealed_opens_for_its_key_alone_and_only_as_it_was() {
        let sealer = Sealer::new();
        for plain in [&b""[..], b"a secret", &[7; 5_000]] {
            let sealed = sealer.seal(&KEY, plain).expect("sealed");
            assert_eq!(sealer.open(&KEY, &sealed).as_deref(), Some(plain));
            assert!(plain.is_empty() || !sealed.windows(plain.len()).any(|part| part == plain));
            assert_eq!(sealer.open(&Key([2; 16]), &sealed), None, "another key");
            assert_eq!(Sealer::new().open(&KEY, &sealed), None, "another cache");
            for at in [0, NONCE_LEN, sealed.len() - 1] {
                let mut changed = sealed.to_vec();
                changed[at] ^= 1;
                assert_eq!(sealer.open(&KEY, &changed), None, "byte {at}");
            }
            assert_eq!(sealer.open(&KEY, &sealed[..NONCE_LEN - 1]), None, "cut off");
        }
    }
}
