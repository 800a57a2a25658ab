//! Certificates and keys as PEM files have them.

use rustls::pki_types::pem::{Error as BadPem, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, TrustAnchor};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore};

use super::provider;
use crate::config::{Hash, hash};

/// Certificate authorities.
#[derive(Debug)]
pub struct TrustBundle {
    certificates: Vec<CertificateDer<'static>>,
    roots: Vec<TrustAnchor<'static>>,
    hash: Hash,
}

/// A certificate with its chain and its key.
#[derive(Debug)]
pub struct ClientCertificate {
    key: CertifiedKey,
    hash: Hash,
}

/// What is wrong with a PEM file.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PemError {
    /// Its lines are no PEM.
    #[error("it is not well-formed PEM: {0}")]
    Malformed(String),
    /// It has no certificate.
    #[error("it has no certificate")]
    NoCertificate,
    /// It has no private key.
    #[error("it has no private key")]
    NoKey,
    /// One of its certificates, counted from 1.
    #[error("its certificate {0} cannot be used: {1}")]
    BadCertificate(usize, rustls::Error),
    /// Its key is of a kind that is not known.
    #[error("its private key cannot be used: {0}")]
    BadKey(rustls::Error),
    /// The key is of another certificate.
    #[error("the private key is not that of the certificate")]
    Mismatch,
}

impl PemError {
    /// What to try.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::NoCertificate | Self::BadCertificate(..) => {
                "certificates in PEM begin with -----BEGIN CERTIFICATE-----"
            }
            Self::NoKey | Self::BadKey(_) => {
                "RSA, ECDSA (P-256, P-384, P-521) or Ed25519, as PKCS #8, PKCS #1 or SEC 1, not encrypted"
            }
            Self::Mismatch => {
                "the first certificate of the file must be that of the key; its chain comes behind it"
            }
        }
    }

    /// Whether it is the key file's.
    pub fn is_of_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::BadKey(_) | Self::Mismatch)
    }
}

impl TrustBundle {
    /// The authorities in a PEM file.
    ///
    /// # Errors
    ///
    /// There is none, or one that cannot be used.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PemError> {
        let certificates = certificates(pem)?;
        let mut store = RootCertStore::empty();
        for (index, certificate) in certificates.iter().enumerate() {
            let added = store.add(certificate.clone());
            added.map_err(|error| PemError::BadCertificate(index + 1, error))?;
        }
        Ok(Self {
            certificates,
            roots: store.roots,
            hash: hash(&[pem]),
        })
    }

    /// Of its content.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// As they are sent.
    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// The same as anchors of trust.
    pub(crate) fn roots(&self) -> &[TrustAnchor<'static>] {
        &self.roots
    }
}

impl ClientCertificate {
    /// The certificate in one PEM file, the key in another.
    ///
    /// # Errors
    ///
    /// One of them is missing or cannot be used, or they are not of each other.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, PemError> {
        let chain = certificates(certificate)?;
        let private = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            BadPem::NoItemsFound => PemError::NoKey,
            error => PemError::Malformed(error.to_string()),
        })?;
        let private = provider()
            .key_provider
            .load_private_key(private)
            .map_err(PemError::BadKey)?;
        let pair = CertifiedKey::new(chain, private);
        match pair.keys_match() {
            // A kind of key that cannot be compared.
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(PemError::Mismatch),
            Err(error) => return Err(PemError::BadCertificate(1, error)),
        }
        Ok(Self {
            key: pair,
            hash: hash(&[certificate, key]),
        })
    }

    /// Of its content.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Certificate, chain and key.
    pub(crate) fn key(&self) -> &CertifiedKey {
        &self.key
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let parsed = parsed.map_err(|error| PemError::Malformed(error.to_string()))?;
    if parsed.is_empty() {
        return Err(PemError::NoCertificate);
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn pair() -> (String, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["h".to_owned()]).expect("a certificate");
        (cert.pem(), signing_key.serialize_pem())
    }

    #[test]
    fn says_what_is_wrong_with_a_bundle() {
        let (certificate, key) = pair();
        let bundle =
            TrustBundle::from_pem(format!("{certificate}{certificate}").as_bytes()).expect("a bundle");
        assert_eq!(bundle.roots().len(), 2);
        let broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for (name, pem, expected) in [
            ("empty", String::new(), "it has no certificate"),
            ("a key", key, "it has no certificate"),
            (
                "cut off",
                certificate.replace("-----END", "END"),
                "it is not well-formed PEM: ",
            ),
            (
                "no certificate",
                format!("{certificate}{broken}"),
                "its certificate 2 cannot be used: ",
            ),
        ] {
            let error = TrustBundle::from_pem(pem.as_bytes()).expect_err(name).to_string();
            assert!(error.starts_with(expected), "{name}: {error}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_client_certificate() {
        let ((certificate, key), (other, other_key)) = (pair(), pair());
        let parse = |certificate: &str, key: &str| {
            ClientCertificate::from_pem(certificate.as_bytes(), key.as_bytes())
        };
        let good = parse(&format!("{certificate}{other}"), &key).expect("a certificate with a chain");
        assert_eq!(good.key().cert.len(), 2);
        assert_eq!(
            parse(&certificate, &other_key).expect_err("another's"),
            PemError::Mismatch
        );
        assert_eq!(parse(&certificate, "").expect_err("no key"), PemError::NoKey);
        assert_eq!(
            parse(&certificate, &certificate).expect_err("no key"),
            PemError::NoKey
        );
        assert_eq!(
            parse("", &key).expect_err("no certificate"),
            PemError::NoCertificate
        );
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert_eq!(
            parse(&certificate, &encrypted).expect_err("encrypted"),
            PemError::NoKey
        );
        let bad = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        assert!(matches!(parse(&certificate, bad), Err(PemError::BadKey(_))));
    }
}
