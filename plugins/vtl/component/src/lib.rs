//! The world `mapping-template` for VTL: it hands templates and requests to the engine, and its answers back.

mod config;

use std::rc::Rc;

use portcullis_plugin::{
    Field, MappingTemplate, Place, Plugin, Problem, Reads, RenderError, RenderFailure, Rendered,
    RequestOverride, ResponseOverride, Selection, SyntaxError, TemplateInput,
};
use portcullis_vtl as vtl;
use portcullis_vtl::RenderErrorKind;

use config::Config;

/// A rendering makes and frees a hundred small values: this allocator is faster at that than the default one.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// The engine with its configuration.
#[derive(Debug)]
struct Vtl {
    options: vtl::Options,
}

impl Plugin for Vtl {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self {
            options: config.options()?,
        })
    }
}

impl MappingTemplate for Vtl {
    type Template = vtl::Template;

    fn compile(
        &self,
        source: &str,
        options: &[(String, String)],
    ) -> Result<(Self::Template, Reads), SyntaxError> {
        let mut chosen = self.options;
        for (name, value) in options {
            config::set(&mut chosen, name, value)
                .map_err(|message| SyntaxError::new(Place { line: 1, column: 1 }, message))?;
        }
        let template = vtl::Template::compile(source, &chosen).map_err(|error| SyntaxError {
            place: Place {
                line: error.line,
                column: error.column,
            },
            message: error.message,
            hint: error.hint,
        })?;
        let reads = reads(template.reads());
        Ok((template, reads))
    }

    fn render(&self, template: &Self::Template, input: TemplateInput) -> Result<Rendered, RenderError> {
        let rendered = template.render(Rc::new(vtl_request(input))).map_err(failure)?;
        let vtl::aws::Overrides {
            request,
            response,
            repeated,
        } = rendered.overrides;
        Ok(Rendered {
            text: rendered.text,
            request: RequestOverride {
                headers: request.headers,
                query: request.query,
                path: request.path,
            },
            response: ResponseOverride {
                status: response.status,
                headers: response.headers,
            },
            repeated,
        })
    }
}

fn vtl_request(input: TemplateInput) -> vtl::aws::Request {
    let pairs = |fields: Vec<Field>| {
        fields
            .into_iter()
            .map(|field| (field.name, field.value))
            .collect()
    };
    vtl::aws::Request {
        body: input.body.unwrap_or_default().into(),
        headers: pairs(input.headers),
        query: pairs(input.query),
        path: input.path_parameters,
        stage_variables: input.stage_variables,
        context: input.context_json.into(),
    }
}

fn reads(reads: &vtl::Reads) -> Reads {
    let selection = |selection: &vtl::Selection| match selection {
        vtl::Selection::None => Selection::None,
        vtl::Selection::All => Selection::All,
        vtl::Selection::Only(names) => Selection::Only(names.clone()),
    };
    Reads {
        body: reads.body,
        headers: selection(&reads.headers),
        query: selection(&reads.query),
        path_parameters: selection(&reads.path),
        stage_variables: selection(&reads.stage_variables),
        context: selection(&reads.context),
    }
}

fn failure(error: vtl::RenderError) -> RenderError {
    let failure = RenderFailure {
        place: Place {
            line: error.line,
            column: error.column,
        },
        message: error.message,
    };
    match error.kind {
        RenderErrorKind::Failed => RenderError::Failed(failure),
        RenderErrorKind::Limit(_) => RenderError::Limit(failure),
    }
}

portcullis_plugin::export_mapping_template!(Vtl);

#[cfg(test)]
mod tests;
