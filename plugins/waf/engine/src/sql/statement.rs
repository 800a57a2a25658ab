//! Beginnings of statements, as far as they tell them from prose.

use super::token::{Kind, Token};
use super::word::Class;

/// How far behind `select` its `from` may stand.
const REACH: usize = 64;

/// Tokens, of which there may be none at a place.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a>(pub(super) &'a [Token<'a>]);

impl<'a> Tokens<'a> {
    pub(super) fn kind(self, at: usize) -> Option<Kind> {
        self.0.get(at).map(|token| token.kind)
    }

    pub(super) fn text(self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |token| token.text)
    }

    pub(super) fn class(self, at: usize) -> Option<Class> {
        match self.kind(at) {
            Some(Kind::Word(class)) => Some(class),
            _ => None,
        }
    }

    pub(super) fn is(self, at: usize, kind: Kind) -> bool {
        self.kind(at) == Some(kind)
    }

    pub(super) fn is_text(self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Text { .. }))
    }

    /// A number, a string, `null`, `@@version`.
    pub(super) fn is_constant(self, at: usize) -> bool {
        matches!(
            self.kind(at),
            Some(Kind::Number | Kind::Text { .. } | Kind::Variable | Kind::Word(Class::Constant))
        )
    }

    /// A word that could be a name in a statement.
    pub(super) fn is_name(self, at: usize) -> bool {
        matches!(
            self.class(at),
            Some(Class::Bare | Class::Function | Class::Dangerous | Class::Constant)
        )
    }

    pub(super) fn is_end(self, at: usize) -> bool {
        matches!(self.kind(at), None | Some(Kind::Comment | Kind::Semicolon))
    }

    /// A parenthesis without a blank before it.
    pub(super) fn is_adjoining_open(self, at: usize) -> bool {
        self.0
            .get(at)
            .is_some_and(|token| token.kind == Kind::Open && token.adjoins)
    }

    /// `name(`
    pub(super) fn is_call(self, at: usize) -> bool {
        match self.class(at) {
            Some(Class::Function | Class::Dangerous | Class::Statement) => self.is(at + 1, Kind::Open),
            Some(Class::Bare) => self.is_adjoining_open(at + 1),
            _ => false,
        }
    }

    /// Behind as many of these kinds as there are.
    pub(super) fn behind(self, at: usize, kinds: &[Kind]) -> usize {
        let rest = self.0.get(at..).unwrap_or_default();
        at + rest
            .iter()
            .take_while(|token| kinds.contains(&token.kind))
            .count()
    }
}

/// `sleep(5)`
pub(super) fn is_delay(tokens: Tokens<'_>, at: usize) -> bool {
    tokens.text(at) == "sleep" && tokens.is_adjoining_open(at + 1)
}

/// What may stand between `union` and `select`, and before what is selected.
const BEFORE_SELECTED: [Kind; 2] = [Kind::Word(Class::Quantifier), Kind::Open];

/// `union all (select …`
pub(super) fn is_union(tokens: Tokens<'_>, at: usize) -> bool {
    let selects = tokens.behind(at + 1, &BEFORE_SELECTED);
    match tokens.class(selects) {
        Some(Class::Select) => is_select(tokens, selects, false),
        _ => tokens.text(selects) == "values" && tokens.is(selects + 1, Kind::Open),
    }
}

/// Whether what follows `select` is a statement. In a value that is nothing else, `strict` wants more than a name and a table.
pub(super) fn is_select(tokens: Tokens<'_>, at: usize, strict: bool) -> bool {
    let mut first = tokens.behind(at + 1, &BEFORE_SELECTED);
    // `top 1`
    if tokens.text(first.saturating_sub(1)) == "top" && tokens.is(first, Kind::Number) {
        first += 1;
    }
    first = tokens.behind(first, &[Kind::Arithmetic, Kind::Not]);
    // A star is behind us.
    let star = first > at + 1 && tokens.text(first - 1) == "*";
    if star && (tokens.class(first) == Some(Class::From) || tokens.is_end(first) && !strict) {
        return true;
    }
    let odbc = first > at + 1 && tokens.text(first - 1) == "{";
    if odbc || tokens.is_call(first) || tokens.class(first) == Some(Class::Case) {
        return true;
    }
    if tokens.is_constant(first) && !matches!(tokens.class(first + 1), Some(Class::Bare | Class::Prose)) {
        return !(strict && tokens.kind(first + 1).is_none());
    }
    is_from_table(tokens, first, strict)
}

