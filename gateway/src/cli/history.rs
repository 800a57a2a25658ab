//! `portcullis history`

use clap::Args;
use serde_json::Value;

use super::client::Connection;
use super::failure::{Failure, code};
use super::table::{self, text};
use crate::clock;

/// Show who changed what, and when
///
/// Who changed what, and when: the changes of a control plane, the newest first.
#[derive(Debug, Args)]
pub(super) struct History {
    #[command(flatten)]
    connection: Connection,
    /// How many to show
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// Only those before this revision
    #[arg(long, value_name = "REVISION")]
    before: Option<i64>,
}

impl History {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let before = self.before.map(|before| format!("&before={before}"));
        let path = format!(
            "/_portcullis/history?limit={}{}",
            self.limit,
            before.unwrap_or_default()
        );
        let answer = client.get(&path)?;
        let entries = answer.get("item").cloned().unwrap_or_default();
        if self.connection.json {
            table::json(&entries);
            return Ok(());
        }
        let rows: Vec<_> = entries.as_array().into_iter().flatten().map(row).collect();
        table::rows(&["REVISION", "AT", "WHO", "WHAT", "CHANGED"], &rows, "changes");
        Ok(())
    }
}

fn row(entry: &Value) -> Vec<String> {
    let number = |name: &str| entry.get(name).and_then(Value::as_u64).unwrap_or_default();
    let changes = entry.get("changes").and_then(Value::as_array);
    vec![
        number("revision").to_string(),
        clock::iso_time(std::time::Duration::from_millis(number("at"))),
        text(entry, "who").to_owned(),
        text(entry, "action").to_owned(),
        changed(changes.map_or(&[], Vec::as_slice)),
    ]
}

/// The rows that a change is about; of many the first ones.
fn changed(changes: &[Value]) -> String {
    const SHOWN: usize = 3;
    let one = |change: &Value| {
        let deleted = change.get("deleted") == Some(&Value::Bool(true));
        let parent = match text(change, "parent") {
            "" => String::new(),
            parent => format!("{parent}/"),
        };
        format!(
            "{}{} {parent}{}",
            if deleted { "-" } else { "" },
            text(change, "kind"),
            text(change, "id")
        )
    };
    let mut told: Vec<String> = changes.iter().take(SHOWN).map(one).collect();
    if changes.len() > SHOWN {
        told.push(format!("{} more", changes.len() - SHOWN));
    }
    told.join(", ")
}
