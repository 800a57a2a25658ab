//! `portcullis api list|show|delete`

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{Client, Connection, path};
use super::failure::{Failure, code};
use super::table::{self, date_of, text};

/// List, show and delete the APIs of a control plane
///
/// The APIs of a control plane. Those that come from files are read-only: they are changed in their files.
#[derive(Debug, Args)]
pub(super) struct Api {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the APIs
    List,
    /// Show an API and its methods, as they are edited: a stage may run others, see `portcullis diff`
    Show {
        /// Its id, or its name where no other API has it
        #[arg(value_name = "API")]
        api: String,
    },
    /// Delete an API with its stages and deployments, at once and for good
    Delete {
        /// Its id, or its name where no other API has it
        #[arg(value_name = "API")]
        api: String,
    },
}

impl Api {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let json = self.connection.json;
        match self.action {
            Action::List => list(&client, json),
            Action::Show { api } => show(&client, &api, json),
            Action::Delete { api } => delete(&client, &api),
        }
    }
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let apis = client.items("/restapis")?;
    if json {
        table::json(&Value::Array(apis));
        return Ok(());
    }
    let row = |api: &Value| {
        vec![
            text(api, "id").to_owned(),
            text(api, "name").to_owned(),
            date_of(api, "createdDate"),
            text(api, "description").to_owned(),
        ]
    };
    let rows: Vec<_> = apis.iter().map(row).collect();
    table::rows(&["ID", "NAME", "CREATED", "DESCRIPTION"], &rows, "APIs");
    Ok(())
}

fn show(client: &Client, named: &str, json: bool) -> Result<(), Failure> {
    let id = client.api(named)?;
    let api = client.get(&path(&["restapis", &id]))?;
    let resources = format!("{}?embed=methods", path(&["restapis", &id, "resources"]));
    let resources = client.items(&resources)?;
    if json {
        table::json(&serde_json::json!({"restApi": api, "resources": resources}));
        return Ok(());
    }
    table::document(&api);
    let mut rows: Vec<Vec<String>> = resources.iter().flat_map(methods).collect();
    rows.sort();
    super::print::out("");
    let headings = ["PATH", "METHOD", "AUTHORIZATION", "INTEGRATION", "URI"];
    table::rows(&headings, &rows, "methods");
    Ok(())
}

/// Path, verb, authorization, integration and URI of a resource's methods.
fn methods(resource: &Value) -> Vec<Vec<String>> {
    let methods = resource.get("resourceMethods").and_then(Value::as_object);
    let methods = methods.into_iter().flatten();
    let row = |(verb, method): (&String, &Value)| {
        let integration = method.get("methodIntegration").unwrap_or(&Value::Null);
        vec![
            text(resource, "path").to_owned(),
            verb.clone(),
            text(method, "authorizationType").to_owned(),
            text(integration, "type").to_owned(),
            text(integration, "uri").to_owned(),
        ]
    };
    methods.map(row).collect()
}

fn delete(client: &Client, named: &str) -> Result<(), Failure> {
    let id = client.api(named)?;
    client.call("DELETE", &path(&["restapis", &id]), None)?;
    super::print::out(&format!("deleted the API {id}"));
    Ok(())
}
