//! `portcullis keys create|list|enable|disable`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::{Client, Connection, encoded};
use super::failure::{Failure, code};
use super::print;
use super::table::{self, text};

/// Where they are.
const KEYS: &str = "/_portcullis/keys";

/// Say who may use a control plane
///
/// The access keys of a control plane: who may use it, and what each of them may do.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key, and print it as a file for AWS_SHARED_CREDENTIALS_FILE; its secret is shown only now
    #[command(
        after_help = "Examples:\n  (umask 077; portcullis keys create ci > ci.credentials)\n  \
                            portcullis keys create reader --policy read-only.json"
    )]
    Create {
        /// Whose it is: for the history, and for policies as user/NAME
        #[arg(value_name = "NAME")]
        name: String,
        /// What it may do: an IAM policy in JSON, of actions such as apigateway:GET [default: everything]
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// List the keys, without their secrets
    List,
    /// Let a key be used again
    Enable {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Let a key no longer be used, from the next request on
    Disable {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
    },
}

impl Keys {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let json = self.connection.json;
        match self.action {
            Action::Create { name, policy } => create(&client, &name, policy.as_deref(), json),
            Action::List => list(&client, json),
            Action::Enable { id } => enable(&client, &id, true, json),
            Action::Disable { id } => enable(&client, &id, false, json),
        }
    }
}

fn create(client: &Client, name: &str, policy: Option<&Path>, json: bool) -> Result<(), Failure> {
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(name));
    if let Some(file) = policy {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::problem(format!("{}: cannot read the policy: {error}", file.display()))
                .hint("name a file with an IAM policy in JSON")
        })?;
        body.insert("policy".to_owned(), json!(text));
    }
    let key = client.call("POST", KEYS, Some(&Value::Object(body)))?;
    if json {
        table::json(&key);
        return Ok(());
    }
    print::out(&format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}",
        text(&key, "id"),
        text(&key, "secret")
    ));
    print::err("note: nothing shows this secret again; keep it in a file that its owner alone can read");
    if policy.is_none() {
        print::err("note: this key may do everything; --policy bounds what a key may do");
    }
    Ok(())
}

fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let keys = client.get(KEYS)?;
    if json {
        table::json(keys.get("item").unwrap_or(&Value::Null));
        return Ok(());
    }
    let keys = keys.get("item").and_then(Value::as_array);
    let row = |key: &Value| {
        let enabled = key.get("enabled") == Some(&Value::Bool(true));
        vec![
            text(key, "id").to_owned(),
            text(key, "name").to_owned(),
            if enabled { "enabled" } else { "disabled" }.to_owned(),
            // On one line, however it was written.
            serde_json::from_str(text(key, "policy")).map_or_else(
                |_| text(key, "policy").to_owned(),
                |policy: Value| policy.to_string(),
            ),
        ]
    };
    let rows: Vec<_> = keys.into_iter().flatten().map(row).collect();
    table::rows(&["ID", "NAME", "STATE", "POLICY"], &rows, "keys");
    Ok(())
}

fn enable(client: &Client, id: &str, enabled: bool, json: bool) -> Result<(), Failure> {
    let path = format!("{KEYS}/{}", encoded(id));
    let key = client.call("PATCH", &path, Some(&json!({"enabled": enabled})))?;
    if json {
        table::json(&key);
    } else {
        print::out(&format!(
            "the key {id} is {}",
            if enabled { "enabled" } else { "disabled" }
        ));
    }
    Ok(())
}
