//! `portcullis schema`

use clap::{Args, ValueEnum};

use super::print;

/// Prints the JSON Schema of gateway.toml, or of edge.toml, for editors.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of which file
    #[arg(value_enum, default_value_t = Of::Gateway)]
    of: Of,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// gateway.toml
    Gateway,
    /// edge.toml
    Edge,
}

impl Schema {
    pub(super) fn execute(self) -> u8 {
        let schema = match self.of {
            Of::Gateway => crate::config::schema(),
            Of::Edge => crate::edge::schema(),
        };
        print::out(&format!("{schema:#}"));
        0
    }
}
