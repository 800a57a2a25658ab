//! What the data plane knows of custom domain names that are kept.

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::domain_name::{self, mapping};
use crate::kind::rows::{self, text};

/// A domain name that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDomain {
    /// The name, in lower case; a wildcard begins with `*.`.
    pub name: String,
    /// What is below its paths.
    pub mappings: Vec<LiveMapping>,
}

/// What is below one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveMapping {
    /// Empty for what no other mapping has.
    pub path: String,
    /// The API's id.
    pub api: String,
    /// The stage's name; where absent the next part of the path names it.
    pub stage: Option<String>,
}

/// A domain name by its id in the store, if it is there and served: private ones are not.
///
/// # Errors
///
/// The store's.
pub async fn domain(read: &mut Read, id: &str) -> Result<Option<LiveDomain>, StoreError> {
    let row = read.get(&Key::new(domain_name::KIND, "", id)).await?;
    let Some(document) = row.map(members).filter(domain_name::is_public) else {
        return Ok(None);
    };
    let mappings = rows::all(read, mapping::KIND, id).await?;
    Ok(Some(LiveDomain {
        name: text(&document, "domainName").to_owned(),
        mappings: mappings.iter().map(|(_, document)| live(document)).collect(),
    }))
}

/// Every one that is served.
///
/// # Errors
///
/// The store's.
pub async fn domains(read: &mut Read) -> Result<Vec<LiveDomain>, StoreError> {
    let mut found = Vec::new();
    for row in read.all(domain_name::KIND).await? {
        found.extend(domain(read, &row.id).await?);
    }
    Ok(found)
}

fn live(document: &Map<String, Value>) -> LiveMapping {
    let path = text(document, "basePath");
    LiveMapping {
        path: if path == mapping::NONE { "" } else { path }.to_owned(),
        api: text(document, "restApiId").to_owned(),
        stage: Some(text(document, "stage").to_owned()).filter(|stage| !stage.is_empty()),
    }
}
