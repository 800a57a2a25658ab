//! How problems reach a person.

use std::io::Write as _;

use portcullis_document::Problem;

/// A line to standard output. A reader that went away is no reason to fail.
pub(super) fn out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line to standard error.
pub(super) fn err(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Every problem on standard error, and how many there are.
pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        err(&problem.to_string());
    }
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    if !problems.is_empty() {
        err(&format!(
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ));
    }
}

/// `1 stage`, `2 stages`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A text of others on one line: control characters, which a terminal would obey, are escaped.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}
