//! What a plugin is shown of a request: only what it said it reads, borrowed where possible.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use portcullis_plugin_host::{Field, Request};

use super::body::{Body, BodyError};
use super::call::{Call, Head};
use super::exchange::Exchange;
use super::refusal::Refusal;
use super::{context, percent};
use crate::plan::InterestPlan;
use crate::plan::interest::Selected;

type Text<'a> = Cow<'a, str>;

/// The selected parts of a request, as text. [`View::fields`] borrows them in the form that a plugin takes.
#[derive(Debug)]
pub struct View<'a> {
    exchange: &'a Exchange,
    head: &'a Head,
    query: Vec<(Text<'a>, Text<'a>)>,
    headers: Vec<(&'a str, Text<'a>)>,
    path_parameters: Vec<(&'a str, &'a str)>,
    stage_variables: Vec<(&'a str, &'a str)>,
    context: Vec<(Text<'a>, Text<'a>)>,
}

impl<'a> View<'a> {
    /// Gathers what `interest` selects.
    pub fn of(exchange: &'a Exchange, head: &'a Head, interest: &'a InterestPlan) -> Self {
        Self {
            exchange,
            head,
            query: query(head, &interest.query),
            headers: headers(&head.headers, &interest.headers),
            path_parameters: path_parameters(exchange, head, &interest.path_parameters),
            stage_variables: stage_variables(exchange, &interest.stage_variables),
            context: context_variables(exchange, head, &interest.context),
        }
    }

    /// The same, borrowed.
    pub fn fields(&'a self) -> Fields<'a> {
        let pair = |(name, value): &'a (Text<'a>, Text<'a>)| Field { name, value };
        Fields {
            view: self,
            query: self.query.iter().map(pair).collect(),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Field { name, value })
                .collect(),
            context: self
                .context
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .collect(),
        }
    }
}

/// A [`View`] in the form that a plugin takes.
#[derive(Debug)]
pub struct Fields<'a> {
    view: &'a View<'a>,
    query: Vec<Field<'a>>,
    headers: Vec<Field<'a>>,
    context: Vec<(&'a str, &'a str)>,
}

impl Fields<'_> {
    /// The request to pass.
    pub fn request<'b>(&'b self, body: Option<&'b Bytes>) -> Request<'b> {
        Request {
            id: self.view.exchange.id.as_str(),
            method: self.view.head.method.as_str(),
            path: self.view.head.path(),
            query: &self.query,
            headers: &self.headers,
            path_parameters: &self.view.path_parameters,
            stage_variables: &self.view.stage_variables,
            context: &self.context,
            body: body.map(|body| &**body),
        }
    }
}

/// Query parameters, decoded.
pub fn query<'a>(head: &'a Head, selected: &Selected<String>) -> Vec<(Text<'a>, Text<'a>)> {
    let pairs = || head.query().into_iter().flat_map(percent::query_pairs);
    match selected {
        Selected::None => Vec::new(),
        Selected::All => pairs().collect(),
        Selected::Only(names) => pairs()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name))
            .collect(),
    }
}

/// Headers as Latin-1 text, in order.
pub fn headers<'a>(
    headers: &'a HeaderMap,
    selected: &'a Selected<http::HeaderName>,
) -> Vec<(&'a str, Text<'a>)> {
    match selected {
        Selected::None => Vec::new(),
        Selected::All => headers
            .iter()
            .map(|(name, value)| (name.as_str(), latin1(value)))
            .collect(),
        Selected::Only(names) => {
            let values = |name: &'a http::HeaderName| {
                headers
                    .get_all(name)
                    .iter()
                    .map(|value| (name.as_str(), latin1(value)))
            };
            names.iter().flat_map(values).collect()
        }
    }
}

/// Path parameters, as sent.
pub fn path_parameters<'a>(
    exchange: &'a Exchange,
    head: &'a Head,
    selected: &Selected<String>,
) -> Vec<(&'a str, &'a str)> {
    if selected.is_none() {
        return Vec::new();
    }
    exchange
        .path_parameters(head)
        .filter(|(name, _)| is_selected(name, selected))
        .collect()
}

