//! What a plugin wants to see of a request, in the form that the request path reads.

use http::HeaderName;
use portcullis_plugin_host::{Interest, Reads, Selection};

/// Which entries of one kind a plugin is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected<T> {
    /// None.
    None,
    /// Every one.
    All,
    /// Those named.
    Only(Vec<T>),
}

impl<T> Selected<T> {
    /// Whether nothing is selected.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// An [`Interest`] with its names interned.
#[derive(Debug, Clone)]
pub struct InterestPlan {
    /// Header names; a name that no header can have is never present and left out.
    pub headers: Selected<HeaderName>,
    /// Names of query parameters.
    pub query: Selected<String>,
    /// Names of path parameters.
    pub path_parameters: Selected<String>,
    /// Names of stage variables.
    pub stage_variables: Selected<String>,
    /// Dotted `$context` names.
    pub context: Selected<String>,
    /// Whether the body is read whole.
    pub body: bool,
    /// Whether responses are shown (filters).
    pub responses: bool,
}

impl From<&Interest> for InterestPlan {
    fn from(interest: &Interest) -> Self {
        Self {
            headers: match names(&interest.headers) {
                Selected::None => Selected::None,
                Selected::All => Selected::All,
                Selected::Only(names) => {
                    Selected::Only(names.iter().filter_map(|name| name.parse().ok()).collect())
                }
            },
            query: names(&interest.query),
            path_parameters: names(&interest.path_parameters),
            stage_variables: names(&interest.stage_variables),
            context: names(&interest.context),
            body: interest.body,
            responses: interest.responses,
        }
    }
}

/// What a template reads, with its names interned.
#[derive(Debug, Clone)]
pub struct ReadsPlan {
    /// Whether it is passed the body.
    pub body: bool,
    /// Headers, with the spelling that the template uses: it looks for just that.
    pub headers: Selected<(HeaderName, Box<str>)>,
    /// Names of query parameters.
    pub query: Selected<String>,
    /// Names of path parameters.
    pub path_parameters: Selected<String>,
    /// Names of stage variables.
    pub stage_variables: Selected<String>,
    /// Dotted `$context` names; a name stands for all below it too.
    pub context: Selected<String>,
}

impl From<&Reads> for ReadsPlan {
    fn from(reads: &Reads) -> Self {
        let spelled = |name: &String| Some((name.parse().ok()?, name.as_str().into()));
        Self {
            body: reads.body,
            headers: match names(&reads.headers) {
                Selected::None => Selected::None,
                Selected::All => Selected::All,
                Selected::Only(names) => Selected::Only(names.iter().filter_map(spelled).collect()),
            },
            query: names(&reads.query),
            path_parameters: names(&reads.path_parameters),
            stage_variables: names(&reads.stage_variables),
            context: names(&reads.context),
        }
    }
}

fn names(selection: &Selection) -> Selected<String> {
    match selection {
        Selection::None => Selected::None,
        Selection::All => Selected::All,
        Selection::Only(names) if names.is_empty() => Selected::None,
        Selection::Only(names) => Selected::Only(names.clone()),
    }
}
