//! How large the parts of a message may be.

/// How large the parts of a message may be; what is larger is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a head, from its first to the end of its blank line.
    pub head: u32,
    /// Bytes of a request target.
    pub target: u32,
    /// Fields of a head.
    pub fields: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            target: 16 * 1024,
            fields: 100,
        }
    }
}

/// Bytes of a method: the longest that is registered has 17 (<https://www.iana.org/assignments/http-methods>).
pub(crate) const METHOD: u8 = 32;
/// Bytes of all chunk extensions of a body. hyper takes 16 KiB.
pub(crate) const EXTENSIONS: u32 = 8 * 1024;
/// Bytes of a trailer section. hyper takes 16 KiB.
pub(crate) const TRAILERS: u32 = 8 * 1024;
/// Fields of a trailer section. hyper takes 100.
pub(crate) const TRAILER_FIELDS: u16 = 64;
