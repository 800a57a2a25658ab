//! Import of API keys (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>).

use crate::plane::Change;
use portcullis_store::{Key, Write};
use serde_json::{Map, Value, json};

use super::{Document, csv};
use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::listing;

/// How many keys a file has at most.
const KEYS: usize = 10_000;

/// Where the columns are.
struct Columns {
    name: usize,
    value: usize,
    description: Option<usize>,
    enabled: Option<usize>,
    plans: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, ApiError> {
        let at = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        let needed = |name: &str| {
            at(name).ok_or_else(|| ApiError::bad_request(format!("Missing required column: {name}")))
        };
        const KNOWN: [&str; 5] = ["name", "key", "description", "enabled", "usageplanids"];
        let unknown = header
            .iter()
            .find(|column| !KNOWN.contains(&column.to_ascii_lowercase().as_str()));
        if let Some(column) = unknown {
            return Err(ApiError::bad_request(format!("Unknown column: {column}")));
        }
        Ok(Self {
            name: needed("name")?,
            value: needed("key")?,
            description: at("description"),
            enabled: at("enabled"),
            plans: at("usageplanids"),
        })
    }
}

/// Nothing is imported where a line is wrong and `failonwarnings` is said; else what is right is.
pub(crate) async fn import(call: Call<'_>) -> Result<Outcome, ApiError> {
    if call.query("format") != Some("csv") {
        return Err(ApiError::bad_request(
            "Invalid format specified. Must be one of: [csv]",
        ));
    }
    let text = std::str::from_utf8(call.bytes())
        .ok()
        .and_then(csv::records)
        .ok_or_else(|| ApiError::bad_request("The file is no comma-separated text"))?;
    let Some((header, lines)) = text.split_first() else {
        return Err(ApiError::bad_request("The file is empty"));
    };
    if lines.len() > KEYS {
        return Err(ApiError::bad_request(format!(
            "The file has {} keys, at most {KEYS} are imported at once",
            lines.len()
        )));
    }
    let columns = Columns::of(header)?;
    let (mut ids, mut warnings) = (Vec::new(), Vec::new());
    let mut write = call.write().await?;
    for (index, line) in lines.iter().enumerate() {
        match one(&mut write, &columns, line, call.now()).await? {
            Ok((id, said)) => {
                ids.push(json!(id));
                warnings.extend(said.map(|said| format!("line {}: {said}", index + 2)));
            }
            Err(why) => warnings.push(format!("line {}: {why}", index + 2)),
        }
    }
    if !warnings.is_empty() && listing::asked(&call, "failonwarnings") {
        return Err(ApiError::bad_request(format!(
            "Import failed with warnings: [{}]",
            warnings.join(", ")
        )));
    }
    write.commit().await?;
    let published = ids.iter().filter_map(Value::as_str).map(str::to_owned);
    let change = Change::ApiKeys {
        ids: published.collect(),
    };
    call.publish(change).await;
    let mut body = Map::new();
    body.insert("ids".to_owned(), Value::Array(ids));
    body.insert("warnings".to_owned(), json!(warnings));
    Ok(body.into())
}

/// A key's id, and what is wrong beside it; or why there is none.
type Imported = Result<(String, Option<String>), String>;

async fn one(write: &mut Write, columns: &Columns, line: &[String], now: u64) -> Result<Imported, ApiError> {
    let field = |at: Option<usize>| {
        at.and_then(|at| line.get(at))
            .map(String::as_str)
            .unwrap_or_default()
    };
    let value = field(Some(columns.value));
    if value.is_empty() {
        return Ok(Err("the key has no value".to_owned()));
    }
    let enabled = match field(columns.enabled).to_ascii_lowercase().as_str() {
        "true" => true,
        // A key that does not say is enabled.
        "" => true,
        "false" => false,
        other => return Ok(Err(format!("'{other}' is neither true nor false"))),
    };
    let mut body: Document = Map::new();
    body.insert("name".to_owned(), json!(field(Some(columns.name))));
    body.insert("value".to_owned(), json!(value));
    body.insert("description".to_owned(), json!(field(columns.description)));
    body.insert("enabled".to_owned(), json!(enabled));
    let document = super::document(&body, Vec::new(), now);
    if let Err(error) = super::insert(write, &document).await {
        // What the store cannot do is no fault of the line.
        return if error.status.is_client_error() {
            Ok(Err(error.message))
        } else {
            Err(error)
        };
    }
    let id = super::text(&document, "id").to_owned();
    let mut unknown = Vec::new();
    let plans = field(columns.plans).split(',').map(str::trim);
    for plan in plans.filter(|plan| !plan.is_empty()) {
        if write.get(&Key::new("usageplan", "", plan)).await?.is_none() {
            unknown.push(plan);
            continue;
        }
        let key = Key::new("usageplankey", plan, &id);
        if write.get(&key).await?.is_none() {
            write
                .insert(&key, &json!({ "id": id, "type": "API_KEY" }))
                .await?;
        }
    }
    let said = (!unknown.is_empty()).then(|| format!("unknown usage plans: {}", unknown.join(", ")));
    Ok(Ok((id, said)))
}
