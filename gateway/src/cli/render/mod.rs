//! `portcullis render`: a mapping template on the command line, through the real component.

mod input;

use std::fmt::Write as _;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use portcullis_plugin_host::{
    CallError, Grants, Host, HostSettings, Isolation, Limits, MappingTemplate, Plugin, PluginSpec,
    RenderError, Rendered, TemplateSource,
};
use serde::Deserialize;

use super::{exit, print, run};
use crate::builtin;
use input::Input;

/// Renders a template as the gateway would, with nothing else running: the quickest way to try one.
#[derive(Debug, Args)]
pub(super) struct Render {
    /// The template
    #[arg(long, value_name = "FILE", required_unless_present = "lines")]
    template: Option<PathBuf>,
    /// What it is rendered with, as a JSON object with any of `body` (a string), `params` (`path`, `querystring`,
    /// `header`), `context` and `stageVariables` [default: an empty request]
    #[arg(long, value_name = "FILE", conflicts_with = "lines")]
    input: Option<PathBuf>,
    /// `aws` is what API Gateway runs; `velocity` has macros and #evaluate too
    #[arg(long, value_enum, default_value_t = Profile::Aws, conflicts_with = "lines")]
    profile: Profile,
    /// Print the text and what the template overrides as one JSON object
    #[arg(long, conflicts_with = "lines")]
    json: bool,
    /// Render one JSON object a line from standard input: `id`, `profile`, `template`, and `context` with what --input
    /// has; print one line for each: `{"output": "…"}` or `{"error": "…"}`
    #[arg(long, conflicts_with = "template")]
    lines: bool,
    /// The template engine: a plugin of the world mapping-template, by its file [default: vtl, which is built in]
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Profile {
    Aws,
    Velocity,
}

/// One line of `--lines`.
#[derive(Debug, Deserialize)]
struct Line {
    profile: Option<Profile>,
    template: String,
    #[serde(default)]
    context: Input,
}

/// Why there is nothing to print.
enum Failure {
    /// Something given is wrong: told in full.
    Given(String),
    /// The engine failed.
    Engine(CallError),
    Template(RenderError),
}

impl Render {
    pub(super) fn execute(self) -> u8 {
        match self.run() {
            Ok(code) => code,
            Err(error) => {
                print::err(&format!("error: {error:#}"));
                exit::RUNTIME
            }
        }
    }

    fn run(&self) -> anyhow::Result<u8> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let host = Host::new(HostSettings {
            cache_dir: run::default_cache_dir(),
            instance_slots: 4,
            ..HostSettings::default()
        })?;
        let engine = runtime.block_on(self.engine(&host))?;
        Ok(match &self.template {
            Some(template) => self.one(&runtime, &engine, template),
            None => lines(&runtime, &engine),
        })
    }

    async fn engine(&self, host: &Host) -> anyhow::Result<Arc<MappingTemplate>> {
        let component = match &self.plugin {
            Some(file) => std::fs::read(file)
                .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", file.display()))?
                .into(),
            None => builtin::component("vtl").unwrap_or_default().into(),
        };
        let spec = PluginSpec {
            name: "vtl".to_owned(),
            component,
            config_json: "{}".to_owned(),
            grants: Grants::default(),
            limits: Limits {
                // The engine's own bounds come first: their errors say more.
                cpu: Duration::from_secs(10),
                wall: Duration::from_secs(30),
                ..Limits::default()
            },
            isolation: Some(Isolation::Reused),
        };
        match host.load(spec).await? {
            Plugin::MappingTemplate(engine) => Ok(engine),
            other => anyhow::bail!("the plugin is of world {}, not mapping-template", other.world()),
        }
    }

    fn one(&self, runtime: &tokio::runtime::Runtime, engine: &MappingTemplate, template: &Path) -> u8 {
        let outcome = self.read(template).and_then(|(source, input)| {
            let rendered = runtime.block_on(render(engine, self.profile, &source, &input));
            rendered.map_err(|failure| (source, failure))
        });
        match outcome {
            Ok(rendered) if self.json => print::out(&format!("{:#}", as_json(&rendered))),
            Ok(rendered) => {
                // As it is: without a newline of ours.
                let _ = std::io::stdout().lock().write_all(rendered.text.as_bytes());
            }
            Err((source, failure)) => {
                print::err(&told(&template.display().to_string(), &source, &failure));
                return match failure {
                    Failure::Engine(_) => exit::RUNTIME,
                    Failure::Given(_) | Failure::Template(_) => exit::PROBLEMS,
                };
            }
        }
        0
    }

