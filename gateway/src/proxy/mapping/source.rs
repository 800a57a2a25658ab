//! Values of mapping expressions, of one request or of a backend's response to it.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_vtl::bounds::{Bounds, Limits};
use portcullis_vtl::json::{self, Style};
use portcullis_vtl::jsonpath::Path;
use portcullis_vtl::value::{Text as JsonText, Value};

use crate::plan::Source;
use crate::proxy::call::Head;
use crate::proxy::exchange::Exchange;
use crate::proxy::view::latin1;
use crate::proxy::{context, percent};

type Text<'a> = Cow<'a, str>;

/// The body begins like JSON and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidJson;

/// What mapping expressions read.
///
/// It is made and used up between two waits: the values of a JSON document belong to one thread.
#[derive(Debug)]
pub struct Values<'a> {
    exchange: &'a Exchange,
    head: &'a Head,
    /// The request's, or the response's.
    headers: &'a HeaderMap,
    body: &'a [u8],
    query: OnceCell<Vec<(Text<'a>, Text<'a>)>>,
    document: OnceCell<Result<Option<Value>, InvalidJson>>,
}

impl<'a> Values<'a> {
    /// Of a request.
    pub fn of_request(exchange: &'a Exchange, head: &'a Head, body: &'a [u8]) -> Self {
        Self::of_response(exchange, head, &head.headers, body)
    }

    /// Of a backend's response.
    pub fn of_response(
        exchange: &'a Exchange,
        head: &'a Head,
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Self {
        Self {
            exchange,
            head,
            headers,
            body,
            query: OnceCell::new(),
            document: OnceCell::new(),
        }
    }

    /// The value, of several the last one or, where the expression asks for all of them, joined by commas.
    pub fn text(&self, source: &Source) -> Result<Option<Text<'a>>, InvalidJson> {
        Ok(match source {
            Source::Static(text) => Some(Cow::Owned(text.to_string())),
            Source::Path(place) => self.path_parameter(*place),
            Source::Query(name) => self
                .query()
                .iter()
                .rfind(|(known, _)| **known == **name)
                .map(|(_, value)| value.clone()),
            Source::MultiQuery(name) => joined(&self.all_of_query(name), ","),
            Source::Header(name) => self.headers.get_all(name).iter().next_back().map(latin1),
            Source::MultiHeader(name) => joined(&self.all_of_header(name), ","),
            Source::Body => Some(self.body_text()),
            Source::BodyPath(path) => self.find(path)?.map(Cow::Owned),
            Source::Context(name) => self.context(name),
        })
    }

    /// The values, where a place can take several.
    pub fn texts(&self, source: &Source) -> Result<Vec<Text<'a>>, InvalidJson> {
        Ok(match source {
            Source::MultiQuery(name) => self.all_of_query(name),
            Source::MultiHeader(name) => self.all_of_header(name),
            other => self.text(other)?.into_iter().collect(),
        })
    }

    /// The value as that of a header. Bytes of a header stay as they are; other text is UTF-8.
    pub fn header(&self, source: &Source) -> Result<Option<HeaderValue>, Unmappable> {
        if let Source::Header(name) = source {
            return Ok(self.headers.get_all(name).iter().next_back().cloned());
        }
        let Some(text) = self.text(source)? else {
            return Ok(None);
        };
        HeaderValue::from_bytes(text.as_bytes())
            .map(Some)
            .map_err(|_| Unmappable::Header)
    }

    /// The values as those of a header that may be repeated.
    pub fn headers(&self, source: &Source) -> Result<Vec<HeaderValue>, Unmappable> {
        match source {
            Source::MultiHeader(name) => Ok(self.headers.get_all(name).iter().cloned().collect()),
            other => Ok(self.header(other)?.into_iter().collect()),
        }
    }

    /// A path parameter as it was sent, by its place in the method's path.
    pub fn capture(&self, place: usize) -> Text<'a> {
        self.path_parameter(place).unwrap_or_default()
    }

    fn path_parameter(&self, place: usize) -> Option<Text<'a>> {
        let range = self.exchange.matched.as_ref()?.captures.get(place)?.clone();
        self.head.path().get(range).map(Cow::Borrowed)
    }

    fn query(&self) -> &[(Text<'a>, Text<'a>)] {
        self.query.get_or_init(|| {
            self.head
                .query()
                .into_iter()
                .flat_map(percent::query_pairs)
                .collect()
        })
    }

    fn all_of_query(&self, name: &str) -> Vec<Text<'a>> {
        let of_name = self.query().iter().filter(|(known, _)| *known == name);
        of_name.map(|(_, value)| value.clone()).collect()
    }

    fn all_of_header(&self, name: &HeaderName) -> Vec<Text<'a>> {
        self.headers.get_all(name).iter().map(latin1).collect()
    }

    fn context(&self, name: &str) -> Option<Text<'a>> {
        if let Some(name) = name.strip_prefix(crate::compile::mapping::PATH_PARAMETER) {
            let mut parameters = self.exchange.path_parameters(self.head);
            return parameters
                .find(|(known, _)| *known == name)
                .map(|(_, value)| Cow::Borrowed(value));
        }
        context::lookup(self.exchange, self.head, name)
    }

    /// No body is an empty object, as templates see it too.
    fn body_text(&self) -> Text<'a> {
        match self.body {
            [] => Cow::Borrowed("{}"),
            body => String::from_utf8_lossy(body),
        }
    }

    /// What a JSONPath finds. A body that does not begin like JSON has nothing to find.
    fn find(&self, path: &str) -> Result<Option<String>, InvalidJson> {
        let document = self
            .document
            .get_or_init(|| parse(self.body))
            .as_ref()
            .map_err(|error| *error)?;
        let (Some(document), Ok(path)) = (document, Path::compile(path)) else {
            return Ok(None);
        };
        let mut bounds = Bounds::new(Limits::default());
        let found = path.read(document, &mut bounds).ok().flatten();
        Ok(found.and_then(|value| printed(&value, &mut bounds)))
    }
}

/// Why a value cannot be put where it should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmappable {
    /// The body begins like JSON and is none.
    Body,
    /// It holds what no header can.
    Header,
}

impl From<InvalidJson> for Unmappable {
    fn from(InvalidJson: InvalidJson) -> Self {
        Self::Body
    }
}

fn joined<'a>(values: &[Text<'a>], separator: &str) -> Option<Text<'a>> {
    (!values.is_empty()).then(|| Cow::Owned(values.join(separator)))
}

/// A document, where the body begins like one.
fn parse(body: &[u8]) -> Result<Option<Value>, InvalidJson> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Ok(None);
    };
    let text = text.trim_start();
    if !text.starts_with(['{', '[', '"', '\'']) {
        return Ok(None);
    }
    let mut bounds = Bounds::new(Limits::default());
    json::parse(&JsonText::from(text), &mut bounds)
        .map(Some)
        .map_err(|_| InvalidJson)
}

/// A text as it is, everything else as JSON; null is nothing.
fn printed(value: &Value, bounds: &mut Bounds) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(text.to_string()),
        other => {
            let mut out = String::new();
            json::print(other, &mut out, Style::Plain, bounds).ok()?;
            Some(out)
        }
    }
}
