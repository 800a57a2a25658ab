//! `Matcher.appendReplacement`: what `$1`, `${name}` and `\` mean in a replacement.

use crate::bounds::{Bounds, Failure};

use super::{Captures, Regex};

/// Appends `replacement` for one match.
///
/// # Errors
///
/// What Java throws for a malformed replacement or a group that does not exist, or a limit.
pub(super) fn append(
    regex: &Regex,
    text: &str,
    found: &Captures,
    replacement: &str,
    out: &mut String,
    bounds: &mut Bounds,
) -> Result<(), Failure> {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(
                chars
                    .next()
                    .ok_or_else(|| thrown("character to be escaped is missing"))?,
            ),
            '$' => {
                let number = match chars.peek().copied() {
                    None => return Err(thrown("Illegal group reference: group index is missing")),
                    Some('{') => {
                        chars.next();
                        named(regex, &mut chars)?
                    }
                    Some(_) => numbered(found.groups(), &mut chars)?,
                };
                if number >= found.groups() {
                    return Err(Failure::Thrown(format!("No group {number}")));
                }
                let group = found
                    .group(number)
                    .and_then(|(start, end)| text.get(start..end))
                    .unwrap_or("");
                bounds.fits(out.len() + group.len())?;
                bounds.steps(group.len() / 16)?;
                out.push_str(group);
            }
            _ => out.push(c),
        }
    }
    bounds.fits(out.len())?;
    bounds.steps(1 + replacement.len() / 16)?;
    Ok(())
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn named(regex: &Regex, chars: &mut Chars<'_>) -> Result<usize, Failure> {
    let mut name = String::new();
    while let Some(c) = chars.next_if(char::is_ascii_alphanumeric) {
        name.push(c);
    }
    if name.is_empty() {
        return Err(thrown("named capturing group has 0 length name"));
    }
    if chars.next() != Some('}') {
        return Err(thrown("named capturing group is missing trailing '}'"));
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Failure::Thrown(format!(
            "capturing group name {{{name}}} starts with digit character"
        )));
    }
    let found = regex.names.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, number)| *number)
        .ok_or_else(|| Failure::Thrown(format!("No group with name {{{name}}}")))
}

/// As many digits as make the number of a group, one at least.
fn numbered(groups: usize, chars: &mut Chars<'_>) -> Result<usize, Failure> {
    let first = chars
        .next()
        .and_then(|c| c.to_digit(10))
        .ok_or_else(|| thrown("Illegal group reference"))?;
    let mut number = first as usize;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        let longer = number * 10 + digit as usize;
        if longer >= groups {
            break;
        }
        number = longer;
        chars.next();
    }
    Ok(number)
}

fn thrown(message: &str) -> Failure {
    Failure::Thrown(message.to_owned())
}
