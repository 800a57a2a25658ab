//! Authorizers that verify tokens, ready to do it.

use std::sync::Arc;

use http::HeaderName;
use portcullis_jwt::Algorithms;
use regex::Regex;

use crate::issuer::Issuer;
use crate::observe::tokens::TokenMetrics;

/// An authorizer of type COGNITO_USER_POOLS or JWT, shared by the methods that use it.
#[derive(Debug)]
pub struct JwtPlan {
    /// Its name in the API.
    pub name: Arc<str>,
    /// What its tokens are.
    pub kind: JwtKind,
    /// The header with the token, with or without `Bearer` before it.
    pub header: HeaderName,
    /// Whose tokens count. No two have the same `iss`.
    pub issuers: Vec<TrustedIssuer>,
    /// By what they may be signed.
    pub algorithms: Algorithms,
    /// What became of them.
    pub metrics: Arc<TokenMetrics>,
}

/// What the tokens of an authorizer are.
#[derive(Debug)]
pub enum JwtKind {
    /// Those of Cognito's user pools.
    Cognito {
        /// What their audience must match as a whole (`identityValidationExpression`).
        audience: Option<Regex>,
    },
    /// Those of any issuer.
    Any,
}

/// An issuer whose tokens count.
#[derive(Debug)]
pub struct TrustedIssuer {
    /// Its keys, and what its tokens say.
    pub issuer: Arc<Issuer>,
    /// For one of whom a token must be; none: for whomever.
    pub audiences: Vec<String>,
    /// What a token must claim beside.
    pub claims: Vec<ClaimRule>,
    /// By how many seconds its clock may differ.
    pub leeway: u64,
}

/// A claim that is looked at (`additionalClaims`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRule {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be; none: any text.
    pub values: Vec<String>,
}

impl JwtPlan {
    /// The issuer that a token names.
    pub fn issuer(&self, iss: &str) -> Option<&TrustedIssuer> {
        self.issuers.iter().find(|trusted| trusted.issuer.iss() == iss)
    }
}