    fn read(&self, template: &Path) -> Result<(String, Input), (String, Failure)> {
        let failed = |text: String| (String::new(), Failure::Given(text));
        let source = std::fs::read_to_string(template)
            .map_err(|error| failed(format!("{}: error: cannot read it: {error}", template.display())))?;
        let Some(file) = &self.input else {
            return Ok((source, Input::default()));
        };
        let text = std::fs::read_to_string(file)
            .map_err(|error| failed(format!("{}: error: cannot read it: {error}", file.display())))?;
        let input = serde_json::from_str(&text).map_err(|error: serde_json::Error| {
            let (line, column) = (error.line(), error.column().max(1));
            // Its text ends with the place, which stands before it here.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message);
            failed(format!("{}:{line}:{column}: error: {message}", file.display()))
        })?;
        Ok((source, input))
    }
}

async fn render(
    engine: &MappingTemplate,
    profile: Profile,
    source: &str,
    input: &Input,
) -> Result<Rendered, Failure> {
    let profile = match profile {
        Profile::Aws => "aws",
        Profile::Velocity => "velocity",
    };
    let source = TemplateSource::new(source, vec![("profile".to_owned(), profile.to_owned())]);
    let compiled = engine.compile("render", &source).await.map_err(Failure::Engine)?;
    let reads = compiled.map_err(|error| Failure::Template(RenderError::Syntax(error)))?;
    let limited = input.limited(&reads);
    let borrowed = limited.borrowed();
    let rendered = engine.render("render", &source, borrowed.input()).await;
    rendered.map_err(Failure::Engine)?.map_err(Failure::Template)
}

fn lines(runtime: &tokio::runtime::Runtime, engine: &MappingTemplate) -> u8 {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().split(b'\n') {
        let line = match line {
            Ok(line) if line.trim_ascii().is_empty() => continue,
            Ok(line) => line,
            Err(error) => {
                print::err(&format!("error: cannot read standard input: {error}"));
                return exit::RUNTIME;
            }
        };
        let answer = match runtime.block_on(line_rendered(engine, &line)) {
            Ok(output) => serde_json::json!({ "output": output }),
            Err(error) => serde_json::json!({ "error": error }),
        };
        let answer = in_ascii(&answer.to_string());
        if writeln!(out, "{answer}").and_then(|()| out.flush()).is_err() {
            // Nobody reads any more.
            return 0;
        }
    }
    0
}

/// JSON without characters that some readers take for the end of a line, such as U+2028.
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
}

async fn line_rendered(engine: &MappingTemplate, line: &[u8]) -> Result<String, String> {
    let line: Line = serde_json::from_slice(line)
        .map_err(|error| format!("the line is not what it should be: {error}"))?;
    let profile = line.profile.unwrap_or(Profile::Aws);
    match render(engine, profile, &line.template, &line.context).await {
        Ok(rendered) => Ok(rendered.text),
        Err(Failure::Given(text)) => Err(text),
        Err(Failure::Engine(error)) => Err(error.to_string()),
        Err(Failure::Template(error)) => Err(error.to_string()),
    }
}

fn as_json(rendered: &Rendered) -> serde_json::Value {
    let object = |pairs: &[(String, String)]| -> serde_json::Value {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()));
        serde_json::Value::Object(pairs.collect())
    };
    serde_json::json!({
        "output": rendered.text,
        "requestOverride": {
            "header": object(&rendered.request.headers),
            "querystring": object(&rendered.request.query),
            "path": object(&rendered.request.path),
        },
        "responseOverride": {
            "status": rendered.response.status,
            "header": object(&rendered.response.headers),
        },
    })
}

/// `file:line:column: error: …`, with the line and a caret.
fn told(file: &str, source: &str, failure: &Failure) -> String {
    let (line, column, message, hint) = match failure {
        Failure::Given(text) => return text.clone(),
        Failure::Engine(error) => return format!("{file}: error: {error}"),
        Failure::Template(RenderError::Syntax(error)) => {
            (error.line, error.column, &error.message, error.hint.as_ref())
        }
        Failure::Template(
            RenderError::Failed {
                line,
                column,
                message,
            }
            | RenderError::Limit {
                line,
                column,
                message,
            },
        ) => (*line, *column, message, None),
    };
    let mut text = format!("{file}:{line}:{column}: error: {message}");
    let at = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    if let Some(shown) = source.lines().nth(at) {
        let shown = shown.replace('\t', " ");
        let before = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        text.push_str(&format!(
            "\n  | {shown}\n  | {}^",
            " ".repeat(before.min(shown.chars().count()))
        ));
    }
    if let Some(hint) = hint {
        text.push_str(&format!("\n  hint: {hint}"));
    }
    text
}
