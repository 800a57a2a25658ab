//! The world `mapping-template`.

use sha2::{Digest as _, Sha256};
use wasmtime::{
    Store,
    component::{Instance, InstancePre, ResourceAny},
};

use super::common::{Exports, Selection, text_size};
use crate::{
    CallError,
    bindings::mapping as wit,
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// How many compiled templates an instance keeps: those used last.
const KEPT_TEMPLATES: usize = 64;

/// A plugin that renders templates.
#[derive(Debug)]
pub struct MappingTemplate(Core<Engine>);

handle!(MappingTemplate, Engine);

/// A template as text, with what identifies it. Made once, and passed by reference for each rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateSource {
    text: String,
    options: Vec<(String, String)>,
    hash: [u8; 32],
}

/// What a template reads; nothing else need be passed to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// Whether it reads the body.
    pub body: bool,
    /// Request headers.
    pub headers: Selection,
    /// Query parameters.
    pub query: Selection,
    /// Path parameters.
    pub path_parameters: Selection,
    /// Stage variables.
    pub stage_variables: Selection,
    /// Dotted `$context` names; a name stands for all below it too.
    pub context: Selection,
}

/// A mistake in a template's text, found when it is compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct SyntaxError {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why a template has no text for an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The template does not compile.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// It cannot be rendered with this input.
    #[error("{line}:{column}: {message}")]
    Failed {
        /// From 1.
        line: u32,
        /// In characters, from 1.
        column: u32,
        /// What is wrong.
        message: String,
    },
    /// It takes too long or grows too large.
    #[error("{line}:{column}: {message}")]
    Limit {
        /// From 1.
        line: u32,
        /// In characters, from 1.
        column: u32,
        /// Which limit.
        message: String,
    },
}

/// What is rendered into a template: what it [reads](Reads).
pub type TemplateInput<'a> = wit::Input<'a>;

/// A rendered template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What it changes of the request to the backend.
    pub request: RequestOverride,
    /// What it changes of the response to the client.
    pub response: ResponseOverride,
    /// Whether it changed one of them more than once.
    pub repeated: bool,
}

/// What a template changes of the request to the backend; names and values are not checked here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOverride {
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Path parameters.
    pub path: Vec<(String, String)>,
}

/// What a template changes of the response to the client; names and values are not checked here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseOverride {
    /// Another status.
    pub status: Option<u16>,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

