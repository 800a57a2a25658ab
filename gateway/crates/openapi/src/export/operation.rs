//! One verb of one path.

use portcullis_model::{Method, Target};
use serde_json::{Value, json};

use super::Writer;
use super::object::Object;
use crate::key::{INTEGRATION, OUR_INTEGRATION, REQUEST_VALIDATOR};
use crate::notes::{OF_METHOD, OF_OTHERS, Place};

impl Writer<'_> {
    pub(super) fn operation(&self, place: Place<'_>, method: &Method) -> Object {
        let location = place.part("METHOD", None);
        let mut object = self
            .noted(&location, &OF_METHOD)
            .text("operationId", method.operation_name.as_ref());
        let mut parameters = self.parameters(place, method);
        object = self.request_body(place, method, object, &mut parameters);
        object = self.produces(method, object);
        object = object
            .array("parameters", parameters)
            .with("responses", self.responses(place, method))
            .some("security", self.security(method));
        if self.integrations() {
            object = object.text(REQUEST_VALIDATOR, method.request_validator.as_ref());
            object = match &method.integration {
                Some(integration) => {
                    let name = match integration.target {
                        Target::Plugin { .. } => OUR_INTEGRATION,
                        _ => INTEGRATION,
                    };
                    object.with(name, super::integration::integration(integration))
                }
                None => object,
            };
        }
        object
            .json_texts(&method.extensions)
            .members(self.noted_extensions(&location))
    }

    fn parameters(&self, place: Place<'_>, method: &Method) -> Vec<Value> {
        let parameters = method.request_parameters.iter();
        let parameters = parameters.filter_map(|(key, required)| {
            let (within, name) = key.strip_prefix("method.request.")?.split_once('.')?;
            let (within, kind) = match within {
                "path" => ("path", "PATH_PARAMETER"),
                "querystring" => ("query", "QUERY_PARAMETER"),
                "header" => ("header", "REQUEST_HEADER"),
                _ => return None,
            };
            let object = Object::default()
                .with("name", name)
                .with("in", within)
                .members(&self.noted(&place.part(kind, Some(name)), &OF_OTHERS).finish())
                .some("required", (*required || within == "path").then_some(true));
            Some(match self.is_swagger() {
                true => object.with("type", "string").into(),
                false => object.with("schema", json!({"type": "string"})).into(),
            })
        });
        parameters.collect()
    }
}
