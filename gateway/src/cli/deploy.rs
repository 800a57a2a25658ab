//! `portcullis deploy API`

use clap::Args;
use serde_json::{Map, Value, json};

use super::client::{Connection, path};
use super::failure::{Failure, code};
use super::table::text;
use super::{patch, print, table};

/// Keep an API as a deployment, and let a stage serve it
///
/// Keeps the API, as it is edited now, as a deployment, and points a stage at it. Without a stage nothing that is served
/// changes. When the command has ended, the stage serves it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  portcullis deploy shop --stage prod --description 'orders v2'\n  \
                        portcullis deploy shop --stage prod --canary 10"
)]
pub(super) struct Deploy {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage that serves it; it is made where it is not there
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// What is new in it, for `portcullis deployments`
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Not the stage, but its canary serves it, for so many percent of the requests
    #[arg(long, value_name = "PERCENT", requires = "stage")]
    canary: Option<f64>,
    /// A variable of the stage, or with --canary one that the canary has instead of the stage's; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = patch::pair, requires = "stage")]
    variables: Vec<(String, String)>,
}

impl Deploy {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let body = self.body()?;
        let deployment = client.call("POST", &path(&["restapis", &api, "deployments"]), Some(&body))?;
        if self.connection.json {
            table::json(&deployment);
            return Ok(());
        }
        let to = match (&self.stage, self.canary) {
            (Some(stage), Some(percent)) => format!(" to the canary of stage {stage}, for {percent} %"),
            (Some(stage), None) => format!(" to stage {stage}"),
            (None, _) => ", to no stage".to_owned(),
        };
        print::out(&format!("deployed {api} as {}{to}", text(&deployment, "id")));
        Ok(())
    }

    fn body(&self) -> Result<Value, Failure> {
        let mut body = Map::new();
        let texts = [("stageName", &self.stage), ("description", &self.description)];
        for (name, value) in texts {
            if let Some(value) = value {
                body.insert(name.to_owned(), json!(value));
            }
        }
        let variables = patch::variables(&self.variables)?;
        if let Some(percent) = self.canary {
            let canary = json!({"percentTraffic": percent, "stageVariableOverrides": variables});
            body.insert("canarySettings".to_owned(), canary);
        } else if !self.variables.is_empty() {
            body.insert("variables".to_owned(), variables);
        }
        Ok(Value::Object(body))
    }
}
