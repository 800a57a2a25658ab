//! `portcullis export API STAGE`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::client::{Connection, encoded, path};
use super::failure::{Failure, code};
use super::print;

/// Write what a stage serves as an OpenAPI document
///
/// Writes what a stage serves as an OpenAPI document, with API Gateway's extensions: `portcullis import` makes the same API of it
/// again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  portcullis export shop prod > shop.json\n  \
                        portcullis export shop prod --type swagger --format yaml --output shop.yaml --extensions ''")]
pub(super) struct Export {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The stage
    #[arg(value_name = "STAGE")]
    stage: String,
    /// The version of OpenAPI
    #[arg(long = "type", value_enum, default_value = "oas30")]
    version: Version,
    /// JSON or YAML
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// What is written beside OpenAPI itself, with commas between them: integrations, authorizers, documentation
    #[arg(
        long,
        value_name = "NAMES",
        default_value = "integrations,authorizers,documentation"
    )]
    extensions: String,
    /// A file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Version {
    /// OpenAPI 3.0
    Oas30,
    /// OpenAPI 2.0
    Swagger,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Yaml,
}

impl Export {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let kind = match self.version {
            Version::Oas30 => "oas30",
            Version::Swagger => "swagger",
        };
        let accept = match self.format {
            Format::Json => "application/json",
            Format::Yaml => "application/yaml",
        };
        let target = path(&["restapis", &api, "stages", &self.stage, "exports", kind]);
        let target = format!("{target}?extensions={}", encoded(&self.extensions));
        let document = client.file(&target, accept)?;
        let Some(output) = &self.output else {
            print::out(String::from_utf8_lossy(&document).trim_end());
            return Ok(());
        };
        std::fs::write(output, &document)
            .map_err(|error| Failure::runtime(format!("cannot write {}: {error}", output.display())))?;
        print::err(&format!("wrote {}", output.display()));
        Ok(())
    }
}
