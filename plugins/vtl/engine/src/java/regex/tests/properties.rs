use proptest::prelude::*;

use super::super::Regex;
use crate::bounds::{Bounds, Limits};

/// A pattern of the features that every engine shares.
#[derive(Debug, Clone)]
enum Plain {
    Char(char),
    Class(Vec<char>),
    Then(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
    Star(Box<Plain>),
}

impl Plain {
    fn source(&self) -> String {
        match self {
            Self::Char(c) => c.to_string(),
            Self::Class(chars) => format!("[{}]", chars.iter().collect::<String>()),
            Self::Then(first, second) => format!("{}{}", first.source(), second.source()),
            Self::Or(first, second) => format!("(?:{}|{})", first.source(), second.source()),
            Self::Star(inner) => format!("(?:{})*", inner.source()),
        }
    }

    /// Every place where a match from `start` can end.
    fn ends(&self, text: &[char], start: usize) -> Vec<usize> {
        let mut ends = match self {
            Self::Char(c) => {
                if text.get(start) == Some(c) {
                    vec![start + 1]
                } else {
                    vec![]
                }
            }
            Self::Class(chars) => {
                if text.get(start).is_some_and(|c| chars.contains(c)) {
                    vec![start + 1]
                } else {
                    vec![]
                }
            }
            Self::Then(first, second) => first
                .ends(text, start)
                .into_iter()
                .flat_map(|middle| second.ends(text, middle))
                .collect(),
            Self::Or(first, second) => [first.ends(text, start), second.ends(text, start)].concat(),
            Self::Star(inner) => {
                let mut all = vec![start];
                let mut next = 0;
                while let Some(from) = all.get(next).copied() {
                    for end in inner.ends(text, from) {
                        if !all.contains(&end) {
                            all.push(end);
                        }
                    }
                    next += 1;
                }
                all
            }
        };
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        prop::char::range('a', 'c').prop_map(Plain::Char),
        prop::collection::vec(prop::char::range('a', 'c'), 1..3).prop_map(Plain::Class),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Plain::Then(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Plain::Or(Box::new(a), Box::new(b))),
            inner.prop_map(|inner| Plain::Star(Box::new(inner))),
        ]
    })
}

fn limits() -> Limits {
    Limits {
        steps: 200_000,
        ..Limits::default()
    }
}

proptest! {
    #[test]
    fn no_pattern_panics(pattern in ".{0,40}", text in ".{0,20}") {
        try_all(&pattern, &text);
    }

    #[test]
    fn no_pattern_of_syntax_panics(
        pattern in r"([ab]|\(|\)|\[|\]|\^|\$|\.|\||\?|\*|\+|\{1,2\}|\{|\}|\(\?:|\(\?=|\(\?<=|\(\?<!|\(\?>|\(\?i\)|&&|-|\\[a-zA-Z0-9]|\\Q|\\E|\\p\{L\}|é){0,16}",
        text in "[ab\r\né]{0,12}",
    ) {
        try_all(&pattern, &text);
    }

    #[test]
    fn shared_features_match_as_they_do_everywhere(pattern in plain(), text in "[a-c]{0,10}") {
        let regex = Regex::compile(&pattern.source()).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let mut bounds = Bounds::new(Limits::default());
        let whole = pattern.ends(&chars, 0).contains(&chars.len());
        // Java takes no more rounds after an empty one, which loses some matches that there are.
        if regex.matches(&text, &mut bounds).unwrap() {
            prop_assert!(whole);
        }
        let first = (0..=chars.len()).find(|start| !pattern.ends(&chars, *start).is_empty());
        let found = regex.find_at(&text, 0, &mut bounds).unwrap();
        prop_assert_eq!(found.as_ref().map(super::super::Captures::start), first);
        if let Some(found) = found {
            prop_assert!(pattern.ends(&chars, found.start()).contains(&found.end()));
        }
    }
}

fn try_all(pattern: &str, text: &str) {
    let mut bounds = Bounds::new(limits());
    if let Ok(regex) = Regex::compile(pattern) {
        let _ = regex.matches(text, &mut bounds);
        let _ = regex.replace_all(text, "<$0>", &mut bounds);
        let _ = regex.split(text, 0, &mut bounds);
    }
}
