//! JSON Web Tokens, as a resource server verifies them. Start with [`Token`] and [`KeySet`].
//!
//! ```
//! # use portcullis_jwt::*;
//! # fn answer(text: &str, key_set: &[u8], now: u64) -> Result<Claims, Refused> {
//! let keys = KeySet::parse(key_set).expect("a key set");
//! let token = Token::parse(text)?;
//! let claims = token.verify(&keys, Algorithms::ALL)?;
//! claims.check(&Expected {
//!     issuer: "https://issuer.example.com",
//!     audiences: &["shop".to_owned()],
//!     now,
//!     leeway: 60,
//! })?;
//! # Ok(claims)
//! # }
//! ```
//!
//! Tokens are signed and compact (RFC 7515, RFC 7519), with public keys alone: RSA, ECDSA and Ed25519. There is no secret
//! that both sides know, no encryption, and no signing. Where keys come from, and when they are fetched anew, is the
//! caller's to say.
//!
//! RFC 8725 is followed to the letter: the algorithm must be one of a list and fit the key, a key comes from the set and
//! never from the token, and what is not understood is refused. Nothing here reads or writes, waits or panics, whatever a
//! client sends, and nothing costs more than the limits below.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod algorithm;
mod base64url;
mod claims;
mod header;
mod json;
mod key;
mod key_set;
mod refused;
mod token;

#[cfg(test)]
mod tests;

pub use algorithm::{Algorithm, Algorithms};
pub use claims::{Claims, Expected};
pub use key_set::{KeySet, KeySetError, Skipped};
pub use refused::{Part, Refused};
pub use token::Token;

/// Bytes that a token may have.
pub const MOST_TOKEN: usize = 16 * 1024;
/// Bytes that its header may have, decoded.
pub const MOST_HEADER: usize = 2 * 1024;
/// Bytes that the name of a key may have.
pub const MOST_KEY_ID: usize = 256;
/// Bytes that a key set may have.
pub const MOST_KEY_SET: usize = 256 * 1024;
/// Keys that a set may have.
pub const MOST_KEYS: usize = 64;
