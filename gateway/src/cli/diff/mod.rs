//! `portcullis diff API STAGE`

mod compare;
mod document;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::client::{Connection, path};
use super::failure::{Failure, code};
use super::{exit, print, table};
use compare::Difference;

/// Compare an API as it is edited with what a stage serves
///
/// Compares an API, as it is edited, with what a stage serves: what a `deploy` would change. With --file it compares a document:
/// what an import and a `deploy` would change. Exits with 1 when there are differences.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a JSON pointer: - is only in what the stage serves, + only in the edited API or \
                        the file, ~ is in both. Resources go by their paths, what else there is by its name."
)]
pub(super) struct Diff {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage
    #[arg(value_name = "STAGE")]
    stage: String,
    /// An OpenAPI document that is compared instead of the edited API
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Diff {
    pub(super) fn execute(self) -> u8 {
        match self.differences() {
            Ok(differences) => {
                self.tell(&differences);
                if differences.is_empty() { 0 } else { exit::PROBLEMS }
            }
            Err(failure) => code(Err(failure)),
        }
    }

    fn differences(&self) -> Result<Vec<Difference>, Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let served = client.get(&path(&["_portcullis", "definitions", &api, &self.stage]))?;
        if let Some(file) = &self.file {
            let said = document::definition(file, &api)?;
            return Ok(compare::definitions(&document::comparable(&served, &said), &said));
        }
        let edited = client.get(&path(&["_portcullis", "definitions", &api]))?;
        Ok(compare::definitions(&served, &edited))
    }

    fn tell(&self, differences: &[Difference]) {
        if self.connection.json {
            let one = |difference: &Difference| json!({"path": difference.path, "served": difference.old, "edited": difference.new});
            table::json(&Value::Array(differences.iter().map(one).collect()));
            return;
        }
        for difference in differences {
            let path = print::one_line(&difference.path);
            print::out(&match (&difference.old, &difference.new) {
                (Some(old), None) => format!("- {path}: {}", print::one_line(&old.to_string())),
                (None, Some(new)) => format!("+ {path}: {}", print::one_line(&new.to_string())),
                (old, new) => {
                    let told = |value: &Option<Value>| {
                        let value = value.as_ref().unwrap_or(&Value::Null);
                        print::one_line(&value.to_string())
                    };
                    format!("~ {path}: {} → {}", told(old), told(new))
                }
            });
        }
        let what = format!("stage {} serves", self.stage);
        let count = print::counted(differences.len(), "difference");
        print::err(&match (&self.file, differences) {
            (None, []) => format!("{what} the API as it is edited"),
            (None, _) => format!("{count} between what {what} and the edited API"),
            (Some(file), []) => format!("{what} what {} says", file.display()),
            (Some(file), _) => format!("{count} between what {what} and {}", file.display()),
        });
    }
}
