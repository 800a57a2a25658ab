//! What is known of a request besides action, resource and principal.

use std::collections::BTreeMap;

/// Keys and their values: `aws:SourceIp`, `aws:PrincipalTag/team`. "Context key names are not case-sensitive" (IAM guide,
/// "Condition").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value to a key.
    pub fn insert(&mut self, key: &str, value: impl Into<String>) {
        self.0.entry(key.to_lowercase()).or_default().push(value.into());
    }

    /// The values of a key; none if the key is absent.
    pub fn values(&self, key: &str) -> &[String] {
        self.lowered(&key.to_lowercase())
    }

    /// The same for a key that is in lower case already.
    pub(crate) fn lowered(&self, key: &str) -> &[String] {
        self.0.get(key).map(Vec::as_slice).unwrap_or_default()
    }
}

impl<K: AsRef<str>, V: Into<String>> FromIterator<(K, V)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut context = Self::new();
        for (key, value) in pairs {
            context.insert(key.as_ref(), value);
        }
        context
    }
}
