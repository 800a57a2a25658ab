//! What stands behind a value's first operand: what an attack goes on with in the statement.

use super::statement::{self, Tokens};
use super::token::{Kind, Place, Token};
use super::word::Class;

/// Operands of one condition that are looked at.
const OPERANDS: usize = 16;

pub(super) fn find(tokens: &[Token<'_>], place: Place) -> Option<&'static str> {
    let tokens = Tokens(tokens);
    let tail = match place {
        Place::In(_) => Tail {
            tokens,
            first: tokens.text(0),
            quoted: tokens.is(0, Kind::Text { closed: true }),
            number: false,
        },
        Place::Bare => Tail {
            tokens,
            first: "",
            quoted: false,
            number: false,
        },
    };
    match place {
        Place::In(_) if tail.quoted => tail.from(1),
        // The quote is not there: nothing is left.
        Place::In(_) => None,
        Place::Bare => tail.bare(),
    }
}

struct Tail<'a> {
    tokens: Tokens<'a>,
    /// The operand that the value begins with.
    first: &'a str,
    /// It closed a string.
    quoted: bool,
    /// It is a number.
    number: bool,
}

impl Tail<'_> {
    fn bare(mut self) -> Option<&'static str> {
        let tokens = self.tokens;
        let first = tokens.behind(0, &[Kind::Open, Kind::Arithmetic, Kind::Not]);
        let operand = match tokens.kind(first)? {
            Kind::Number => {
                self.number = true;
                first + 1
            }
            Kind::Text { closed: true } | Kind::Variable => first + 1,
            Kind::Word(_) if tokens.is_call(first) => closing(tokens, first + 1)? + 1,
            Kind::Word(class) if class == Class::Bare || tokens.is_name(first) => {
                // `table.column`
                let dotted = tokens.is(first + 1, Kind::Dot) && tokens.is_name(first + 2);
                first + if dotted { 3 } else { 1 }
            }
            // `) or (1=1`
            Kind::Close => first,
            // `or 1=1`, behind something that was left out.
            Kind::Logic if first == 0 => first,
            _ => return None,
        };
        self.first = tokens.text(first);
        // `1*1 or …`
        let mut behind = operand;
        for _ in 0..OPERANDS {
            if tokens.is(behind, Kind::Arithmetic) && tokens.is(behind + 1, Kind::Number) {
                behind += 2;
            }
        }
        self.from(behind)
    }

    fn from(&self, at: usize) -> Option<&'static str> {
        let tokens = self.tokens;
        let behind = tokens.behind(at, &[Kind::Close]);
        let closes = behind > at;
        match tokens.kind(behind)? {
            Kind::Comment => (self.quoted || closes && !self.first.starts_with(char::is_alphabetic))
                .then_some("a comment over the rest"),
            Kind::Logic => self.condition(behind + 1),
            Kind::Semicolon if self.quoted && tokens.is(behind + 1, Kind::Comment) => {
                Some("a comment over the rest")
            }
            Kind::Semicolon => statement::begins(tokens, behind + 1).then_some("another statement"),
            Kind::Compare | Kind::Arithmetic if self.number && statement::is_delay(tokens, behind + 1) => {
                Some("a delay")
            }
            Kind::Compare | Kind::Arithmetic if self.quoted => self.compared(behind),
            Kind::Compare if self.number => self.false_comparison(behind),
            Kind::Word(class) => self.word(behind, class),
            _ => None,
        }
    }

    fn word(&self, at: usize, class: Class) -> Option<&'static str> {
        let tokens = self.tokens;
        match class {
            Class::Union => statement::is_union(tokens, at).then_some("a union"),
            Class::Compare if self.quoted && self.is_closed() => {
                self.is_compared(at).then_some("a comparison")
            }
            Class::Sorted | Class::Having | Class::Limit | Class::Procedure => {
                self.is_clause(at).then_some("another clause")
            }
            Class::Statement | Class::Select if self.quoted && self.has_comment() => {
                statement::begins(tokens, at).then_some("another statement")
            }
            _ => None,
        }
    }

    /// Whether the rest of the statement would be read: the value comments it out, or ends within a string.
    fn is_closed(&self) -> bool {
        let last = self.tokens.0.last().map(|token| token.kind);
        last == Some(Kind::Text { closed: false }) || self.has_comment()
    }

    fn has_comment(&self) -> bool {
        self.tokens.0.iter().any(|token| token.kind == Kind::Comment)
    }

    /// `1=1`, `1<>2` and a comment or another condition.
    fn false_comparison(&self, at: usize) -> Option<&'static str> {
        let tokens = self.tokens;
        let is = tokens.is(at + 1, Kind::Number) && tokens.is(at + 2, Kind::Comment);
        is.then_some("a condition and a comment")
    }

    /// Behind `or`: whether a condition stands there.
    fn condition(&self, at: usize) -> Option<&'static str> {
        const FOUND: Option<&str> = Some("a condition");
        let tokens = self.tokens;
        let signs = [Kind::Open, Kind::Not, Kind::Arithmetic, Kind::Word(Class::Sign)];
        let mut at = at;
        for _ in 0..OPERANDS {
            let opened = at;
            at = tokens.behind(at, &signs);
            match tokens.kind(at)? {
                Kind::Word(Class::Exists) if tokens.is(at + 1, Kind::Open) => return FOUND,
                Kind::Word(Class::Case) if tokens.text(at + 1) == "when" || tokens.text(at + 2) == "when" => {
                    return FOUND;
                }
                Kind::Word(Class::Select) if at > opened && statement::is_select(tokens, at, false) => {
                    return FOUND;
                }
                Kind::Word(Class::Bare) if tokens.is_call(at) => return self.quoted.then_some("a call"),
                Kind::Word(_) if tokens.is_call(at) => return Some("a call"),
                _ => {}
            }
            let operand = at;
            let is_constant = tokens.is_constant(operand);
            let is_article =
                tokens.class(operand) == Some(Class::Prose) && tokens.is(operand + 1, Kind::Compare);
            if !is_constant && !is_article && !tokens.is_name(operand) {
                return None;
            }
            // `{x 1}`
            if operand > 0 && tokens.text(operand - 1) == "{" && !is_constant {
                at += 1;
            }
            while tokens.is(at + 1, Kind::Dot) && tokens.class(at + 2).is_some() {
                at += 2;
            }
            at = tokens.behind(at + 1, &[Kind::Close]);
            match tokens.kind(at) {
                Some(Kind::Compare) => return self.asks(operand, at + 1).then_some("a condition"),
                Some(Kind::Word(Class::Compare)) => {
                    return self.is_compared(at).then_some("a condition");
                }
                Some(Kind::Arithmetic | Kind::Logic) => at += 1,
                Some(Kind::Comment | Kind::Semicolon) if is_constant => return FOUND,
                Some(Kind::Word(class)) if is_constant && self.quoted => {
                    let goes_on = matches!(
                        class,
                        Class::Union | Class::Sorted | Class::Limit | Class::Into | Class::Having
                    );
                    return if goes_on { FOUND } else { None };
                }
                None => return self.ends_with(operand).then_some("a condition"),
                _ => return None,
            }
        }
        // No harmless value goes on like that.
        FOUND
    }

    /// Whether an operand alone, at the end of the value, is a condition.
    fn ends_with(&self, operand: usize) -> bool {
        let tokens = self.tokens;
        if self.quoted {
            return tokens.is_constant(operand);
        }
        self.number && (tokens.text(operand) == self.first || tokens.text(operand) == "true")
    }

    /// Whether a comparison of this operand with what stands at the place is more than prose.
    fn asks(&self, operand: usize, at: usize) -> bool {
        let tokens = self.tokens;
        let right = tokens.behind(
            at,
            &[Kind::Open, Kind::Not, Kind::Arithmetic, Kind::Word(Class::Sign)],
        );
        let is_operand = tokens.is_constant(right) || tokens.is_name(right) || tokens.is_call(right);
        if self.quoted || tokens.is_constant(operand) {
            return is_operand || tokens.class(right) == Some(Class::Select);
        }
        tokens.is_text(right)
            || self.number && is_operand
            || tokens.class(right) == Some(Class::Select) && right > at
            || tokens.text(right) == tokens.text(operand) && !tokens.text(right).is_empty()
    }

    /// `like '…'`, `in (…)`, `is null`, `between 1 and 2`
    fn is_compared(&self, at: usize) -> bool {
        let tokens = self.tokens;
        let right = tokens.behind(at + 1, &[Kind::Word(Class::Sign)]);
        match tokens.text(at) {
            "in" => {
                tokens.is(right, Kind::Open)
                    && !matches!(tokens.class(right + 1), Some(Class::Bare | Class::Prose))
            }
            "is" => tokens.class(right) == Some(Class::Constant),
            "between" => {
                tokens.is_constant(right)
                    && tokens.is(right + 1, Kind::Logic)
                    && tokens.is_constant(right + 2)
            }
            "isnull" | "notnull" => true,
            "sounds" => tokens.text(right) == "like",
            _ => {
                tokens.is_text(right)
                    || tokens.is(right, Kind::Number)
                    || tokens.is_call(right)
                    || tokens.is(right, Kind::Open)
            }
        }
    }

    /// Behind a string: `=''`, `+(select 1)`, `-sleep(5)`, `*'1`
    fn compared(&self, at: usize) -> Option<&'static str> {
        let tokens = self.tokens;
        let right = tokens.behind(
            at + 1,
            &[
                Kind::Open,
                Kind::Not,
                Kind::Arithmetic,
                Kind::Compare,
                Kind::Word(Class::Sign),
            ],
        );
        if tokens.is_call(right) && tokens.class(right) != Some(Class::Bare) {
            return Some("a call");
        }
        if tokens.class(right) == Some(Class::Select) && statement::is_select(tokens, right, false) {
            return Some("a query within");
        }
        let behind = tokens.behind(right + 1, &[Kind::Close]);
        let goes_on = matches!(
            tokens.kind(behind),
            None | Some(Kind::Comment | Kind::Logic | Kind::Semicolon | Kind::Compare | Kind::Arithmetic)
        );
        (tokens.is_constant(right) && goes_on && self.is_closed()).then_some("a comparison")
    }

    /// `order by 5`, `having 1=1`, `limit 1`
    fn is_clause(&self, at: usize) -> bool {
        let tokens = self.tokens;
        let begins = self.quoted || self.number;
        match tokens.text(at) {
            "order" | "group" => {
                let sorted = at + 2;
                let name = tokens.is_name(sorted)
                    && matches!(
                        tokens.kind(sorted + 1),
                        Some(Kind::Comment | Kind::Word(Class::Having))
                    );
                tokens.text(at + 1) == "by" && begins && (tokens.is(sorted, Kind::Number) || name)
            }
            "having" => begins && tokens.is(tokens.behind(at + 1, &[Kind::Open]) + 1, Kind::Compare),
            "procedure" => tokens.is(at + 2, Kind::Open),
            _ => begins && tokens.is(at + 1, Kind::Number) && self.has_comment(),
        }
    }
}

/// The parenthesis that closes the one at the place.
fn closing(tokens: Tokens<'_>, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.0.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth <= 1 => return Some(at),
            Kind::Close => depth -= 1,
            _ => {}
        }
    }
    None
}
