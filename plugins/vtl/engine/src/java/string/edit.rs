//! The methods of `String` that make others of it.

use crate::bounds::{Bounds, Failure};
use crate::java::{arguments, format, regex, regex::Regex, thrown, utf16};
use crate::value::{Element, List, ListKind, Text, Value};

pub(super) fn call(
    own: &Text,
    method: &str,
    arguments: &[Value],
    bounds: &mut Bounds,
) -> Result<Option<Value>, Failure> {
    Ok(Some(match (method, arguments) {
        ("substring", [Value::Int(start)]) => substring(own, *start, None)?,
        ("substring" | "subSequence", [Value::Int(start), Value::Int(end)]) => {
            substring(own, *start, Some(*end))?
        }
        ("concat", [other]) => match arguments::text(other) {
            Some(Some(other)) => {
                bounds.string(own.len().saturating_add(other.len()))?;
                Value::from([&**own, &**other].concat())
            }
            Some(None) => return thrown::null_pointer(),
            None => return Ok(None),
        },
        ("repeat", [Value::Int(count)]) => match usize::try_from(*count) {
            Ok(count) => {
                bounds.string(own.len().saturating_mul(count))?;
                Value::from(own.repeat(count))
            }
            Err(_) => return thrown::illegal_argument("count is negative"),
        },
        ("replace", [from, to]) => return replace(own, from, to, bounds),
        ("replaceAll" | "replaceFirst", [pattern, replacement]) => {
            let (Some(pattern), Some(replacement)) = (arguments::text(pattern), arguments::text(replacement))
            else {
                return Ok(None);
            };
            let Some(pattern) = pattern else {
                return thrown::null_pointer();
            };
            return replace_pattern(own, method == "replaceAll", pattern, replacement, bounds).map(Some);
        }
        ("split", [pattern]) => return split(own, pattern, 0, bounds),
        ("split", [pattern, Value::Int(limit)]) => return split(own, pattern, *limit, bounds),
        ("formatted", arguments) => Value::from(format::format(own, &spread(arguments), bounds)?),
        ("indent", [Value::Int(count)]) => indent(own, *count, bounds)?,
        ("getBytes", [Value::Text(charset)]) => match charset.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => super::bytes(own, bounds)?,
            _ => return thrown::thrown("java.io.UnsupportedEncodingException"),
        },
        ("resolveConstantDesc", [Value::Null]) => Value::Text(own.clone()),
        ("transform", [Value::Null]) => return thrown::null_pointer(),
        _ => return Ok(None),
    }))
}

/// What Java throws for a pattern that is none.
pub(super) fn bad_pattern<T>(error: &regex::Error) -> Result<T, Failure> {
    thrown::thrown(format!("java.util.regex.PatternSyntaxException: {error}"))
}

/// The arguments of a method with `Object...`: a single array is spread, and a single null is no array at all, of which
/// every conversion prints `null`.
pub(super) fn spread(arguments: &[Value]) -> Vec<Value> {
    match arguments {
        [Value::List(list)] if matches!(list.kind(), ListKind::Array(Element::Text | Element::Any)) => {
            list.items().clone()
        }
        [Value::Null] => vec![Value::Null; NULLS],
        arguments => arguments.to_vec(),
    }
}

/// As many nulls as any pattern may ask for of an array that is null itself.
const NULLS: usize = 16;

fn substring(own: &Text, start: i32, end: Option<i32>) -> Result<Value, Failure> {
    let length = utf16::length(own);
    let to = match end {
        None => Some(length),
        Some(end) => usize::try_from(end).ok().filter(|end| *end <= length),
    };
    let part = match (usize::try_from(start), to) {
        (Ok(start), Some(end)) => {
            if start == 0 && end == length {
                return Ok(Value::Text(own.clone()));
            }
            if own.is_ascii() {
                return match own.get(start..end) {
                    Some(part) => Ok(Value::text(part)),
                    None => out_of_range(start, end, length),
                };
            }
            utf16::slice(own, start, end)
        }
        _ => None,
    };
    match part {
        Some(part) => Ok(Value::from(part)),
        None => out_of_range(
            start,
            end.unwrap_or(i32::try_from(length).unwrap_or(i32::MAX)),
            length,
        ),
    }
}

fn out_of_range<T>(
    start: impl std::fmt::Display,
    end: impl std::fmt::Display,
    length: usize,
) -> Result<T, Failure> {
    thrown::thrown(format!(
        "java.lang.StringIndexOutOfBoundsException: begin {start}, end {end}, length {length}"
    ))
}

fn replace(own: &Text, from: &Value, to: &Value, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    if let (Some(from), Some(to)) = (arguments::char_unit(from), arguments::char_unit(to)) {
        let (from, to) = (utf16::unit_text(from), utf16::unit_text(to));
        return replace_literal(own, &from, &to, bounds).map(Some);
    }
    match (arguments::text(from), arguments::text(to)) {
        (Some(Some(from)), Some(Some(to))) => replace_literal(own, from, to, bounds).map(Some),
        (Some(_), Some(_)) => thrown::null_pointer(),
        _ => Ok(None),
    }
}

