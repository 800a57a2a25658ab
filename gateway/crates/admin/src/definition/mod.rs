//! Documents and the model: what a snapshot of an API means to a gateway, and what an imported API is on the wire.
//!
//! [`snapshot`] collects the documents of an API as they are now, [`bytes`] writes them canonically, [`rest_api`] makes the
//! model of them, and [`documents`] is its inverse. Documents were checked where they were written: what they lack here
//! is as absent, never an error. What the wire has no member for is kept in members named `x-portcullis-…`.

mod alone;
mod authorizer;
mod integration;
mod member;
mod method;
mod part;
mod resource;
mod rows;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;

use portcullis_model::RestApi;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub(crate) use alone::{AuthorizerPart, authorizer_part, method_part};
pub(crate) use rows::insert;
pub use snapshot::{bytes, snapshot};

use crate::kind::rows::text;

type Document = Map<String, Value>;

/// The model of a snapshot. Pointers lead into the snapshot. Resources that only lead to others are left out.
pub fn rest_api(snapshot: &Document) -> RestApi {
    let empty = Map::new();
    let of = snapshot
        .get("restApi")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let names = method::Names {
        authorizers: &authorizer::names(snapshot),
        validators: &part::validator_names(snapshot),
    };
    RestApi {
        resources: resource::all(snapshot, &names),
        authorizers: authorizer::all(snapshot, names.authorizers),
        models: part::models(snapshot),
        request_validators: part::validators(snapshot, names.validators),
        gateway_responses: part::gateway_responses(snapshot),
        documentation: part::documentation(snapshot),
        ..settings::rest_api(of)
    }
}

/// The documents that an API is, in the form of a snapshot: `restApi`, `resources` (each with its `resourceMethods`),
/// `authorizers`, `requestValidators`, `models`, `gatewayResponses` and `documentationParts`.
///
/// Identifiers are derived from names and paths, and members that the model does not have, such as dates and defaults,
/// are left to the caller.
pub fn documents(api: &RestApi) -> Document {
    let mut written = Map::new();
    written.insert("restApi".to_owned(), Value::Object(settings::document(api)));
    for (name, documents) in [
        ("resources", resource::documents(api)),
        ("authorizers", authorizer::documents(api)),
        ("requestValidators", part::validator_documents(api)),
        ("models", part::model_documents(api)),
        ("gatewayResponses", part::gateway_response_documents(api)),
        ("documentationParts", part::documentation_documents(api)),
    ] {
        written.insert(name.to_owned(), documents);
    }
    if let Some(version) = &api.documentation.version {
        written.insert("documentationVersion".to_owned(), Value::from(version.as_str()));
    }
    written
}

/// An identifier that is the same for the same name.
fn id(kind: &str, name: &str) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    const LENGTH: usize = 10;
    let hash = Sha256::new_with_prefix(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize();
    let letter = |byte: &u8| ALPHABET.get(usize::from(*byte) % ALPHABET.len()).copied();
    hash.iter()
        .take(LENGTH)
        .filter_map(letter)
        .map(char::from)
        .collect()
}

/// The names of what documents name by id: its name, or its id where it has none or another has it already.
fn names(snapshot: &Document, list: &'static str) -> Names {
    let mut names = Names::new();
    let mut taken = std::collections::HashSet::new();
    for (_, document) in member::list(snapshot, list) {
        let id = text(document, "id");
        let name = text(document, "name");
        let name = if name.is_empty() || !taken.insert(name) {
            id
        } else {
            name
        };
        names.insert(id.to_owned(), name.to_owned());
    }
    names
}

/// From ids to names.
type Names = std::collections::BTreeMap<String, String>;
