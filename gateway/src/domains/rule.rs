//! Routing rules: stages that are chosen by headers and base paths, in the order of their priorities
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html>).

use std::sync::Arc;

use http::{HeaderMap, HeaderName};

/// A routing rule. All of its conditions must hold; without any it always does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `$context.customDomain.routingRuleIdMatched`.
    pub id: Box<str>,
    /// The lowest is looked at first.
    pub priority: u32,
    /// Of each list one must be as it says.
    pub headers: Box<[Box<[HeaderCondition]>]>,
    /// The path must begin with one of these, part by part; any does where there are none.
    pub base_paths: Box<[Box<str>]>,
    /// The API.
    pub api: Arc<str>,
    /// The stage.
    pub stage: Arc<str>,
    /// Whether the API is not told of the base path.
    pub strip: bool,
}

/// What a header must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderCondition {
    /// Its name.
    pub name: HeaderName,
    /// Its whole value.
    pub value: Glob,
}

impl HeaderCondition {
    fn holds(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(&self.name).into_iter();
        values.any(|value| self.value.matches(value.as_bytes()))
    }
}

/// A value, with an asterisk for anything at one of its ends or at both. Case counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as said")]
pub enum Glob {
    Exactly(Box<str>),
    Begins(Box<str>),
    Ends(Box<str>),
    Contains(Box<str>),
}

impl Glob {
    /// None for an asterisk in the middle.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.strip_prefix('*');
        let rest = first.unwrap_or(text);
        let last = rest.strip_suffix('*');
        let inside = last.unwrap_or(rest);
        if inside.contains('*') {
            return None;
        }
        let inside = inside.into();
        Some(match (first, last) {
            (None, None) => Self::Exactly(inside),
            (None, Some(_)) => Self::Begins(inside),
            (Some(_), None) => Self::Ends(inside),
            (Some(_), Some(_)) => Self::Contains(inside),
        })
    }

    fn matches(&self, value: &[u8]) -> bool {
        match self {
            Self::Exactly(text) => value == text.as_bytes(),
            Self::Begins(text) => value.starts_with(text.as_bytes()),
            Self::Ends(text) => value.ends_with(text.as_bytes()),
            Self::Contains(text) => {
                text.is_empty() || value.windows(text.len()).any(|part| part == text.as_bytes())
            }
        }
    }
}

impl Rule {
    /// Which base path the path begins with, if the rule is for this request: none where it has no such condition.
    pub(super) fn matches(&self, path: &str, headers: &HeaderMap) -> Option<Option<&str>> {
        let holds = |any: &[HeaderCondition]| any.iter().any(|one| one.holds(headers));
        if !self.headers.iter().all(|any| holds(any)) {
            return None;
        }
        if self.base_paths.is_empty() {
            return Some(None);
        }
        let mut paths = self.base_paths.iter();
        let found = paths.find(|base| super::below(base, path).is_some())?;
        Some(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asterisks_stand_at_the_ends() {
        for (glob, value, expected) in [
            ("alpha", "alpha", true),
            ("alpha", "Alpha", false),
            ("alpha", "alphabet", false),
            ("a*", "account", true),
            ("a*", "beta", false),
            ("*a", "beta", true),
            ("*a", "account", false),
            ("*a*", "bank", true),
            ("*a*", "bonk", false),
            ("*", "", true),
            ("*", "anything", true),
            ("**", "anything", true),
            ("?", "x", false),
        ] {
            let parsed = Glob::parse(glob).expect("a glob");
            assert_eq!(parsed.matches(value.as_bytes()), expected, "{glob} {value}");
        }
        assert_eq!(Glob::parse("a*b"), None);
        assert_eq!(Glob::parse("*a*b*"), None);
    }
}
