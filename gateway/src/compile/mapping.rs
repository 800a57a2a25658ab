//! The expressions of parameter mappings
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>).

use std::sync::Arc;

use http::HeaderName;
use portcullis_vtl::jsonpath;

use super::Compiler;
use crate::plan::{SimplePart, SimpleTemplate, Source};

/// Whose data an expression may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads<'a> {
    /// `method.request.…`; the names of the path's parameters.
    Request(&'a [Arc<str>]),
    /// `integration.response.…`
    Response,
    /// `method.request.…` but for the body: a gateway response.
    Refused,
}

/// Where a mapping is, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping<'a> {
    /// A pointer to the expression.
    pub(super) at: &'a str,
    /// The expression.
    pub(super) from: &'a str,
}

impl Compiler<'_> {
    /// An expression; `None` after a problem.
    pub(super) fn source(&mut self, mapping: Mapping<'_>, reads: Reads<'_>) -> Option<Source> {
        let from = mapping.from;
        if let Some(text) = quoted(from) {
            return Some(Source::Static(text.into()));
        }
        if let Some(name) = from.strip_prefix("stageVariables.") {
            // A variable that the stage lacks has no value, as on AWS.
            let value = self.input.settings.variables.get(name);
            return Some(Source::Static(value.map_or("", String::as_str).into()));
        }
        if let Some(name) = from.strip_prefix("context.").filter(|name| !name.is_empty()) {
            return Some(Source::Context(name.into()));
        }
        let found = match reads {
            Reads::Request(names) => from
                .strip_prefix("method.request.")
                .map(|rest| request(rest, Some(names))),
            Reads::Refused => from
                .strip_prefix("method.request.")
                .map(|rest| request(rest, None)),
            Reads::Response => from.strip_prefix("integration.response.").map(response),
        };
        let reason = match found {
            Some(Ok(source)) => return Some(source),
            Some(Err(reason)) => reason,
            None => "it is no place that can be read here".to_owned(),
        };
        let expected = match reads {
            Reads::Request(_) | Reads::Refused => {
                "method.request.{path,querystring,multivaluequerystring,header,multivalueheader}.NAME"
            }
            Reads::Response => {
                "integration.response.{header,multivalueheader}.NAME or integration.response.body"
            }
        };
        let problem = self.error(
            "bad-mapping",
            mapping.at,
            format!("`{from}` cannot be mapped: {reason}"),
        );
        problem.hint = Some(format!(
            "use {expected}, context.NAME, stageVariables.NAME, or a text in single quotes"
        ));
        None
    }

    /// The name of a header; `None` after a problem.
    pub(super) fn header_name(&mut self, at: &str, name: &str) -> Option<HeaderName> {
        let header = name.parse().ok();
        if header.is_none() {
            self.error("bad-mapping", at, format!("`{name}` is not the name of a header"));
        }
        header
    }

    /// A text with variables; what is no variable stays as it is.
    pub(super) fn simple_template(&mut self, text: &str) -> SimpleTemplate {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', 'm']) {
            let (before, behind) = rest.split_at(at);
            literal.push_str(before);
            if let Some((source, after)) = self.variable(behind, literal.chars().next_back()) {
                if !literal.is_empty() {
                    parts.push(SimplePart::Text(std::mem::take(&mut literal).into()));
                }
                parts.push(SimplePart::Value(source));
                rest = after;
            } else {
                let mut chars = behind.chars();
                literal.extend(chars.next());
                rest = chars.as_str();
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(SimplePart::Text(literal.into()));
        }
        SimpleTemplate(parts)
    }

    /// The variable that a text begins with, and what is behind it.
    fn variable<'t>(&self, text: &'t str, before: Option<char>) -> Option<(Source, &'t str)> {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let named = |prefix: &str| {
            let (plain, braced) = match text.strip_prefix("${") {
                Some(plain) => (plain, true),
                None => (text.strip_prefix('$')?, false),
            };
            let rest = plain.strip_prefix(prefix)?;
            let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            // A full stop behind a variable ends a sentence.
            let trimmed = name.trim_end_matches(['.', '-']);
            let after = match braced {
                true => after.strip_prefix('}').filter(|_| trimmed == name)?,
                false => text.get(text.len() - after.len() - (name.len() - trimmed.len())..)?,
            };
            (!trimmed.is_empty()).then_some((trimmed, after))
        };
        if let Some((name, after)) = named("context.") {
            return Some((Source::Context(name.into()), after));
        }
        if let Some((name, after)) = named("stageVariables.") {
            let value = self.input.settings.variables.get(name);
            return Some((Source::Static(value.map_or("", String::as_str).into()), after));
        }
        if let Some((name, after)) = named("method.request.") {
            return Some((request(name, None).ok()?, after));
        }
        // The name may stand without its sign too.
        if before.is_some_and(inner) {
            return None;
        }
        let rest = text.strip_prefix("method.request.")?;
        let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        Some((request(name, None).ok()?, after))
    }
}

/// The text between single quotes.
fn quoted(from: &str) -> Option<&str> {
    from.strip_prefix('\'')?.strip_suffix('\'')
}

/// What stands behind `method.request.`. Without names of path parameters they are found by name.
fn request(rest: &str, names: Option<&[Arc<str>]>) -> Result<Source, String> {
    if let Some(source) = body(rest)? {
        return match names {
            Some(_) => Ok(source),
            None => Err("a gateway response has no body to read".to_owned()),
        };
    }
    let (kind, name) = named(rest)?;
    Ok(match kind {
        "path" => match names {
            Some(names) => {
                let place = names.iter().position(|known| **known == *name);
                Source::Path(place.ok_or_else(|| format!("`{name}` is no parameter of the path"))?)
            }
            None => Source::Context(format!("{PATH_PARAMETER}{name}").into()),
        },
        "querystring" => Source::Query(name.into()),
        "multivaluequerystring" => Source::MultiQuery(name.into()),
        "header" => Source::Header(header(name)?),
        "multivalueheader" => Source::MultiHeader(header(name)?),
        other => return Err(format!("there is no `{other}`")),
    })
}

/// Gateway responses belong to no method, so they know a path parameter by its name alone.
pub(crate) const PATH_PARAMETER: &str = "path.";

/// What stands behind `integration.response.`.
fn response(rest: &str) -> Result<Source, String> {
    if let Some(source) = body(rest)? {
        return Ok(source);
    }
    let (kind, name) = named(rest)?;
    Ok(match kind {
        "header" => Source::Header(header(name)?),
        "multivalueheader" => Source::MultiHeader(header(name)?),
        other => return Err(format!("there is no `{other}`")),
    })
}

fn body(rest: &str) -> Result<Option<Source>, String> {
    if rest == "body" {
        return Ok(Some(Source::Body));
    }
    let path = match rest
        .strip_prefix("body.")
        .or_else(|| rest.strip_prefix("body").filter(|path| path.starts_with('[')))
    {
        Some(path) => path,
        None => return Ok(None),
    };
    jsonpath::Path::compile(path).map_err(|error| error.to_string())?;
    Ok(Some(Source::BodyPath(path.into())))
}

fn named(rest: &str) -> Result<(&str, &str), String> {
    let found = rest.split_once('.').filter(|(_, name)| !name.is_empty());
    found.ok_or_else(|| "it has no name".to_owned())
}

fn header(name: &str) -> Result<HeaderName, String> {
    name.parse()
        .map_err(|_| format!("`{name}` is not the name of a header"))
}
