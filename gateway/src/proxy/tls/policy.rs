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

/// Whether what a point of presence has agreed upon with its client is of a policy.
pub(super) fn lets(policy: SecurityPolicy, version: &str, cipher: &str) -> bool {
    let is_chacha = cipher.contains("CHACHA20");
    version == "TLSv1.3" || policy.speaks_tls12() && (!is_chacha || policy.has_chacha_in_tls12())
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
    use std::collections::HashSet;

    use super::*;

    const GCM: [CipherSuite; 4] = [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ];
    const CHACHA: [CipherSuite; 2] = [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];
    /// What the service has beside, and nobody speaks here.
    const CBC: [CipherSuite; 4] = [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    ];
    const RSA: [CipherSuite; 4] = [
        CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
        CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
    ];

    /// Suites of TLS 1.2, each policy as the service lists it
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html>); all have the
    /// three of TLS 1.3, and none of TLS 1.2 means that it is not spoken. The names tell which exchange keys by post-quantum
    /// algorithms.
    #[test]
    fn each_policy_has_its_suites_and_groups() {
        let all_of_regions = [&GCM[..], &CBC, &RSA].concat();
        let of_edges = [&GCM[..], &CHACHA].concat();
        for (policy, listed, groups) in [
            (SecurityPolicy::TLS_1_2, &all_of_regions[..], 5),
            (SecurityPolicy::TLS13_1_3_2025_09, &[], 3),
            (SecurityPolicy::TLS13_1_2_PFS_PQ_2025_09, &GCM, 5),
            (SecurityPolicy::TLS13_1_2_PQ_2025_09, &all_of_regions, 5),
            (SecurityPolicy::TLS13_1_2_2021_06, &all_of_regions, 3),
            (SecurityPolicy::TLS13_2025_EDGE, &[], 5),
            (SecurityPolicy::TLS12_PFS_2025_EDGE, &of_edges, 5),
        ] {
            let cryptography = cryptography(Some(policy));
            let suites = &cryptography.cipher_suites;
            let of_13 = suites.iter().filter(|suite| suite.tls13().is_some());
            assert_eq!(of_13.count(), 3, "{policy:?}");
            let of_12 = suites.iter().filter(|suite| suite.tls13().is_none());
            let found: HashSet<u16> = of_12.map(|suite| suite.suite().into()).collect();
            let secure = listed
                .iter()
                .filter(|suite| GCM.contains(suite) || CHACHA.contains(suite));
            let expected: HashSet<u16> = secure.map(|suite| (*suite).into()).collect();
            assert_eq!(found, expected, "{policy:?}");
            assert_eq!(
                versions(Some(policy)).len(),
                if listed.is_empty() { 1 } else { 2 },
                "{policy:?}"
            );
            assert_eq!(cryptography.kx_groups.len(), groups, "{policy:?}");
        }
    }

    #[test]
    fn without_a_policy_all_is_spoken() {
        let cryptography = cryptography(None);
        let found = (cryptography.cipher_suites.len(), cryptography.kx_groups.len());
        assert_eq!((found, versions(None).len()), ((3 + 6, 4), 2));
    }
}
