//! Authorizers that verify tokens: of Cognito's user pools, and of any issuer; their keys, and how often they are fetched.
//!
//! URLs are AWS's documentation. Issuers are origins of the tests' own, with a clock of theirs, and two real processes from
//! PyPI: a user pool of moto, and an OpenID provider.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    dead_code,
    unreachable_pub,
    reason = "tests"
)]

mod claims;
mod control;
mod decided;
mod fetches;
mod issuer;
mod real;
mod settings;
#[path = "../../gateway/crates/jwt/src/tests/sign.rs"]
mod sign;

use portcullis_jwt::Algorithm;
use portcullis_testkit::{Answer, Running};

/// 2026-01-01, where the clock of these tests begins.
const NOW: u64 = 1_767_225_600;

pub const NO_KEYS: (u16, &str, &str) = (500, r#"{"message":null}"#, "AuthorizerConfigurationException");
pub const EXPIRED: (u16, &str, &str) = (
    401,
    r#"{"message":"The incoming token has expired"}"#,
    "UnauthorizedException",
);

/// `GET` of a path with a token.
async fn get(gateway: &Running, path: &str, token: &str) -> Answer {
    gateway.get(path, &[("authorization", token)]).await
}

async fn status(gateway: &Running, path: &str, token: &str) -> u16 {
    get(gateway, path, token).await.status.as_u16()
}
