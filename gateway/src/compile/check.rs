//! Request validators and models.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis_model::{Method, RequestValidator};
use portcullis_schema::Schema;

use super::Compiler;
use super::template::media_type_key;
use crate::plan::{BodyForms, RequestChecks};

/// The API's models, compiled once for all methods.
pub(super) type Schemas = BTreeMap<String, Arc<Schema>>;

impl Compiler<'_> {
    /// The models that some method checks bodies by.
    pub(super) fn schemas(&mut self) -> Schemas {
        let api = self.input.api;
        let methods = api
            .resources
            .iter()
            .flat_map(|resource| resource.methods.values());
        let checking =
            methods.filter(|method| self.validator(method).is_some_and(|it| it.validate_request_body));
        let mut wanted: Vec<&str> = checking
            .flat_map(|method| method.request_models.values())
            .map(String::as_str)
            .filter(|name| api.models.contains_key(*name))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let models = api
            .models
            .iter()
            .map(|(name, model)| (name.as_str(), model.schema.as_str()));
        let compiled = portcullis_schema::compile(models, wanted);
        for problem in compiled.problems {
            let model = api
                .models
                .get(&problem.model)
                .map_or("", |model| model.pointer.as_str());
            let at = format!("{model}{}", problem.pointer);
            let message = format!(
                "the model `{}` cannot be used: {}",
                problem.model, problem.message
            );
            self.error("model", &at, message).hint = Some(problem.hint);
        }
        compiled
            .schemas
            .into_iter()
            .map(|(name, schema)| (name, Arc::new(schema)))
            .collect()
    }

    fn validator(&self, method: &Method) -> Option<&RequestValidator> {
        self.input
            .api
            .request_validators
            .get(method.request_validator.as_deref()?)
    }

    /// What is checked of a method's requests; `None` after a problem, nothing where there is nothing to check.
    pub(super) fn checks(
        &mut self,
        method: &Method,
        schemas: &Schemas,
    ) -> Option<Option<Box<RequestChecks>>> {
        let name = match method.request_validator.as_deref() {
            None | Some("") => return Some(None),
            Some(name) => name,
        };
        let Some(validator) = self.validator(method).cloned() else {
            let known: Vec<String> = self.input.api.request_validators.keys().cloned().collect();
            let message = format!("there is no request validator `{name}`");
            let problem = self
                .input
                .document
                .error("unknown-validator", &method.pointer, message);
            self.push(problem.did_you_mean(name, known.iter().map(String::as_str)));
            return None;
        };
        let mut checks = RequestChecks::default();
        if validator.validate_request_parameters {
            self.required(method, &mut checks);
        }
        if validator.validate_request_body {
            checks.body = self.forms(method, schemas)?;
        }
        let nothing = checks.headers.is_empty() && checks.query.is_empty() && checks.body.is_none();
        Some((!nothing).then(|| Box::new(checks)))
    }

    /// A path parameter is always there where the path matched.
    fn required(&mut self, method: &Method, checks: &mut RequestChecks) {
        for (name, _) in method
            .request_parameters
            .iter()
            .filter(|(_, required)| **required)
        {
            let rest = name.strip_prefix("method.request.");
            match rest.and_then(|rest| rest.split_once('.')) {
                Some(("header", name)) => {
                    if let Some(header) = self.header_name(&method.pointer, name) {
                        checks.headers.push((header, name.into()));
                    }
                }
                Some(("querystring", name)) => checks.query.push(name.into()),
                Some(("path", _)) => {}
                _ => {
                    let message = format!("`{name}` is no parameter of a request");
                    self.error("bad-parameter", &method.pointer, message).hint =
                        Some("use method.request.{path,querystring,header}.NAME".to_owned());
                }
            }
        }
    }

    fn forms(&mut self, method: &Method, schemas: &Schemas) -> Option<Option<BodyForms>> {
        let mut forms = BodyForms::default();
        for (content_type, model) in &method.request_models {
            // The two models that every API has (<https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>)
            // take any JSON.
            if matches!(model.as_str(), "Empty" | "Error") && !self.input.api.models.contains_key(model) {
                continue;
            }
            if !self.input.api.models.contains_key(model) {
                let known: Vec<&str> = self.input.api.models.keys().map(String::as_str).collect();
                let message = format!("there is no model `{model}`");
                let problem = self
                    .input
                    .document
                    .error("unknown-model", &method.pointer, message);
                self.push(problem.did_you_mean(model, known));
                return None;
            }
            // One that is not there has problems, which have been told.
            let schema = schemas.get(model)?.clone();
            match content_type.as_str() {
                "$default" => forms.default = Some(schema),
                _ => forms.by_type.push((media_type_key(content_type), schema)),
            }
        }
        let nothing = forms.by_type.is_empty() && forms.default.is_none();
        Some((!nothing).then_some(forms))
    }
}
