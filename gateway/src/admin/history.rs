//! Who changed what over the control listener, for `portcullis history`: `GET /_portcullis/history`, with `limit` and
//! `before`, a revision.

use http::Method;
use http::request::Parts;
use portcullis_admin::ApiError;
use portcullis_store::{HistoryEntry, Store};
use serde_json::{Value, json};

/// Where it is.
pub(super) const PATH: &str = "/_portcullis/history";
/// How many changes are told where nothing is said, and at the most.
const LIMITS: (usize, usize) = (25, 500);

/// Answers a call; the caller's policy has been asked already.
pub(super) async fn called(store: &Store, parts: &Parts) -> Result<Value, ApiError> {
    if parts.method != Method::GET || parts.uri.path() != PATH {
        return Err(ApiError::not_found("there is no such resource of the history"));
    }
    let (usual, most) = LIMITS;
    // One out of its range is the nearest that is in it, as for the protocol's lists.
    let limit = number(parts, "limit")?.map_or(usual, |limit| {
        usize::try_from(limit.max(1)).map_or(most, |limit| limit.min(most))
    });
    let entries = store.history(number(parts, "before")?, limit).await?;
    let entries: Vec<Value> = entries.into_iter().map(told).collect();
    Ok(json!({ "item": entries }))
}

fn number(parts: &Parts, name: &str) -> Result<Option<i64>, ApiError> {
    let query = parts.uri.query().unwrap_or_default();
    let found = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(known, _)| *known == name);
    let parsed = found.map(|(_, value)| value.parse());
    parsed
        .transpose()
        .map_err(|_| ApiError::bad_request(format!("Invalid value for {name}")))
}

fn told(entry: HistoryEntry) -> Value {
    let changes = entry.changes.into_iter().map(|change| {
        json!({
            "kind": change.kind,
            "parent": change.parent,
            "id": change.id,
            "deleted": change.deleted,
        })
    });
    json!({
        "revision": entry.revision,
        "at": entry.at,
        "who": entry.who,
        "action": entry.action,
        "changes": changes.collect::<Vec<_>>(),
    })
}
