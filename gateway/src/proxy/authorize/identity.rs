//! Who says to call: the values of an authorizer's identity sources.

use std::borrow::Cow;

use http::HeaderMap;
use portcullis_model::IdentitySource;
use sha2::{Digest as _, Sha256};

use crate::plan::{AuthorizerPlan, IdentityPlan, KeepPlan};
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::Refusal;
use crate::proxy::{context, percent, view};

/// Whether the identity sources are there; else 401 without a call.
pub(super) fn is_there(exchange: &Exchange, identity: &IdentityPlan, head: &Head) -> Result<(), Refusal> {
    match identity {
        IdentityPlan::Token { .. } => token(identity, &head.headers).map(drop),
        IdentityPlan::Request { required } => {
            let missing = required.iter().any(|source| !is_present(exchange, source, head));
            if missing {
                Err(Refusal::unauthorized())
            } else {
                Ok(())
            }
        }
    }
}

/// There, and not empty.
fn is_present(exchange: &Exchange, source: &IdentitySource, head: &Head) -> bool {
    match source {
        IdentitySource::Header(name) => head.headers.get(name).is_some_and(|value| !value.is_empty()),
        IdentitySource::QueryString(name) => query(head, name).any(|value| !value.is_empty()),
        IdentitySource::StageVariable(name) => {
            variable(exchange, name).is_some_and(|value| !value.is_empty())
        }
        IdentitySource::Context(name) => {
            context::lookup(exchange, head, name).is_some_and(|value| !value.is_empty())
        }
    }
}

/// The values of identity sources, of those that are there, in their order.
pub(super) fn values(exchange: &Exchange, sources: &[IdentitySource], head: &Head) -> Vec<String> {
    let value = |source: &IdentitySource| match source {
        IdentitySource::Header(name) => head
            .headers
            .get(name)
            .map(|value| view::latin1(value).into_owned()),
        IdentitySource::QueryString(name) => query(head, name).next().map(Cow::into_owned),
        IdentitySource::StageVariable(name) => variable(exchange, name).map(str::to_owned),
        IdentitySource::Context(name) => context::lookup(exchange, head, name).map(Cow::into_owned),
    };
    sources.iter().filter_map(value).collect()
}

fn query<'a>(head: &'a Head, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = head.query().into_iter().flat_map(percent::query_pairs);
    pairs
        .filter(move |(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn variable<'a>(exchange: &'a Exchange, name: &str) -> Option<&'a str> {
    let stage = exchange.stage.as_ref()?;
    stage.settings.variables.get(name).map(String::as_str)
}

/// The caller's token: there once, not empty, and of the wanted form; else 401 without a call.
///
/// A repeated header is refused, since the authorizer and the backend might read different ones.
pub(super) fn token<'a>(identity: &IdentityPlan, headers: &'a HeaderMap) -> Result<Option<&'a str>, Refusal> {
    let IdentityPlan::Token { header, pattern } = identity else {
        return Ok(None);
    };
    let mut values = headers.get_all(header).iter();
    let token = values
        .next()
        .and_then(|value| value.to_str().ok())
        .filter(|token| !token.is_empty());
    let token = token.filter(|token| pattern.as_ref().is_none_or(|pattern| pattern.is_match(token)));
    match (token, values.next()) {
        (Some(token), None) => Ok(Some(token)),
        _ => Err(Refusal::unauthorized()),
    }
}

/// Writes which authorizer is asked about whom: every value of every source, so that what a plugin can see of them and what
/// decides whether it is asked are the same. Each has its length before it: no two callers are written alike.
pub(super) fn write(
    exchange: &Exchange,
    authorizer: &AuthorizerPlan,
    keep: &KeepPlan,
    head: &Head,
    into: &mut Sha256,
) {
    into.update(keep.epoch.now().to_be_bytes());
    match &authorizer.identity {
        IdentityPlan::Token { header, .. } => {
            let values = head.headers.get_all(header).iter();
            write_values(values.map(http::HeaderValue::as_bytes), into);
        }
        IdentityPlan::Request { required } => {
            for source in required {
                write_source(exchange, source, head, into);
            }
        }
    }
}

fn write_source(exchange: &Exchange, source: &IdentitySource, head: &Head, into: &mut Sha256) {
    match source {
        IdentitySource::Header(name) => {
            let values = head.headers.get_all(name).iter();
            write_values(values.map(http::HeaderValue::as_bytes), into);
        }
        IdentitySource::QueryString(name) => {
            write_values(
                query(head, name).map(|value| value.into_owned().into_bytes()),
                into,
            );
        }
        IdentitySource::StageVariable(name) => write_values(variable(exchange, name).into_iter(), into),
        IdentitySource::Context(name) => {
            let value = context::lookup(exchange, head, name);
            write_values(value.iter().map(|value| value.as_bytes()), into);
        }
    }
}

/// Values and, after them, that there are no more.
fn write_values(values: impl Iterator<Item = impl AsRef<[u8]>>, into: &mut Sha256) {
    for value in values {
        let value = value.as_ref();
        into.update((value.len() as u64).to_be_bytes());
        into.update(value);
    }
    into.update(u64::MAX.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("authorization", http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_token_is_there_once_and_of_the_wanted_form() {
        let identity = IdentityPlan::Token {
            header: http::header::AUTHORIZATION,
            pattern: Some(regex::Regex::new("^(?:Bearer [a-z]+)$").expect("a pattern")),
        };
        assert_eq!(
            token(&identity, &headers(&["Bearer abc"])),
            Ok(Some("Bearer abc"))
        );
        for bad in [&[][..], &[""], &["Bearer abc1"], &["Bearer abc", "Bearer abc"]] {
            assert_eq!(
                token(&identity, &headers(bad)),
                Err(Refusal::unauthorized()),
                "{bad:?}"
            );
        }
        assert_eq!(
            token(&IdentityPlan::Request { required: Vec::new() }, &headers(&[])),
            Ok(None)
        );
    }

    #[test]
    fn no_two_callers_are_written_alike() {
        let written = |sources: &[&[&str]]| {
            let mut hasher = Sha256::new();
            for values in sources {
                write_values(values.iter(), &mut hasher);
            }
            hasher.finalize()
        };
        let callers: [&[&[&str]]; 8] = [
            &[&["ab"]],
            &[&["a", "b"]],
            &[&["b", "a"]],
            &[&["a"], &["b"]],
            &[&["ab"], &[]],
            &[&[], &["ab"]],
            &[&["ab", ""]],
            &[&["", "ab"]],
        ];
        for (index, caller) in callers.iter().enumerate() {
            for other in callers.iter().skip(index + 1) {
                assert_ne!(written(caller), written(other), "{caller:?} {other:?}");
            }
        }
    }
}
