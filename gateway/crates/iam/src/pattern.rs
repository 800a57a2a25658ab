//! Texts of policies: wildcards and variables.

use std::borrow::Cow;

use crate::Context;

/// A text of a policy, cut into what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One character that stands for itself.
    Char(char),
    /// `*`: any number of characters.
    Any,
    /// `?`: one character.
    One,
    /// `${…}`. In a box, for most pieces are characters.
    Variable(Box<Variable>),
}

/// `${key}` or `${key, 'default'}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// In lower case.
    key: String,
    default: Option<String>,
}

/// A pattern cannot be matched: a variable of it has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unresolved;

/// How a text is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    /// Whether `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// Whether `${…}` is a variable: version 2012-10-17 alone.
    pub(crate) variables: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if syntax.variables
                && let Some((piece, after)) = variable(rest)
            {
                pieces.push(piece);
                rest = after;
                continue;
            }
            pieces.push(match first {
                '*' if syntax.wildcards => Piece::Any,
                '?' if syntax.wildcards => Piece::One,
                other => Piece::Char(other),
            });
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        // Several stars are one.
        pieces.dedup_by(|next, before| *next == Piece::Any && *before == Piece::Any);
        Self { pieces }
    }

    /// Cuts the pattern at its first colons into so many sections at the most.
    pub(crate) fn sections(&self, most: usize) -> Vec<Self> {
        let sections = self.pieces.splitn(most, |piece| *piece == Piece::Char(':'));
        sections
            .map(|pieces| Self {
                pieces: pieces.to_vec(),
            })
            .collect()
    }

    fn ends_with_a_star(&self) -> bool {
        self.pieces.last() == Some(&Piece::Any)
    }

    pub(crate) fn has_variables(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Variable(_)))
    }

    /// Whether the whole text matches. With `ignore_case` characters are compared in lower case.
    pub(crate) fn matches(
        &self,
        text: &str,
        context: &Context,
        ignore_case: bool,
    ) -> Result<bool, Unresolved> {
        let pieces = if self.has_variables() {
            Cow::Owned(self.resolved(context)?)
        } else {
            Cow::Borrowed(&self.pieces)
        };
        Ok(glob(&pieces, text, ignore_case))
    }

    /// The pieces with the variables' values, which stand for themselves: a star in a user's name is no wildcard.
    fn resolved(&self, context: &Context) -> Result<Vec<Piece>, Unresolved> {
        let mut resolved = Vec::with_capacity(self.pieces.len() + 16);
        for piece in &self.pieces {
            let Piece::Variable(variable) = piece else {
                resolved.push(piece.clone());
                continue;
            };
            // A key with several values has none that could stand here.
            let value = match context.lowered(&variable.key) {
                [value] => value,
                [] => variable.default.as_ref().ok_or(Unresolved)?,
                _ => return Err(Unresolved),
            };
            resolved.extend(value.chars().map(Piece::Char));
        }
        Ok(resolved)
    }

    /// The text of a pattern without wildcards.
    pub(crate) fn text(&self, context: &Context) -> Result<String, Unresolved> {
        let char = |piece: &Piece| match piece {
            Piece::Char(char) => Some(*char),
            _ => None,
        };
        Ok(self.resolved(context)?.iter().filter_map(char).collect())
    }
}

/// The sections of an ARN: `arn:partition:service:region:account:resource`.
pub(crate) const SECTIONS: usize = 6;

/// Whether a text, cut at its first colons, matches section by section. A pattern of fewer sections than an ARN has must end
/// with a star, which takes the sections that are missing, as in `arn:aws:execute-api:*`: "If the * wildcard is the last
/// character of a resource ARN segment, it can expand to match beyond the colon boundaries" ("Resource").
pub(crate) fn sections_match(
    sections: &[Pattern],
    text: &str,
    context: &Context,
) -> Result<bool, Unresolved> {
    let is_open = sections.len() < SECTIONS;
    if is_open && !sections.last().is_some_and(Pattern::ends_with_a_star) {
        return Ok(false);
    }
    let mut parts = text.splitn(SECTIONS, ':');
    for section in sections {
        let Some(part) = parts.next() else {
            return Ok(false);
        };
        if !section.matches(part, context, false)? {
            return Ok(false);
        }
    }
    Ok(is_open || parts.next().is_none())
}

