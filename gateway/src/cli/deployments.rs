//! `portcullis deployments API`

use clap::Args;
use serde_json::Value;

use super::client::{Client, Connection, path};
use super::failure::{Failure, code};
use super::table::{self, date_of, text};

/// List the deployments of an API
///
/// Lists the deployments of an API, the newest first, with the stages that run them. Any of them can be rolled back to.
#[derive(Debug, Args)]
pub(super) struct Deployments {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
}

impl Deployments {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let deployments = of(&client, &api)?;
        if self.connection.json {
            table::json(&Value::Array(deployments));
            return Ok(());
        }
        let stages = client.items(&path(&["restapis", &api, "stages"]))?;
        let row = |deployment: &Value| {
            vec![
                text(deployment, "id").to_owned(),
                date_of(deployment, "createdDate"),
                running(&stages, text(deployment, "id")),
                text(deployment, "description").to_owned(),
            ]
        };
        let rows: Vec<_> = deployments.iter().map(row).collect();
        table::rows(&["ID", "CREATED", "STAGES", "DESCRIPTION"], &rows, "deployments");
        Ok(())
    }
}

/// All deployments of an API, the newest first.
pub(super) fn of(client: &Client, api: &str) -> Result<Vec<Value>, Failure> {
    let mut deployments = client.items(&path(&["restapis", api, "deployments"]))?;
    deployments.sort_by(|one, other| created(other).total_cmp(&created(one)));
    Ok(deployments)
}

/// When a deployment was made, in seconds since 1970.
pub(super) fn created(deployment: &Value) -> f64 {
    let date = deployment.get("createdDate").and_then(Value::as_f64);
    date.unwrap_or_default()
}

/// The stages that run a deployment, and those whose canaries do.
fn running(stages: &[Value], deployment: &str) -> String {
    let mut names = Vec::new();
    for stage in stages {
        let name = text(stage, "stageName");
        if text(stage, "deploymentId") == deployment {
            names.push(name.to_owned());
        }
        let canary = stage.get("canarySettings").unwrap_or(&Value::Null);
        if text(canary, "deploymentId") == deployment {
            names.push(format!("{name} (canary)"));
        }
    }
    names.join(", ")
}
