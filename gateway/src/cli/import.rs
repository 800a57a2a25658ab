//! `portcullis import FILE`

use std::path::PathBuf;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::client::{Connection, encoded, path};
use super::failure::{Failure, code};
use super::table::text;
use super::{print, table};

/// Make an API of an OpenAPI document, or bring one up to date
///
/// Makes an API of an OpenAPI document, 2.0, 3.0 or 3.1, JSON or YAML, with API Gateway's extensions. With --api it changes that
/// API instead. Nothing that is served changes until it is deployed. What the document says and the API does not keep is
/// listed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  portcullis import shop.yaml\n  portcullis import shop.yaml --api shop --mode overwrite && \
                        portcullis deploy shop --stage prod"
)]
pub(super) struct Import {
    #[command(flatten)]
    connection: Connection,
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The API that is changed, by its id, or by its name where no other API has it [default: a new one]
    #[arg(long, value_name = "API")]
    api: Option<String>,
    /// What becomes of what the API has and the document does not
    #[arg(long, value_enum, default_value = "merge", requires = "api")]
    mode: Mode,
    /// What becomes of the document's base path
    #[arg(long, value_enum, default_value = "ignore")]
    base_path: BasePath,
    /// Change nothing where there is a warning
    #[arg(long)]
    fail_on_warnings: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// It stays
    Merge,
    /// It goes
    Overwrite,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BasePath {
    /// Nothing
    Ignore,
    /// It stands before all paths
    Prepend,
    /// It does, but for its first part
    Split,
}

impl Import {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let document = read(&self.file)?;
        let client = self.connection.client()?;
        let (verb, target, mode) = match &self.api {
            None => ("POST", "/restapis".to_owned(), "import".to_owned()),
            Some(api) => ("PUT", path(&["restapis", &client.api(api)?]), name(&self.mode)),
        };
        let query = format!(
            "mode={mode}&basepath={}&failonwarnings={}",
            encoded(&name(&self.base_path)),
            self.fail_on_warnings
        );
        let api = client.send_document(verb, &format!("{target}?{query}"), document)?;
        if self.connection.json {
            table::json(&api);
            return Ok(());
        }
        let warnings = api.get("warnings").and_then(Value::as_array);
        for warning in warnings.into_iter().flatten().filter_map(Value::as_str) {
            print::err(&format!("warning: {}", print::one_line(warning)));
        }
        let skipped = api.get("portcullis:skipped").and_then(Value::as_array);
        for key in skipped.into_iter().flatten().filter_map(Value::as_str) {
            print::err(&format!("not kept: {}", print::one_line(key)));
        }
        let (id, name) = (text(&api, "id"), print::one_line(text(&api, "name")));
        print::out(&match self.api {
            None => format!("imported {name} as {id}"),
            Some(_) => format!("changed {id} ({name})"),
        });
        Ok(())
    }
}

fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn read(file: &std::path::Path) -> Result<Bytes, Failure> {
    let read = if file.as_os_str() == "-" {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut text).map(|_| text)
    } else {
        std::fs::read(file)
    };
    read.map(Bytes::from)
        .map_err(|error| Failure::problem(format!("cannot read {}: {error}", file.display())))
}
