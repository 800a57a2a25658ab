//! What of a quota is used and remains (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html>).
//!
//! The data plane counts. It keeps what it has counted in the store before that is read here, so answers are exact.

use std::collections::BTreeMap;

use portcullis_limit::calendar::{date, parse};
use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::super::rows::text;
use super::super::{api_key, listing};
use super::key;
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::live_keys;
use crate::patch::{self, Expected, REPLACE, Table, Target, rule};

type Document = Map<String, Value>;

/// How many days are told at once
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>).
const DAYS: i64 = 90;

const TABLE: Table = Table {
    rules: &[rule(
        "/remaining",
        REPLACE,
        Expected::Whole,
        Target::Member(&["remaining"]),
    )],
    names_paths: true,
};

fn day(call: &Call<'_>, name: &str) -> Result<i64, ApiError> {
    let sent = call.query(name).unwrap_or_default();
    parse(sent).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Invalid {name} specified: '{sent}'. Must be of the form YYYY-MM-DD"
        ))
    })
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let days = (day(&call, "startDate")?, day(&call, "endDate")?);
    if days.1 < days.0 || days.1 - days.0 >= DAYS {
        return Err(ApiError::bad_request(format!(
            "Invalid date range specified: startDate must not be after endDate, and the range has at most {DAYS} days"
        )));
    }
    let plan = call.parameter("usageplanId");
    call.service.plane.keep_usage().await?;
    let mut read = call.read().await?;
    let document = members(found(&mut read, &Key::new(super::KIND, "", plan), super::ABSENT).await?);
    let quota = live_keys::quota_of(&document);
    let wanted = call.query("keyId");
    let keep = |row: Document| {
        wanted
            .is_none_or(|wanted| text(&row, "id") == wanted)
            .then_some(row)
    };
    let mut page = listing::some(&mut read, (key::KIND, plan), &paging, keep).await?;
    let items = page.remove("item");
    let mut values = Map::new();
    for row in items.as_ref().and_then(Value::as_array).into_iter().flatten() {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        values.insert(
            id.to_owned(),
            told(&mut read, (plan, id), quota.as_ref(), days).await?,
        );
    }
    page.insert("values".to_owned(), Value::Object(values));
    Ok(answer(page, plan, days).into())
}

fn answer(mut body: Document, plan: &str, (start, end): (i64, i64)) -> Document {
    body.insert("usagePlanId".to_owned(), json!(plan));
    body.insert("startDate".to_owned(), json!(date(start)));
    body.insert("endDate".to_owned(), json!(date(end)));
    body
}

/// For each day what was used on it, and what remained of the quota at its end.
async fn told(
    read: &mut Read,
    (plan, key): (&str, &str),
    quota: Option<&live_keys::LiveQuota>,
    (start, end): (i64, i64),
) -> Result<Value, ApiError> {
    // Those of the range, and the longest period's before, where the range begins within it.
    const LONGEST_PERIOD: i64 = 31;
    let limit = u32::try_from(end - start + 1 + LONGEST_PERIOD).unwrap_or(u32::MAX);
    let kept = read.usage(plan, key, end, limit).await?;
    let by_day: BTreeMap<i64, (i64, i64)> = kept.iter().map(|row| (row.day, (row.count, row.used))).collect();
    let calendar = quota.and_then(live_keys::LiveQuota::quota);
    let of_day = |day: i64| {
        let count = by_day.get(&day).map_or(0, |(count, _)| *count);
        let begin = calendar.as_ref().map_or(day, |quota| quota.start(day));
        let used = by_day
            .range(begin..=day)
            .next_back()
            .map_or(0, |(_, (_, used))| *used);
        let remaining = quota.map_or(0, |quota| (quota.limit - used).max(0));
        json!([count, remaining])
    };
    Ok((start..=end).map(of_day).collect())
}

/// Grants a key another rest of its quota.
pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let (plan, id) = (call.parameter("usageplanId"), call.parameter("keyId"));
    let mut write = call.write().await?;
    let document = members(found(&mut write, &Key::new(super::KIND, "", plan), super::ABSENT).await?);
    let of_key = found(&mut write, &Key::new(key::KIND, plan, id), api_key::ABSENT).await?;
    if live_keys::quota_of(&document).is_none() {
        return Err(ApiError::bad_request(format!(
            "Usage Plan {plan} does not have a quota"
        )));
    }
    let mut granted = Map::new();
    patch::apply(&mut granted, &operations, &TABLE)?;
    let remaining = granted.get("remaining").and_then(Value::as_i64);
    if let Some(remaining) = remaining {
        let remaining = u64::try_from(remaining)
            .map_err(|_| ApiError::bad_request("Invalid value for remaining: must not be negative"))?;
        // Nothing of it changes: the history has that somebody granted.
        write
            .update(&Key::new(key::KIND, plan, id), &of_key.document)
            .await?;
        write.commit().await?;
        call.service.plane.grant(plan, id, remaining);
    }
    call.service.plane.keep_usage().await?;
    let today = i64::try_from(call.now() / 86_400).unwrap_or_default();
    let kept = call.read().await?.usage(plan, id, today, 1).await?;
    let count = kept
        .iter()
        .find(|row| row.day == today)
        .map_or(0, |row| row.count);
    let mut values = Map::new();
    values.insert(id.to_owned(), json!([[count, remaining]]));
    let mut body = Map::new();
    body.insert("values".to_owned(), Value::Object(values));
    Ok(answer(body, plan, (today, today)).into())
}
