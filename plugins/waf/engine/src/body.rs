//! The values in a body: of forms, of JSON, of parts, or the text itself.
//!
//! A body is read as what it looks like, not only as what it says it is: whoever reads it may not look at its type.

use crate::reading::text_of;

/// Is told a value, with the name of its field where it has one; false ends it.
type Told<'a> = dyn FnMut(Option<&str>, &str) -> bool + 'a;

/// Tells each value.
pub(crate) fn values(body: &[u8], content_type: &str, told: &mut Told<'_>) {
    let text = text_of(body);
    let content_type = content_type.to_ascii_lowercase();
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    if is_json && !strings(&text, told) {
        return;
    }
    if content_type.starts_with("multipart/") {
        parts(&text, told);
    } else if content_type.contains("form-urlencoded") {
        form(&text, told);
    } else if !is_json {
        let goes_on = told(None, &text);
        let is_form = text.contains('=') && !text.contains(['\n', '<']);
        if goes_on && is_form {
            form(&text, told);
        }
    }
}

fn form(text: &str, told: &mut Told<'_>) {
    for pair in text.split('&') {
        let pair = pair.replace('+', " ");
        let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
        if !told(None, name) || !told(Some(name), value) {
            return;
        }
    }
}

/// Each part with its headers: a name or a file's name is a value too.
fn parts(text: &str, told: &mut Told<'_>) {
    for part in text.split("\n--") {
        let (head, value) = part
            .split_once("\r\n\r\n")
            .or_else(|| part.split_once("\n\n"))
            .unwrap_or((part, ""));
        let name = quoted(head, "name=\"");
        let file = quoted(head, "filename=\"");
        let value = value.trim_end_matches(['\r', '\n']);
        if !file.is_none_or(|file| told(name, file)) || !told(name, value) {
            return;
        }
    }
}

fn quoted<'a>(head: &'a str, before: &str) -> Option<&'a str> {
    let (before, value) = head.split_once(before)?;
    // `filename` ends in `name`.
    if before.ends_with("file") {
        return quoted(value, "; name=\"");
    }
    value.split_once('"').map(|(value, _)| value)
}

/// The strings of JSON, whether all of it is there or not: names, and values with the last name before them. False: it
/// was ended.
fn strings(text: &str, told: &mut Told<'_>) -> bool {
    let mut rest = text;
    let mut name: Option<&str> = None;
    while let Some((_, inside)) = rest.split_once('"') {
        let end = end_of_string(inside);
        let (string, behind) = inside.split_at_checked(end).unwrap_or((inside, ""));
        rest = behind.get(1..).unwrap_or_default();
        let is_name = rest.trim_start().starts_with(':');
        if is_name {
            name = Some(string);
        }
        if !told(name.filter(|_| !is_name), string) {
            return false;
        }
    }
    true
}

fn end_of_string(inside: &str) -> usize {
    let mut escaped = false;
    inside
        .bytes()
        .position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .unwrap_or(inside.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str, content_type: &str) -> Vec<String> {
        let mut all = Vec::new();
        values(body.as_bytes(), content_type, &mut |name, value| {
            all.push(name.map_or_else(|| value.to_owned(), |name| format!("{name}:{value}")));
            true
        });
        all
    }

    #[test]
    fn finds_values_by_what_a_body_looks_like() {
        for (body, content_type, expected) in [
            (
                r#"{"a": "x\"y", "b": ["1", 2]}"#,
                "application/json",
                vec!["a", r#"a:x\"y"#, "b", "b:1"],
            ),
            (r#"{"a": "cut of"#, "text/plain", vec!["a", "a:cut of"]),
            (
                "a=1+2&b",
                "application/x-www-form-urlencoded",
                vec!["a", "a:1 2", "b", "b:"],
            ),
            ("a=1", "text/plain", vec!["a=1", "a", "a:1"]),
            ("some text", "", vec!["some text"]),
            (
                "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\ncontent\r\n--b--",
                "multipart/form-data; boundary=b",
                vec!["f:x.txt", "f:content", ":"],
            ),
        ] {
            let found = all(body, content_type);
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            if content_type.starts_with("multipart") {
                assert_eq!(found.get(..2), expected.get(..2), "{body}");
            } else {
                assert_eq!(found, expected, "{body}");
            }
        }
    }

    #[test]
    fn ends_when_it_is_told_to() {
        let mut seen = 0;
        values(b"a=1&b=2", "application/x-www-form-urlencoded", &mut |_, _| {
            seen += 1;
            false
        });
        assert_eq!(seen, 1);
    }
}
