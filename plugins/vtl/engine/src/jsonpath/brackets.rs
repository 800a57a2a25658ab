//! Steps in brackets: `['a']`, `[1]`, `[1:2]`, `[*]`, `[?(…)]`.

use crate::value::Text;

use super::Step;
use super::arrays;
use super::compile::Compiler;
use super::cursor::{Cursor, Fault, unescape};
use super::filter;

/// Reads the step that the bracket at the cursor begins.
pub(super) fn read(compiler: &mut Compiler<'_>) -> Result<(), Fault> {
    let depth = compiler.depth;
    let cursor = &mut compiler.cursor;
    let step = match cursor.next_significant(cursor.position()) {
        quote @ ('\'' | '"') => properties(cursor, quote)?,
        '*' => wildcard(cursor)?,
        '?' => filter(cursor, depth)?,
        next if next.is_ascii_digit() || next == '-' || next == ':' => array(cursor)?,
        _ => return Err(Fault::Invalid),
    };
    compiler.steps.push(step);
    Ok(())
}

fn wildcard(cursor: &mut Cursor<'_>) -> Result<Step, Fault> {
    let star = cursor
        .find_significant(cursor.position(), '*')?
        .ok_or(Fault::Invalid)?;
    let close = cursor.find_significant(star, ']')?.ok_or(Fault::Invalid)?;
    cursor.set(close + 1);
    Ok(Step::Wildcard)
}

fn array(cursor: &mut Cursor<'_>) -> Result<Step, Fault> {
    let start = cursor.position() + 1;
    let close = cursor.find(start, ']').ok_or(Fault::Invalid)?;
    let step = arrays::parse(cursor.text(start, close)?.trim())?;
    cursor.set(close + 1);
    Ok(step)
}

fn filter(cursor: &mut Cursor<'_>, depth: usize) -> Result<Step, Fault> {
    let start = cursor.position();
    let mark = cursor.find_significant(start, '?')?.ok_or(Fault::Invalid)?;
    let open = cursor.find_significant(mark, '(')?.ok_or(Fault::Invalid)?;
    let close = cursor.find_closing(open, '(', ')', true)?.ok_or(Fault::Invalid)?;
    let end = cursor.find_significant(close, ']')?.ok_or(Fault::Invalid)?;
    let expression = filter::compile(cursor.slice(open, close + 1)?, depth)?;
    cursor.set(end + 1);
    Ok(Step::Filter(expression))
}

fn properties(cursor: &mut Cursor<'_>, quote: char) -> Result<Step, Fault> {
    let mut names: Vec<Text> = Vec::new();
    let mut start = cursor.position() + 1;
    let mut at = start;
    let mut end = 0;
    let mut inside = false;
    let mut escaped = false;
    let mut comma = false;
    while cursor.within(at) {
        let character = cursor.character(at)?;
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == ']' && !inside {
            if comma {
                return Err(Fault::Invalid);
            }
            break;
        } else if character == quote && inside {
            if !matches!(cursor.next_significant(at), ']' | ',') {
                return Err(Fault::Invalid);
            }
            end = at;
            names.push(Text::from(unescape(cursor.slice(start, at)?)?));
            inside = false;
        } else if character == quote {
            start = at + 1;
            inside = true;
            comma = false;
        } else if character == ',' && !inside {
            if comma {
                return Err(Fault::Invalid);
            }
            comma = true;
        }
        at += 1;
    }
    let close = cursor.find_significant(end, ']')?;
    let (false, Some(close)) = (inside, close) else {
        return Err(Fault::Invalid);
    };
    cursor.set(close + 1);
    match (names.pop(), names.is_empty()) {
        (None, _) => Err(Fault::Invalid),
        (Some(name), true) => Ok(Step::Property(name)),
        (Some(name), false) => {
            names.push(name);
            Ok(Step::Properties(names))
        }
    }
}
