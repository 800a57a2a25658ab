//! Keys of the tests' own, and tokens by them.

use super::Algorithm;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair,
};

/// A private key, and the name of its public one.
pub(super) struct Signer {
    pub algorithm: Algorithm,
    pub id: String,
    key: Private,
}

enum Private {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// A new key.
    pub(super) fn new(algorithm: Algorithm, id: &str) -> Self {
        let ec = |curve| Private::Ec(EcdsaKeyPair::generate(curve).expect("a key"));
        let key = match algorithm {
            Algorithm::ES256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::ES512 => ec(&ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDSA => Private::Ed(Ed25519KeyPair::generate().expect("a key")),
            _ => Private::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
        };
        Self {
            algorithm,
            id: id.to_owned(),
            key,
        }
    }

    /// A signature by that algorithm, whatever the key is meant for.
    pub(super) fn sign_by(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Private::Ec(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Private::Ed(key) => key.sign(message).as_ref().to_vec(),
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    Algorithm::RS384 => &RSA_PKCS1_SHA384,
                    Algorithm::RS512 => &RSA_PKCS1_SHA512,
                    Algorithm::PS256 => &RSA_PSS_SHA256,
                    Algorithm::PS384 => &RSA_PSS_SHA384,
                    Algorithm::PS512 => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                key.sign(encoding, &random, message, &mut signature)
                    .expect("a signature");
                signature
            }
        }
    }

    /// Header and claims, signed.
    pub(super) fn signed(&self, header: &[u8], claims: &[u8]) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.sign_by(self.algorithm, message.as_bytes());
        format!("{message}.{}", encode(&signature))
    }

    /// A usual token.
    pub(super) fn token(&self, claims: &str) -> String {
        self.signed(self.header().as_bytes(), claims.as_bytes())
    }

    /// A usual header.
    pub(super) fn header(&self) -> String {
        format!(
            r#"{{"alg":"{}","kid":"{}","typ":"JWT"}}"#,
            self.algorithm.name(),
            self.id
        )
    }

    /// The public key, with more members.
    pub(super) fn jwk(&self, more: &str) -> String {
        let own = match &self.key {
            Private::Rsa(key) => {
                let (n, e) = numbers(key.public_key().as_ref());
                format!(r#""kty":"RSA","n":"{}","e":"{}""#, encode(n), encode(e))
            }
            Private::Ec(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let curve = match self.algorithm {
                    Algorithm::ES256 => "P-256",
                    Algorithm::ES384 => "P-384",
                    _ => "P-521",
                };
                format!(
                    r#""kty":"EC","crv":"{curve}","x":"{}","y":"{}""#,
                    encode(x),
                    encode(y)
                )
            }
            Private::Ed(key) => {
                let x = encode(key.public_key().as_ref());
                format!(r#""kty":"OKP","crv":"Ed25519","x":"{x}""#)
            }
        };
        format!(r#"{{"kid":"{}",{own}{more}}}"#, self.id)
    }

    /// The bytes of the public key, as somebody might take them for a secret.
    pub(super) fn public(&self) -> Vec<u8> {
        match &self.key {
            Private::Rsa(key) => key.public_key().as_ref().to_vec(),
            Private::Ec(key) => key.public_key().as_ref().to_vec(),
            Private::Ed(key) => key.public_key().as_ref().to_vec(),
        }
    }
}

/// One of each algorithm, whose id is its name.
pub(super) fn all() -> Vec<Signer> {
    let all = Algorithm::ALL.into_iter();
    all.map(|algorithm| Signer::new(algorithm, algorithm.name()))
        .collect()
}

/// Their key set.
pub(super) fn set(signers: &[&Signer]) -> String {
    let keys: Vec<String> = signers
        .iter()
        .map(|signer| signer.jwk(&format!(r#","use":"sig","alg":"{}""#, signer.algorithm.name())))
        .collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// Base64 of URLs, without padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for place in 0..=chunk.len() {
            let digit = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[digit as usize]));
        }
    }
    text
}

/// The two numbers of a DER `RSAPublicKey`.
fn numbers(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = element(der);
    let (n, rest) = element(sequence);
    let (e, _) = element(rest);
    (n.strip_prefix(&[0]).unwrap_or(n), e)
}

fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            let bytes = der[2..2 + count].iter();
            let length = bytes.fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, 2 + count)
        }
    };
    der[start..].split_at(length)
}
