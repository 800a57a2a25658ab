//! What a row is found by.

use std::fmt;

use crate::error::StoreError;

/// How long a kind may be.
pub const KIND_BYTES: usize = 64;
/// How long a parent may be.
pub const PARENT_BYTES: usize = 2_048;
/// How long an id may be.
pub const ID_BYTES: usize = 1_024;

/// A row's kind, the path of its parent, and its id.
///
/// A parent is a path whose parts are separated by `/`; what is at the top has an empty one. The store does not ask for a
/// row that is the parent: paths are the caller's to choose, and [`crate::Write::delete_below`] goes by them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What kind of thing it is.
    pub kind: &'static str,
    /// The path of what it belongs to; empty at the top.
    pub parent: String,
    /// Its id, unique for a kind below a parent.
    pub id: String,
}

impl Key {
    /// A key of these parts. They are checked where the key is written.
    pub fn new(kind: &'static str, parent: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            kind,
            parent: parent.into(),
            id: id.into(),
        }
    }

    /// That all parts are within their bounds, and free of NUL, which PostgreSQL does not store.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let why = if self.kind.is_empty() {
            "its kind is empty".to_owned()
        } else if self.id.is_empty() {
            "its id is empty".to_owned()
        } else if let Some(why) = too_long("kind", self.kind, KIND_BYTES)
            .or_else(|| too_long("parent", &self.parent, PARENT_BYTES))
            .or_else(|| too_long("id", &self.id, ID_BYTES))
        {
            why
        } else if self.parent.contains('\0') || self.id.contains('\0') || self.kind.contains('\0') {
            "it contains a NUL character".to_owned()
        } else {
            return Ok(());
        };
        Err(StoreError::InvalidKey {
            key: self.abridged(),
            why,
        })
    }

    /// The key, short enough to be shown.
    fn abridged(&self) -> Self {
        let cut = |text: &str| text.chars().take(80).collect::<String>();
        Self::new(self.kind, cut(&self.parent), cut(&self.id))
    }
}

fn too_long(part: &str, text: &str, limit: usize) -> Option<String> {
    (text.len() > limit).then(|| format!("its {part} has {} bytes, at most {limit} are allowed", text.len()))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parent.is_empty() {
            write!(f, "{} {:?}", self.kind, self.id)
        } else {
            write!(f, "{} {:?} below {:?}", self.kind, self.id, self.parent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded() {
        let long = |length: usize| "x".repeat(length);
        let cases: [(&str, Key, bool); 9] = [
            ("plain", Key::new("api", "", "a"), true),
            ("with slashes", Key::new("stage", "apis/a", "a/b"), true),
            ("longest id", Key::new("api", "", long(ID_BYTES)), true),
            ("longest parent", Key::new("api", long(PARENT_BYTES), "a"), true),
            ("no kind", Key::new("", "", "a"), false),
            ("no id", Key::new("api", "", ""), false),
            ("id too long", Key::new("api", "", long(ID_BYTES + 1)), false),
            (
                "parent too long",
                Key::new("api", long(PARENT_BYTES + 1), "a"),
                false,
            ),
            ("a NUL", Key::new("api", "", "a\0b"), false),
        ];
        for (name, key, good) in cases {
            let result = key.check();
            assert_eq!(result.is_ok(), good, "{name}: {result:?}");
            if let Err(error) = result {
                assert!(error.to_string().len() < 500, "{name}: {error}");
            }
        }
    }
}
