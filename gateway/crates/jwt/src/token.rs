//! A token, from its text to its claims.

use crate::header::Header;
use crate::{Algorithms, Claims, KeySet, MOST_TOKEN, Part, Refused, base64url};

/// A token that is well-formed. Nothing that it says counts before it is verified.
#[derive(Debug)]
pub struct Token<'t> {
    header: Header,
    claims: Claims,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Reads a signed token in compact form, without `Bearer`.
    ///
    /// # Errors
    ///
    /// It is none, or its header asks for what is not done here.
    pub fn parse(text: &'t str) -> Result<Self, Refused> {
        if text.len() > MOST_TOKEN {
            return Err(Refused::TooLarge);
        }
        let (signed, claims, signature) = parts(text)?;
        let header = Header::parse(signed.split('.').next().unwrap_or_default())?;
        if signature.is_empty() {
            return Err(Refused::Unsigned);
        }
        Ok(Self {
            header,
            claims: Claims::parse(claims)?,
            signed,
            signature: base64url::decode(signature).ok_or(Refused::Encoding(Part::Signature))?,
        })
    }

    /// Whose it says to be: enough to choose by whose keys it is verified, and not more.
    pub fn claimed_issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// Its claims, once its signature is found to be one by a key of the set.
    ///
    /// # Errors
    ///
    /// The algorithm is not allowed, the set has no such key ([`Refused::UnknownKey`]: it may be an old one), or the
    /// signature is wrong.
    pub fn verify(self, keys: &KeySet, allowed: Algorithms) -> Result<Claims, Refused> {
        let Header { algorithm, key_id } = &self.header;
        if !allowed.has(*algorithm) {
            return Err(Refused::Algorithm(*algorithm));
        }
        let key = keys.find(key_id).ok_or(Refused::UnknownKey)?;
        key.verify(*algorithm, self.signed.as_bytes(), &self.signature)?;
        Ok(self.claims)
    }
}

/// What is signed, and of it the claims; and the signature.
fn parts(text: &str) -> Result<(&str, &str, &str), Refused> {
    let (signed, signature) = text.rsplit_once('.').ok_or(Refused::NotCompact)?;
    let (_, claims) = signed.split_once('.').ok_or(Refused::NotCompact)?;
    match claims.split('.').count() {
        1 => Ok((signed, claims, signature)),
        3 => Err(Refused::Encrypted),
        _ => Err(Refused::NotCompact),
    }
}
