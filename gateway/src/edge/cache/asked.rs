//! What is asked for, as far as a cache must know.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portcullis_cache::{Key, KeyWriter};

use super::control::Control;
use crate::proxy::{Body, Call, Reply};

/// Conditions of a request that a cache answers, or makes its own.
pub(super) const CONDITIONAL: [HeaderName; 2] = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE];
/// Requests with these are for the region alone.
const NOT_HERE: [HeaderName; 4] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
];
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A request, without its body.
#[derive(Debug)]
pub(in crate::edge) struct Asked {
    pub(super) method: Method,
    pub(super) control: Control,
    /// Whether it says who it is from.
    pub(super) is_private: bool,
    is_whole: bool,
    scheme: &'static str,
    host: Box<str>,
    target: PathAndQuery,
    headers: HeaderMap,
}

impl Asked {
    pub(in crate::edge) fn of(call: &Call, is_secure: bool) -> Self {
        let head = &call.head;
        let is_get = matches!(head.method, Method::GET | Method::HEAD);
        let has_not = |name: &HeaderName| !head.headers.contains_key(name);
        let mut control = Control::of(&head.headers);
        // Section 5.4: for those that say nothing else.
        if has_not(&header::CACHE_CONTROL) {
            let pragma = head.headers.get(header::PRAGMA);
            control.no_cache = pragma.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"no-cache"));
        }
        Self {
            method: head.method.clone(),
            control,
            is_private: !has_not(&header::AUTHORIZATION) || !has_not(&X_API_KEY),
            is_whole: NOT_HERE.iter().all(has_not) && call.body.is_replayable(),
            scheme: if is_secure { "https" } else { "http" },
            host: head
                .host
                .as_deref()
                .unwrap_or_default()
                .to_ascii_lowercase()
                .into(),
            target: head.target.clone(),
            // What a response may depend on; of other requests nothing is looked for.
            headers: if is_get {
                head.headers.clone()
            } else {
                HeaderMap::new()
            },
        }
    }

    /// Whether something that is kept may answer it.
    pub(super) fn is_readable(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD) && self.is_whole && !self.control.no_store
    }

    /// Whether its response may be kept.
    pub(super) fn is_writable(&self) -> bool {
        self.method == Method::GET && self.is_whole
    }

    /// Whether it may change what it names (RFC 9110, section 9.2.1).
    pub(in crate::edge) fn is_unsafe(&self) -> bool {
        !self.method.is_safe()
    }

    pub(super) fn key(&self, mut writer: KeyWriter) -> Key {
        self.write(&mut writer);
        writer.finish()
    }

    /// The key of the variant for it (section 4.1).
    pub(super) fn variant(&self, mut writer: KeyWriter, names: &[HeaderName]) -> Key {
        self.write(&mut writer);
        for name in names {
            writer.part(name.as_str().as_bytes());
            let values: Vec<&[u8]> = self
                .headers
                .get_all(name)
                .iter()
                .map(HeaderValue::as_bytes)
                .collect();
            writer.list(values.into_iter());
        }
        writer.finish()
    }

    fn write(&self, writer: &mut KeyWriter) {
        writer.part(self.scheme.as_bytes());
        writer.part(self.host.as_bytes());
        writer.part(self.target.as_str().as_bytes());
    }

    pub(super) fn body(&self, body: Bytes) -> Body {
        match self.method == Method::HEAD {
            true => Body::Empty,
            false => Body::from(body),
        }
    }

    /// A response that the client has already is not sent again (section 4.3.2).
    pub(super) fn conditional(&self, mut reply: Reply) -> Reply {
        if reply.status == StatusCode::OK && self.has_it(&reply.headers) {
            reply.status = StatusCode::NOT_MODIFIED;
            reply.headers.remove(header::CONTENT_LENGTH);
            reply.body = Body::Empty;
        }
        reply
    }

    fn has_it(&self, kept: &HeaderMap) -> bool {
        if self.headers.contains_key(header::IF_NONE_MATCH) {
            let Some(etag) = kept.get(header::ETAG).and_then(|etag| etag.to_str().ok()) else {
                return false;
            };
            let values = self.headers.get_all(header::IF_NONE_MATCH).iter();
            let texts = values.filter_map(|value| value.to_str().ok());
            let mut tags = texts.flat_map(|text| text.split(',')).map(str::trim);
            return tags.any(|tag| tag == "*" || weak(tag) == weak(etag));
        }
        // A date that is not just the same is left to the region.
        let since = self.headers.get(header::IF_MODIFIED_SINCE);
        since.is_some() && since == kept.get(header::LAST_MODIFIED)
    }
}

/// RFC 9110, section 8.8.3.2: compared weakly.
fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
