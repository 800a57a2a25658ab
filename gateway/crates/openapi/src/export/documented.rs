//! The documentation: its extension, and what of it stands where OpenAPI has a place for it
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-quick-start-publishing.html>).

use portcullis_model::DocumentationLocation;
use serde_json::{Map, Value};

use super::Writer;
use super::object::{Object, parsed};
use crate::extension::is_extension;
use crate::key::TAG_VALUE;
use crate::notes::{OF_API, OF_INFO, part};

impl Writer<'_> {
    /// What is said of a part with one of the names `keys`, to begin its object with.
    pub(super) fn noted(&self, location: &DocumentationLocation, keys: &[&str]) -> Object {
        let said = self.said.of(location).into_iter().flatten();
        let kept = said.filter(|(name, _)| keys.contains(&name.as_str()));
        Object::default().members(kept)
    }

    /// Vendor extensions that are said of a part, to end its object with.
    pub(super) fn noted_extensions(
        &self,
        location: &DocumentationLocation,
    ) -> impl Iterator<Item = (&String, &Value)> {
        let said = self.said.of(location).into_iter().flatten();
        said.filter(|(name, _)| is_extension(name) && !is_ours(name))
    }

    /// `info`.
    pub(super) fn info(&self) -> Object {
        let said = self.said.of(&part("API")).and_then(|said| said.get("info"));
        let said = said.and_then(Value::as_object).into_iter().flatten();
        let said = said.filter(|(name, _)| OF_INFO.contains(&name.as_str()) || is_extension(name));
        let version = self.options.info_version.as_ref().or(self.api.version.as_ref());
        Object::default()
            .with("title", self.api.name.as_str())
            .text("description", self.api.description.as_ref())
            .with("version", version.map(String::as_str).unwrap_or_default())
            .members(said)
    }

    /// What is said of the whole API, and its tags.
    pub(super) fn noted_api(&self) -> Object {
        let object = self.noted(&part("API"), &OF_API);
        let mut members = object.finish();
        let tags = self.api.tags.iter();
        let mut tags: Vec<Value> = tags
            .filter(|_| self.integrations())
            .map(|(name, value)| {
                Object::default()
                    .with("name", name.as_str())
                    .with(TAG_VALUE, value.as_str())
                    .into()
            })
            .collect();
        if let Some(Value::Array(said)) = members.shift_remove("tags") {
            tags.extend(said);
        }
        Object::default().array("tags", tags).members(&members)
    }

    /// The extension.
    pub(super) fn documentation(&self) -> Option<Map<String, Value>> {
        let documentation = &self.api.documentation;
        let wanted = self.options.extensions.documentation;
        if !wanted || (documentation.parts.is_empty() && documentation.version.is_none()) {
            return None;
        }
        let parts = documentation.parts.iter().map(|part| {
            let location = Object::default()
                .with("type", part.location.kind.as_str())
                .text("path", part.location.path.as_ref())
                .text("method", part.location.method.as_ref())
                .text("statusCode", part.location.status_code.as_ref())
                .text("name", part.location.name.as_ref());
            Object::default()
                .with("location", location)
                .with("properties", parsed(&part.properties))
                .into()
        });
        let object = Object::default()
            .text("version", documentation.version.as_ref())
            .text("createdDate", self.options.documentation_created.as_ref())
            .array("documentationParts", parts.collect());
        Some(object.finish())
    }
}

/// Whether an extension would act: what is said for people must not.
fn is_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("x-amazon-apigateway-") || name.starts_with("x-portcullis-")
}
