//! Vendor extensions: those that are read, those that API Gateway has, and those of others.

use portcullis_document::suggest;

use crate::context::Context;

/// What is read somewhere in a document.
const READ: [&str; 7] = [
    crate::key::ANY_METHOD,
    "x-amazon-apigateway-integration",
    "x-amazon-apigateway-integrations",
    "x-amazon-apigateway-authtype",
    "x-amazon-apigateway-authorizer",
    "x-portcullis-integration",
    "x-portcullis-plugin",
];

/// What API Gateway reads without doing anything for a request.
const HARMLESS: [&str; 2] = [
    "x-amazon-apigateway-importexport-version",
    "x-amazon-apigateway-documentation",
];

/// Whether a key is a vendor extension.
pub(crate) fn is_extension(key: &str) -> bool {
    key.starts_with("x-") || key.starts_with("X-")
}

impl Context<'_> {
    /// Reports an extension that is not read where it is.
    pub(crate) fn extension(&mut self, pointer: &str, key: &str) {
        let lower = key.to_lowercase();
        let ours = lower.starts_with("x-amazon-") || lower.starts_with("x-portcullis");
        if HARMLESS.contains(&key) {
            return;
        }
        if READ.contains(&key) {
            self.misplaced(pointer, key);
        } else if let (true, Some(near)) = (ours, suggest(key, READ)) {
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

    fn misplaced(&mut self, pointer: &str, key: &str) {
        let home = match key {
            crate::key::ANY_METHOD => "a path",
            "x-amazon-apigateway-integrations" => "\"components\"",
            "x-amazon-apigateway-authtype" | "x-amazon-apigateway-authorizer" => "a security scheme",
            "x-portcullis-plugin" => "\"x-amazon-apigateway-authorizer\"",
            _ => "an operation",
        };
        self.error(
            "unknown-key",
            pointer,
            format!("\"{key}\" does not belong here, but in {home}"),
        );
    }
}
