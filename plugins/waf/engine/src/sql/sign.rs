//! What no harmless value has anywhere.

use super::statement::{self, Tokens};
use super::token::{Kind, Place, Token};
use super::word::Class;

pub(super) fn find(tokens: &[Token<'_>], place: Place) -> Option<&'static str> {
    let tokens = Tokens(tokens);
    (0..tokens.0.len()).find_map(|at| at_one(tokens, at, place))
}

fn at_one(tokens: Tokens<'_>, at: usize, place: Place) -> Option<&'static str> {
    match tokens.kind(at)? {
        Kind::Word(class) => of_word(tokens, at, class, place),
        Kind::Open if tokens.class(at + 1) == Some(Class::Select) => {
            statement::is_select(tokens, at + 1, false).then_some("a query within")
        }
        Kind::Logic => of_logic(tokens, at),
        Kind::Semicolon if statement::begins(tokens, at + 1) => Some("another statement"),
        Kind::Variable if is_of_server(tokens.text(at)) => Some("a variable of the server"),
        _ => None,
    }
}

fn of_word(tokens: Tokens<'_>, at: usize, class: Class, place: Place) -> Option<&'static str> {
    let next = tokens.text(at + 1);
    let found = match class {
        Class::Union => statement::is_union(tokens, at).then_some("a union"),
        Class::Select if at == 0 && place == Place::Bare => {
            statement::is_select(tokens, at, true).then_some("a query")
        }
        Class::Dangerous => {
            let is_used = tokens.is(at + 1, Kind::Open) || tokens.is(at + 1, Kind::Dot);
            (is_used || tokens.text(at).starts_with("xp_")).then_some("a function of the server")
        }
        Class::Function if at == 0 && place == Place::Bare && tokens.text(at) == "sleep" => {
            is_whole_call(tokens).then_some("a function of the server")
        }
        Class::Into => (matches!(next, "outfile" | "dumpfile") && tokens.is_text(at + 2)).then_some("a file"),
        Class::Procedure => (next == "analyse" && tokens.is(at + 2, Kind::Open)).then_some("an analysis"),
        Class::Statement if tokens.text(at) == "waitfor" => (matches!(next, "delay" | "time")
            && (tokens.is_text(at + 2) || tokens.is(at + 2, Kind::Variable)))
        .then_some("a delay"),
        Class::Statement if matches!(tokens.text(at), "exec" | "execute") => {
            let is_whole = at == 0 && place == Place::Bare && tokens.is_adjoining_open(1);
            (is_whole || next.starts_with("xp_") || next.starts_with("sp_")).then_some("another statement")
        }
        Class::Compare => statement::is_delay(tokens, at + 1).then_some("a delay"),
        Class::Case => is_case(tokens, at).then_some("a condition"),
        _ => None,
    };
    if found.is_none() && is_catalogue(tokens, at) {
        return Some("the tables of the server");
    }
    found
}

/// `or 1=1`, `and sleep(5)`: a condition that asks nothing of the data.
fn of_logic(tokens: Tokens<'_>, at: usize) -> Option<&'static str> {
    let signs = [Kind::Open, Kind::Not, Kind::Arithmetic, Kind::Word(Class::Sign)];
    let left = tokens.behind(at + 1, &signs);
    if statement::is_delay(tokens, left) {
        return Some("a delay");
    }
    let compare = tokens.behind(left + 1, &[Kind::Close]);
    let right = tokens.behind(compare + 1, &signs);
    let is_condition = tokens.is_constant(left)
        && tokens.is(compare, Kind::Compare)
        && tokens.is_constant(right)
        && tokens.kind(left) != Some(Kind::Variable);
    is_condition.then_some("a condition that is always the same")
}

/// `case when … then`
fn is_case(tokens: Tokens<'_>, at: usize) -> bool {
    const REACH: usize = 48;
    let when = (at + 1..at + 4).find(|at| tokens.text(*at) == "when");
    let Some(when) = when else { return false };
    let compares = |at: usize| matches!(tokens.kind(at), Some(Kind::Compare | Kind::Word(Class::Compare)));
    let then = (when..when + REACH).find(|at| tokens.text(*at) == "then");
    then.is_some_and(|then| {
        (when..then).any(compares) && (then..then + REACH).any(|at| matches!(tokens.text(at), "else" | "end"))
    })
}

/// `sleep(5)` and nothing else.
fn is_whole_call(tokens: Tokens<'_>) -> bool {
    let close = (1..16).find(|at| tokens.is(*at, Kind::Close));
    tokens.is(1, Kind::Open) && close.is_some_and(|close| tokens.is_end(close + 1))
}

fn is_catalogue(tokens: Tokens<'_>, at: usize) -> bool {
    let of_schema = matches!(
        tokens.text(at),
        "information_schema" | "sys" | "mysql" | "pg_catalog" | "master" | "msdb"
    );
    let table = tokens.text(at + 2);
    if of_schema && tokens.is(at + 1, Kind::Dot) {
        let from = at > 0 && tokens.class(at - 1) == Some(Class::From);
        return tokens.text(at) == "information_schema" && !table.is_empty() || from;
    }
    let known = matches!(
        tokens.text(at),
        "sqlite_master"
            | "sqlite_schema"
            | "sysobjects"
            | "syscolumns"
            | "pg_shadow"
            | "pg_user"
            | "all_tables"
            | "user_tables"
            | "dba_users"
    );
    known && at > 0 && matches!(tokens.class(at - 1), Some(Class::From))
        || known && tokens.is(at - at.min(1), Kind::Dot)
}

fn is_of_server(variable: &str) -> bool {
    matches!(
        variable,
        "@@version"
            | "@@hostname"
            | "@@datadir"
            | "@@basedir"
            | "@@servername"
            | "@@global"
            | "@@session"
            | "@@identity"
            | "@@rowcount"
            | "@@version_compile_os"
            | "@@secure_file_priv"
            | "@@tmpdir"
    )
}
