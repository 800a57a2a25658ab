//! The keys of an issuer (RFC 7517, section 5).

use std::fmt;

use serde_json::Value;

use crate::key::Key;
use crate::{MOST_KEY_SET, MOST_KEYS, json};

/// Public keys by their names, prepared once for every token that is verified by them.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<Skipped>,
}

/// A key that cannot be used, as sets may have some (RFC 7517, section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its place in the set, from 0.
    pub place: usize,
    /// Why.
    pub why: &'static str,
}

/// Why something is no key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetError {
    /// It is longer than a key set may be.
    TooLarge,
    /// It is no JSON object whose members stand once; why.
    Json(String),
    /// It has no list `keys`.
    NoKeys,
    /// It has more keys than a set may have.
    TooMany(usize),
}

impl KeySet {
    /// Reads a set, and prepares those of its keys that can be used.
    ///
    /// # Errors
    ///
    /// It is none, or too large.
    pub fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        if text.len() > MOST_KEY_SET {
            return Err(KeySetError::TooLarge);
        }
        let members = json::object(text).map_err(KeySetError::Json)?;
        let all = members.get("keys").and_then(Value::as_array);
        let all = all.ok_or(KeySetError::NoKeys)?;
        if all.len() > MOST_KEYS {
            return Err(KeySetError::TooMany(all.len()));
        }
        let mut set = Self {
            keys: Vec::with_capacity(all.len()),
            skipped: Vec::new(),
        };
        for (place, value) in all.iter().enumerate() {
            match set.key(value) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.skipped.push(Skipped { place, why }),
            }
        }
        Ok(set)
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether none can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Those that cannot be used.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    fn key(&self, value: &Value) -> Result<Key, &'static str> {
        let key = Key::parse(value.as_object().ok_or("it is no object")?)?;
        match self.find(&key.id) {
            None => Ok(key),
            Some(_) => Err("another key before it has its `kid`"),
        }
    }

    /// The key of that name.
    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(out, "the key set is longer than {MOST_KEY_SET} bytes"),
            Self::Json(why) => write!(out, "the key set is no JSON object with unique members: {why}"),
            Self::NoKeys => out.write_str("the key set has no list `keys`"),
            Self::TooMany(count) => write!(out, "the key set has {count} keys, and {MOST_KEYS} are the most"),
        }
    }
}

impl std::error::Error for KeySetError {}
