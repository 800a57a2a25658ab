//! What is said of an API's parts: the extension that API Gateway has for it, and what OpenAPI itself says beside it.

use portcullis_model::{Documentation, DocumentationLocation, DocumentationPart};
use serde_json::{Map, Value};

use crate::context::{At, Context};
use crate::key::DOCUMENTATION;

/// Reads the extension
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-documentation.html>);
/// parts that are wrong are left out.
pub(crate) fn of_extension<'d>(context: &mut Context<'d>, root: &At<'d>) -> Documentation {
    const READ: [&str; 3] = ["version", "documentationParts", "createdDate"];
    let mut documentation = Documentation::default();
    let Some(at) = root.member(DOCUMENTATION) else {
        return documentation;
    };
    if context.object(&at).is_none() {
        return documentation;
    }
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.setting(&member.pointer, name, &READ);
    }
    documentation.version = context.optional_string(&at, "version").map(str::to_owned);
    let mut seen = std::collections::HashSet::new();
    for element in context.elements(&at, "documentationParts").unwrap_or_default() {
        let Some(part) = part(context, &element) else {
            continue;
        };
        if seen.insert(part.location.clone()) {
            documentation.parts.push(part);
        } else {
            context.error("documentation", &element.pointer, "this part is documented twice");
        }
    }
    documentation
}

fn part<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<DocumentationPart> {
    context.object(at)?;
    let Some(location) = at.member("location") else {
        context.error("missing-key", &at.pointer, "missing required key \"location\"");
        return None;
    };
    context.object(&location)?;
    let text =
        |context: &mut Context<'d>, key: &str| context.optional_string(&location, key).map(str::to_owned);
    let location = DocumentationLocation {
        kind: context.required_string(&location, "type")?.to_owned(),
        path: text(context, "path"),
        method: text(context, "method"),
        status_code: text(context, "statusCode"),
        name: text(context, "name"),
    };
    // An object, or what the wire has: the JSON text of one.
    let properties = match at.member("properties") {
        Some(member) => match member.node.as_str() {
            Some(text) => text.to_owned(),
            None => context
                .object(&member)
                .map(|_| member.node.to_json().to_string())?,
        },
        None => "{}".to_owned(),
    };
    Some(DocumentationPart { location, properties })
}

/// What the parts of a documentation say of one part of the API, the nearest first: of the path itself, then of those
/// above it; of the verb, then of all.
pub(crate) struct Said {
    by_location: std::collections::HashMap<DocumentationLocation, Map<String, Value>>,
}

impl Said {
    pub(crate) fn new(documentation: &Documentation) -> Self {
        let parts = documentation.parts.iter().filter_map(|part| {
            let properties = serde_json::from_str(&part.properties).ok()?;
            Some((settled(&part.location), properties))
        });
        Self {
            by_location: parts.collect(),
        }
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_location.is_empty()
    }

    /// What is said of a part.
    pub(crate) fn of(&self, location: &DocumentationLocation) -> Option<&Map<String, Value>> {
        let mut location = settled(location);
        let verb = location.method.clone();
        let status = location.status_code.clone();
        loop {
            for method in either(&verb) {
                for status_code in either(&status) {
                    location.method.clone_from(&method);
                    location.status_code = status_code;
                    if let Some(found) = self.by_location.get(&location) {
                        return Some(found);
                    }
                }
            }
            let path = location.path.as_deref()?;
            let (parent, _) = path.rsplit_once('/').filter(|_| path != "/")?;
            location.path = Some(if parent.is_empty() { "/" } else { parent }.to_owned());
        }
    }
}

/// A value, and what stands for all.
fn either(value: &Option<String>) -> Vec<Option<String>> {
    match value.as_deref() {
        None | Some("*") => vec![value.clone()],
        Some(_) => vec![value.clone(), Some("*".to_owned())],
    }
}

/// A location with what it means where it says nothing
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPartLocation.html>).
pub(crate) fn settled(location: &DocumentationLocation) -> DocumentationLocation {
    let (path, method, status) = match location.kind.as_str() {
        "API" | "AUTHORIZER" | "MODEL" => (false, false, false),
        "RESOURCE" => (true, false, false),
        "RESPONSE" | "RESPONSE_HEADER" | "RESPONSE_BODY" => (true, true, true),
        _ => (true, true, false),
    };
    let or = |wanted: bool, said: &Option<String>, otherwise: &str| {
        wanted.then(|| said.clone().unwrap_or_else(|| otherwise.to_owned()))
    };
    DocumentationLocation {
        kind: location.kind.clone(),
        path: or(path, &location.path, "/"),
        method: or(method, &location.method, "*"),
        status_code: or(status, &location.status_code, "*"),
        name: location.name.clone(),
    }
}
