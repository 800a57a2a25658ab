use std::fmt;

use crate::{Field, Plugin, Selection};

/// A plugin that renders mapping templates: a template language of its own.
///
/// A template is compiled once in each instance that renders it, and kept there while it is used.
///
/// ```
/// use portcullis_plugin::testing::Instance;
/// use portcullis_plugin::{
///     MappingTemplate, NoConfig, Place, Plugin, Problem, Reads, RenderError, Rendered, SyntaxError, TemplateInput,
/// };
///
/// /// Puts the body where the template says `{}`.
/// struct Brackets;
///
/// impl Plugin for Brackets {
///     type Config = NoConfig;
///
///     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
/// }
///
/// impl MappingTemplate for Brackets {
///     type Template = (String, String);
///
///     fn compile(&self, source: &str, _: &[(String, String)]) -> Result<(Self::Template, Reads), SyntaxError> {
///         match source.split_once("{}") {
///             Some((before, after)) => Ok(((before.into(), after.into()), Reads::none().body())),
///             None => Err(SyntaxError::new(Place { line: 1, column: 1 }, "there is no {} for the body")),
///         }
///     }
///
///     fn render(&self, (before, after): &Self::Template, input: TemplateInput) -> Result<Rendered, RenderError> {
///         Ok(Rendered::text(format!("{before}{}{after}", input.body.unwrap_or_default())))
///     }
/// }
///
/// portcullis_plugin::export_mapping_template!(Brackets);
///
/// let brackets = Instance::<Brackets>::new(serde_json::json!({})).unwrap();
/// let input = TemplateInput { body: Some("1".into()), ..TemplateInput::default() };
/// assert_eq!(brackets.render("<{}>", &[], input).unwrap().text, "<1>");
/// ```
pub trait MappingTemplate: Plugin {
    /// A compiled template.
    type Template: 'static;

    /// Compiles a template. `options` are the engine's own, by name and value.
    ///
    /// # Errors
    ///
    /// The first mistake in the template, with its place.
    fn compile(
        &self,
        source: &str,
        options: &[(String, String)],
    ) -> Result<(Self::Template, Reads), SyntaxError>;

    /// Renders a template that this instance compiled.
    ///
    /// # Errors
    ///
    /// What stands in the way of a text for this input: a 500 for the caller, the message for the log.
    fn render(&self, template: &Self::Template, input: TemplateInput) -> Result<Rendered, RenderError>;
}

/// What a template reads of a request. Nothing else is passed to [`MappingTemplate::render`], so it must not say less than
/// the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// Whether it reads the body.
    pub body: bool,
    /// Request headers, by name in lower case.
    pub headers: Selection,
    /// Query parameters.
    pub query: Selection,
    /// Path parameters.
    pub path_parameters: Selection,
    /// Stage variables.
    pub stage_variables: Selection,
    /// Dotted `$context` names. A name stands for all below it too.
    pub context: Selection,
}

impl Reads {
    /// Nothing.
    pub fn none() -> Self {
        Self {
            body: false,
            headers: Selection::None,
            query: Selection::None,
            path_parameters: Selection::None,
            stage_variables: Selection::None,
            context: Selection::None,
        }
    }

    /// Everything: right where a template's text does not tell.
    pub fn all() -> Self {
        Self {
            body: true,
            headers: Selection::All,
            query: Selection::All,
            path_parameters: Selection::All,
            stage_variables: Selection::All,
            context: Selection::All,
        }
    }

    /// And the body.
    #[must_use]
    pub fn body(mut self) -> Self {
        self.body = true;
        self
    }
}

/// A place in a template's source; lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A mistake in a template's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where.
    pub place: Place,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl SyntaxError {
    /// A mistake without a hint.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            hint: None,
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

/// Why there is no text, and at which place of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFailure {
    /// Where.
    pub place: Place,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
}

/// Why a template has no text for an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// It cannot be rendered with this input.
    Failed(RenderFailure),
    /// It takes too long or grows too large.
    Limit(RenderFailure),
}

/// What is rendered into a template: no more than it [`Reads`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateInput {
    /// None where the template does not read it.
    pub body: Option<String>,
    /// Names in lower case, repeats kept.
    pub headers: Vec<Field>,
    /// Decoded, repeats kept.
    pub query: Vec<Field>,
    /// Names and values.
    pub path_parameters: Vec<(String, String)>,
    /// Names and values.
    pub stage_variables: Vec<(String, String)>,
    /// A JSON object, nested as `$context` is; empty for none.
    pub context_json: String,
}

/// What a template changes of the request to the backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOverride {
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Path parameters.
    pub path: Vec<(String, String)>,
}

/// What a template changes of the response to the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseOverride {
    /// The status.
    pub status: Option<u16>,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

/// A rendered template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What it changes of the request to the backend.
    pub request: RequestOverride,
    /// What it changes of the response to the client.
    pub response: ResponseOverride,
    /// Whether it changed one of them more than once: API Gateway answers that with an error, and so does the gateway.
    pub repeated: bool,
}

impl Rendered {
    /// A text that changes nothing else.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}
