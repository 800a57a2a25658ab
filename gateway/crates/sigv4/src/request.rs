//! What a request is made of, as it came.

/// The signed parts of a request, as they came over the wire: nothing decoded, nothing normalised.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method, in the case in which it came.
    pub method: &'a str,
    /// The path, from its first slash to the question mark.
    pub path: &'a [u8],
    /// What follows the question mark; empty without one.
    pub query: &'a [u8],
    /// All headers in their order, repeated ones repeated. Over HTTP/2 the caller puts `:authority` here as `host`.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> RequestParts<'a> {
    /// Every value of a header, in order. Names are compared without regard to case.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// A header's values as one text, as HTTP joins repeated ones; `None` without the header.
    ///
    /// A repeated `Authorization` or date so becomes something that no longer parses, and is refused.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let mut values = self.values(name).map(|value| String::from_utf8_lossy(value));
        let mut joined = values.next()?.into_owned();
        for value in values {
            joined.push_str(", ");
            joined.push_str(&value);
        }
        Some(joined)
    }
}

/// The body of a request, or what is known of it.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'a> {
    /// The whole body.
    Bytes(&'a [u8]),
    /// The SHA-256 of the whole body, computed by the caller.
    Sha256([u8; 32]),
    /// The body has not been read. Only a request with an unsigned payload that the policy allows can verify; see
    /// [`Presented::needs_body`](crate::Presented::needs_body).
    Unread,
}
