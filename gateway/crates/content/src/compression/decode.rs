//! Bodies that clients have encoded.

use bytes::Bytes;

use super::{Coding, bounded::Bounded, brotli, inflate};

/// How many codings one on top of another are undone.
pub const MAX_CODINGS: usize = 3;

/// How much is decoded at once.
pub(super) const PIECE: usize = 16 * 1024;

/// Why a body cannot be decoded. API Gateway answers 415 for a coding that it does not know and for a body that is not
/// so encoded
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html>).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A coding that is not known, or too many.
    #[error(
        "unsupported content codings {codings:?}: at most {MAX_CODINGS} of gzip, deflate and br are decoded"
    )]
    Unsupported {
        /// The header's value, of which a long one is cut.
        codings: String,
    },
    /// The body is longer than it may be, before or after decoding.
    #[error("the decoded body is longer than {max} bytes")]
    TooLarge {
        /// The bound.
        max: usize,
    },
    /// The body is not what its header says, or ends too early, or has more after its end.
    #[error("the body is not valid {coding}")]
    Corrupt {
        /// The name of the coding.
        coding: &'static str,
    },
}

/// Undoes the codings that a `Content-Encoding` names, the last first. `identity` is none, and an empty body stays
/// empty. The result has at most `max` bytes, as has everything in between. It takes at most that much memory, and what
/// a decoder needs: up to 20 MiB for br, whose window may have 16 MiB, and 100 KiB for the others.
///
/// # Errors
///
/// See [`DecodeError`]. A body that would become too large is given up as soon as that shows.
pub fn decode(codings: &str, body: Bytes, max: usize) -> Result<Bytes, DecodeError> {
    let unsupported = || DecodeError::Unsupported {
        codings: codings.chars().take(64).collect(),
    };
    let names = codings.split(',').map(|name| name.trim_matches([' ', '\t']));
    let names = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let mut undone = Vec::new();
    for name in names {
        if undone.len() == MAX_CODINGS {
            return Err(unsupported());
        }
        undone.push(Coding::of(name).ok_or_else(unsupported)?);
    }
    if body.len() > max {
        return Err(DecodeError::TooLarge { max });
    }
    undone.into_iter().rev().try_fold(body, |body, coding| {
        if body.is_empty() {
            Ok(body)
        } else {
            undo(coding, &body, max)
        }
    })
}

fn undo(coding: Coding, body: &[u8], max: usize) -> Result<Bytes, DecodeError> {
    let mut decoded = Bounded::new(max);
    match coding {
        Coding::Gzip => inflate::gzip(body, &mut decoded)?,
        Coding::Deflate => return inflate::deflate(body, max),
        Coding::Brotli => brotli::decode(body, &mut decoded)?,
    }
    Ok(decoded.into_bytes())
}
