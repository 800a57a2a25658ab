//! Vendor extensions: those that are read, those that API Gateway has, and those of others.

use portcullis_document::suggest;
use portcullis_model::Extensions;

use crate::context::{At, Context};
use crate::key;

/// What is read somewhere in a document, and where.
const READ: [(&str, &str); 21] = [
    (key::ANY_METHOD, "a path"),
    (key::INTEGRATION, "an operation"),
    ("x-amazon-apigateway-integrations", "\"components\""),
    ("x-amazon-apigateway-authtype", "a security scheme"),
    ("x-amazon-apigateway-authorizer", "a security scheme"),
    (key::REQUEST_VALIDATOR, "the document or an operation"),
    (key::REQUEST_VALIDATORS, DOCUMENT),
    (key::GATEWAY_RESPONSES, DOCUMENT),
    (key::BINARY_MEDIA_TYPES, DOCUMENT),
    (key::MINIMUM_COMPRESSION_SIZE, DOCUMENT),
    (key::CORS, DOCUMENT),
    (key::API_KEY_SOURCE, DOCUMENT),
    (key::POLICY, DOCUMENT),
    (key::SECURITY_POLICY, DOCUMENT),
    (key::ENDPOINT_ACCESS_MODE, DOCUMENT),
    (key::AUTH, "an operation"),
    (key::OUR_INTEGRATION, "an operation"),
    ("x-portcullis-plugin", "\"x-amazon-apigateway-authorizer\""),
    (key::TEMPLATE_ENGINE, "\"x-amazon-apigateway-integration\""),
    (key::CACHE, "\"x-amazon-apigateway-integration\""),
    (key::TRUST_BUNDLE, "\"x-amazon-apigateway-integration\""),
];

const DOCUMENT: &str = "the document itself";

/// What API Gateway reads without doing anything for a request.
const HARMLESS: [&str; 2] = [
    "x-amazon-apigateway-importexport-version",
    "x-amazon-apigateway-documentation",
];

/// What only the other kind of API has.
const OF_HTTP_APIS: &str = "x-amazon-apigateway-cors";

/// Whether a key is a vendor extension.
pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-") || key.starts_with("X-")
}

/// All of them.
#[cfg(test)]
pub(crate) fn read() -> impl Iterator<Item = &'static str> {
    READ.iter().map(|(name, _)| *name)
}

/// Whether an extension is read somewhere; what others hold is data.
pub(crate) fn is_read(key: &str) -> bool {
    READ.iter().any(|(name, _)| *name == key)
}

/// The extensions of an object that nobody here knows, to be written back: those that are not among `read`.
pub(crate) fn extensions(at: &At<'_>, read: &[&str]) -> Extensions {
    let unknown = |(name, _): &(&str, At<'_>)| is_extension(name) && !read.contains(name);
    at.members()
        .filter(unknown)
        .map(|(name, member)| (name.to_owned(), member.node.to_json().to_string()))
        .collect()
}

impl Context<'_> {
    /// Reports an extension that is not read where it is. Where the API is kept it is written back.
    pub(crate) fn extension(&mut self, pointer: &str, key: &str) {
        if self.keeps() {
            self.misplaced(pointer, key);
            return;
        }
        let lower = key.to_lowercase();
        let ours = lower.starts_with("x-amazon-") || lower.starts_with("x-portcullis");
        if HARMLESS.contains(&key) {
            return;
        }
        let known = READ.iter().map(|(name, _)| *name);
        if let Some((_, home)) = READ.iter().find(|(name, _)| *name == key) {
            let message = format!("\"{key}\" does not belong here, but in {home}");
            self.error("unknown-key", pointer, message);
        } else if key == OF_HTTP_APIS {
            let message = format!("\"{key}\" is for HTTP APIs, which this is not");
            let hint = format!("write the rules as \"{}\" in the document itself", key::CORS);
            self.error_with_hint("unsupported", pointer, message, hint);
        } else if let (true, Some(near)) = (ours, suggest(key, known)) {
            let message = format!("unknown extension \"{key}\"");
            self.error_with_hint(
                "unknown-key",
                pointer,
                message,
                format!("did you mean \"{near}\"?"),
            );
        } else if ours {
            let message = format!("\"{key}\" is not supported yet");
            let hint = "remove it, or leave this API where it is until it is supported";
            self.error_with_hint("unsupported", pointer, message, hint);
        } else {
            self.warning("unused", pointer, format!("nothing uses the extension \"{key}\""));
        }
    }

    /// Of an API that is kept, an extension that is read elsewhere is the only one that may be a mistake.
    fn misplaced(&mut self, pointer: &str, key: &str) {
        if let Some((_, home)) = READ.iter().find(|(name, _)| *name == key) {
            let message = format!("\"{key}\" does not belong here, but in {home}; nothing uses it");
            self.warning("unknown-key", pointer, message);
        }
    }
}