/// The stage's variables.
pub fn stage_variables<'a>(exchange: &'a Exchange, selected: &Selected<String>) -> Vec<(&'a str, &'a str)> {
    if selected.is_none() {
        return Vec::new();
    }
    let variables = exchange.stage.iter().flat_map(|stage| &stage.settings.variables);
    variables
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| is_selected(name, selected))
        .collect()
}

fn context_variables<'a>(
    exchange: &'a Exchange,
    head: &'a Head,
    selected: &'a Selected<String>,
) -> Vec<(Text<'a>, Text<'a>)> {
    match selected {
        Selected::None => Vec::new(),
        Selected::All => context::all(exchange, head),
        Selected::Only(names) => {
            let value = |name: &'a String| {
                Some((
                    Text::Borrowed(name.as_str()),
                    context::lookup(exchange, head, name)?,
                ))
            };
            names.iter().filter_map(value).collect()
        }
    }
}

fn is_selected(name: &str, selected: &Selected<String>) -> bool {
    match selected {
        Selected::None => false,
        Selected::All => true,
        Selected::Only(names) => names.iter().any(|wanted| wanted == name),
    }
}

/// A header's bytes as text: each byte a character.
pub fn latin1(value: &HeaderValue) -> Text<'_> {
    match value.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

/// A header value from Latin-1 text; none where it holds what no header can.
pub fn header_value(text: &str) -> Option<HeaderValue> {
    if text.is_ascii() {
        return HeaderValue::from_str(text).ok();
    }
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|char| u8::try_from(u32::from(char)).ok())
        .collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// Adds headers that a plugin gave; errs with the first that cannot be one.
pub fn add_headers(into: &mut HeaderMap, fields: &[(String, String)]) -> Result<(), String> {
    for (name, value) in fields {
        let (name, value) = header(name, value)?;
        into.append(name, value);
    }
    Ok(())
}

/// Puts headers that a plugin gave in the place of those of the same names.
pub fn set_headers(into: &mut HeaderMap, fields: &[(String, String)]) -> Result<(), String> {
    for (name, _) in fields {
        into.remove(name);
    }
    add_headers(into, fields)
}

fn header(name: &str, value: &str) -> Result<(http::HeaderName, HeaderValue), String> {
    let parsed = name.parse().ok().zip(header_value(value));
    parsed.ok_or_else(|| {
        format!(
            "`{}: {}` is not a header",
            name.escape_debug(),
            value.escape_debug()
        )
    })
}

/// Reads the body whole where a plugin asks for it, and keeps it for those that follow.
pub async fn body_for(
    exchange: &Exchange,
    interest: &InterestPlan,
    call: &mut Call,
) -> Result<Option<Bytes>, Refusal> {
    if !interest.body {
        return Ok(None);
    }
    let bytes = std::mem::take(&mut call.body)
        .held(&exchange.gateway.buffered)
        .await
        .map_err(|error| unreadable(&error))?;
    call.body = Body::from(bytes.clone());
    Ok(Some(bytes))
}

/// What a client whose body cannot be read is told.
pub fn unreadable(error: &BodyError) -> Refusal {
    match error {
        BodyError::TooLarge(_) => Refusal::too_large(),
        BodyError::Overloaded => Refusal::overloaded(),
        BodyError::Idle(_) | BodyError::Transport(_) | BodyError::Function(_) | BodyError::Unwanted => {
            Refusal::bad_request(r#"{"message": "Incomplete request body"}"#)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_bytes_survive_as_latin1() {
        let value = HeaderValue::from_bytes(b"caf\xe9\xff").expect("a header value");
        let text = latin1(&value).into_owned();
        assert_eq!(text, "café\u{ff}");
        assert_eq!(header_value(&text), Some(value));
        assert_eq!(header_value("snow\u{2603}"), None);
        assert_eq!(header_value("a\r\nb: c"), None);
    }
}
