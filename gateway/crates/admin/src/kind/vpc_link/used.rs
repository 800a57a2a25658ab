//! Where stages call a link.

use std::collections::HashMap;

use portcullis_store::{Key, Read};
use serde_json::{Map, Value};

use crate::call::members;
use crate::error::ApiError;
use crate::kind::rows::{entries, text};
use crate::kind::{deployment, stage};

type Document = Map<String, Value>;

/// How many places are told of at the most.
const MOST: usize = 20;

/// A method of a deployment that calls a link: verb, resource and `connectionId`.
type Caller = (String, String, String);

/// The places where stages call a link, as the service writes them: `API:VERB:RESOURCE:STAGE`.
///
/// # Errors
///
/// The store's.
pub(super) async fn places(read: &mut Read, link: &str) -> Result<Vec<String>, ApiError> {
    let mut known: HashMap<String, Vec<Caller>> = HashMap::new();
    let mut places = Vec::new();
    for row in read.all(stage::KIND).await? {
        let (api, name) = (row.parent.clone(), row.id.clone());
        for (deployment, variables) in served(&members(row)) {
            let callers = callers(read, &mut known, &api, &deployment).await?;
            let here = callers.iter().filter(|(.., id)| filled(id, &variables) == link);
            for (verb, resource, _) in here {
                let place = format!("{api}:{verb}:{resource}:{name}");
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        if places.len() >= MOST {
            break;
        }
    }
    places.truncate(MOST);
    Ok(places)
}

/// The deployments of a stage, each with the variables that act on it.
fn served(stage: &Document) -> Vec<(String, HashMap<String, String>)> {
    let variables = |document: &Document, name: &str| -> HashMap<String, String> {
        entries(document, name)
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect()
    };
    let own = variables(stage, "variables");
    let mut served = vec![(text(stage, "deploymentId").to_owned(), own.clone())];
    if let Some(canary) = stage.get("canarySettings").and_then(Value::as_object) {
        let mut all = own;
        all.extend(variables(canary, "stageVariableOverrides"));
        served.push((text(canary, "deploymentId").to_owned(), all));
    }
    served
}

/// The methods of a deployment that call links.
async fn callers<'k>(
    read: &mut Read,
    known: &'k mut HashMap<String, Vec<Caller>>,
    api: &str,
    id: &str,
) -> Result<&'k [Caller], ApiError> {
    let row = read.get(&Key::new(deployment::KIND, api, id)).await?;
    let document = row.map(members).unwrap_or_default();
    let hash = text(&document, deployment::SNAPSHOT).to_owned();
    if !known.contains_key(&hash) {
        let bytes = match hash.parse() {
            Ok(hash) => read.snapshot(&hash).await?.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        known.insert(hash.clone(), callers_in(&bytes));
    }
    Ok(known.get(&hash).map(Vec::as_slice).unwrap_or_default())
}

fn callers_in(snapshot: &[u8]) -> Vec<Caller> {
    const LINKED: &[u8] = b"VPC_LINK";
    // Most have none, and need not be read.
    if !snapshot.windows(LINKED.len()).any(|part| part == LINKED) {
        return Vec::new();
    }
    let snapshot: Document = serde_json::from_slice(snapshot).unwrap_or_default();
    let resources = snapshot.get("resources").and_then(Value::as_array);
    let resources = resources.into_iter().flatten().filter_map(Value::as_object);
    let methods = resources.flat_map(|resource| {
        let methods = entries(resource, "resourceMethods");
        methods.map(move |(verb, method)| (text(resource, "id"), verb, method))
    });
    methods
        .filter_map(|(resource, verb, method)| {
            let integration = method.get("methodIntegration")?.as_object()?;
            let linked = text(integration, "connectionType") == "VPC_LINK";
            let id = text(integration, "connectionId").to_owned();
            linked.then(|| (verb.clone(), resource.to_owned(), id))
        })
        .collect()
}

/// An id with its stage variables.
fn filled(id: &str, variables: &HashMap<String, String>) -> String {
    if !id.contains("${stageVariables.") {
        return id.to_owned();
    }
    variables.iter().fold(id.to_owned(), |id, (name, value)| {
        id.replace(&format!("${{stageVariables.{name}}}"), value)
    })
}
