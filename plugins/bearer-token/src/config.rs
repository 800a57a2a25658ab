//! The configuration, and everything that can be wrong with it.

use portcullis_plugin::{Decision, Grant, Problem};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Secret, Token};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    tokens: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    sha256: Option<String>,
    token: Option<String>,
    principal: String,
    #[serde(default)]
    context: Map<String, Value>,
    #[serde(default)]
    deny: bool,
}

pub(crate) fn tokens(config: Config) -> Result<Vec<Token>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut tokens = Vec::<Token>::new();
    if config.tokens.is_empty() {
        problems.push(Problem::new("/tokens", "there is no token, so nobody could call"));
    }
    for (index, entry) in config.tokens.into_iter().enumerate() {
        let mut problem = |place: &str, message: String, hint: &str| {
            problems.push(Problem::new(format!("/tokens/{index}{place}"), message).with_hint(hint));
        };
        let grant = grant(&entry, &mut problem);
        let Some(secret) = secret(entry.sha256, entry.token, &mut problem) else {
            continue;
        };
        if let Some(first) = tokens.iter().position(|token| token.secret == secret) {
            problem(
                "",
                format!("the same token as /tokens/{first}"),
                "a token belongs to one principal",
            );
        }
        let decision = if entry.deny {
            Decision::deny(grant)
        } else {
            Decision::allow(grant)
        };
        tokens.push(Token { secret, decision });
    }
    if problems.is_empty() {
        Ok(tokens)
    } else {
        Err(problems)
    }
}

fn secret(
    sha256: Option<String>,
    token: Option<String>,
    problem: &mut impl FnMut(&str, String, &str),
) -> Option<Secret> {
    match (sha256, token) {
        (Some(hex), None) => {
            let hash = hash(&hex);
            if hash.is_none() {
                problem(
                    "/sha256",
                    format!("{hex:?} is no SHA-256"),
                    "64 hexadecimal digits",
                );
            }
            hash.map(Secret::Sha256)
        }
        (None, Some(token)) if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            problem(
                "/token",
                "a header cannot carry this token".into(),
                "letters, digits and signs of ASCII, no space",
            );
            None
        }
        (None, Some(token)) => Some(Secret::Plain(token)),
        (None, None) => {
            problem(
                "",
                "no token".into(),
                "set `sha256`, or `token` for a quick start",
            );
            None
        }
        (Some(_), Some(_)) => {
            problem("/token", "two tokens".into(), "set either `sha256` or `token`");
            None
        }
    }
}

fn hash(hex: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| digit.to_digit(16)?.try_into().ok())
        .collect::<Option<_>>()?;
    let (pairs, _) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    if digits.len() == 64 {
        bytes.try_into().ok()
    } else {
        None
    }
}

fn grant(entry: &Entry, problem: &mut impl FnMut(&str, String, &str)) -> Grant {
    if entry.principal.is_empty() {
        problem(
            "/principal",
            "the principal is empty".into(),
            "name who holds the token",
        );
    }
    entry.context.iter().fold(
        Grant::new(&*entry.principal),
        |grant, (name, value)| match value {
            Value::String(text) => grant.with_context(name, text),
            Value::Bool(truth) => grant.with_context(name, *truth),
            Value::Number(number) => grant.with_context(name, number.clone()),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                let place = format!("/context/{}", name.replace('~', "~0").replace('/', "~1"));
                problem(
                    &place,
                    format!("{value} cannot be passed on"),
                    "a text, a number or a boolean",
                );
                grant
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use portcullis_plugin::testing::Instance;
    use serde_json::json;

    use crate::BearerToken;

    #[test]
    fn points_at_each_problem() {
        for (name, config, pointers) in [
            ("nothing", json!({}), &[""][..]),
            ("no token at all", json!({ "tokens": [] }), &["/tokens"]),
            (
                "a mistyped key",
                json!({ "tokens": [{ "tokn": "a", "principal": "p" }] }),
                &["/tokens/0/tokn"],
            ),
            (
                "no principal",
                json!({ "tokens": [{ "token": "a" }] }),
                &["/tokens/0"],
            ),
            (
                "several",
                json!({ "tokens": [
                    { "sha256": "12", "principal": "" },
                    { "principal": "p", "context": { "a/b": [1], "c": null, "d": 1 } },
                    { "token": "a", "sha256": "b", "principal": "p" },
                    { "token": "a b", "principal": "p" },
                    { "token": "same", "principal": "p" },
                    { "token": "same", "principal": "q" },
                    { "sha256": "é".repeat(32), "principal": "p" },
                ] }),
                &[
                    "/tokens/0/principal",
                    "/tokens/0/sha256",
                    "/tokens/1/context/a~1b",
                    "/tokens/1/context/c",
                    "/tokens/1",
                    "/tokens/2/token",
                    "/tokens/3/token",
                    "/tokens/5",
                    "/tokens/6/sha256",
                ],
            ),
        ] {
            let problems = Instance::<BearerToken>::new(config).unwrap_err();
            assert_eq!(
                problems
                    .iter()
                    .map(|problem| &*problem.pointer)
                    .collect::<Vec<_>>(),
                pointers,
                "{name}"
            );
        }
    }
}
