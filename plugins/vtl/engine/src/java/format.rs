//! `String.format` of Java 17 in the root locale.

mod float;
mod integer;
mod specifier;
#[cfg(test)]
mod tests;

use crate::bounds::{Bounds, Exceeded, Failure};
use crate::value::Value;
use specifier::{Argument, Flags, Specifier};

/// `String.format(pattern, arguments…)`
///
/// # Errors
///
/// What Java throws for a specifier that is malformed or does not suit its argument, or a limit.
pub fn format(pattern: &str, arguments: &[Value], bounds: &mut Bounds) -> Result<String, Failure> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    // Java reads all of the pattern before it writes anything, but an error is an error either way.
    let mut ordinary = 0;
    let mut last: Option<usize> = None;
    while let Some((text, after)) = rest.split_once('%') {
        out.push_str(text);
        let (specifier, after) = Specifier::parse(after)?;
        rest = after;
        if matches!(specifier.conversion, '%' | 'n') {
            specifier.check_plain()?;
            write_plain(&specifier, &mut out, bounds)?;
            continue;
        }
        let index = match specifier.argument {
            Argument::Next => {
                ordinary += 1;
                Some(ordinary - 1)
            }
            Argument::Last => last,
            Argument::Index(index) => Some(index),
        };
        last = index;
        let missing = || Failure::Thrown(format!("Format specifier '{}'", specifier.source));
        let value = index.and_then(|index| arguments.get(index)).ok_or_else(missing)?;
        write(&specifier, value, &mut out, bounds)?;
    }
    out.push_str(rest);
    bounds.string(out.len())?;
    Ok(out)
}

fn write_plain(specifier: &Specifier, out: &mut String, bounds: &mut Bounds) -> Result<(), Exceeded> {
    if specifier.conversion == 'n' {
        out.push('\n');
        return Ok(());
    }
    pad("%", specifier, out, bounds)
}

fn write(specifier: &Specifier, value: &Value, out: &mut String, bounds: &mut Bounds) -> Result<(), Failure> {
    specifier.check()?;
    bounds.string(specifier.precision.unwrap_or(0))?;
    let text = match specifier.conversion.to_ascii_lowercase() {
        'b' => cut(
            match value {
                Value::Null => "false".to_owned(),
                Value::Bool(value) => value.to_string(),
                _ => "true".to_owned(),
            },
            specifier,
        ),
        's' => cut(crate::java::to_text(value, bounds)?.to_string(), specifier),
        'h' if !matches!(value, Value::Null) => cut(
            format!("{:x}", crate::java::hash_within(value, bounds)?),
            specifier,
        ),
        _ if matches!(value, Value::Null) => cut("null".to_owned(), specifier),
        'c' => character(specifier, value)?,
        'd' | 'o' | 'x' => integer::format(specifier, value, bounds)?,
        _ => float::format(specifier, value, bounds)?,
    };
    if specifier.conversion.is_ascii_uppercase() {
        pad(&text.to_uppercase(), specifier, out, bounds)?;
    } else {
        pad(&text, specifier, out, bounds)?;
    }
    Ok(())
}

/// No more characters than the precision says.
fn cut(mut text: String, specifier: &Specifier) -> String {
    if let Some(precision) = specifier.precision
        && let Some((end, _)) = text.char_indices().nth(precision)
    {
        text.truncate(end);
    }
    text
}

fn character(specifier: &Specifier, value: &Value) -> Result<String, Failure> {
    let Value::Int(code) = value else {
        return Err(specifier.mismatch(value));
    };
    let point = u32::try_from(*code).ok().filter(|code| *code <= 0x10_ffff);
    let point = point.ok_or_else(|| Failure::Thrown(format!("Code point = {code:#x}")))?;
    Ok(char::from_u32(point)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
        .to_string())
}

/// Appends `text` with blanks up to the width.
fn pad(text: &str, specifier: &Specifier, out: &mut String, bounds: &mut Bounds) -> Result<(), Exceeded> {
    let width = specifier.width.unwrap_or(0);
    let blanks = if width == 0 {
        0
    } else {
        width.saturating_sub(text.encode_utf16().count())
    };
    bounds.fits(out.len().saturating_add(text.len()).saturating_add(blanks))?;
    bounds.steps(1 + text.len().saturating_add(blanks) / 16)?;
    let blanks = std::iter::repeat_n(' ', blanks);
    if specifier.flags.contains(Flags::LEFT) {
        out.push_str(text);
        out.extend(blanks);
    } else {
        out.extend(blanks);
        out.push_str(text);
    }
    Ok(())
}

/// A number's digits with its sign, groups and zeros.
fn signed(
    magnitude: &str,
    negative: bool,
    specifier: &Specifier,
    bounds: &mut Bounds,
) -> Result<String, Failure> {
    let flags = specifier.flags;
    let parentheses = negative && flags.contains(Flags::PARENTHESES);
    let sign = match negative {
        true if parentheses => "(",
        true => "-",
        false if flags.contains(Flags::PLUS) => "+",
        false if flags.contains(Flags::BLANK) => " ",
        false => "",
    };
    let grouped = if flags.contains(Flags::GROUPS) {
        group(magnitude)
    } else {
        magnitude.to_owned()
    };
    let mut zeros = 0;
    if flags.contains(Flags::ZEROS) {
        let taken = sign.len() + grouped.len() + usize::from(parentheses);
        zeros = specifier.width.unwrap_or(0).saturating_sub(taken);
        bounds.string(zeros)?;
    }
    let end = if parentheses { ")" } else { "" };
    Ok(format!("{sign}{}{grouped}{end}", "0".repeat(zeros)))
}

/// Puts commas between the thousands of the whole part.
fn group(number: &str) -> String {
    let whole = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let mut out = String::with_capacity(number.len() + whole / 3);
    for (index, c) in number.chars().enumerate() {
        if index > 0 && index < whole && (whole - index) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}
