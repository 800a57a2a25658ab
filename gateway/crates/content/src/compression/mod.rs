//! Content codings: gzip, deflate and br.
//!
//! API Gateway knows gzip and deflate
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html>); br is offered
//! to clients that prefer it, or know no other.

mod bounded;
mod brotli;
mod compressible;
mod decode;
mod encode;
mod inflate;
mod negotiate;
#[cfg(test)]
mod tests;

pub use compressible::is_compressible;
pub use decode::{DecodeError, MAX_CODINGS, decode};
pub use encode::Encoder;
pub use negotiate::negotiate;

/// A content coding other than identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `gzip`, RFC 1952.
    Gzip,
    /// `deflate`, which is the zlib format, RFC 1950.
    Deflate,
    /// `br`, RFC 7932.
    Brotli,
}

impl Coding {
    /// In the order in which the gateway prefers them.
    const ALL: [Self; 3] = [Self::Gzip, Self::Deflate, Self::Brotli];

    /// The name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
        }
    }

    /// The coding of a name, in any case; `x-gzip` is gzip (RFC 9110 §8.4.1.3).
    fn of(name: &str) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case("x-gzip") {
            "gzip"
        } else {
            name
        };
        Self::ALL
            .into_iter()
            .find(|coding| coding.name().eq_ignore_ascii_case(name))
    }
}
