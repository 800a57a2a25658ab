//! The literals of filters.

use std::rc::Rc;

use crate::bounds::{Bounds, Limits};
use crate::java::regex::Regex;
use crate::json;
use crate::json::decimal::Decimal;
use crate::value::Text;

use super::cursor::{Cursor, Fault, unescape};
use super::node::{Node, Number};

/// Reads the literal at the cursor; what begins like no other is a number.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Node, Fault> {
    match cursor.current()? {
        quote @ ('\'' | '"') => string(cursor, quote),
        't' => word(cursor, "true", Node::Bool(true)),
        'f' => word(cursor, "false", Node::Bool(false)),
        'n' => word(cursor, "null", Node::Null),
        '[' => json(cursor, '[', ']'),
        '{' => json(cursor, '{', '}'),
        '/' => pattern(cursor),
        _ => number(cursor),
    }
}

fn string(cursor: &mut Cursor<'_>, quote: char) -> Result<Node, Fault> {
    let start = cursor.position();
    let close = cursor.find_unescaped(start, quote).ok_or(Fault::Invalid)?;
    cursor.set(close + 1);
    Ok(Node::Text(Text::from(unescape(cursor.slice(start + 1, close)?)?)))
}

fn word(cursor: &mut Cursor<'_>, word: &str, node: Node) -> Result<Node, Fault> {
    if cursor.accept(word) {
        Ok(node)
    } else {
        Err(Fault::Invalid)
    }
}

fn number(cursor: &mut Cursor<'_>) -> Result<Node, Fault> {
    let start = cursor.position();
    while cursor.in_bounds() && matches!(cursor.current()?, '0'..='9' | '-' | '.' | 'e' | 'E') {
        cursor.advance(1);
    }
    let text = cursor.text(start, cursor.position())?;
    Decimal::parse(&text)
        .map(|decimal| Node::Number(Number::of(decimal)))
        .ok_or(Fault::Other)
}

fn json(cursor: &mut Cursor<'_>, open: char, close: char) -> Result<Node, Fault> {
    let start = cursor.position();
    let end = cursor
        .find_closing(start, open, close, false)?
        .ok_or(Fault::Invalid)?;
    cursor.set(end + 1);
    let text = Text::from(cursor.text(start, end + 1)?);
    // What is no JSON counts when it is compared, not here.
    let value = json::parse(&text, &mut Bounds::new(Limits::default())).ok();
    Ok(Node::Literal(text, value))
}

/// `/…/` and the flags of `java.util.regex.Pattern` in their letters.
fn pattern(cursor: &mut Cursor<'_>) -> Result<Node, Fault> {
    let start = cursor.position();
    let close = cursor.find_unescaped(start, '/').ok_or(Fault::Invalid)?;
    let mut end = close + 1;
    while cursor.within(end) && matches!(cursor.character(end)?, 'd' | 'i' | 'x' | 'm' | 's' | 'u' | 'U') {
        end += 1;
    }
    cursor.set(end);
    let flags = cursor.text(close + 1, end)?;
    let mut pattern = if flags.is_empty() {
        String::new()
    } else {
        format!("(?{flags})")
    };
    pattern.push_str(&cursor.text(start + 1, close)?);
    let regex = Regex::compile(&pattern).map_err(|_| Fault::Other)?;
    Ok(Node::Pattern(Rc::new(regex)))
}
