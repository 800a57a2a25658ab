//! Rendering mapping templates through their plugin.

use std::borrow::Cow;
use std::sync::Arc;

use portcullis_plugin_host::{CallError, Field, RenderError, Rendered, TemplateInput};

use crate::plan::interest::Selected;
use crate::plan::{PluginUse, ReadsPlan, TemplatePlan, Templates};
use crate::proxy::call::Head;
use crate::proxy::context;
use crate::proxy::exchange::Exchange;
use crate::proxy::refusal::{Blame, Refusal};
use crate::proxy::view::{self, latin1};

/// The template for a media type in lower case.
pub fn find<'t>(templates: &'t Templates, media_type: &str) -> Option<&'t Arc<TemplatePlan>> {
    let of_type = templates.iter().find(|(known, _)| **known == *media_type);
    of_type.map(|(_, template)| template)
}

/// Renders a template over a body and what it reads of the request.
pub async fn render(
    exchange: &Exchange,
    head: &Head,
    template: &TemplatePlan,
    body: &[u8],
) -> Result<Rendered, Refusal> {
    let rendered = render_untold(exchange, head, template, body).await?;
    if let Some(trial) = &exchange.trial {
        trial.rendered(&rendered.text);
    }
    Ok(rendered)
}

async fn render_untold(
    exchange: &Exchange,
    head: &Head,
    template: &TemplatePlan,
    body: &[u8],
) -> Result<Rendered, Refusal> {
    let template = match template {
        TemplatePlan::Rendered(template) => template,
        TemplatePlan::Constant(text) => {
            return Ok(Rendered {
                text: text.to_string(),
                ..Rendered::default()
            });
        }
    };
    let PluginUse::Ready(engine) = &template.engine else {
        return Err(Refusal::configuration(Blame::Plugin));
    };
    // Bytes that stay bytes are no text that a template could read.
    let Ok(body) = std::str::from_utf8(body) else {
        exchange.log().misconfigured("the template's body is not text");
        return Err(Refusal::configuration(Blame::Gateway));
    };
    let input = Input::gather(exchange, head, &template.reads, body);
    let fields = input.fields();
    // Boxed: a call of a plugin is large, and requests without templates never poll it.
    let rendered =
        Box::pin(engine.render(exchange.id.as_str(), &template.source, fields.input(&input))).await;
    match rendered {
        Ok(Ok(rendered)) if rendered.repeated => {
            let log = exchange.log();
            log.misconfigured("the template overrides one parameter more than once");
            Err(Refusal::configuration(Blame::Gateway))
        }
        Ok(Ok(rendered)) => Ok(rendered),
        Ok(Err(error)) => Err(failed(exchange, &error)),
        Err(CallError::Busy { .. }) => Err(Refusal::overloaded()),
        // The plugin host has logged it.
        Err(_) => Err(Refusal::configuration(Blame::Plugin)),
    }
}

fn failed(exchange: &Exchange, error: &RenderError) -> Refusal {
    let log = exchange.log();
    log.misconfigured(format_args!("the template cannot be rendered: {error}"));
    Refusal::configuration(Blame::Gateway)
}

/// What a template reads, as text.
struct Input<'a> {
    body: Option<&'a str>,
    headers: Vec<(&'a str, Cow<'a, str>)>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    path: Vec<(&'a str, &'a str)>,
    stage_variables: Vec<(&'a str, &'a str)>,
    context: String,
}

impl<'a> Input<'a> {
    fn gather(exchange: &'a Exchange, head: &'a Head, reads: &'a ReadsPlan, body: &'a str) -> Self {
        Self {
            body: reads.body.then_some(body),
            headers: headers(head, &reads.headers),
            query: view::query(head, &reads.query),
            path: view::path_parameters(exchange, head, &reads.path_parameters),
            stage_variables: view::stage_variables(exchange, &reads.stage_variables),
            context: context::json(exchange, head, &reads.context),
        }
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Field { name, value })
                .collect(),
            query: self
                .query
                .iter()
                .map(|(name, value)| Field { name, value })
                .collect(),
        }
    }
}

struct Fields<'a> {
    headers: Vec<Field<'a>>,
    query: Vec<Field<'a>>,
}

impl<'a> Fields<'a> {
    fn input(&'a self, of: &'a Input<'_>) -> TemplateInput<'a> {
        TemplateInput {
            body: of.body,
            headers: &self.headers,
            query: &self.query,
            path_parameters: &of.path,
            stage_variables: &of.stage_variables,
            context_json: &of.context,
        }
    }
}

/// A header goes under the spelling that the template looks for; names have no case in HTTP.
fn headers<'a>(
    head: &'a Head,
    selected: &'a Selected<(http::HeaderName, Box<str>)>,
) -> Vec<(&'a str, Cow<'a, str>)> {
    match selected {
        Selected::None => Vec::new(),
        Selected::All => head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), latin1(value)))
            .collect(),
        Selected::Only(names) => names
            .iter()
            .flat_map(|(name, spelled)| {
                let values = head.headers.get_all(name).iter();
                values.map(|value| (&**spelled, latin1(value)))
            })
            .collect(),
    }
}
