//! What the control plane says, for people.

use std::time::Duration;

use serde_json::Value;

use super::print;
use crate::clock;

/// Prints JSON.
pub(super) fn json(value: &Value) {
    print::out(&format!("{value:#}"));
}

/// Prints a table; of none it says that there are none, on standard error.
pub(super) fn rows(headings: &[&str], rows: &[Vec<String>], what: &str) {
    if rows.is_empty() {
        print::err(&format!("no {what}"));
        return;
    }
    for line in lines(headings, rows) {
        print::out(&line);
    }
}

fn lines(headings: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let cells: Vec<Vec<String>> = std::iter::once(&headings)
        .chain(rows)
        .map(|row| row.iter().map(|cell| print::one_line(cell)).collect())
        .collect();
    let width = |column: usize| {
        let of_row = |row: &Vec<String>| row.get(column).map_or(0, |cell| cell.chars().count());
        cells.iter().map(of_row).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    cells.iter().map(line).collect()
}

/// Prints a document as lines of names and values.
pub(super) fn document(value: &Value) {
    let mut flat = Vec::new();
    flatten("", value, &mut flat);
    let width = flat.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (name, value) in flat {
        print::out(format!("{name:width$}  {value}").trim_end());
    }
}

fn flatten(name: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let name = if name.is_empty() {
                    member.clone()
                } else {
                    format!("{name}.{member}")
                };
                flatten(&name, value, into);
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            into.push((print::one_line(name), print::one_line(&items.join(", "))));
        }
        _ if name.ends_with("Date") => into.push((print::one_line(name), date(value))),
        _ => into.push((print::one_line(name), print::one_line(&scalar(value)))),
    }
}

/// A text as it is, anything else as JSON.
pub(super) fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member as text; an absent one is empty.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is seconds since 1970, for people.
pub(super) fn date_of(value: &Value, name: &str) -> String {
    value.get(name).map(date).unwrap_or_default()
}

fn date(value: &Value) -> String {
    match value.as_f64() {
        Some(seconds) if (0.0..=253_402_300_799.0).contains(&seconds) => {
            clock::iso_time(Duration::from_secs_f64(seconds))
        }
        _ => scalar(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "ü\u{1b}[31m".to_owned(), String::new()],
            vec!["long".to_owned(), "b".to_owned(), "c".to_owned()],
        ];
        assert_eq!(
            lines(&["ID", "NAME", "X"], &rows),
            [
                "ID    NAME         X",
                "a     ü\\u{1b}[31m",
                "long  b            c"
            ]
        );
    }

    #[test]
    fn documents_are_flat() {
        let mut flat = Vec::new();
        let value = json!({"a": {"b": 1, "c d": "x\ny"}, "createdDate": 0, "e": ["f", 2]});
        flatten("", &value, &mut flat);
        let expected = [
            ("a.b", "1"),
            ("a.c d", "x\\ny"),
            ("createdDate", "1970-01-01T00:00:00Z"),
            ("e", "f, 2"),
        ];
        assert_eq!(
            flat,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
