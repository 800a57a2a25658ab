//! Mappings of parameters and bodies, ready to be carried out.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode};
use portcullis_model::{ContentHandling, PassthroughBehavior};
use portcullis_plugin_host::{MappingTemplate, TemplateSource};
use portcullis_vtl::bounds::{Bounds, Limits};
use portcullis_vtl::java::regex::Regex;

use super::interest::ReadsPlan;
use super::stage::PluginUse;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A text of the configuration's own.
    Static(Box<str>),
    /// A path parameter, by its place in the method's path.
    Path(usize),
    /// The last value of a query parameter.
    Query(Box<str>),
    /// All values of a query parameter.
    MultiQuery(Box<str>),
    /// The last value of a header: of the request, or of the backend's response.
    Header(HeaderName),
    /// All values of a header.
    MultiHeader(HeaderName),
    /// The body as it is.
    Body,
    /// What a JSONPath finds in the body. Its syntax has been checked.
    BodyPath(Box<str>),
    /// A `$context` variable.
    Context(Box<str>),
}

impl Source {
    /// Whether the body must be at hand.
    pub fn reads_body(&self) -> bool {
        matches!(self, Self::Body | Self::BodyPath(_))
    }
}

/// What is put into the request to the backend beside its body.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ParameterPlan {
    /// Query parameters.
    pub query: Vec<(Box<str>, Source)>,
    /// Headers.
    pub headers: Vec<(HeaderName, Source)>,
}

/// What fills a placeholder of a backend's URI.
#[derive(Debug, PartialEq, Eq)]
pub enum Slot {
    /// A path parameter as it was sent, by its place in the method's path.
    Capture(usize),
    /// Anything else, by the placeholder's name; it is encoded.
    Mapped(Source),
}

/// What fills a URI's placeholders, by their names, in the order of the URI.
pub type Slots = Vec<(Box<str>, Slot)>;

/// A mapping template.
#[derive(Debug)]
pub enum TemplatePlan {
    /// What it renders to, whatever it is passed: nothing in it is a variable or a directive.
    Constant(Box<str>),
    /// What a plugin renders.
    Rendered(Box<RenderedTemplate>),
}

/// A mapping template that a plugin renders.
#[derive(Debug)]
pub struct RenderedTemplate {
    /// Its text.
    pub source: TemplateSource,
    /// What it is passed.
    pub reads: ReadsPlan,
    /// What renders it.
    pub engine: PluginUse<Arc<MappingTemplate>>,
}

impl TemplatePlan {
    /// Whether the body must be at hand.
    pub fn reads_body(&self) -> bool {
        matches!(self, Self::Rendered(template) if template.reads.body)
    }
}

/// Templates by content type, in the document's order.
pub type Templates = Vec<(Box<str>, Arc<TemplatePlan>)>;

/// How the request to a backend is made where it is not the client's own.
#[derive(Debug)]
pub struct RequestPlan {
    /// Query parameters and headers.
    pub parameters: ParameterPlan,
    /// By the content type of the request, `$default` for all others.
    pub templates: Templates,
    /// What becomes of a body that no template is for.
    pub passthrough: PassthroughBehavior,
    /// How the body is turned before.
    pub content_handling: Option<ContentHandling>,
    /// Whether a header is mapped that API Gateway refuses to map: every request is a 500.
    pub illegal: bool,
}

/// Which response is made of a backend's.
#[derive(Debug)]
pub struct ResponsesPlan {
    /// Those with a pattern first, in the document's order; the default last.
    pub rules: Vec<ResponsePlan>,
}

/// How one response is made.
#[derive(Debug)]
pub struct ResponsePlan {
    /// The backend's statuses that it is for.
    pub statuses: Statuses,
    /// What a function's `errorMessage` must match whole, where it is a function that answers; every message where absent.
    pub message: Option<Regex>,
    /// The status that the client gets.
    pub status: StatusCode,
    /// Whether the method declares that status; else the response is a 500.
    pub declared: bool,
    /// Headers of the response.
    pub headers: Vec<(HeaderName, Source)>,
    /// By the content type of the backend's response.
    pub templates: Templates,
    /// How the body is turned before.
    pub content_handling: Option<ContentHandling>,
}

impl ResponsesPlan {
    /// The rule for a status.
    pub fn find(&self, status: u16) -> Option<&ResponsePlan> {
        self.rules.iter().find(|rule| rule.statuses.contains(status))
    }

    /// The rule for a function's `errorMessage`, which is empty where there is none. A pattern of a person's own meets a message
    /// of anybody's: an error says that it would take too long.
    pub fn find_message(&self, message: &str) -> Result<Option<&ResponsePlan>, String> {
        for rule in &self.rules {
            let Some(pattern) = &rule.message else {
                return Ok(Some(rule));
            };
            let mut bounds = Bounds::new(Limits::default());
            let matches = pattern.matches(message, &mut bounds);
            if matches.map_err(|failure| failure.to_string())? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }
}

/// A set of statuses, 100 to 999. A pattern is matched against each of them when the plan is made, so a request has
/// nothing to match.
#[derive(Clone, PartialEq, Eq)]
pub struct Statuses([u64; 15]);

impl Statuses {
    /// Every status.
    pub const ALL: Self = Self([u64::MAX; 15]);

    /// Those for which `matches` says so.
    pub fn of<E>(mut matches: impl FnMut(&str) -> Result<bool, E>) -> Result<Self, E> {
        let mut set = [0_u64; 15];
        for status in 100_u16..1000 {
            if matches(&status.to_string())?
                && let Some(word) = set.get_mut(usize::from((status - 100) / 64))
            {
                *word |= 1 << ((status - 100) % 64);
            }
        }
        Ok(Self(set))
    }

    /// Whether a status is one of them.
    pub fn contains(&self, status: u16) -> bool {
        let Some(place) = status.checked_sub(100) else {
            return false;
        };
        let word = self.0.get(usize::from(place / 64));
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

impl std::fmt::Debug for Statuses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        write!(formatter, "Statuses({count})")
    }
}

/// What the gateway answers for a gateway response type that is customised.
#[derive(Debug, Default)]
pub struct GatewayResponsePlan {
    /// Another status.
    pub status: Option<StatusCode>,
    /// Headers.
    pub headers: Vec<(HeaderName, Source)>,
    /// Bodies by content type; the default one's form where empty.
    pub templates: Vec<(HeaderValue, SimpleTemplate)>,
}

/// A text with variables in it and nothing else: gateway responses know no VTL.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SimpleTemplate(pub Vec<SimplePart>);

/// A part of a [`SimpleTemplate`].
#[derive(Debug, PartialEq, Eq)]
pub enum SimplePart {
    /// Stands as it is.
    Text(Box<str>),
    /// The value of a variable.
    Value(Source),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_just_the_statuses_that_match() {
        let even = Statuses::of(|status| Ok::<_, ()>(status.ends_with('4'))).expect("no error");
        for (status, expected) in [
            (204, true),
            (404, true),
            (200, false),
            (994, true),
            (99, false),
            (1004, false),
            (0, false),
        ] {
            assert_eq!(even.contains(status), expected, "{status}");
        }
        assert!(Statuses::ALL.contains(100) && Statuses::ALL.contains(999));
    }
}
