//! What a token claims (RFC 7519, section 4), and whether that is what is wanted.

use serde_json::{Map, Value};

use crate::{Part, Refused, base64url, json};

/// The claims of a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

/// What a token must claim.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose it must be, letter by letter.
    pub issuer: &'a str,
    /// For one of whom it must be; for whomever where there are none.
    pub audiences: &'a [String],
    /// What time it is, in seconds since 1970.
    pub now: u64,
    /// By how many seconds the clocks of issuer and verifier may differ.
    pub leeway: u64,
}

/// The latest time that a claim may say: the end of the year 9999.
const LATEST: u64 = 253_402_300_799;

impl Claims {
    pub(crate) fn parse(encoded: &str) -> Result<Self, Refused> {
        let bytes = base64url::decode(encoded).ok_or(Refused::Encoding(Part::Claims))?;
        let members = json::object(&bytes).map_err(|why| Refused::Json(Part::Claims, why))?;
        Ok(Self(members))
    }

    /// Whether it is the expected issuer's, for one of the audiences, and now.
    ///
    /// As API Gateway has it (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>),
    /// `client_id` counts as the audience where there is no `aud`, since access tokens of Cognito have none.
    ///
    /// # Errors
    ///
    /// The first claim that is not as it must be.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Refused> {
        let Expected {
            issuer,
            audiences,
            now,
            leeway,
        } = *expected;
        let said = self.0.get("iss").ok_or(Refused::Missing("iss"))?;
        if said.as_str().ok_or(Refused::Claim("iss"))? != issuer {
            return Err(Refused::Issuer);
        }
        let found = self.audiences()?;
        if !audiences.is_empty() && !found.iter().any(|one| audiences.iter().any(|known| known == one)) {
            return Err(Refused::Audience);
        }
        let expires = self.time("exp")?.ok_or(Refused::Missing("exp"))?;
        if now >= expires.saturating_add(leeway) {
            return Err(Refused::Expired);
        }
        for name in ["nbf", "iat"] {
            if self
                .time(name)?
                .is_some_and(|from| from > now.saturating_add(leeway))
            {
                return Err(Refused::Early(name));
            }
        }
        Ok(())
    }

    /// Whom it is for.
    ///
    /// # Errors
    ///
    /// `aud` is neither a text nor a list of texts, or `client_id` no text.
    pub fn audiences(&self) -> Result<Vec<&str>, Refused> {
        if let Some(audience) = self.0.get("aud") {
            return texts(audience).ok_or(Refused::Claim("aud"));
        }
        match self.0.get("client_id") {
            None => Ok(Vec::new()),
            Some(client) => Ok(vec![client.as_str().ok_or(Refused::Claim("client_id"))?]),
        }
    }

    /// What it may be used for: those of `scope`, a text with blanks between them, and of `scp`, a list or such a text.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let claims = ["scope", "scp"].into_iter().filter_map(|name| self.0.get(name));
        claims
            .filter_map(texts)
            .flatten()
            .flat_map(|text| text.split(' '))
            .filter(|scope| !scope.is_empty())
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Every claim, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A claim that is a time, in whole seconds since 1970.
    fn time(&self, name: &'static str) -> Result<Option<u64>, Refused> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let seconds = seconds(value).filter(|seconds| *seconds <= LATEST);
        seconds.map(Some).ok_or(Refused::Claim(name))
    }
}

/// RFC 7519 lets times have fractions.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is in the range"
)]
fn seconds(value: &Value) -> Option<u64> {
    if let Some(seconds) = value.as_u64() {
        return Some(seconds);
    }
    let fraction = value.as_f64()?;
    (0.0..1e12).contains(&fraction).then_some(fraction as u64)
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
