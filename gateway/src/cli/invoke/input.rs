//! What a request is made from, as the command line says it.

use std::io::Read as _;

use serde_json::{Map, Value, json};

use crate::cli::failure::Failure;
use crate::plan::Verb;

/// For clap: a verb, in upper case.
pub(super) fn verb(text: &str) -> Result<String, String> {
    let verb = text.to_ascii_uppercase();
    match Verb::parse(&verb) {
        Some(_) => Ok(verb),
        None => Err(format!(
            "it has to be one of {}",
            Verb::ALL.map(Verb::name).join(", ")
        )),
    }
}

/// For clap: a path.
pub(super) fn path(text: &str) -> Result<String, String> {
    match text.starts_with('/') {
        true => Ok(text.to_owned()),
        false => Err("it has to begin with a slash, such as '/pets/3?color=blue'".to_owned()),
    }
}

/// For clap: `NAME: VALUE`.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("it has to be NAME: VALUE".to_owned()),
    }
}

/// All values by their names, which have no case.
pub(super) fn headers(pairs: &[(String, String)]) -> Value {
    let mut headers = Map::new();
    for (name, value) in pairs {
        let values = headers
            .entry(name.to_ascii_lowercase())
            .or_insert_with(|| json!([]));
        if let Some(values) = values.as_array_mut() {
            values.push(json!(value));
        }
    }
    Value::Object(headers)
}

/// The text itself, or what the file has that it names.
pub(super) fn body(said: &str) -> Result<String, Failure> {
    let Some(file) = said.strip_prefix('@') else {
        return Ok(said.to_owned());
    };
    let read = match file {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        file => std::fs::read_to_string(file),
    };
    read.map_err(|error| {
        Failure::problem(format!("{file}: cannot read the body: {error}"))
            .hint("name a file of UTF-8 text after the @, or give the body itself")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_command_line_says() {
        assert_eq!(verb("get"), Ok("GET".to_owned()));
        for bad in ["ANY", "BREW", ""] {
            assert!(verb(bad).is_err(), "{bad}");
        }
        assert!(path("/a").is_ok() && path("a").is_err() && path("").is_err());
        assert_eq!(header("A: b: c "), Ok(("A".to_owned(), "b: c".to_owned())));
        assert_eq!(header("A:"), Ok(("A".to_owned(), String::new())));
        for bad in ["A", ": b", ""] {
            assert!(header(bad).is_err(), "{bad}");
        }
        let pairs = [("A", "1"), ("b", "2"), ("a", "3")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(headers(&pairs), json!({"a": ["1", "3"], "b": ["2"]}));
        assert_eq!(body("text"), Ok("text".to_owned()));
        assert!(body("@/nothing/there").is_err());
    }
}
