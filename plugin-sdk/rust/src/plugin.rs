use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Interest;

/// What plugins of all worlds have in common: a configuration, and what they want to see.
///
/// The gateway makes an instance for each configuration that uses the plugin, as many as its load needs, and uses one
/// again for later calls unless the configuration asks for a fresh one for each. An instance handles one call at a time.
/// So state in `self` may serve as a cache, but is neither shared nor kept for good.
pub trait Plugin: Sized + 'static {
    /// The configuration, read from the JSON form of the plugin's `config` in gateway.toml. Derive it with
    /// `#[serde(deny_unknown_fields)]`, so that a mistyped key is reported. [`NoConfig`] where there is none.
    type Config: DeserializeOwned;

    /// Makes an instance, before any call. It must be quick: a gateway that isolates requests does it for each of them.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the configuration, at once. What does not even fit [`Plugin::Config`] is reported
    /// with its place before this is called.
    fn new(config: Self::Config) -> Result<Self, Vec<Problem>>;

    /// What this instance wants to see of requests and responses: nothing, by default. Asked once, after `new`.
    fn interest(&self) -> Interest {
        Interest::none()
    }
}

/// The configuration of a plugin that has none: any key is a problem.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

/// Something wrong with a plugin's configuration.
///
/// ```
/// use portcullis_plugin::Problem;
///
/// let problem = Problem::new("/tokens/0/sha256", "63 digits are no SHA-256").with_hint("64 hexadecimal digits");
/// assert_eq!(problem.to_string(), "/tokens/0/sha256: 63 digits are no SHA-256\nhint: 64 hexadecimal digits");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) into the plugin's configuration; empty for the whole.
    pub pointer: String,
    /// What is wrong, with the value: lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        write!(f, "{}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// The plugin's own failure. The caller of the API gets a 500 and never sees the text, which the gateway logs.
///
/// A refusal is no fault: it is a [`Decision`](crate::Decision) or a [`Verdict`](crate::Verdict).
///
/// It is no [`std::error::Error`] itself, so that `?` can turn every such error into a [`Fault::Internal`]:
///
/// ```
/// use portcullis_plugin::Fault;
///
/// fn port(text: &str) -> Result<u16, Fault> {
///     Ok(text.parse()?)
/// }
///
/// assert_eq!(port("80"), Ok(80));
/// assert_eq!(port("eighty"), Err(Fault::internal("invalid digit found in string")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The configuration cannot work, which only a call could show.
    Configuration(String),
    /// Something that the plugin depends on failed.
    Dependency(String),
    /// The plugin itself failed.
    Internal(String),
}

impl Fault {
    /// The configuration cannot work.
    pub fn configuration(text: impl Into<String>) -> Self {
        Self::Configuration(text.into())
    }

    /// Something that the plugin depends on failed.
    pub fn dependency(text: impl Into<String>) -> Self {
        Self::Dependency(text.into())
    }

    /// The plugin itself failed.
    pub fn internal(text: impl Into<String>) -> Self {
        Self::Internal(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(text) => write!(f, "configuration: {text}"),
            Self::Dependency(text) => write!(f, "dependency: {text}"),
            Self::Internal(text) => write!(f, "internal: {text}"),
        }
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Internal(error.to_string())
    }
}
