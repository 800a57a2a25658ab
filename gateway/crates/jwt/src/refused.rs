//! Why a token is refused: for logs. A client is told nothing of it, and nothing of the token is in it.

use std::fmt;

use crate::Algorithm;

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Part {
    Header,
    Claims,
    Signature,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than a token may be.
    TooLarge,
    /// It is not three parts with dots between them.
    NotCompact,
    /// It has the five parts of an encrypted token, or says by `enc` that it is one.
    Encrypted,
    /// A part is not base64 of URLs in its one form.
    Encoding(Part),
    /// A part is no JSON object with members that stand once; why.
    Json(Part, String),
    /// The header is longer than one may be.
    LargeHeader,
    /// The algorithm is `none`, or there is no signature.
    Unsigned,
    /// The algorithm is one of a secret that both sides know.
    Symmetric,
    /// The algorithm is none that is known.
    UnknownAlgorithm,
    /// The algorithm is not among those that are allowed.
    Algorithm(Algorithm),
    /// A member of the header is not of its form.
    Header(&'static str),
    /// It brings a key, or says where one is: only keys of the set count.
    EmbeddedKey(&'static str),
    /// It wants something to be understood that is not (`crit`, `b64`, `zip`).
    NotUnderstood(&'static str),
    /// `typ` says that it is something else than a token for an API.
    Type,
    /// A token is in it.
    Nested,
    /// It does not say by which key it is signed.
    NoKeyId,
    /// No key of the set has that name. The set may be an old one.
    UnknownKey,
    /// The key of that name is not one for the algorithm.
    WrongKey(Algorithm),
    /// The signature is not one by that key.
    Signature,
    /// A claim is missing.
    Missing(&'static str),
    /// A claim is not of its form.
    Claim(&'static str),
    /// Another issuer's.
    Issuer,
    /// For others.
    Audience,
    /// Its time is over.
    Expired,
    /// Its time has not come, by `nbf` or `iat`.
    Early(&'static str),
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Header => "header",
            Self::Claims => "set of claims",
            Self::Signature => "signature",
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(out, "it is longer than {} bytes", crate::MOST_TOKEN),
            Self::NotCompact => out.write_str("it is no signed token in compact form"),
            Self::Encrypted => out.write_str("it is encrypted"),
            Self::Encoding(part) => write!(out, "its {part} is not base64url in canonical form"),
            Self::Json(part, why) => write!(out, "its {part} is no JSON object with unique members: {why}"),
            Self::LargeHeader => write!(out, "its header is longer than {} bytes", crate::MOST_HEADER),
            Self::Unsigned => out.write_str("it is not signed"),
            Self::Symmetric => out.write_str("its algorithm is one of a shared secret"),
            Self::UnknownAlgorithm => out.write_str("its algorithm is not known"),
            Self::Algorithm(algorithm) => write!(out, "its algorithm {} is not allowed", algorithm.name()),
            Self::Header(name) => write!(out, "`{name}` of its header is not of its form"),
            Self::EmbeddedKey(name) => write!(out, "it names a key of its own by `{name}`"),
            Self::NotUnderstood(name) => write!(out, "it asks by `{name}` for what is not understood"),
            Self::Type => out.write_str("its `typ` is not that of a token for an API"),
            Self::Nested => out.write_str("there is another token in it"),
            Self::NoKeyId => out.write_str("it has no `kid`"),
            Self::UnknownKey => out.write_str("its `kid` is none of the issuer's keys"),
            Self::WrongKey(algorithm) => {
                write!(out, "the key that it names is not one for {}", algorithm.name())
            }
            Self::Signature => out.write_str("its signature is wrong"),
            Self::Missing(name) => write!(out, "it has no claim `{name}`"),
            Self::Claim(name) => write!(out, "its claim `{name}` is not of its form"),
            Self::Issuer => out.write_str("its issuer is none that is trusted"),
            Self::Audience => out.write_str("its audience is none that is accepted"),
            Self::Expired => out.write_str("it has expired"),
            Self::Early(name) => write!(out, "its time has not come, by `{name}`"),
        }
    }
}

impl std::error::Error for Refused {}
