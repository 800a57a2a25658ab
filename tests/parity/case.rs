//! What a case says.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::{decoded, is_base64};

/// A case; one file.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its path below `tests/parity`.
    pub(crate) file: String,
    /// The id of its API, made of its path.
    pub(crate) id: String,
    /// The API's OpenAPI document; none where `api` has routes.
    pub(crate) openapi: Option<String>,
    /// More keys of the API in `gateway.toml`.
    pub(crate) api: toml::Table,
    /// The keys of its stage.
    pub(crate) stage: toml::Table,
    /// The name of its stage.
    pub(crate) stage_name: String,
    /// More tables of `gateway.toml`.
    pub(crate) gateway: toml::Table,
    /// What is sent, and what must come of it.
    pub(crate) exchanges: Vec<Exchange>,
}

/// A case as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    source: String,
    #[serde(default)]
    openapi: Option<String>,
    #[serde(default)]
    api: toml::Table,
    #[serde(default)]
    stage: toml::Table,
    #[serde(default)]
    gateway: toml::Table,
    #[serde(default)]
    request: Option<Request>,
    #[serde(default)]
    backend: Option<Reply>,
    #[serde(default)]
    expect: Option<Expect>,
    #[serde(default, rename = "exchange")]
    exchanges: Vec<Exchange>,
}

/// One request and what must come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// What the client sends.
    pub(crate) request: Request,
    /// What the backend answers.
    #[serde(default)]
    pub(crate) backend: Reply,
    /// What the client gets.
    pub(crate) expect: Expect,
}

/// What the client sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[serde(default = "get")]
    pub(crate) method: String,
    /// Below the stage, with the query, as it is on the wire.
    pub(crate) path: String,
    /// Another stage than the case's.
    #[serde(default)]
    pub(crate) stage: Option<String>,
    /// Another host than the case's API.
    #[serde(default)]
    pub(crate) host: Option<String>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) body_base64: Option<String>,
    /// A text, and how often it stands there.
    #[serde(default)]
    pub(crate) body_repeat: Option<(String, usize)>,
    /// Without a length.
    #[serde(default)]
    pub(crate) chunked: bool,
}

/// What the backend answers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    #[serde(default)]
    pub(crate) status: Option<u16>,
    /// Absent: `content-type: application/json`. A length is added where none is there.
    #[serde(default)]
    pub(crate) headers: Option<Vec<(String, String)>>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) body_base64: Option<String>,
    #[serde(default)]
    pub(crate) body_repeat: Option<(String, usize)>,
    /// All bytes of the response; the connection ends after them.
    #[serde(default)]
    pub(crate) raw: Option<String>,
    #[serde(default)]
    pub(crate) fault: Option<Fault>,
}

/// What goes wrong with the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// The connection ends before the response.
    Close,
    /// The connection ends ten bytes before the end of the body.
    Cut,
    /// There is never a response.
    Hang,
}

/// What the client gets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) status: u16,
    #[serde(flatten)]
    pub(crate) headers: Headers,
    /// `gzip`, `deflate` or `br`: the body is compared after it has been decoded.
    #[serde(default)]
    pub(crate) decode: Option<String>,
    #[serde(flatten)]
    pub(crate) body: Body,
    /// The body is cut off before its end.
    #[serde(default)]
    pub(crate) cut: bool,
    /// Whether the connection must take another request afterwards.
    #[serde(default = "yes")]
    pub(crate) usable: bool,
    /// What the backend gets.
    #[serde(default)]
    pub(crate) backend: Option<ExpectBackend>,
}

/// What the backend gets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectBackend {
    #[serde(default = "yes")]
    pub(crate) called: bool,
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Path and query.
    #[serde(default)]
    pub(crate) target: Option<String>,
    #[serde(flatten)]
    pub(crate) headers: Headers,
    #[serde(flatten)]
    pub(crate) body: Body,
}

/// How headers are compared. Each that is there must hold.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Headers {
    /// Their values: one, or a list where the header is repeated.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, OneOrMore>,
    /// What must be in a value.
    #[serde(default)]
    pub(crate) headers_contain: BTreeMap<String, OneOrMore>,
    /// Headers with any value.
    #[serde(default)]
    pub(crate) present_headers: Vec<String>,
    #[serde(default)]
    pub(crate) absent_headers: Vec<String>,
}