impl TemplateSource {
    /// A template's text, and options of its engine's own.
    pub fn new(text: impl Into<String>, options: Vec<(String, String)>) -> Self {
        let text = text.into();
        let mut hash = Sha256::new();
        let fields = options.iter().flat_map(|(name, value)| [name, value]);
        for field in fields.chain([&text]) {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        Self {
            text,
            options,
            hash: hash.finalize().into(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl MappingTemplate {
    /// Compiles a template, to know its mistakes before anyone calls, and what it reads. `id` is for the log.
    pub async fn compile(
        &self,
        id: &str,
        source: &TemplateSource,
    ) -> Result<Result<Reads, SyntaxError>, CallError> {
        let answer = self.0.pool.call(
            id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = exports.compile(store, source).await;
                (instance, answer.map(Ok))
            },
            |answer| answer.as_ref().map_or_else(syntax_error_size, reads_size),
        );
        Ok(answer.await?.map(Reads::from).map_err(SyntaxError::from))
    }

    /// Renders a template, within the plugin's limits. `id` is the request's.
    pub async fn render(
        &self,
        id: &str,
        source: &TemplateSource,
        input: TemplateInput<'_>,
    ) -> Result<Result<Rendered, RenderError>, CallError> {
        let answer = self.0.pool.call(
            id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = exports.render(store, source, input).await;
                (instance, answer.map(Ok))
            },
            |answer| answer.as_ref().map_or_else(render_error_size, rendered_size),
        );
        answer.await
    }
}

/// The exports of an instance, and the templates that it holds compiled.
pub(crate) struct Engine {
    guest: wit::Guest,
    /// Used last comes last.
    templates: Vec<([u8; 32], ResourceAny)>,
}

impl Exports for Engine {
    type Indices = wit::GuestIndices;

    fn indices(pre: &InstancePre<GuestState>) -> wasmtime::Result<Self::Indices> {
        wit::GuestIndices::new(pre)
    }

    fn load(
        indices: &Self::Indices,
        store: &mut Store<GuestState>,
        instance: &Instance,
    ) -> wasmtime::Result<Self> {
        Ok(Self {
            guest: indices.load(store, instance)?,
            templates: Vec::new(),
        })
    }
}

impl Engine {
    async fn compile(
        &mut self,
        store: &mut Store<GuestState>,
        source: &TemplateSource,
    ) -> wasmtime::Result<Result<wit::Reads, wit::SyntaxError>> {
        let template = self.guest.template();
        let options: Vec<(&str, &str)> = source
            .options
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let compiled = template.call_compile(&mut *store, &source.text, &options).await?;
        let (handle, reads) = match compiled {
            Ok(compiled) => compiled,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(at) = self.position(source) {
            let (_, old) = self.templates.remove(at);
            old.resource_drop_async(&mut *store).await?;
        } else if self.templates.len() >= KEPT_TEMPLATES {
            let (_, oldest) = self.templates.remove(0);
            oldest.resource_drop_async(&mut *store).await?;
        }
        self.templates.push((source.hash, handle));
        Ok(Ok(reads))
    }

    async fn render(
        &mut self,
        store: &mut Store<GuestState>,
        source: &TemplateSource,
        input: TemplateInput<'_>,
    ) -> wasmtime::Result<Result<Rendered, RenderError>> {
        match self.position(source) {
            Some(at) => {
                let used = self.templates.remove(at);
                self.templates.push(used);
            }
            None => {
                if let Err(error) = self.compile(store, source).await? {
                    return Ok(Err(RenderError::Syntax(error.into())));
                }
            }
        }
        let Some((_, handle)) = self.templates.last() else {
            return Err(wasmtime::format_err!(
                "the template was compiled and is not there"
            ));
        };
        let rendered = self.guest.template().call_render(store, *handle, input).await?;
        Ok(rendered.map(Rendered::from).map_err(RenderError::from))
    }

    fn position(&self, source: &TemplateSource) -> Option<usize> {
        self.templates.iter().rposition(|(hash, _)| *hash == source.hash)
    }
}

impl From<wit::Reads> for Reads {
    fn from(reads: wit::Reads) -> Self {
        Self {
            body: reads.body,
            headers: reads.headers.into(),
            query: reads.query.into(),
            path_parameters: reads.path_parameters.into(),
            stage_variables: reads.stage_variables.into(),
            context: reads.context.into(),
        }
    }
}

impl From<wit::SyntaxError> for SyntaxError {
    fn from(error: wit::SyntaxError) -> Self {
        Self {
            line: error.place.line,
            column: error.place.column,
            message: error.message,
            hint: error.hint,
        }
    }
}

impl From<wit::RenderError> for RenderError {
    fn from(error: wit::RenderError) -> Self {
        match error {
            wit::RenderError::Failed(failure) => Self::Failed {
                line: failure.place.line,
                column: failure.place.column,
                message: failure.message,
            },
            wit::RenderError::Limit(failure) => Self::Limit {
                line: failure.place.line,
                column: failure.place.column,
                message: failure.message,
            },
        }
    }
}

impl From<wit::Rendered> for Rendered {
    fn from(rendered: wit::Rendered) -> Self {
        Self {
            text: rendered.text,
            request: RequestOverride {
                headers: rendered.request.headers,
                query: rendered.request.query,
                path: rendered.request.path,
            },
            response: ResponseOverride {
                status: rendered.response.status,
                headers: rendered.response.headers,
            },
            repeated: rendered.repeated,
        }
    }
}

fn reads_size(reads: &wit::Reads) -> usize {
    use crate::bindings::types::Selection;

    [
        &reads.headers,
        &reads.query,
        &reads.path_parameters,
        &reads.stage_variables,
        &reads.context,
    ]
    .into_iter()
    .map(|selection| match selection {
        Selection::Only(names) => names.iter().map(String::len).sum(),
        Selection::None | Selection::All => 0,
    })
    .sum()
}

fn syntax_error_size(error: &wit::SyntaxError) -> usize {
    error.message.len() + text_size(error.hint.as_ref())
}

fn pairs_size(pairs: &[(String, String)]) -> usize {
    pairs.iter().map(|(name, value)| name.len() + value.len()).sum()
}

fn rendered_size(rendered: &Rendered) -> usize {
    let request = &rendered.request;
    let overrides = [
        &request.headers,
        &request.query,
        &request.path,
        &rendered.response.headers,
    ];
    rendered.text.len()
        + overrides
            .into_iter()
            .map(|pairs| pairs_size(pairs))
            .sum::<usize>()
}

fn render_error_size(error: &RenderError) -> usize {
    match error {
        RenderError::Syntax(error) => error.message.len() + text_size(error.hint.as_ref()),
        RenderError::Failed { message, .. } | RenderError::Limit { message, .. } => message.len(),
    }
}
