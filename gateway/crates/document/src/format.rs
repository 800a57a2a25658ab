//! The formats that a document may be written in.

/// A format that documents are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 8259, strictly: no comments, no trailing commas.
    Json,
    /// YAML 1.2 with its core schema.
    Yaml,
    /// TOML 1.
    Toml,
}

impl Format {
    /// The format that the end of a file's name says, in any case: `.json`, `.yaml`, `.yml` or `.toml`.
    pub fn from_path(path: &str) -> Option<Format> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Format::Json),
            "yaml" | "yml" => Some(Format::Yaml),
            "toml" => Some(Format::Toml),
            _ => None,
        }
    }

    /// JSON where the text begins with `{` or `[`, otherwise YAML; for text that comes without a name.
    pub fn detect(text: &str) -> Format {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        if text.starts_with(['{', '[']) {
            Format::Json
        } else {
            Format::Yaml
        }
    }

    /// What the format calls a thing with keys.
    pub(crate) fn object_word(self) -> &'static str {
        match self {
            Format::Toml => "a table",
            Format::Json | Format::Yaml => "an object",
        }
    }
}