/// Reads `${…}` at the start of a text: `${*}`, `${?}` and `${$}` are these characters, all else is a key.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let (inner, rest) = text.strip_prefix("${")?.split_once('}')?;
    let piece = match inner {
        "*" => Piece::Char('*'),
        "?" => Piece::Char('?'),
        "$" => Piece::Char('$'),
        _ => {
            let (key, default) = match inner.split_once(',') {
                Some((key, default)) => (
                    key,
                    Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?.to_owned()),
                ),
                None => (inner, None),
            };
            let key = key.trim().to_lowercase();
            // What has no colon is no key: `${x}` is left as it is.
            key.contains(':')
                .then(|| Piece::Variable(Box::new(Variable { key, default })))?
        }
    };
    Some((piece, rest))
}

/// Whether a text matches. Only the last star is ever tried again, so there are at most as many steps as the pattern is long
/// times the text.
fn glob(pattern: &[Piece], text: &str, ignore_case: bool) -> bool {
    let same = |a: char, b: char| a == b || (ignore_case && a.to_lowercase().eq(b.to_lowercase()));
    let (mut at, mut rest) = (0, text.chars());
    let mut star: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let before = rest.clone();
        match (pattern.get(at), rest.next()) {
            (Some(Piece::Any), _) => {
                at += 1;
                rest = before;
                star = Some((at, rest.clone()));
                continue;
            }
            (Some(Piece::One), Some(_)) => {
                at += 1;
                continue;
            }
            (Some(Piece::Char(expected)), Some(char)) if same(*expected, char) => {
                at += 1;
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        // A mismatch: let the last star take one more.
        let Some((after, from)) = &mut star else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        at = *after;
        rest = from.clone();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: Syntax = Syntax {
        wildcards: true,
        variables: true,
    };

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern, ALL)
            .matches(text, &Context::new(), false)
            .unwrap()
    }

    /// As the definition reads, and as slow.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            (['?', rest @ ..], [_, others @ ..]) => naive(rest, others),
            ([a, rest @ ..], [b, others @ ..]) => a == b && naive(rest, others),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matches_as_the_definition_reads(pattern in "[abä*?]{0,8}", text in "[abä]{0,10}") {
            let (p, t): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), naive(&p, &t));
        }

        #[test]
        fn takes_any_text(pattern in any::<String>(), text in any::<String>(), value in any::<String>()) {
            let context: Context = [("aws:username", value)].into_iter().collect();
            for ignore_case in [true, false] {
                let _ = Pattern::new(&pattern, ALL).matches(&text, &context, ignore_case);
            }
        }

        #[test]
        fn values_stand_for_themselves(value in "[ab*?$]{1,6}", text in "[ab*?$]{0,6}") {
            let context: Context = [("aws:username", value.clone())].into_iter().collect();
            let found = Pattern::new("x${aws:UserName}y", ALL).matches(&format!("x{text}y"), &context, false);
            prop_assert_eq!(found, Ok(value == text));
        }
    }

    #[test]
    fn many_stars_take_no_longer() {
        let pattern = "a*".repeat(1000) + "b";
        assert!(!matches(&pattern, &"a".repeat(10_000)));
    }

    #[test]
    fn reads_variables() {
        // "IAM policy elements: Variables and tags".
        let context: Context = [("aws:username", "ann"), ("aws:many", "1"), ("aws:many", "2")]
            .into_iter()
            .collect();
        let cases: &[(&str, &str, Result<bool, Unresolved>)] = &[
            ("home/${aws:username}/*", "home/ann/x", Ok(true)),
            ("home/${AWS:UserName}", "home/ann", Ok(true)),
            ("home/${aws:username}", "home/bob", Ok(false)),
            ("${aws:missing}", "", Err(Unresolved)),
            ("${aws:many}", "1", Err(Unresolved)),
            ("${aws:missing, 'none'}", "none", Ok(true)),
            ("${aws:username,'none'}", "none", Ok(false)),
            ("a${*}b", "a*b", Ok(true)),
            ("a${*}b", "axb", Ok(false)),
            ("a${?}b", "axb", Ok(false)),
            ("a${?}b", "a?b", Ok(true)),
            ("${$}{aws:username}", "${aws:username}", Ok(true)),
            ("${open", "${open", Ok(true)),
            ("${x}", "${x}", Ok(true)),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(
                Pattern::new(pattern, ALL).matches(text, &context, false),
                *expected,
                "{pattern} {text}"
            );
        }
        let old = Pattern::new(
            "${aws:username}",
            Syntax {
                variables: false,
                wildcards: true,
            },
        );
        assert_eq!(old.matches("${aws:username}", &context, false), Ok(true));
    }
}