/// `name, other from table`
fn is_from_table(tokens: Tokens<'_>, first: usize, strict: bool) -> bool {
    let mut listed = false;
    for at in first..first + REACH {
        match tokens.kind(at) {
            Some(Kind::Word(Class::From)) if at > first => {
                let table = at + 1;
                let is_table = tokens.is_name(table)
                    || matches!(tokens.kind(table), Some(Kind::Open | Kind::Text { .. }));
                return is_table && (!strict || listed || goes_on(tokens, table + 1));
            }
            Some(Kind::Comma | Kind::Dot) => listed = true,
            Some(Kind::Word(Class::Prose))
                if tokens.class(at + 1).is_some_and(|next| next != Class::From) =>
            {
                return false;
            }
            Some(Kind::Semicolon) | None => return false,
            _ => {}
        }
    }
    false
}

/// What follows a table in a statement and not in prose.
fn goes_on(tokens: Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at) {
        Some(Kind::Word(Class::Where)) => {
            (at..at + 8).any(|at| matches!(tokens.kind(at), Some(Kind::Compare | Kind::Word(Class::Compare))))
        }
        Some(Kind::Word(Class::Limit)) => tokens.is(at + 1, Kind::Number),
        Some(Kind::Word(Class::Sorted)) => tokens.text(at + 1) == "by",
        Some(Kind::Comment | Kind::Semicolon | Kind::Dot | Kind::Close) => true,
        Some(Kind::Word(Class::Union)) => is_union(tokens, at),
        _ => false,
    }
}

/// Whether a statement begins here, as behind a semicolon.
pub(super) fn begins(tokens: Tokens<'_>, at: usize) -> bool {
    let next = tokens.text(at + 1);
    let name = |at: usize| tokens.is_name(at) || tokens.is(at, Kind::Open) || tokens.is_text(at);
    match tokens.text(at) {
        "select" => is_select(tokens, at, false),
        "insert" | "merge" | "replace" => next == "into" && name(at + 2),
        "update" => name(at + 1) && (at + 2..at + 5).any(|at| tokens.text(at) == "set"),
        "delete" => next == "from" && name(at + 2),
        "drop" | "create" | "alter" | "truncate" | "rename" => is_object(next),
        "exec" | "execute" => name(at + 1) && !tokens.is_end(at + 1) || tokens.is(at + 1, Kind::Variable),
        "declare" | "set" => tokens.is(at + 1, Kind::Variable),
        "waitfor" => matches!(next, "delay" | "time"),
        "shutdown" => tokens.is_end(at + 1) || next == "with",
        "call" => tokens.is_call(at + 1),
        "copy" => name(at + 1) && (at + 2..at + 5).any(|at| matches!(tokens.text(at), "from" | "to")),
        "load" => matches!(next, "data" | "xml"),
        "grant" | "revoke" => {
            (at + 2..at + 8).any(|at| tokens.text(at) == "on")
                && (at + 2..at + 16).any(|at| matches!(tokens.text(at), "to" | "from"))
        }
        "handler" => name(at + 1) && tokens.text(at + 2) == "open",
        "backup" | "attach" => next == "database",
        "pragma" => tokens.is(at + 2, Kind::Compare) || tokens.is(at + 2, Kind::Open),
        "if" => tokens.is(at + 1, Kind::Open) || next == "exists",
        "begin" => tokens.class(at + 1) == Some(Class::Statement) && begins(tokens, at + 1),
        "with" => name(at + 1) && tokens.text(at + 2) == "as" && tokens.is(at + 3, Kind::Open),
        "prepare" => name(at + 1) && matches!(tokens.text(at + 2), "from" | "as"),
        "do" => next.starts_with('$'),
        _ => false,
    }
}

fn is_object(word: &str) -> bool {
    matches!(
        word,
        "table"
            | "database"
            | "schema"
            | "user"
            | "login"
            | "role"
            | "view"
            | "index"
            | "procedure"
            | "function"
            | "trigger"
            | "column"
            | "sequence"
            | "temporary"
            | "temp"
            | "extension"
            | "or"
    )
}
