//! Tokens of trusted issuers: Cognito's user pools, and others.
//!
//! A token is verified each time it is shown: that takes less than to look a decision up safely would save. The keys are there
//! already; only where they are not, or lack the one that a token names, a request waits for them.

use std::sync::Arc;

use http::HeaderMap;
use portcullis_jwt::{Claims, Expected, Refused, Token};
use serde_json::{Map, Value};

use super::claims;
use crate::issuer::Keys;
use crate::observe::tokens::TokenOutcome;
use crate::plan::{ClaimRule, JwtKind, JwtPlan, TrustedIssuer};
use crate::proxy::call::Head;
use crate::proxy::exchange::{Caller, Exchange};
use crate::proxy::refusal::Refusal;

/// Why a caller is not let in: for the execution log.
#[derive(Debug, PartialEq, Eq)]
enum Why {
    /// The header is absent, empty, or there several times.
    NoToken,
    /// What the token is.
    Token(Refused),
    /// It names no issuer that is trusted.
    Issuer,
    /// It is not of the use that the method wants (`token_use`).
    Use(&'static str),
    /// Its audience does not match the authorizer's expression.
    Audience,
    /// A claim is not what the authorizer wants.
    Claim(String),
    /// It has none of the method's scopes.
    Scope,
    /// The issuer's keys are not known.
    NoKeys(String),
}

/// Lets those pass whose token is one.
pub(super) async fn caller(
    exchange: &mut Exchange,
    authorizer: &JwtPlan,
    scopes: &[String],
    head: &Head,
) -> Result<(), Refusal> {
    exchange.authorizer_begins();
    let (log, id) = (exchange.log(), exchange.id);
    log.info(|| format!("Starting authorizer: {} for request: {id}", authorizer.name));
    let verified = verified(exchange, authorizer, scopes.is_empty(), &head.headers).await;
    let outcome = match verified {
        Ok(claims) => {
            let is_cognito = matches!(authorizer.kind, JwtKind::Cognito { .. });
            exchange.caller = Some(Arc::new(known(&claims, is_cognito)));
            // Those whose scopes do not do are known, too: gateway responses and logs tell them.
            match scopes.is_empty() || claims.scopes().any(|one| scopes.iter().any(|scope| scope == one)) {
                true => Ok(()),
                false => Err(Why::Scope),
            }
        }
        Err(why) => Err(why),
    };
    authorizer.metrics.count(counted(&outcome));
    let outcome = outcome.map_err(|why| {
        let log = exchange.log();
        log.error(|| format!("Unauthorized by authorizer {}: {why}", authorizer.name));
        why.refusal(&authorizer.kind)
    });
    exchange.authorizer_ends(&outcome);
    outcome?;
    let log = exchange.log();
    log.info(|| "Successfully completed authorizer execution".to_owned());
    Ok(())
}

/// The claims of the call's token, if they are what the authorizer wants, whatever the scopes are.
async fn verified(
    exchange: &Exchange,
    authorizer: &JwtPlan,
    wants_id: bool,
    headers: &HeaderMap,
) -> Result<Claims, Why> {
    let text = text(authorizer, headers).ok_or(Why::NoToken)?;
    let token = Token::parse(text).map_err(Why::Token)?;
    let iss = token.claimed_issuer().ok_or(Why::Issuer)?;
    let trusted = authorizer.issuer(iss).ok_or(Why::Issuer)?;
    let issuer = &trusted.issuer;
    let no_keys = || Why::NoKeys(issuer.name().to_owned());
    let keys = match issuer.keys() {
        Some(keys) => keys,
        // Boxed: it is large, and few requests poll it.
        None => Box::pin(issuer.fetched()).await.ok_or_else(no_keys)?,
    };
    let claims = match token.verify(&keys.set, authorizer.algorithms) {
        Err(Refused::UnknownKey) => Box::pin(by_newer_keys(authorizer, trusted, text, &keys)).await,
        verified => verified,
    };
    let claims = claims.map_err(Why::Token)?;
    let expected = Expected {
        issuer: issuer.iss(),
        audiences: &trusted.audiences,
        now: exchange.gateway.clock.wall().as_secs(),
        leeway: trusted.leeway,
    };
    claims.check(&expected).map_err(Why::Token)?;
    trusted.claims.iter().try_for_each(|rule| claim(rule, &claims))?;
    match &authorizer.kind {
        JwtKind::Cognito { audience } => of_pool(&claims, audience.as_ref(), wants_id)?,
        JwtKind::Any => {}
    }
    Ok(claims)
}

/// The token names a key that is not there: it may be a new one.
async fn by_newer_keys(
    authorizer: &JwtPlan,
    trusted: &TrustedIssuer,
    text: &str,
    keys: &Arc<Keys>,
) -> Result<Claims, Refused> {
    let newer = trusted.issuer.newer(keys).await.ok_or(Refused::UnknownKey)?;
    Token::parse(text)?.verify(&newer.set, authorizer.algorithms)
}

/// The token in its header, which is there once: authorizer and backend might read different ones.
fn text<'h>(authorizer: &JwtPlan, headers: &'h HeaderMap) -> Option<&'h str> {
    let mut values = headers.get_all(&authorizer.header).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let token = match value.split_at_checked("Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer ") => token.trim_start_matches(' '),
        _ => value,
    };
    (!token.is_empty()).then_some(token)
}

