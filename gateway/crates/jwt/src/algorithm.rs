//! Algorithms of signatures (RFC 7518, RFC 8037), and lists of them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    VerificationAlgorithm,
};

/// An algorithm by which tokens may be signed: with a public key to verify them by, and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the registry's")]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA,
}

/// What verifies signatures of an algorithm.
pub(crate) enum Verifier {
    Rsa(&'static RsaParameters),
    Other(&'static dyn VerificationAlgorithm),
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
    ];

    /// The registry's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
        }
    }

    /// The algorithm of that name; names have one spelling.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// `kty` and `crv` of keys for it.
    pub(crate) const fn key_type(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                ("RSA", None)
            }
            Self::ES256 => ("EC", Some("P-256")),
            Self::ES384 => ("EC", Some("P-384")),
            Self::ES512 => ("EC", Some("P-521")),
            Self::EdDSA => ("OKP", Some("Ed25519")),
        }
    }

    pub(crate) fn verifier(self) -> Verifier {
        match self {
            Self::RS256 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::RS384 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::RS512 => Verifier::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Self::PS256 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA256),
            Self::PS384 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA384),
            Self::PS512 => Verifier::Rsa(&RSA_PSS_2048_8192_SHA512),
            Self::ES256 => Verifier::Other(&ECDSA_P256_SHA256_FIXED),
            Self::ES384 => Verifier::Other(&ECDSA_P384_SHA384_FIXED),
            Self::ES512 => Verifier::Other(&ECDSA_P521_SHA512_FIXED),
            Self::EdDSA => Verifier::Other(&ED25519),
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Those by which tokens may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithms(u16);

impl Algorithms {
    /// None.
    pub const NONE: Self = Self(0);
    /// Every one there is.
    pub const ALL: Self = Self((1 << Algorithm::ALL.len()) - 1);
    /// The one that Amazon Cognito signs by.
    pub const RS256: Self = Self(Algorithm::RS256.bit());

    /// Whether it is among them.
    pub const fn has(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(algorithms: I) -> Self {
        Self(algorithms.into_iter().fold(0, |bits, one| bits | one.bit()))
    }
}
