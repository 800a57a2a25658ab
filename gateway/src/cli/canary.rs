//! `portcullis canary API STAGE start|set|promote|stop`

use clap::{Args, Subcommand};
use portcullis_document::escape;
use serde_json::{Value, json};

use super::client::{Client, Connection, path};
use super::failure::{Failure, code};
use super::patch::{self, copy, remove, replace};
use super::print;
use super::table::{self, text};

/// Serve a share of a stage's requests by another deployment
///
/// A share of a stage's requests is served by another deployment, drawn for each request.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  portcullis canary shop prod start 5\n  portcullis canary shop prod set 50\n  \
                        portcullis canary shop prod promote"
)]
pub(super) struct Canary {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage
    #[arg(value_name = "STAGE")]
    stage: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Deploy the API, as it is edited now, to a canary; or let a canary run a deployment that is there
    Start {
        /// How many percent of the requests it serves: 0 to 100
        #[arg(value_name = "PERCENT")]
        percent: f64,
        /// A deployment that is there [default: a new one]
        #[arg(long, value_name = "ID")]
        deployment: Option<String>,
        /// What is new in the new deployment
        #[arg(long, value_name = "TEXT", conflicts_with = "deployment")]
        description: Option<String>,
        /// A variable that the canary has instead of the stage's; may be repeated
        #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = patch::pair)]
        variables: Vec<(String, String)>,
    },
    /// Change its share or its variables
    Set {
        /// How many percent of the requests it serves: 0 to 100
        #[arg(value_name = "PERCENT", required_unless_present_any = ["variables", "removed"])]
        percent: Option<f64>,
        /// A variable that the canary has instead of the stage's; may be repeated
        #[arg(long = "variable", id = "variables", value_name = "NAME=VALUE", value_parser = patch::pair)]
        variables: Vec<(String, String)>,
        /// A variable that the canary takes from the stage again; may be repeated
        #[arg(long = "remove-variable", id = "removed", value_name = "NAME")]
        removed: Vec<String>,
    },
    /// Let the stage run what the canary runs, with its variables, and end the canary
    Promote,
    /// End the canary: the stage serves every request as before
    Stop,
}

/// A stage whose canary it is about.
struct Target<'a> {
    client: &'a Client,
    api: &'a str,
    stage: &'a str,
    place: String,
    /// The canary as it is before, or null.
    canary: Value,
}

impl Canary {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let place = path(&["restapis", &api, "stages", &self.stage]);
        let stage = client.get(&place)?;
        let target = Target {
            client: &client,
            api: &api,
            stage: &self.stage,
            place,
            canary: stage.get("canarySettings").cloned().unwrap_or(Value::Null),
        };
        let stage = target.act(&self.action)?;
        if self.connection.json {
            table::json(&stage);
            return Ok(());
        }
        let canary = stage.get("canarySettings").unwrap_or(&Value::Null);
        let share = canary
            .get("percentTraffic")
            .and_then(Value::as_f64)
            .unwrap_or_default();
        print::out(&match &self.action {
            Action::Promote => format!(
                "stage {} runs {}, which was its canary's",
                self.stage,
                text(&stage, "deploymentId")
            ),
            Action::Stop => format!("stage {} runs {} alone", self.stage, text(&stage, "deploymentId")),
            Action::Start { .. } | Action::Set { .. } => format!(
                "stage {} runs {}, and for {share} % its canary {}",
                self.stage,
                text(&stage, "deploymentId"),
                text(canary, "deploymentId")
            ),
        });
        Ok(())
    }
}

impl Target<'_> {
    fn act(&self, action: &Action) -> Result<Value, Failure> {
        match action {
            Action::Start {
                percent,
                deployment,
                description,
                variables,
            } => {
                self.has_none()?;
                match deployment {
                    Some(deployment) => self.start_on(deployment, *percent, variables),
                    None => self.deploy(*percent, description.as_deref(), variables),
                }
            }
            Action::Set {
                percent,
                variables,
                removed,
            } => {
                self.has_one()?;
                let percent =
                    percent.map(|percent| replace("/canarySettings/percentTraffic", percent.to_string()));
                let mut operations: Vec<Value> = percent.into_iter().collect();
                operations.extend(removed.iter().map(|name| remove(override_of(name))));
                operations.extend(overrides(variables));
                self.client.patch(&self.place, operations)
            }
            // The sequence of
            // <https://docs.aws.amazon.com/apigateway/latest/developerguide/promote-canary-deployment.html>, in one patch: a
            // request in between would get the new variables with the old definition.
            Action::Promote => {
                self.has_one()?;
                self.client.patch(
                    &self.place,
                    vec![
                        copy("/canarySettings/stageVariableOverrides", "/variables"),
                        copy("/canarySettings/deploymentId", "/deploymentId"),
                        remove("/canarySettings"),
                    ],
                )
            }
            Action::Stop => {
                self.has_one()?;
                self.client.patch(&self.place, vec![remove("/canarySettings")])
            }
        }
    }

    fn start_on(
        &self,
        deployment: &str,
        percent: f64,
        variables: &[(String, String)],
    ) -> Result<Value, Failure> {
        let mut operations = vec![
            replace("/canarySettings/deploymentId", deployment),
            replace("/canarySettings/percentTraffic", percent.to_string()),
        ];
        operations.extend(overrides(variables));
        self.client.patch(&self.place, operations)
    }

    fn deploy(
        &self,
        percent: f64,
        description: Option<&str>,
        variables: &[(String, String)],
    ) -> Result<Value, Failure> {
        let variables = patch::variables(variables)?;
        let body = json!({
            "stageName": self.stage,
            "description": description.unwrap_or_default(),
            "canarySettings": {"percentTraffic": percent, "stageVariableOverrides": variables},
        });
        self.client
            .call("POST", &path(&["restapis", self.api, "deployments"]), Some(&body))?;
        self.client.get(&self.place)
    }

    fn has_one(&self) -> Result<(), Failure> {
        if self.canary.is_null() {
            return Err(Failure::problem(format!("stage {} has no canary", self.stage))
                .hint("`portcullis canary API STAGE start PERCENT` starts one"));
        }
        Ok(())
    }

    fn has_none(&self) -> Result<(), Failure> {
        if self.canary.is_null() {
            return Ok(());
        }
        let deployment = text(&self.canary, "deploymentId");
        Err(Failure::problem(format!(
            "stage {} has a canary already, which runs {deployment}",
            self.stage
        ))
        .hint("`set` changes it, `promote` or `stop` ends it"))
    }
}

fn override_of(name: &str) -> String {
    format!("/canarySettings/stageVariableOverrides/{}", escape(name))
}

fn overrides(variables: &[(String, String)]) -> impl Iterator<Item = Value> {
    variables
        .iter()
        .map(|(name, value)| replace(override_of(name), value))
}
