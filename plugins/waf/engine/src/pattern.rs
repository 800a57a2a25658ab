//! Attacks in the values of a request.

use portcullis_plugin::Request;

use crate::config::{Oversize, Part};
use crate::{body, reading, sql, xss};

/// What is looked for, and where.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) attack: Attack,
    pub(crate) look_at: Vec<Part>,
    pub(crate) headers: Vec<String>,
    pub(crate) exclude_parameters: Vec<String>,
    pub(crate) body_bytes: usize,
    pub(crate) oversize: Oversize,
    pub(crate) decode_layers: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attack {
    Sql,
    Script,
}

impl Attack {
    fn find(self, text: &str) -> Option<&'static str> {
        match self {
            Self::Sql => sql::find(text),
            Self::Script => xss::find(text),
        }
    }
}

impl Pattern {
    pub(crate) fn looks_at(&self, part: Part) -> bool {
        self.look_at.contains(&part)
    }

    pub(crate) fn matches(&self, request: &Request) -> Option<String> {
        let header = |name: &String| {
            request
                .header_all(name)
                .find_map(|value| Some(format!("{} in the header {name}", self.value(value)?)))
        };
        self.of_path(request)
            .or_else(|| self.of_query(request))
            .or_else(|| self.of_cookies(request))
            .or_else(|| self.headers.iter().find_map(header))
            .or_else(|| self.of_body(request))
    }

    /// A path is looked at part by part, and from each part to its end, since an attack may hold slashes.
    fn of_path(&self, request: &Request) -> Option<String> {
        if !self.looks_at(Part::Path) {
            return None;
        }
        const SUFFIXES: usize = 8;
        let path = request.path.trim_start_matches('/');
        let slashes = path.match_indices('/').take(SUFFIXES);
        let suffixes = slashes.filter_map(|(slash, _)| path.get(slash + 1..));
        let mut parts = path.split('/').chain([path]).chain(suffixes);
        parts.find_map(|part| Some(format!("{} in the path", self.value(part)?)))
    }

    fn of_query(&self, request: &Request) -> Option<String> {
        if !self.looks_at(Part::Query) {
            return None;
        }
        let pairs = request
            .query
            .iter()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        self.of_pairs(pairs, "query parameter")
    }

    fn of_cookies(&self, request: &Request) -> Option<String> {
        if !self.looks_at(Part::Cookies) {
            return None;
        }
        let cookies = request
            .header_all("cookie")
            .flat_map(|cookies| cookies.split(';'));
        let pairs = cookies.map(|cookie| cookie.split_once('=').unwrap_or((cookie, "")));
        self.of_pairs(pairs.map(|(name, value)| (name.trim(), value.trim())), "cookie")
    }

    fn of_pairs<'a>(
        &self,
        mut pairs: impl Iterator<Item = (&'a str, &'a str)>,
        what: &str,
    ) -> Option<String> {
        pairs.find_map(|(name, value)| {
            if self.is_excluded(name) {
                return None;
            }
            let found = self.value(name).or_else(|| self.value(value))?;
            Some(format!("{found} in the {what} {}", told(name)))
        })
    }

    fn is_excluded(&self, name: &str) -> bool {
        self.exclude_parameters.iter().any(|excluded| excluded == name)
    }

    fn of_body(&self, request: &Request) -> Option<String> {
        let whole = request
            .body
            .as_deref()
            .filter(|body| !body.is_empty() && self.looks_at(Part::Body))?;
        let coding = request
            .header("content-encoding")
            .filter(|coding| !coding.eq_ignore_ascii_case("identity"));
        if let Some(coding) = coding {
            return (self.oversize == Oversize::Match)
                .then(|| format!("a body that is coded ({})", told(coding)));
        }
        if whole.len() > self.body_bytes && self.oversize == Oversize::Match {
            return Some(format!("a body of more than {} bytes", self.body_bytes));
        }
        let seen = whole.get(..self.body_bytes.min(whole.len()))?;
        let mut found = None;
        body::values(
            seen,
            request.header("content-type").unwrap_or_default(),
            &mut |name, value| {
                if found.is_none() && !name.is_some_and(|name| self.is_excluded(name)) {
                    found = self.value(value).map(|what| match name {
                        Some(name) => format!("{what} in the body's {}", told(name)),
                        None => format!("{what} in the body"),
                    });
                }
                found.is_none()
            },
        );
        found
    }

    fn value(&self, value: &str) -> Option<&'static str> {
        match reading::find(value, self.decode_layers, |text| self.attack.find(text)) {
            Ok(found) => found,
            Err(reading::EncodedTooOften) => Some("a value that is encoded too often"),
        }
    }
}

/// A name as far as it helps to find it. It is the caller's own text: a log, and a response that tells why, must be safe from
/// it whatever they are made of.
fn told(name: &str) -> String {
    const LONGEST: usize = 64;
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '[' | ']');
    let plain = |char| if is_plain(char) { char } else { '?' };
    name.chars().take(LONGEST).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_without_what_it_could_do_harm_with() {
        assert_eq!(told("user[name].first-name_1"), "user[name].first-name_1");
        assert_eq!(told("<script>\"'\n&\u{e9}"), "?script??????");
        assert_eq!(told(&"x".repeat(100)).len(), 64);
    }
}
