//! Security policies in rustls's words.

use std::sync::Arc;

use portcullis_model::SecurityPolicy;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::kx_group::{SECP256R1, SECP256R1MLKEM768, SECP384R1, X25519, X25519MLKEM768};
use rustls::version::{TLS12, TLS13};
use rustls::{CipherSuite, SupportedCipherSuite, SupportedProtocolVersion};

use crate::upstream::provider;

const TLS13_ONLY: &[&SupportedProtocolVersion] = &[&TLS13];
const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// The versions of a policy; none: all that are spoken.
pub(super) fn versions(policy: Option<SecurityPolicy>) -> &'static [&'static SupportedProtocolVersion] {
    match policy {
        Some(policy) if !policy.speaks_tls12() => TLS13_ONLY,
        _ => BOTH,
    }
}

/// Cipher suites and key exchanges of a policy; none: all that are spoken.
pub(super) fn cryptography(policy: Option<SecurityPolicy>) -> Arc<CryptoProvider> {
    let Some(policy) = policy else {
        return provider();
    };
    let mut of_policy = CryptoProvider::clone(&provider());
    of_policy.cipher_suites.retain(|suite| is_of(policy, suite));
    of_policy.kx_groups = vec![X25519, SECP256R1, SECP384R1];
    if policy.is_post_quantum() {
        of_policy
            .kx_groups
            .splice(0..0, [X25519MLKEM768, SECP256R1MLKEM768]);
    }
    Arc::new(of_policy)
}

fn is_of(policy: SecurityPolicy, suite: &SupportedCipherSuite) -> bool {
    match suite.suite() {
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => policy.has_chacha_in_tls12(),
        _ => policy.speaks_tls12() || suite.tls13().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_has_its_suites_and_groups() {
        const OF_13: usize = 3;
        for (policy, suites, groups, versions_of) in [
            (None, OF_13 + 6, 4, 2),
            // http-api-ciphers.html: those with forward secrecy and GCM.
            (Some(SecurityPolicy::TLS_1_2), OF_13 + 4, 5, 2),
            // apigateway-security-policies.html
            (Some(SecurityPolicy::TLS13_1_3_2025_09), OF_13, 3, 1),
            (Some(SecurityPolicy::TLS13_1_2_PFS_PQ_2025_09), OF_13 + 4, 5, 2),
            (Some(SecurityPolicy::TLS13_1_2_PQ_2025_09), OF_13 + 4, 5, 2),
            (Some(SecurityPolicy::TLS13_1_2_2021_06), OF_13 + 4, 3, 2),
            (Some(SecurityPolicy::TLS13_2025_EDGE), OF_13, 5, 1),
            (Some(SecurityPolicy::TLS12_PFS_2025_EDGE), OF_13 + 6, 5, 2),
        ] {
            let cryptography = cryptography(policy);
            let found = (
                cryptography.cipher_suites.len(),
                cryptography.kx_groups.len(),
                versions(policy).len(),
            );
            assert_eq!(found, (suites, groups, versions_of), "{policy:?}");
        }
    }
}
