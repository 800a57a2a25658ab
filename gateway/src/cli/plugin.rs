//! `portcullis plugin check FILE`

use std::path::PathBuf;

use clap::Subcommand;
use portcullis_plugin_host::{Host, HostSettings, Inspection};

use super::{exit, print};

#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    /// Name a component's world and what it imports
    Check {
        /// The .wasm file
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Plugin {
    pub(super) fn execute(self) -> u8 {
        let Self::Check { file, json } = self;
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => {
                print::err(&format!("{}: error: cannot read it: {error}", file.display()));
                return exit::PROBLEMS;
            }
        };
        let host = match Host::new(HostSettings::default()) {
            Ok(host) => host,
            Err(error) => {
                print::err(&format!("error: {error}"));
                return exit::RUNTIME;
            }
        };
        match host.inspect(&bytes) {
            Ok(inspection) if json => print::out(&format!("{:#}", as_json(&inspection))),
            Ok(inspection) => print::out(&as_text(&file.display().to_string(), bytes.len(), &inspection)),
            Err(error) => {
                print::err(&format!("{}: error: {error}", file.display()));
                if let Some(hint) = error.hint() {
                    print::err(&format!("  hint: {hint}"));
                }
                return exit::PROBLEMS;
            }
        }
        0
    }
}

fn as_text(file: &str, size: usize, inspection: &Inspection) -> String {
    let world = match &inspection.world {
        Some(world) => format!("world: {world}"),
        None => "world: none that Portcullis serves".to_owned(),
    };
    let list = |title: &str, names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| format!("  {name}")).collect();
        format!(
            "{title}:\n{}",
            if names.is_empty() {
                "  none".to_owned()
            } else {
                names.join("\n")
            }
        )
    };
    format!(
        "{file}: a component of {size} bytes\n{world}\n{}\n{}",
        list("exports", &inspection.exports),
        list("imports", &inspection.imports)
    )
}

fn as_json(inspection: &Inspection) -> serde_json::Value {
    serde_json::json!({
        "world": inspection.world.as_ref().map(ToString::to_string),
        "exports": inspection.exports,
        "imports": inspection.imports,
    })
}
