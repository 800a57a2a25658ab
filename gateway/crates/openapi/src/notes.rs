//! What OpenAPI itself says of an API's parts, as documentation parts: API Gateway has no other place for it.

use std::collections::HashMap;

use portcullis_model::{Documentation, DocumentationLocation, DocumentationPart, Extensions};
use serde_json::{Map, Value};

use crate::context::{At, Context};
use crate::documentation::{Said, settled};
use crate::extension::is_extension;
use crate::key::TAG_VALUE;

/// Members of an operation that only document.
pub(crate) const OF_METHOD: [&str; 5] = ["tags", "summary", "description", "externalDocs", "deprecated"];
/// Of `info`, beside the title, the description and the version, which the API has itself.
pub(crate) const OF_INFO: [&str; 4] = ["summary", "termsOfService", "contact", "license"];
/// Of the document.
pub(crate) const OF_API: [&str; 2] = ["tags", "externalDocs"];
/// Of a path.
pub(crate) const OF_RESOURCE: [&str; 2] = ["summary", "description"];
/// Of what has one text only.
pub(crate) const OF_OTHERS: [&str; 1] = ["description"];

/// The documentation of an API while it is read.
pub(crate) struct Notes {
    documentation: Documentation,
    /// What the extension says.
    said: Said,
    /// Where the part of a location is.
    places: HashMap<DocumentationLocation, usize>,
}

impl Notes {
    pub(crate) fn new(documentation: Documentation) -> Self {
        let parts = documentation.parts.iter().enumerate();
        Self {
            said: Said::new(&documentation),
            places: parts
                .map(|(index, part)| (settled(&part.location), index))
                .collect(),
            documentation,
        }
    }

    pub(crate) fn finish(self) -> Documentation {
        self.documentation
    }

    /// Takes the members `keys` of an object that say something about a part.
    pub(crate) fn take(
        &mut self,
        context: &mut Context<'_>,
        location: DocumentationLocation,
        at: &At<'_>,
        keys: &[&str],
    ) {
        if !context.keeps() {
            return;
        }
        let members = keys.iter().filter_map(|key| Some((*key, at.member(key)?)));
        let properties = members
            .filter(|(_, member)| !is_plain(&location, member))
            .map(|(key, member)| (key.to_owned(), member.node.to_json()))
            .collect();
        self.add(context, location, properties, at);
    }

    /// Adds what the extension does not say already.
    fn add(
        &mut self,
        context: &mut Context<'_>,
        location: DocumentationLocation,
        mut properties: Map<String, Value>,
        at: &At<'_>,
    ) {
        let said = self.said.of(&location);
        properties.retain(|key, value| said.and_then(|said| said.get(key)) != Some(value));
        if properties.is_empty() {
            return;
        }
        if let Some(index) = self.places.get(&settled(&location)) {
            if let Some(part) = self.documentation.parts.get_mut(*index) {
                merge(context, part, properties, at);
            }
            return;
        }
        // What it would have of a part above it, it has beside its own.
        let mut all = said.cloned().unwrap_or_default();
        all.extend(properties);
        self.places
            .insert(settled(&location), self.documentation.parts.len());
        self.documentation.parts.push(DocumentationPart {
            location,
            properties: Value::Object(all).to_string(),
        });
    }

    /// Takes out extensions that an export has put there because a part of the documentation has them.
    pub(crate) fn strip(&self, location: &DocumentationLocation, extensions: &mut Extensions) {
        if extensions.is_empty() || self.said.is_empty() {
            return;
        }
        if let Some(said) = self.said.of(location) {
            let is_said = |key: &String, text: &String| {
                serde_json::from_str::<Value>(text).is_ok_and(|value| said.get(key) == Some(&value))
            };
            extensions.retain(|key, text| !is_said(key, text));
        }
    }