fn replace_literal(own: &Text, from: &str, to: &str, bounds: &mut Bounds) -> Result<Value, Failure> {
    let count = own.matches(from).count();
    if count == 0 {
        return Ok(Value::Text(own.clone()));
    }
    let kept = own.len().saturating_sub(count.saturating_mul(from.len()));
    bounds.string(kept.saturating_add(count.saturating_mul(to.len())))?;
    Ok(Value::from(own.replace(from, to)))
}

/// Whether a pattern stands for itself.
fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty()
        && !pattern.contains([
            '\\', '[', ']', '(', ')', '{', '}', '.', '*', '+', '?', '^', '$', '|',
        ])
}

fn replace_pattern(
    own: &Text,
    all: bool,
    pattern: &str,
    replacement: Option<&Text>,
    bounds: &mut Bounds,
) -> Result<Value, Failure> {
    let Some(replacement) = replacement else {
        // `replaceAll` asks for the replacement at the first match only.
        return match Regex::compile_within(pattern, bounds)? {
            Ok(regex) if all && regex.find_at(own, 0, bounds)?.is_none() => Ok(Value::Text(own.clone())),
            Ok(_) => thrown::null_pointer(),
            Err(error) => bad_pattern(&error),
        };
    };
    if all && is_literal(pattern) && !replacement.contains(['\\', '$']) {
        return replace_literal(own, pattern, replacement, bounds);
    }
    let regex = match Regex::compile_within(pattern, bounds)? {
        Ok(regex) => regex,
        Err(error) => return bad_pattern(&error),
    };
    let replaced = if all {
        regex.replace_all(own, replacement, bounds)?
    } else {
        regex.replace_first(own, replacement, bounds)?
    };
    Ok(Value::from(replaced))
}

fn split(own: &Text, pattern: &Value, limit: i32, bounds: &mut Bounds) -> Result<Option<Value>, Failure> {
    let pattern = match arguments::text(pattern) {
        Some(Some(pattern)) => pattern,
        Some(None) => return thrown::null_pointer(),
        None => return Ok(None),
    };
    let parts: Vec<Value> = match literal_of(pattern) {
        Some(literal) if limit == 0 => {
            let count = own.matches(literal).count();
            bounds.items(count.saturating_add(1))?;
            // Each part is a string of its own.
            bounds.list(count.saturating_mul(3).saturating_add(own.len() / 16))?;
            let mut parts: Vec<Value> = own.split(literal).map(Value::text).collect();
            if parts.len() > 1 {
                let empty = |part: &Value| matches!(part, Value::Text(text) if text.is_empty());
                while parts.last().is_some_and(empty) {
                    parts.pop();
                }
            }
            parts
        }
        _ => match Regex::compile_within(pattern, bounds)? {
            Ok(regex) => regex
                .split(own, limit, bounds)?
                .into_iter()
                .map(Value::from)
                .collect(),
            Err(error) => return bad_pattern(&error),
        },
    };
    bounds.items(parts.len())?;
    Ok(Some(Value::List(List::new(
        ListKind::Array(Element::Text),
        parts,
    ))))
}

/// The text for which a pattern stands: itself, or one escaped sign.
fn literal_of(pattern: &str) -> Option<&str> {
    if is_literal(pattern) {
        return Some(pattern);
    }
    let escaped = pattern.strip_prefix('\\')?;
    let mut chars = escaped.chars();
    let sign = chars.next()?.is_ascii_punctuation();
    (sign && chars.next().is_none()).then_some(escaped)
}

/// `indent`: moves every line, and ends each with a newline.
fn indent(own: &Text, count: i32, bounds: &mut Bounds) -> Result<Value, Failure> {
    if own.is_empty() {
        return Ok(Value::text(""));
    }
    let lines: Vec<&str> = lines(own);
    let by = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let mut length = own.len().saturating_add(lines.len());
    if count > 0 {
        length = length.saturating_add(by.saturating_mul(lines.len()));
    }
    bounds.string(length)?;
    let mut out = String::with_capacity(length);
    for line in lines {
        if count > 0 {
            out.extend(std::iter::repeat_n(' ', by));
            out.push_str(line);
        } else {
            let white = line
                .chars()
                .take(by)
                .take_while(|c| utf16::is_white(*c))
                .map(char::len_utf8)
                .sum::<usize>();
            out.push_str(line.get(white..).unwrap_or(""));
        }
        out.push('\n');
    }
    Ok(Value::from(out))
}

/// The lines between `\n`, `\r` and `\r\n`, without an empty last one.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match rest.find(['\n', '\r']) {
            Some(at) => {
                lines.push(rest.get(..at).unwrap_or(""));
                let end = rest.get(at..).unwrap_or("");
                rest = end.strip_prefix("\r\n").or_else(|| end.get(1..)).unwrap_or("");
            }
            None => {
                lines.push(rest);
                rest = "";
            }
        }
    }
    lines
}