/// Of a user pool: without scopes of the method the ID token is wanted, with some the access token
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>).
fn of_pool(claims: &Claims, audience: Option<&regex::Regex>, wants_id: bool) -> Result<(), Why> {
    let wanted = if wants_id { "id" } else { "access" };
    if claims.text("token_use") != Some(wanted) {
        return Err(Why::Use(wanted));
    }
    let Some(pattern) = audience else { return Ok(()) };
    let audiences = claims.audiences().map_err(Why::Token)?;
    match audiences.iter().any(|audience| pattern.is_match(audience)) {
        true => Ok(()),
        false => Err(Why::Audience),
    }
}

fn claim(rule: &ClaimRule, claims: &Claims) -> Result<(), Why> {
    let is_good = match claims.get(&rule.name) {
        None => !rule.required,
        Some(Value::String(text)) => rule.values.is_empty() || rule.values.contains(text),
        Some(_) => false,
    };
    match is_good {
        true => Ok(()),
        false => Err(Why::Claim(rule.name.clone())),
    }
}

/// Who calls: `$context.authorizer.claims.*`, and the subject as the principal.
fn known(claims: &Claims, is_cognito: bool) -> Caller {
    let texts: Map<String, Value> = claims
        .iter()
        .map(|(name, value)| {
            (
                name.to_owned(),
                Value::String(claims::text(name, value, is_cognito)),
            )
        })
        .collect();
    let mut context = Map::new();
    context.insert(claims::CLAIMS.to_owned(), Value::Object(texts));
    Caller {
        principal: claims.text("sub").unwrap_or_default().to_owned(),
        context,
        usage_key: None,
    }
}

fn counted(outcome: &Result<(), Why>) -> TokenOutcome {
    match outcome {
        Ok(()) => TokenOutcome::Accepted,
        Err(Why::Token(Refused::Expired)) => TokenOutcome::Expired,
        Err(Why::Scope) => TokenOutcome::Scope,
        Err(Why::NoKeys(_)) => TokenOutcome::Failed,
        Err(_) => TokenOutcome::Refused,
    }
}

impl Why {
    /// What the client is told: nothing of why, but that a user pool's token has expired.
    fn refusal(&self, kind: &JwtKind) -> Refusal {
        match (self, kind) {
            (Self::Token(Refused::Expired), JwtKind::Cognito { .. }) => Refusal::expired(),
            (Self::Scope, _) => Refusal::not_allowed(),
            (Self::NoKeys(_), _) => Refusal::authorizer_configuration(),
            _ => Refusal::unauthorized(),
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoToken => out.write_str("the token is absent, empty, or there several times"),
            Self::Token(refused) => write!(out, "the token is refused: {refused}"),
            Self::Issuer => out.write_str("the token is refused: its issuer is none that is trusted"),
            Self::Use(wanted) => write!(out, "the token is refused: the method wants one for `{wanted}`"),
            Self::Audience => {
                out.write_str("the token is refused: its audience does not match the validation expression")
            }
            Self::Claim(name) => {
                write!(
                    out,
                    "the token is refused: its claim `{name}` is not as the authorizer wants it"
                )
            }
            Self::Scope => out.write_str("the token has none of the method's scopes"),
            Self::NoKeys(issuer) => write!(out, "the keys of the issuer {issuer} are not known"),
        }
    }
}
