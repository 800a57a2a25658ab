//! Which certificates of backends are good, where it is not just by the system's authorities.
//!
//! With `insecureSkipVerification` any issuer will do, and all else is checked: API Gateway then "still performs basic
//! certificate validation, which includes checking the certificate's expiration date, hostname, and presence of a root
//! certificate authority"
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html>).
//! That a root is present proves nothing where anybody may have made it, and few servers send theirs: it is not asked for.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::TrustBundle;

/// Checks host name, period and purpose of a certificate, that the backend has its key, and who issued it.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    /// Who may have issued it.
    roots: RootCertStore,
    /// Or anybody.
    any_issuer: bool,
    /// Trusted themselves, whoever issued them: what `openssl req -x509` makes calls itself an authority and is not one
    /// that a server could be verified by.
    trusted: Vec<CertificateDer<'static>>,
}

impl Verifier {
    pub(super) fn of_any_issuer(provider: Arc<CryptoProvider>) -> Self {
        Self {
            provider,
            roots: RootCertStore::empty(),
            any_issuer: true,
            trusted: Vec::new(),
        }
    }

    /// One of some authorities, and of the certificates of a bundle.
    pub(super) fn of_bundle(
        provider: Arc<CryptoProvider>,
        roots: RootCertStore,
        bundle: &TrustBundle,
    ) -> Self {
        Self {
            provider,
            roots,
            any_issuer: false,
            trusted: bundle.certificates().to_vec(),
        }
    }

    /// All that can be seen in a certificate itself.
    fn verify_without_issuer(&self, certificate: &ParsedCertificate<'_>, now: UnixTime) -> Result<(), Error> {
        let algorithms = self.provider.signature_verification_algorithms.all;
        // Without roots there is always an error, and it is the same whatever the issuer's name is.
        let none = RootCertStore::empty();
        match verify_server_cert_signed_by_trust_anchor(certificate, &none, &[], now, algorithms) {
            Err(error) if !is_about_issuer(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

/// Whether what is wrong is only who issued it. What can be seen in a certificate itself is checked before its issuer is
/// looked for, but that one which signs itself may call itself an authority.
fn is_about_issuer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        Error::InvalidCertificate(CertificateError::Other(other)) => matches!(
            other.0.downcast_ref::<webpki::Error>(),
            Some(webpki::Error::CaUsedAsEndEntity)
        ),
        _ => false,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if self.any_issuer || self.trusted.contains(end_entity) {
            self.verify_without_issuer(&certificate, now)?;
        } else {
            let algorithms = self.provider.signature_verification_algorithms.all;
            let roots = &self.roots;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, Certificate, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
        date_time_ymd,
    };

    use super::super::provider;
    use super::*;

    fn params(more: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
        let mut params =
            CertificateParams::new(["h.example".to_owned(), "10.0.0.7".to_owned()]).expect("names");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2030, 1, 1);
        more(&mut params);
        params
    }

    fn self_signed(params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate")
    }

    fn is_authority(params: &mut CertificateParams) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }

    fn is_good(verifier: &Verifier, certificate: &CertificateDer<'_>, host: &str) -> Result<(), Error> {
        let host = ServerName::try_from(host).expect("a name");
        // 2026-06-01.
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_780_272_000));
        let verified = verifier.verify_server_cert(certificate, &[], &host, &[], now);
        verified.map(drop)
    }

    fn issued(params: &CertificateParams) -> Certificate {
        let (key, ca_key) = (
            KeyPair::generate().expect("a key"),
            KeyPair::generate().expect("a key"),
        );
        let mut ca = CertificateParams::default();
        is_authority(&mut ca);
        let ca = Issuer::new(ca, ca_key);
        params.signed_by(&key, &ca).expect("a certificate")
    }

    #[test]
    fn checks_all_but_the_issuer() {
        let plain = params(|_| {});
        let authority = params(is_authority);
        let ended = params(|params| params.not_after = date_time_ymd(2025, 1, 1));
        let ended_authority = params(|params| {
            is_authority(params);
            params.not_after = date_time_ymd(2025, 1, 1);
        });
        let to_come = params(|params| params.not_before = date_time_ymd(2029, 1, 1));
        let of_clients =
            params(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
        let h = "h.example";
        for (name, certificate, host, good) in [
            ("issued by nobody known", issued(&plain), h, true),
            ("self-signed", self_signed(&plain), h, true),
            ("a self-signed authority", self_signed(&authority), h, true),
            ("an address", issued(&plain), "10.0.0.7", true),
            ("another host", issued(&plain), "other.example", false),
            (
                "a self-signed authority of another host",
                self_signed(&authority),
                "other.example",
                false,
            ),
            ("another address", issued(&plain), "10.0.0.8", false),
            ("expired", issued(&ended), h, false),
            ("an expired authority", self_signed(&ended_authority), h, false),
            ("not yet valid", issued(&to_come), h, false),
            ("not for servers", issued(&of_clients), h, false),
        ] {
            let verified = is_good(&Verifier::of_any_issuer(provider()), certificate.der(), host);
            assert_eq!(verified.is_ok(), good, "{name}: {verified:?}");
        }
        let none = CertificateDer::from(vec![0; 8]);
        assert!(is_good(&Verifier::of_any_issuer(provider()), &none, h).is_err());
    }

    #[test]
    fn a_certificate_of_the_bundle_is_good_itself() {
        let ended = |params: &mut CertificateParams| params.not_after = date_time_ymd(2025, 1, 1);
        let h = "h.example";
        for (name, certificate, host, good) in [
            ("self-signed", self_signed(&params(|_| {})), h, true),
            (
                "a self-signed authority",
                self_signed(&params(is_authority)),
                h,
                true,
            ),
            ("issued by nobody known", issued(&params(|_| {})), h, true),
            (
                "another host",
                self_signed(&params(is_authority)),
                "other.example",
                false,
            ),
            ("expired", self_signed(&params(ended)), h, false),
        ] {
            let bundle = TrustBundle::from_pem(certificate.pem().as_bytes()).expect("a bundle");
            let mut roots = RootCertStore::empty();
            roots.roots.extend(bundle.roots().iter().cloned());
            let verifier = Verifier::of_bundle(provider(), roots, &bundle);
            let verified = is_good(&verifier, certificate.der(), host);
            assert_eq!(verified.is_ok(), good, "{name}: {verified:?}");
            let other = issued(&params(|_| {}));
            assert!(is_good(&verifier, other.der(), h).is_err(), "{name}: another's");
        }
    }
}
