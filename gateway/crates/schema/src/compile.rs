//! The models of an API, to schemas.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, json};

use crate::{ModelProblem, Schema, explain::Explanation, limit, link::Linked, pattern, reference};

/// What [`compile`] gives.
#[derive(Debug, Default)]
pub struct Compiled {
    /// By name: each wanted model that nothing is wrong with, neither with itself nor with what it names.
    pub schemas: BTreeMap<String, Schema>,
    /// What is wrong with the others, by model and place, each once.
    pub problems: Vec<ModelProblem>,
}

/// Compiles the `wanted` ones of an API's `models`, given as name and JSON text, for deployment. Models that no wanted
/// one names, however indirectly, are not looked at.
///
/// A `$ref` names a place in its own schema, `#/definitions/pet` or `#`, or another model:
/// `https://apigateway.amazonaws.com/restapis/{any id}/models/{name}`, `#/definitions/{name}` or
/// `#/components/schemas/{name}`, the latter two where the schema itself has no such definition. Any other is a
/// problem; nothing is fetched.
pub fn compile<'a>(
    models: impl IntoIterator<Item = (&'a str, &'a str)>,
    wanted: impl IntoIterator<Item = &'a str>,
) -> Compiled {
    let models: BTreeMap<&str, &str> = models.into_iter().collect();
    let wanted: BTreeSet<&str> = wanted.into_iter().collect();
    if models.len() > limit::MODELS {
        let message = format!("the API has {} models", models.len());
        let hint = format!("at most {} are supported", limit::MODELS);
        let first = models.keys().next().copied().unwrap_or_default();
        let problems = vec![ModelProblem::new(first, "", message, hint)];
        return Compiled {
            schemas: BTreeMap::new(),
            problems,
        };
    }
    let mut linked = Linked::of(&models, &wanted);
    let mut problems = linked.take_problems();
    let linked = Arc::new(linked);
    let mut schemas = BTreeMap::new();
    for name in wanted {
        match schema(&linked, name) {
            None => {}
            Some(Ok(schema)) => {
                schemas.insert(name.to_owned(), schema);
            }
            Some(Err(problem)) => problems.push(problem),
        }
    }
    problems.sort_by(|a, b| (&a.model, &a.pointer).cmp(&(&b.model, &b.pointer)));
    Compiled { schemas, problems }
}

/// The schema of a model; nothing where it, or what it names, has a problem already.
fn schema(linked: &Arc<Linked>, name: &str) -> Option<Result<Schema, ModelProblem>> {
    let mut definitions = Map::new();
    let mut in_place = 1;
    for reached in linked.reached(name)? {
        in_place = linked.in_place(reached).max(in_place);
        definitions.insert(reached.to_owned(), linked.schema(reached)?.clone());
    }
    let document = json!({ "$ref": reference::linked(name, ""), "definitions": definitions });
    let validator = match pattern::options().build(&document) {
        Ok(validator) => validator,
        Err(error) => {
            let message = format!("the schema cannot be compiled: {}", error.masked());
            let hint = "models are JSON Schema of draft 4";
            return Some(Err(ModelProblem::new(name, "", message, hint)));
        }
    };
    let levels = limit::LEVELS.min(limit::SCHEMAS_AT_ONCE / in_place);
    let explanation = Explanation::new(name, Arc::clone(linked));
    Some(Ok(Schema::new(validator, explanation, levels)))
}
