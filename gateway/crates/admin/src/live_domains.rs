//! What the data plane knows of custom domain names that are kept.

use portcullis_store::{Key, Read, StoreError};
use serde_json::{Map, Value};

use crate::call::members;
use crate::kind::domain_name::{self, access, mapping, rule};
use crate::kind::rows::{self, text};

type Document = Map<String, Value>;

/// A domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDomain {
    /// What the store knows it by.
    pub id: String,
    /// The name, in lower case; a wildcard begins with `*.`.
    pub name: String,
    /// Its routing rules, as far as its routing mode has them looked at.
    pub rules: Vec<LiveRule>,
    /// What is below its paths, likewise.
    pub mappings: Vec<LiveMapping>,
    /// Who comes by it; everybody where absent.
    pub private: Option<LivePrivate>,
    /// The type of its endpoint where its access mode is `STRICT`.
    pub strict: Option<String>,
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

/// A routing rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRule {
    /// Its id.
    pub id: String,
    /// The lowest comes first.
    pub priority: u32,
    /// All of these conditions must hold; of each one of its headers with their values.
    pub headers: Vec<Vec<(String, String)>>,
    /// The path begins with one of these, if there are any.
    pub base_paths: Vec<String>,
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// Whether the base path is taken off.
    pub strip: bool,
}

/// Who comes by a private domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePrivate {
    /// Its ARN.
    pub arn: String,
    /// Its policy, as it was sent; without one nobody may.
    pub policy: Option<String>,
    /// The VPC endpoints that are associated with it.
    pub vpces: Vec<String>,
}

/// A domain name by its id in the store, if it is there.
///
/// # Errors
///
/// The store's.
pub async fn domain(read: &mut Read, id: &str) -> Result<Option<LiveDomain>, StoreError> {
    let Some(document) = read.get(&Key::new(domain_name::KIND, "", id)).await?.map(members) else {
        return Ok(None);
    };
    let (by_rules, by_mappings) = match text(&document, "routingMode") {
        "ROUTING_RULE_ONLY" => (true, false),
        "ROUTING_RULE_THEN_BASE_PATH_MAPPING" => (true, true),
        _ => (false, true),
    };
    let mut found = LiveDomain {
        id: id.to_owned(),
        name: text(&document, "domainName").to_owned(),
        rules: Vec::new(),
        mappings: Vec::new(),
        private: None,
        strict: domain_name::strict(&document),
    };
    if by_rules {
        let rules = rows::all(read, rule::KIND, id).await?;
        found.rules = rules
            .iter()
            .filter_map(|(_, document)| rule::live(document))
            .collect();
    }
    if by_mappings {
        let mappings = rows::all(read, mapping::KIND, id).await?;
        found.mappings = mappings.iter().map(|(_, document)| live(document)).collect();
    }
    if !domain_name::is_public(&document) {
        let arn = text(&document, "domainNameArn").to_owned();
        let policy = Some(text(&document, "policy").to_owned());
        found.private = Some(LivePrivate {
            vpces: access::endpoints(read, &arn).await?,
            policy: policy.filter(|policy| !policy.is_empty()),
            arn,
        });
    }
    Ok(Some(found))
}

/// Every one.
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

fn live(document: &Document) -> LiveMapping {
    let path = text(document, "basePath");
    LiveMapping {
        path: if path == mapping::NONE { "" } else { path }.to_owned(),
        api: text(document, "restApiId").to_owned(),
        stage: Some(text(document, "stage").to_owned()).filter(|stage| !stage.is_empty()),
    }
}
