//! Mapping templates: which of them an API has, and what compiling them gave.
//!
//! A template is compiled by the plugin that renders it, which takes a call into the sandbox; so the reconciler has them
//! compiled before a stage is, once for all stages and reloads.

use std::collections::HashMap;
use std::sync::Arc;

use portcullis_document::pointer;
use portcullis_model::{Integration, RestApi, Target};
use portcullis_plugin_host::{Plugin, PluginKey, Reads, SyntaxError, TemplateSource};

use super::Compiler;
use super::lambda::is_function;
use crate::plan::{PluginUse, ReadsPlan, RenderedTemplate, TemplatePlan, Templates};

/// The engine of templates that name no other; it comes with the gateway.
pub const DEFAULT_ENGINE: &str = "vtl";
/// Bytes that a template may have
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>).
const LARGEST: usize = 300 * 1024;

/// What compiling a template gave: what it reads, its mistake, or why it could not be asked.
pub type Outcome = Result<Result<Reads, SyntaxError>, String>;

/// What compiling templates gave, by the engine that did and the text.
#[derive(Debug, Default, Clone)]
pub struct CompiledTemplates(HashMap<(PluginKey, Arc<str>), Outcome>);

impl CompiledTemplates {
    /// What is known of a template.
    pub fn get(&self, engine: PluginKey, text: &str) -> Option<&Outcome> {
        self.0.get(&(engine, text.into()))
    }

    /// Adds what compiling a template gave.
    pub fn insert(&mut self, engine: PluginKey, text: &str, outcome: Outcome) {
        self.0.insert((engine, text.into()), outcome);
    }

    /// Drops what is not in use any more.
    pub fn retain(&mut self, used: impl Fn(&PluginKey, &str) -> bool) {
        self.0.retain(|(engine, text), _| used(engine, text));
    }
}

/// The engine of an integration's templates.
pub fn engine_of(integration: &Integration) -> &str {
    integration.template_engine.as_deref().unwrap_or(DEFAULT_ENGINE)
}

/// Whether a template renders to itself: VTL without `$` and `#` is plain text. Of another language that is not known.
fn is_plain(engine: &str, text: &str) -> bool {
    engine == DEFAULT_ENGINE && !text.contains(['$', '#'])
}

/// The engines and templates of an API that are rendered, with repeats.
pub fn templates_of(api: &RestApi) -> impl Iterator<Item = (&str, &str)> {
    let methods = api
        .resources
        .iter()
        .flat_map(|resource| resource.methods.values());
    let integrations = methods.filter_map(|method| method.integration.as_ref());
    // The responses of a proxy come back as they are, whatever is said of them.
    let rendered = integrations.filter(|integration| match &integration.target {
        Target::Http(_) | Target::Mock => true,
        Target::Aws(target) => is_function(target),
        _ => false,
    });
    rendered.flat_map(|integration| {
        let responses = integration
            .responses
            .iter()
            .flat_map(|response| &response.response_templates);
        let texts = integration.request_templates.iter().chain(responses);
        texts
            .map(|(_, text)| (engine_of(integration), text.as_str()))
            .filter(|(engine, text)| !is_plain(engine, text))
    })
}

impl Compiler<'_> {
    /// Templates by content type; `None` after a problem.
    pub(super) fn templates(
        &mut self,
        at: &str,
        engine: &str,
        texts: &[(String, String)],
    ) -> Option<Templates> {
        let mut templates = Vec::with_capacity(texts.len());
        let mut right = true;
        for (content_type, text) in texts {
            let at = format!("{at}{}", pointer([content_type.as_str()]));
            match self.template(&at, engine, text) {
                Some(plan) => templates.push((media_type_key(content_type), plan)),
                None => right = false,
            }
        }
        right.then_some(templates)
    }

    fn template(&mut self, at: &str, engine: &str, text: &str) -> Option<Arc<TemplatePlan>> {
        if text.len() > LARGEST {
            self.error(
                "template",
                at,
                format!("the template has {} bytes; {LARGEST} are the most", text.len()),
            );
            return None;
        }
        if is_plain(engine, text) {
            return Some(Arc::new(TemplatePlan::Constant(text.into())));
        }
        let document = self.input.document;
        let engine_use =
            self.plugin_use(document, at, engine, "mapping-template", |plugin| match plugin {
                Plugin::MappingTemplate(engine) => Some(engine.clone()),
                _ => None,
            })?;
        let reads = match &engine_use {
            // It renders nothing, so it need not know.
            PluginUse::Broken { .. } => ReadsPlan::from(&nothing()),
            PluginUse::Ready(_) => self.compiled(at, engine, text)?,
        };
        Some(Arc::new(TemplatePlan::Rendered(Box::new(RenderedTemplate {
            source: TemplateSource::new(text, Vec::new()),
            reads,
            engine: engine_use,
        }))))
    }

    fn compiled(&mut self, at: &str, engine: &str, text: &str) -> Option<ReadsPlan> {
        let templates = self.input.templates;
        let outcome = self
            .input
            .keys
            .get(engine)
            .and_then(|key| templates.get(*key, text));
        match outcome {
            Some(Ok(Ok(reads))) => return Some(reads.into()),
            Some(Ok(Err(mistake))) => {
                let message = format!("the template has a mistake at {mistake}");
                let problem = self.error("template", at, message);
                problem.hint.clone_from(&mistake.hint);
            }
            Some(Err(reason)) => drop(self.error(
                "template",
                at,
                format!("the template cannot be compiled: {reason}"),
            )),
            None => drop(self.error("internal", at, "the template was not compiled")),
        }
        None
    }
}

/// A content type as templates are found by: in lower case, without parameters.
pub(super) fn media_type_key(content_type: &str) -> Box<str> {
    let essence = content_type.split(';').next().unwrap_or(content_type);
    essence.trim().to_ascii_lowercase().into()
}

fn nothing() -> Reads {
    use portcullis_plugin_host::Selection;
    Reads {
        body: false,
        headers: Selection::None,
        query: Selection::None,
        path_parameters: Selection::None,
        stage_variables: Selection::None,
        context: Selection::None,
    }
}
