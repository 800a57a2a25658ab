//! Security policies: which versions of TLS and which cipher suites are spoken, by API Gateway's names
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html>).

/// A security policy that a gateway of rustls can keep to.
///
/// What has forward secrecy and authenticates what it encrypts is spoken of each; suites of CBC and of RSA key exchange, which
/// API Gateway lists with some of them, are spoken with none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(non_camel_case_types, missing_docs, reason = "as the service writes them")]
pub enum SecurityPolicy {
    TLS_1_2,
    TLS13_1_3_2025_09,
    TLS13_1_2_PFS_PQ_2025_09,
    TLS13_1_2_PQ_2025_09,
    TLS13_1_2_2021_06,
    TLS13_2025_EDGE,
    TLS12_PFS_2025_EDGE,
}

/// Why a policy of API Gateway is not kept to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPolicy {
    /// It is none of API Gateway's.
    Unknown,
    /// It is, and this is why.
    Refused(&'static str),
}

const OLD: &str = "it lets TLS 1.0 and 1.1 in, which are not spoken here (RFC 8996)";
const VALIDATED: &str = "it promises a cryptographic module validated for FIPS 140, and this one is not";
const WEAK: &str =
    "all that it adds is cipher suites of CBC or without forward secrecy, which are not spoken here";

const SPOKEN: [(&str, SecurityPolicy); 7] = [
    ("TLS_1_2", SecurityPolicy::TLS_1_2),
    (
        "SecurityPolicy_TLS13_1_3_2025_09",
        SecurityPolicy::TLS13_1_3_2025_09,
    ),
    (
        "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
        SecurityPolicy::TLS13_1_2_PFS_PQ_2025_09,
    ),
    (
        "SecurityPolicy_TLS13_1_2_PQ_2025_09",
        SecurityPolicy::TLS13_1_2_PQ_2025_09,
    ),
    (
        "SecurityPolicy_TLS13_1_2_2021_06",
        SecurityPolicy::TLS13_1_2_2021_06,
    ),
    ("SecurityPolicy_TLS13_2025_EDGE", SecurityPolicy::TLS13_2025_EDGE),
    (
        "SecurityPolicy_TLS12_PFS_2025_EDGE",
        SecurityPolicy::TLS12_PFS_2025_EDGE,
    ),
];

const REFUSED: [(&str, &str); 7] = [
    ("TLS_1_0", OLD),
    ("SecurityPolicy_TLS13_1_3_FIPS_2025_09", VALIDATED),
    ("SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09", VALIDATED),
    ("SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09", VALIDATED),
    ("SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09", VALIDATED),
    ("SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09", WEAK),
    ("SecurityPolicy_TLS12_2018_EDGE", WEAK),
];

impl SecurityPolicy {
    /// The policy of a name.
    ///
    /// # Errors
    ///
    /// There is none of that name, or none that could be kept to.
    pub fn parse(name: &str) -> Result<Self, NoPolicy> {
        if let Some((_, policy)) = SPOKEN.iter().find(|(known, _)| *known == name) {
            return Ok(*policy);
        }
        let refused = REFUSED.iter().find(|(known, _)| *known == name);
        Err(refused.map_or(NoPolicy::Unknown, |(_, reason)| NoPolicy::Refused(reason)))
    }

    /// The names of all that are kept to.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SPOKEN.iter().map(|(name, _)| *name)
    }

    /// Whether TLS 1.2 is spoken beside 1.3.
    pub fn speaks_tls12(self) -> bool {
        !matches!(self, Self::TLS13_1_3_2025_09 | Self::TLS13_2025_EDGE)
    }

    /// Whether keys are exchanged by a hybrid with a post-quantum algorithm where the client can. The others name none, but
    /// the policies of every day, which get what is best.
    pub fn is_post_quantum(self) -> bool {
        !matches!(self, Self::TLS13_1_3_2025_09 | Self::TLS13_1_2_2021_06)
    }

    /// Whether ChaCha20-Poly1305 is spoken by TLS 1.2: CloudFront's policies have it.
    pub fn has_chacha_in_tls12(self) -> bool {
        self == Self::TLS12_PFS_2025_EDGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_kept_to_or_refused_for_a_reason() {
        for name in SecurityPolicy::names() {
            assert!(SecurityPolicy::parse(name).is_ok(), "{name}");
        }
        for (name, reason) in REFUSED {
            assert_eq!(
                SecurityPolicy::parse(name),
                Err(NoPolicy::Refused(reason)),
                "{name}"
            );
        }
        assert_eq!(SecurityPolicy::parse("TLS_1_3"), Err(NoPolicy::Unknown));
    }
}
