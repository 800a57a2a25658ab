//! Secrets at rest: AES-256-GCM under a key that lies in a file beside the database.

use std::fmt;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use sha2::{Digest as _, Sha256};

use crate::directory;
use crate::error::StoreError;
use crate::key::Key;

/// The first byte of what is sealed: how it was sealed.
const AES_256_GCM_RANDOM_NONCE: u8 = 1;
const KEY_BYTES: usize = 32;

/// Seals and opens secrets. What is sealed for one row cannot be opened for another.
///
/// It comes from [`Store::vault`](crate::Store::vault). A backup of the store does not contain its key: keep `store.key`
/// somewhere else, or the secrets are lost with the disk.
pub struct Vault {
    key: RandomizedNonceKey,
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The key file is gone, and the store has secrets that were sealed with it.
    #[error(
        "the key file {path} is missing, and the secrets of this store are sealed with it\nhint: put the file back; a backup of the store does not contain it"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner can read the key file.
    #[error(
        "the key file {path} has mode {mode:04o}, others can read or change it\nhint: chmod 600 {path}, and think about whether the secrets of this store are still secret"
    )]
    Permissive {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The key file has no key in it.
    #[error(
        "the key file {path} is not a key: it must have 64 hexadecimal digits\nhint: put the original back"
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The key file is another store's.
    #[error(
        "the key file {path} is not the one that the secrets of this store are sealed with\nhint: put back the one that belongs to this data directory or to the backup that was restored"
    )]
    Wrong {
        /// The file.
        path: PathBuf,
    },
    /// What is to be opened was not sealed with this key for this row.
    #[error(
        "the secret of {key} cannot be opened: it was changed, or sealed for another row\nhint: make the secret anew"
    )]
    Forged {
        /// The row that it should belong to.
        key: Key,
    },
    /// The library of cryptography refused.
    #[error("the machine gave no randomness or cannot encrypt\nhint: this is a fault of the machine")]
    Cryptography,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fills a buffer with bytes that nobody can guess.
///
/// # Errors
///
/// The machine gives none.
pub fn random(into: &mut [u8]) -> Result<(), VaultError> {
    aws_lc_rs::rand::fill(into).map_err(|_| VaultError::Cryptography)
}

impl Vault {
    /// Encrypts a secret for a row.
    pub fn seal(&self, key: &Key, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut text = secret.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(associated(key)), &mut text)
            .map_err(|_| VaultError::Cryptography)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
        sealed.push(AES_256_GCM_RANDOM_NONCE);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Decrypts what [`seal`](Self::seal) gave for the same row.
    pub fn open(&self, key: &Key, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.open_or_none(key, sealed)
            .ok_or_else(|| VaultError::Forged { key: key.clone() })
    }

    fn open_or_none(&self, key: &Key, sealed: &[u8]) -> Option<Vec<u8>> {
        let rest = sealed.strip_prefix(&[AES_256_GCM_RANDOM_NONCE])?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let aad = Aad::from(associated(key));
        let length = self.key.open_in_place(nonce, aad, &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// A vault of this key.
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Result<Self, VaultError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| VaultError::Cryptography)?;
        Ok(Self { key })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// The row, so that no two rows give the same bytes: keys have no NUL.
fn associated(key: &Key) -> Vec<u8> {
    format!("{}\0{}\0{}", key.kind, key.parent, key.id).into_bytes()
}

/// The key file of a data directory.
pub(crate) fn key_file(directory: &Path) -> PathBuf {
    directory.join("store.key")
}

/// The key of a file, or `None` where there is no file.
pub(crate) fn load(path: &Path) -> Result<Option<[u8; KEY_BYTES]>, VaultError> {
    let failed = |error| StoreError::io(format!("cannot read {}", path.display()), &error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error).into()),
    };
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    let path = path.to_path_buf();
    if mode & 0o077 != 0 {
        return Err(VaultError::Permissive { path, mode });
    }
    let mut text = Vec::new();
    file.take(128).read_to_end(&mut text).map_err(failed)?;
    match parse(text.trim_ascii()) {
        Some(key) => Ok(Some(key)),
        None => Err(VaultError::NotAKey { path }),
    }
}

fn parse(text: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse::<crate::snapshot::Hash>()
        .ok()
        .map(|hash| *hash.as_bytes())
}

/// Makes a key and its file. The file is there whole and for its owner alone, or not at all.
pub(crate) fn make(path: &Path) -> Result<[u8; KEY_BYTES], VaultError> {
    let failed = |error| StoreError::io(format!("cannot make {}", path.display()), &error);
    let mut key = [0; KEY_BYTES];
    rand::fill(&mut key).map_err(|_| VaultError::Cryptography)?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    // The data directory is locked, so nobody else is about it; what is there was left by a crash.
    let new = path.with_extension("key.new");
    let _ = fs::remove_file(&new);
    let mut file = directory::private_file(&new).map_err(failed)?;
    file.write_all(format!("{text}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, path))
        .map_err(failed)?;
    if let Some(directory) = path.parent() {
        directory::sync(directory)?;
    }
    Ok(key)
}

/// What a store remembers of its key, so that another one is noticed before it seals anything.
pub(crate) fn fingerprint(key: &[u8; KEY_BYTES]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"portcullis store key\0");
    hash.update(key);
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_row_alone_and_only_as_it_was_sealed() {
        let vault = Vault::new(&[7; KEY_BYTES]).unwrap();
        let row = Key::new("access-key", "users/a", "AKIA1");
        for secret in [&b""[..], b"secret", &[0; 5_000]] {
            let sealed = vault.seal(&row, secret).unwrap();
            assert_eq!(vault.open(&row, &sealed).unwrap(), secret);
            assert_ne!(
                vault.seal(&row, secret).unwrap(),
                sealed,
                "another nonce each time"
            );
            for at in [0, 1, 12, 13, sealed.len() - 1] {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(vault.open(&row, &changed).is_err(), "byte {at}");
            }
            for length in 0..sealed.len().min(64) {
                assert!(
                    vault.open(&row, &sealed[..length]).is_err(),
                    "first {length} bytes"
                );
            }
        }
        let sealed = vault.seal(&row, b"secret").unwrap();
        let others = [
            Key::new("access-key", "users/a", "AKIA2"),
            Key::new("access-key", "users/b", "AKIA1"),
            Key::new("certificate", "users/a", "AKIA1"),
            Key::new("access-key", "users", "a/AKIA1"),
        ];
        for other in others {
            let refused = vault.open(&other, &sealed).unwrap_err();
            assert!(matches!(refused, VaultError::Forged { .. }), "{other}");
            assert!(!refused.to_string().contains("secret\""), "{refused}");
        }
        let other_vault = Vault::new(&[8; KEY_BYTES]).unwrap();
        assert!(other_vault.open(&row, &sealed).is_err());
    }
}
