//! `portcullis stage list|show|set|flush|delete`

mod setting;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{Client, Connection, path};
use super::failure::{Failure, code};
use super::table::{self, date_of, text};
use super::{patch, print};

/// List, show, set, flush and delete stages
///
/// The stages of an API. `portcullis deploy --stage` makes one.
#[derive(Debug, Args)]
pub(super) struct Stage {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the stages of an API
    List {
        /// The API's id, or its name where no other API has it
        #[arg(value_name = "API")]
        api: String,
    },
    /// Show a stage with its settings
    Show(Named),
    /// Change settings of a stage; they act at once, and all of them or none
    #[command(after_long_help = setting::HELP)]
    Set {
        #[command(flatten)]
        stage: Named,
        /// What to set, see below
        #[arg(value_name = "SETTING=VALUE", value_parser = patch::pair, required_unless_present = "removed")]
        settings: Vec<(String, String)>,
        /// What to take away: a variable, description, client-certificate, documentation-version, access-log; may be
        /// repeated
        #[arg(long = "remove", id = "removed", value_name = "SETTING")]
        removed: Vec<String>,
    },
    /// Forget the responses that a stage has cached, at once
    Flush {
        #[command(flatten)]
        stage: Named,
        /// What its authorizers decided instead
        #[arg(long)]
        authorizers: bool,
    },
    /// Delete a stage, at once and for good; its deployments stay
    Delete(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage
    #[arg(value_name = "STAGE")]
    stage: String,
}

impl Named {
    fn place(&self, client: &Client) -> Result<String, Failure> {
        Ok(path(&[
            "restapis",
            &client.api(&self.api)?,
            "stages",
            &self.stage,
        ]))
    }
}

impl Stage {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let stage = match &self.action {
            Action::List { api } => return list(&client, api, self.connection.json),
            Action::Show(named) => client.get(&named.place(&client)?)?,
            Action::Set {
                stage,
                settings,
                removed,
            } => {
                let operations = setting::operations(settings, removed)?;
                client.patch(&stage.place(&client)?, operations)?
            }
            Action::Flush { stage, authorizers } => {
                let (kept, what) = match authorizers {
                    true => ("authorizers", "decisions of authorizers"),
                    false => ("data", "responses"),
                };
                let place = format!("{}/cache/{kept}", stage.place(&client)?);
                client.call("DELETE", &place, None)?;
                print::out(&format!("the stage {} has forgotten its {what}", stage.stage));
                return Ok(());
            }
            Action::Delete(named) => {
                client.call("DELETE", &named.place(&client)?, None)?;
                print::out(&format!("deleted the stage {}", named.stage));
                return Ok(());
            }
        };
        if self.connection.json {
            table::json(&stage);
        } else {
            table::document(&stage);
        }
        Ok(())
    }
}

fn list(client: &Client, named: &str, json: bool) -> Result<(), Failure> {
    let api = client.api(named)?;
    let stages = client.items(&path(&["restapis", &api, "stages"]))?;
    if json {
        table::json(&Value::Array(stages));
        return Ok(());
    }
    let row = |stage: &Value| {
        vec![
            text(stage, "stageName").to_owned(),
            text(stage, "deploymentId").to_owned(),
            canary(stage),
            date_of(stage, "lastUpdatedDate"),
            text(stage, "description").to_owned(),
        ]
    };
    let rows: Vec<_> = stages.iter().map(row).collect();
    let headings = ["STAGE", "DEPLOYMENT", "CANARY", "CHANGED", "DESCRIPTION"];
    table::rows(&headings, &rows, "stages");
    Ok(())
}

/// A stage's canary for people, such as `a1b2c3 (10 %)`.
fn canary(stage: &Value) -> String {
    let Some(canary) = stage.get("canarySettings") else {
        return String::new();
    };
    let share = canary.get("percentTraffic").and_then(Value::as_f64);
    format!(
        "{} ({} %)",
        text(canary, "deploymentId"),
        share.unwrap_or_default()
    )
}