    /// Takes what the document says about the whole API.
    pub(crate) fn api(&mut self, context: &mut Context<'_>, root: &At<'_>) {
        if !context.keeps() {
            return;
        }
        let location = part("API");
        let said = self.said.of(&location);
        let said_of_info = said.and_then(|said| said.get("info")).and_then(Value::as_object);
        let mut info = said_of_info.cloned().unwrap_or_default();
        let mut differs = false;
        for (key, member) in root.member("info").into_iter().flat_map(|at| at.members()) {
            if OF_INFO.contains(&key) || is_extension(key) {
                let value = member.node.to_json();
                differs |= info.get(key) != Some(&value);
                info.insert(key.to_owned(), value);
            }
        }
        let mut properties = Map::new();
        if differs {
            properties.insert("info".to_owned(), Value::Object(info));
        }
        for key in OF_API {
            let Some(member) = root.member(key) else { continue };
            let value = match (key, member.node.to_json()) {
                // Those with a value are the API's own.
                ("tags", Value::Array(mut tags)) => {
                    tags.retain(|tag| tag.get(TAG_VALUE).is_none());
                    Value::Array(tags)
                }
                (_, value) => value,
            };
            if value.as_array().is_none_or(|values| !values.is_empty()) {
                properties.insert(key.to_owned(), value);
            }
        }
        self.add_api(context, location, properties, root);
    }

    /// Unlike elsewhere, `info` is replaced where it has grown.
    fn add_api(
        &mut self,
        context: &mut Context<'_>,
        location: DocumentationLocation,
        mut properties: Map<String, Value>,
        root: &At<'_>,
    ) {
        let place = self.places.get(&settled(&location)).copied();
        if let Some(part) = place.and_then(|index| self.documentation.parts.get_mut(index))
            && let Some(info) = properties.remove("info")
        {
            let mut object: Map<String, Value> = serde_json::from_str(&part.properties).unwrap_or_default();
            object.insert("info".to_owned(), info);
            part.properties = Value::Object(object).to_string();
        }
        self.add(context, location, properties, root);
    }
}

/// Whether a description is the one that an export writes where there is none.
fn is_plain(location: &DocumentationLocation, member: &At<'_>) -> bool {
    let status = location.status_code.as_deref().unwrap_or_default();
    location.kind == "RESPONSE"
        && member
            .node
            .as_str()
            .is_some_and(|text| text == plain_description(status) || text.is_empty())
}

/// What an export calls a response that nothing is said about.
pub(crate) fn plain_description(status: &str) -> String {
    format!("{status} response")
}

/// Fills in what a part lacks; what it says otherwise it keeps.
fn merge(
    context: &mut Context<'_>,
    part: &mut DocumentationPart,
    properties: Map<String, Value>,
    at: &At<'_>,
) {
    let mut object: Map<String, Value> = serde_json::from_str(&part.properties).unwrap_or_default();
    for (key, value) in properties {
        if object.contains_key(&key) {
            let message = format!(
                "\"{key}\" is not what \"{}\" says, which counts",
                crate::key::DOCUMENTATION
            );
            context.warning("unused", &at.at(&key), message);
        } else {
            object.insert(key, value);
        }
    }
    part.properties = Value::Object(object).to_string();
}

/// A location that is only a type.
pub(crate) fn part(kind: &str) -> DocumentationLocation {
    DocumentationLocation {
        kind: kind.to_owned(),
        ..DocumentationLocation::default()
    }
}

/// Where an operation is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) path: &'p str,
    pub(crate) verb: &'p str,
}

impl Place<'_> {
    /// A part of the operation; `name` where the type has one.
    pub(crate) fn part(self, kind: &str, name: Option<&str>) -> DocumentationLocation {
        DocumentationLocation {
            path: Some(self.path.to_owned()),
            method: Some(self.verb.to_owned()),
            name: name.map(str::to_owned),
            ..part(kind)
        }
    }

    /// A part of one of its responses.
    pub(crate) fn response(self, kind: &str, status: &str, name: Option<&str>) -> DocumentationLocation {
        DocumentationLocation {
            status_code: Some(status.to_owned()),
            ..self.part(kind, name)
        }
    }
}
