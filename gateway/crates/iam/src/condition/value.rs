//! The values of conditions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::date;
use super::decimal::Decimal;
use super::network::Network;
use super::operator::{Compare, Test};
use crate::Context;
use crate::pattern::{Pattern, SECTIONS, Syntax, Unresolved, sections_match};

/// A policy's value, read as its operator wants it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Pattern),
    /// A pattern of an ARN, in its six sections; one section is a star.
    Arn(Vec<Pattern>),
    Number(Decimal),
    /// Milliseconds since 1970.
    Date(i64),
    Bool(Pattern),
    Binary(Vec<u8>),
    Network(Network),
    Null(bool),
}

impl Value {
    /// Reads a value. The error says what would be one.
    pub(crate) fn parse(text: &str, test: Test, variables: bool) -> Result<Self, &'static str> {
        Ok(match test {
            Test::Text { like, .. } => Self::Text(Pattern::new(
                text,
                Syntax {
                    wildcards: like,
                    variables,
                },
            )),
            Test::Arn => {
                let sections = Pattern::new(
                    text,
                    Syntax {
                        wildcards: true,
                        variables,
                    },
                )
                .sections(SECTIONS);
                if sections.len() != SECTIONS && text != "*" {
                    return Err("an ARN of six sections, wildcards within them, or * alone");
                }
                Self::Arn(sections)
            }
            Test::Number(_) => Self::Number(Decimal::parse(text).ok_or("a number, like 10 or -0.5")?),
            Test::Date(_) => Self::Date(
                date::parse(text).ok_or("a time, like 2020-04-01T00:00:00Z, or seconds since 1970")?,
            ),
            Test::Bool => {
                let pattern = Pattern::new(
                    text,
                    Syntax {
                        wildcards: false,
                        variables,
                    },
                );
                if !pattern.has_variables() {
                    boolean(text).ok_or("true or false")?;
                }
                Self::Bool(pattern)
            }
            Test::Binary => Self::Binary(STANDARD.decode(text).map_err(|_| "base64")?),
            Test::Address => Self::Network(
                Network::parse(text)
                    .ok_or("an IP address or a range, like 203.0.113.0/24 or 2001:db8::/32")?,
            ),
            Test::Null => Self::Null(boolean(text).ok_or("true or false")?),
        })
    }

    /// Whether a value of the request matches. One that cannot be read matches nothing.
    pub(crate) fn matches(&self, value: &str, context: &Context, test: Test) -> Result<bool, Unresolved> {
        let compare = match test {
            Test::Number(compare) | Test::Date(compare) => compare,
            _ => Compare::Equal,
        };
        Ok(match self {
            Self::Text(pattern) => {
                return pattern.matches(
                    value,
                    context,
                    matches!(
                        test,
                        Test::Text {
                            ignore_case: true,
                            ..
                        }
                    ),
                );
            }
            // "Each of the six colon-delimited components of the ARN is checked separately and each can include multi-character
            // match wildcards (*) or single-character match wildcards (?)."
            Self::Arn(sections) => return sections_match(sections, value, context),
            Self::Number(expected) => {
                Decimal::parse(value).is_some_and(|value| compare.accepts(value.cmp(expected)))
            }
            Self::Date(expected) => {
                date::parse(value).is_some_and(|value| compare.accepts(value.cmp(expected)))
            }
            Self::Bool(pattern) => {
                boolean(&pattern.text(context)?).is_some_and(|expected| boolean(value) == Some(expected))
            }
            Self::Binary(expected) => expected == value.as_bytes(),
            Self::Network(network) => value.parse().is_ok_and(|address| network.contains(address)),
            Self::Null(_) => false,
        })
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
