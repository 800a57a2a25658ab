//! The bodies of requests and responses.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_model::{Method, MethodResponse};
use serde_json::{Map, Value, json};

use super::Writer;
use super::object::Object;
use super::schema::reference;
use crate::key::{REQUEST_MODELS, REQUIRED, RESPONSE_MODELS};
use crate::notes::{OF_OTHERS, Place, plain_description};

/// The models of bodies by content type.
type Models = BTreeMap<String, String>;

impl Writer<'_> {
    fn are_there(&self, models: &Models) -> bool {
        models.values().all(|name| self.api.models.contains_key(name))
    }

    fn schema_of(&self, name: &str) -> Value {
        reference(name, self.schema_home())
    }

    fn content(&self, models: &Models) -> Map<String, Value> {
        let content = models
            .iter()
            .map(|(of, name)| (of.clone(), json!({"schema": self.schema_of(name)})));
        content.collect()
    }

    /// The one model of a 2.0 body that has the content types `types` and no others.
    fn only<'m>(&self, models: &'m Models, types: &BTreeSet<&String>) -> Option<&'m String> {
        let first = models.values().next()?;
        let one = models.values().all(|name| name == first);
        let all = models.len() == types.len() && models.keys().all(|of| types.contains(of));
        (one && all && self.are_there(models)).then_some(first)
    }

    /// Adds the body of a request. Of 2.0 it is one of the `parameters`.
    pub(super) fn request_body(
        &self,
        place: Place<'_>,
        method: &Method,
        mut object: Object,
        parameters: &mut Vec<Value>,
    ) -> Object {
        let models = &method.request_models;
        if models.is_empty() {
            return object;
        }
        let location = place.part("REQUEST_BODY", None);
        if self.is_swagger()
            && let Some(name) = self.only(models, &models.keys().collect())
        {
            let body = Object::default()
                .with("in", "body")
                .with("name", name.as_str())
                .with("required", true)
                .members(&self.noted(&location, &OF_OTHERS).finish())
                .with("schema", self.schema_of(name));
            parameters.push(body.into());
            let types: Vec<&str> = models.keys().map(String::as_str).collect();
            return object.with("consumes", types);
        }
        if !self.is_swagger() && self.are_there(models) {
            let body = self.noted(&location, &OF_OTHERS);
            let body = body.with("content", self.content(models)).with("required", true);
            return object.with("requestBody", body);
        }
        if self.integrations() {
            object = object.map(REQUEST_MODELS, models);
        }
        object
    }

    /// Adds what 2.0 says of all responses of an operation: their content types.
    pub(super) fn produces(&self, method: &Method, object: Object) -> Object {
        let types: Vec<&str> = produced(method).into_iter().map(String::as_str).collect();
        match self.is_swagger() && !types.is_empty() {
            true => object.with("produces", types),
            false => object,
        }
    }

    pub(super) fn responses(&self, place: Place<'_>, method: &Method) -> Map<String, Value> {
        let produced = produced(method);
        let responses = method.responses.iter().map(|(status, response)| {
            (
                status.clone(),
                self.response(place, status, response, &produced).into(),
            )
        });
        responses.collect()
    }

    fn response(
        &self,
        place: Place<'_>,
        status: &str,
        response: &MethodResponse,
        produced: &BTreeSet<&String>,
    ) -> Object {
        let location = place.response("RESPONSE", status, None);
        let mut object = self
            .noted(&location, &OF_OTHERS)
            .members([(&"description".to_owned(), &Value::from(plain_description(status)))])
            .object("headers", self.headers(place, status, response));
        let models = &response.response_models;
        let inexpressible = match self.is_swagger() {
            true => {
                let name = self.only(models, produced);
                object = object.some("schema", name.map(|name| self.schema_of(name)));
                name.is_none() && !models.is_empty()
            }
            false if self.are_there(models) => {
                object = object.with("content", self.content(models));
                false
            }
            false => true,
        };
        if inexpressible && self.integrations() {
            object = object.map(RESPONSE_MODELS, models);
        }
        object
            .json_texts(&response.extensions)
            .members(self.noted_extensions(&location))
    }

    fn headers(&self, place: Place<'_>, status: &str, response: &MethodResponse) -> Map<String, Value> {
        let headers = response
            .response_parameters
            .iter()
            .filter_map(|(name, required)| {
                let name = name.strip_prefix("method.response.header.")?;
                let location = place.response("RESPONSE_HEADER", status, Some(name));
                let object = self.noted(&location, &OF_OTHERS);
                let required = required.then_some(true);
                let object = match self.is_swagger() {
                    true => object.with("type", "string").some(REQUIRED, required),
                    false => object
                        .some("required", required)
                        .with("schema", json!({"type": "string"})),
                };
                Some((name.to_owned(), object.into()))
            });
        headers.collect()
    }
}

/// The content types of all responses.
fn produced(method: &Method) -> BTreeSet<&String> {
    let responses = method.responses.values();
    responses
        .flat_map(|response| response.response_models.keys())
        .collect()
}
