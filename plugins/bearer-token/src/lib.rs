//! A TOKEN authorizer for a fixed list of bearer tokens, kept as hashes.

mod config;

use std::hint::black_box;

use portcullis_plugin::{Authorizer, Decision, Fault, Plugin, Problem, Request};
use sha2::{Digest, Sha256};

use config::Config;

#[derive(Debug)]
pub struct BearerToken {
    tokens: Vec<Token>,
    /// Hashing takes longer than all the rest: it is left out where every token is plain.
    hashes: bool,
}

/// A token that is known, and what it decides.
#[derive(Debug)]
struct Token {
    secret: Secret,
    decision: Decision,
}

#[derive(Debug, PartialEq, Eq)]
enum Secret {
    Sha256([u8; 32]),
    /// Not hashed at the start either: a fresh instance for each request would do that each time.
    Plain(String),
}

impl Plugin for BearerToken {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let tokens = config::tokens(config)?;
        let hashes = tokens
            .iter()
            .any(|token| matches!(token.secret, Secret::Sha256(_)));
        Ok(Self { tokens, hashes })
    }
}

impl Authorizer for BearerToken {
    fn authorize(&mut self, _: &str, token: Option<&str>, _: Request) -> Result<Decision, Fault> {
        let found = token.and_then(bearer).and_then(|presented| self.find(presented));
        Ok(found.map_or(Decision::Unauthorized, |token| token.decision.clone()))
    }
}

impl BearerToken {
    /// Compares with every token, so that the time taken tells nothing of where a guess went wrong.
    fn find(&self, presented: &str) -> Option<&Token> {
        let hash: Option<[u8; 32]> = self.hashes.then(|| Sha256::digest(presented).into());
        self.tokens.iter().fold(None, |found, token| {
            if token.secret.is(presented, hash) {
                Some(token)
            } else {
                found
            }
        })
    }
}

impl Secret {
    fn is(&self, presented: &str, hash: Option<[u8; 32]>) -> bool {
        match self {
            Self::Sha256(known) => hash.is_some_and(|hash| same(known, &hash)),
            Self::Plain(known) => same(known.as_bytes(), presented.as_bytes()),
        }
    }
}

/// Compares in a time that depends on the lengths only.
fn same(one: &[u8], other: &[u8]) -> bool {
    let difference = one
        .iter()
        .zip(other)
        .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    one.len() == other.len() && difference == 0
}

/// What follows the scheme `Bearer`, in any case.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

portcullis_plugin::export_authorizer!(BearerToken);

#[cfg(test)]
mod tests {
    use portcullis_plugin::Grant;
    use portcullis_plugin::testing::Instance;
    use serde_json::json;

    use super::*;

    /// SHA-256 of `sesame`.
    const SESAME: &str = "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272";

    fn instance() -> Instance<BearerToken> {
        Instance::new(json!({ "tokens": [
            { "sha256": SESAME, "principal": "alice", "context": { "beta": true, "level": 3, "role": "admin" } },
            { "token": "letmein", "principal": "bob" },
            { "token": "stolen", "principal": "mallory", "deny": true },
        ] }))
        .unwrap()
    }

    fn decide(token: &str) -> Decision {
        instance().authorize(Some(token), Request::default()).unwrap()
    }

    #[test]
    fn allows_known_tokens() {
        let alice = Grant::new("alice")
            .with_context("beta", true)
            .with_context("level", 3)
            .with_context("role", "admin");
        for (header, grant) in [
            ("Bearer sesame", alice.clone()),
            ("bearer sesame", alice.clone()),
            ("BEARER   sesame ", alice),
            ("Bearer letmein", Grant::new("bob")),
        ] {
            assert_eq!(decide(header), Decision::Allow(grant), "{header}");
        }
    }

    #[test]
    fn refuses_a_token_that_is_denied() {
        assert_eq!(decide("Bearer stolen"), Decision::deny("mallory"));
    }

    #[test]
    fn knows_no_other_token() {
        for header in [
            "",
            "Bearer",
            "Bearer ",
            "sesame",
            "Basic sesame",
            "Bearer Sesame",
            "Bearer sesame2",
            "Bearer letmei",
        ] {
            assert_eq!(decide(header), Decision::Unauthorized, "{header}");
        }
        assert_eq!(
            decide(&format!("Bearer {}", SESAME)),
            Decision::Unauthorized,
            "the hash is no token"
        );
        assert_eq!(
            instance().authorize(None, Request::default()),
            Ok(Decision::Unauthorized)
        );
    }
}
