//! Claims as `$context.authorizer.claims.*`: texts, whatever they were.

use std::time::Duration;

use serde_json::Value;

use crate::clock::log_time;

/// What they stand under.
pub const CLAIMS: &str = "claims";

/// The text of a claim.
///
/// Those of a user pool are as events of functions behind the service have them: `exp` and `iat` are dates
/// (`"exp": "Mon Jun 15 05:56:21 UTC 2026"`), `auth_time` is a number, `email_verified` is `"true"`, and lists have commas
/// between their texts (`"cognito:groups": "Admin,User"`). Others are texts as they are, or the claim's JSON.
pub(super) fn text(name: &str, value: &Value, is_cognito: bool) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(time) if is_cognito && matches!(name, "exp" | "iat") => match time.as_u64() {
            Some(seconds) => log_time(Duration::from_secs(seconds)),
            None => time.to_string(),
        },
        Value::Array(items) if is_cognito => {
            let texts = items.iter().map(|item| match item {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_texts() {
        for (name, value, of_pool, of_others) in [
            ("sub", json!("alice"), "alice", "alice"),
            (
                "exp",
                json!(1_781_502_981),
                "Mon Jun 15 05:56:21 UTC 2026",
                "1781502981",
            ),
            ("auth_time", json!(1_781_499_381), "1781499381", "1781499381"),
            ("email_verified", json!(true), "true", "true"),
            (
                "cognito:groups",
                json!(["Admin", "User"]),
                "Admin,User",
                r#"["Admin","User"]"#,
            ),
            ("nothing", json!(null), "null", "null"),
            ("address", json!({"a": 1}), r#"{"a":1}"#, r#"{"a":1}"#),
        ] {
            assert_eq!(text(name, &value, true), of_pool, "{name}");
            assert_eq!(text(name, &value, false), of_others, "{name}");
        }
    }
}
