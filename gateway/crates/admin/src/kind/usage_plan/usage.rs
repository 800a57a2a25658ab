//! What of a quota is used and remains (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html>). Counters are
//! kept; nothing counts requests yet.

use portcullis_store::{Key, Read};
use serde_json::{Map, Value, json};

use super::super::rows::text;
use super::super::{api_key, listing};
use super::key;
use crate::call::{Call, Outcome, found, members};
use crate::error::ApiError;
use crate::patch::{self, Expected, REPLACE, Table, Target, rule};

type Document = Map<String, Value>;

/// The kind in the store, below its plan, by the key's id: `{"days": {"2026-01-31": used}, "remaining": …}`.
const KIND: &str = "usage";

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

/// A date as days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"), and back.
fn days(date: &str) -> Option<i64> {
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    // The 31st of a short month is no date.
    (date_of(days) == date).then_some(days)
}

pub(crate) fn date_of(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn date(call: &Call<'_>, name: &str) -> Result<i64, ApiError> {
    let sent = call.query(name).unwrap_or_default();
    days(sent).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Invalid {name} specified: '{sent}'. Must be of the form YYYY-MM-DD"
        ))
    })
}

pub(crate) async fn get(call: Call<'_>) -> Result<Outcome, ApiError> {
    let paging = call.paging()?;
    let (start, end) = (date(&call, "startDate")?, date(&call, "endDate")?);
    if end < start || end - start >= DAYS {
        return Err(ApiError::bad_request(format!(
            "Invalid date range specified: startDate must not be after endDate, and the range has at most {DAYS} days"
        )));
    }
    let plan = call.parameter("usageplanId");
    let mut read = call.read().await?;
    let document = members(found(&mut read, &Key::new(super::KIND, "", plan), super::ABSENT).await?);
    let limit = quota(&document);
    let wanted = call.query("keyId");
    let keep = |row: Document| {
        wanted
            .is_none_or(|wanted| text(&row, "id") == wanted)
            .then_some(row)
    };
    let mut page = listing::some(&mut read, (key::KIND, plan), &paging, keep).await?;
    let mut values = Map::new();
    for row in page
        .remove("item")
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        let usage = of(&mut read, plan, id).await?;
        let told = (start..=end).map(|day| told(&usage, &date_of(day), limit));
        values.insert(id.to_owned(), told.collect());
    }
    page.insert("values".to_owned(), Value::Object(values));
    Ok(answer(page, plan, (start, end)).into())
}

fn answer(mut body: Document, plan: &str, (start, end): (i64, i64)) -> Document {
    body.insert("usagePlanId".to_owned(), json!(plan));
    body.insert("startDate".to_owned(), json!(date_of(start)));
    body.insert("endDate".to_owned(), json!(date_of(end)));
    body
}

fn quota(plan: &Document) -> Option<i64> {
    plan.get("quota")?.get("limit")?.as_i64()
}

async fn of(read: &mut Read, plan: &str, key: &str) -> Result<Document, ApiError> {
    let row = read.get(&Key::new(KIND, plan, key)).await?;
    Ok(row.map_or_else(Map::new, members))
}

/// What a day used, and what remains after it: as it was set, or the quota without what was used.
fn told(usage: &Document, day: &str, limit: Option<i64>) -> Value {
    let used = usage
        .get("days")
        .and_then(|days| days.get(day))
        .and_then(Value::as_i64);
    let used = used.unwrap_or_default();
    let set = usage.get("remaining").and_then(Value::as_i64);
    let remaining = set.unwrap_or_else(|| (limit.unwrap_or_default() - used).max(0));
    json!([used, remaining])
}

/// Grants a key another rest of its quota.
pub(crate) async fn update(call: Call<'_>) -> Result<Outcome, ApiError> {
    let operations = call.patch_operations()?;
    let (plan, id) = (call.parameter("usageplanId"), call.parameter("keyId"));
    let mut write = call.write().await?;
    let document = members(found(&mut write, &Key::new(super::KIND, "", plan), super::ABSENT).await?);
    found(&mut write, &Key::new(key::KIND, plan, id), api_key::ABSENT).await?;
    let limit = quota(&document);
    if limit.is_none() {
        return Err(ApiError::bad_request(format!(
            "Usage Plan {plan} does not have a quota"
        )));
    }
    let key = key::usage_of(&call);
    let known = write.get(&key).await?;
    let is_new = known.is_none();
    let mut usage = known.map_or_else(Map::new, members);
    patch::apply(&mut usage, &operations, &TABLE)?;
    if usage
        .get("remaining")
        .and_then(Value::as_i64)
        .is_some_and(|left| left < 0)
    {
        return Err(ApiError::bad_request(
            "Invalid value for remaining: must not be negative",
        ));
    }
    let changed = Value::Object(usage.clone());
    if is_new {
        write.insert(&key, &changed).await?;
    } else {
        write.update(&key, &changed).await?;
    }
    write.commit().await?;
    let today = i64::try_from(call.now() / 86_400).unwrap_or_default();
    let mut values = Map::new();
    values.insert(id.to_owned(), json!([told(&usage, &date_of(today), limit)]));
    let mut body = Map::new();
    body.insert("values".to_owned(), Value::Object(values));
    Ok(answer(body, plan, (today, today)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dates() {
        for (date, expected) in [
            ("1970-01-01", Some(0)),
            ("2024-02-29", Some(19_782)),
            ("2023-02-29", None),
            ("2026-13-01", None),
            ("2026-1-01", None),
            ("x", None),
        ] {
            assert_eq!(days(date), expected, "{date}");
        }
        assert!((0..40_000).all(|day| days(&date_of(day)) == Some(day)));
    }
}
