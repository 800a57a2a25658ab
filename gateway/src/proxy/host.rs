//! The host that a request names.

use std::ops::Deref;

use http::HeaderValue;
use http::uri::Authority;

/// A host, with its port if there was one. Of a field it is the field's own bytes, so that nothing is copied for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(HeaderValue);

impl Host {
    /// That of a field `Host`; none where its value is no text.
    pub fn of_field(value: &HeaderValue) -> Option<Self> {
        value.to_str().is_ok().then(|| Self(value.clone()))
    }

    /// That of a request's target.
    pub fn of_authority(authority: &Authority) -> Option<Self> {
        HeaderValue::from_str(authority.as_str()).ok().map(Self)
    }

    /// One that is written in the source.
    ///
    /// # Panics
    ///
    /// It has characters that no host has.
    pub fn from_static(host: &'static str) -> Self {
        Self(HeaderValue::from_static(host))
    }
}

impl Deref for Host {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}
