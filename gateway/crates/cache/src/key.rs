//! Keys: a keyed hash of all that tells two responses apart.

use aws_lc_rs::rand;
use sha2::{Digest as _, Sha256};

/// Bytes of a key: 128 bits of a hash that nobody outside can compute.
const BYTES: usize = 16;
/// As long as a block of the hash, so that it is taken in once.
const SECRET: usize = 64;

/// What a response is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub(crate) [u8; BYTES]);

/// Writes what a key is made of. Each part is written with its length, so that no two lists of parts are the same bytes.
#[derive(Clone)]
pub struct KeyWriter {
    hasher: Sha256,
}

impl KeyWriter {
    /// A writer under a secret of its own.
    pub(crate) fn new() -> Self {
        let mut secret = [0; SECRET];
        if rand::fill(&mut secret).is_err() {
            // Keys stay apart without it; they could be computed from outside.
            tracing::warn!("the machine gave no randomness for the keys of cached responses");
        }
        Self {
            hasher: Sha256::new_with_prefix(secret),
        }
    }

    /// The next part.
    pub fn part(&mut self, bytes: &[u8]) {
        self.hasher.update((bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }

    /// A list of parts: how many there are tells it from the parts that follow.
    pub fn list<'p>(&mut self, parts: impl ExactSizeIterator<Item = &'p [u8]>) {
        self.hasher.update((parts.len() as u64).to_le_bytes());
        for part in parts {
            self.part(part);
        }
    }

    /// The key.
    pub fn finish(self) -> Key {
        let hash: [u8; 32] = self.hasher.finalize().into();
        let mut key = [0; BYTES];
        key.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
        Key(key)
    }
}

impl std::fmt::Debug for KeyWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyWriter")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_structures_give_one_key() {
        let writer = KeyWriter::new();
        let structures: [&[&[&str]]; 12] = [
            &[],
            &[&[]],
            &[&[], &[]],
            &[&[""]],
            &[&["", ""]],
            &[&[""], &[""]],
            &[&["ab"]],
            &[&["a", "b"]],
            &[&["a"], &["b"]],
            &[&["a"], &["b"], &[]],
            &[&[], &["a", "b"]],
            &[&["a", "b"], &[]],
        ];
        let key = |structure: &[&[&str]]| {
            let mut writer = writer.clone();
            for list in structure {
                writer.list(list.iter().map(|part| part.as_bytes()));
            }
            writer.finish()
        };
        let keys: HashSet<Key> = structures.iter().map(|structure| key(structure)).collect();
        assert_eq!(keys.len(), structures.len());
        assert_eq!(key(structures[7]), key(structures[7]));
    }

    #[test]
    fn each_cache_has_a_secret_of_its_own() {
        assert_ne!(KeyWriter::new().finish(), KeyWriter::new().finish());
    }
}
