//! The plugin's configuration: the profile, and what one rendering may cost.

use portcullis_plugin::Problem;
use portcullis_vtl::bounds::Limits;
use portcullis_vtl::{Options, Profile};
use serde::Deserialize;

/// `config` of the plugin in gateway.toml. What is left out is the default.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// `aws`, or `velocity`: macros and `#evaluate` are on.
    profile: Option<String>,
    limits: LimitsConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsConfig {
    steps: Option<u64>,
    output_bytes: Option<usize>,
    string_bytes: Option<usize>,
    items: Option<usize>,
    depth: Option<usize>,
    rounds: Option<usize>,
}

/// Deeper nesting than this could use up the stack of the sandbox.
const MOST_DEPTH: usize = 256;

impl Config {
    pub(crate) fn options(self) -> Result<Options, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut options = Options::default();
        if let Some(name) = &self.profile
            && let Err(message) = set(&mut options, "profile", name)
        {
            problems.push(Problem::new("/profile", message).with_hint("use `aws` or `velocity`"));
        }
        let given = self.limits;
        if given.depth.is_some_and(|depth| depth > MOST_DEPTH) {
            problems.push(Problem::new(
                "/limits/depth",
                format!("a template may nest {MOST_DEPTH} deep at the most"),
            ));
        }
        let default = options.limits;
        options.limits = Limits {
            steps: given.steps.unwrap_or(default.steps),
            output: given.output_bytes.unwrap_or(default.output),
            string: given.string_bytes.unwrap_or(default.string),
            items: given.items.unwrap_or(default.items),
            depth: given.depth.unwrap_or(default.depth),
            rounds: given.rounds.unwrap_or(default.rounds),
        };
        if problems.is_empty() {
            Ok(options)
        } else {
            Err(problems)
        }
    }
}

/// Sets an option by its name, as a use of the plugin may.
pub(crate) fn set(options: &mut Options, name: &str, value: &str) -> Result<(), String> {
    match (name, value) {
        ("profile", "aws") => options.profile = Profile::Aws,
        ("profile", "velocity") => options.profile = Profile::Velocity,
        ("profile", other) => return Err(format!("there is no profile `{other}`")),
        (other, _) => return Err(format!("there is no option `{other}`")),
    }
    Ok(())
}