/// How a body is compared. Each that is there must hold.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Body {
    #[serde(default)]
    pub(crate) body: Option<String>,
    /// JSON of the same value.
    #[serde(default)]
    pub(crate) body_json: Option<String>,
    #[serde(default)]
    pub(crate) body_base64: Option<String>,
    #[serde(default)]
    pub(crate) body_contains: Option<OneOrMore>,
    /// Its length in bytes.
    #[serde(default)]
    pub(crate) body_length: Option<usize>,
}

/// A text, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    /// Each.
    pub(crate) fn all(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

impl Case {
    /// Reads a case. Each name of `places`, such as `{backend}`, is replaced by what it stands for.
    pub(crate) fn parse(file: &str, text: &str, places: &[(&str, String)]) -> Result<Self, String> {
        let id = file.trim_end_matches(".toml").replace(['/', '_'], "-");
        let mut text = text.replace("{api}", &id);
        for (name, value) in places {
            text = text.replace(name, value);
        }
        let mut written: Written = toml::from_str(&text).map_err(|error| error.to_string())?;
        if written.name.is_empty() || written.source.is_empty() {
            return Err("a case needs a name and a source".into());
        }
        match (written.request, written.expect) {
            (Some(request), Some(expect)) if written.exchanges.is_empty() => {
                let backend = written.backend.unwrap_or_default();
                written.exchanges.push(Exchange {
                    request,
                    backend,
                    expect,
                });
            }
            (None, None) if written.backend.is_none() && !written.exchanges.is_empty() => {}
            _ => return Err("a case needs [request] and [expect], or [[exchange]]s with both".into()),
        }
        for exchange in &written.exchanges {
            exchange.check()?;
        }
        Ok(Self {
            file: file.to_owned(),
            id,
            openapi: written.openapi,
            api: written.api,
            stage: written.stage,
            stage_name: "test".to_owned(),
            gateway: written.gateway,
            exchanges: written.exchanges,
        })
    }

    /// The name that addresses its API.
    pub(crate) fn host(&self) -> String {
        format!("{}.execute-api.localhost", self.id)
    }
}

impl Exchange {
    fn check(&self) -> Result<(), String> {
        let expected = &self.expect.body;
        let wanted = self.expect.backend.as_ref().map(|backend| &backend.body);
        let bodies = [Some(expected), wanted];
        let bodies: Vec<&Body> = bodies.into_iter().flatten().collect();
        let encoded = bodies.iter().map(|body| &body.body_base64);
        let encoded = encoded.chain([&self.request.body_base64, &self.backend.body_base64]);
        if let Some(text) = encoded.flatten().find(|text| !is_base64(text)) {
            return Err(format!("not base64: {text}"));
        }
        for text in bodies.iter().filter_map(|body| body.body_json.as_ref()) {
            serde_json::from_str::<Value>(text).map_err(|error| format!("body_json: {error}: {text}"))?;
        }
        Ok(())
    }
}

impl Request {
    /// Whether it says that it has a body, if an empty one.
    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some() || self.body_base64.is_some() || self.body_repeat.is_some()
    }

    /// Its body.
    pub(crate) fn body(&self) -> Vec<u8> {
        body(
            self.body.as_ref(),
            self.body_base64.as_ref(),
            self.body_repeat.as_ref(),
        )
    }
}

impl Reply {
    /// Its body.
    pub(crate) fn body(&self) -> Vec<u8> {
        body(
            self.body.as_ref(),
            self.body_base64.as_ref(),
            self.body_repeat.as_ref(),
        )
    }
}

fn body(text: Option<&String>, base64: Option<&String>, repeat: Option<&(String, usize)>) -> Vec<u8> {
    match (text, base64, repeat) {
        (Some(text), _, _) => text.clone().into_bytes(),
        (_, Some(text), _) => decoded(text),
        (_, _, Some((text, times))) => text.repeat(*times).into_bytes(),
        _ => Vec::new(),
    }
}

/// The files of all cases with their texts, by their paths below the folder.
pub(crate) fn texts(root: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of cases") {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let file = path.strip_prefix(root).expect("a path below the root");
                let text = std::fs::read_to_string(&path).expect("a case in UTF-8");
                texts.insert(file.to_string_lossy().into_owned(), text);
            }
        }
    }
    texts
}

fn get() -> String {
    "GET".to_owned()
}

fn yes() -> bool {
    true
}
