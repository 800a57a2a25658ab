//! A document as YAML.

use serde_json::Value;

/// Writes a document as YAML text, with its members in their order.
///
/// # Errors
/// What the writer cannot write, in words.
pub fn yaml(document: &Value) -> Result<String, String> {
    serde_saphyr::to_string(document).map_err(|error| error.to_string())
}
