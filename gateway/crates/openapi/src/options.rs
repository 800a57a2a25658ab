//! What an import is for.

/// How a document is to be read.
#[derive(Debug, Clone)]
pub struct ImportOptions<'o> {
    /// The id of the API; also its name where the document has no title.
    pub api_id: &'o str,
    /// Whether the API is served as it is.
    pub purpose: Purpose,
    /// What becomes of the document's base path.
    pub base_path: BasePath,
    /// Whether an API with warnings is no better than one with errors (`failonwarnings`).
    pub fail_on_warnings: bool,
}

impl<'o> ImportOptions<'o> {
    /// An API that is served as its document says.
    pub fn serve(api_id: &'o str) -> Self {
        Self {
            api_id,
            purpose: Purpose::Serve,
            base_path: BasePath::Ignore,
            fail_on_warnings: false,
        }
    }

    /// An API that is kept, to be changed, deployed and exported.
    pub fn keep(api_id: &'o str) -> Self {
        Self {
            purpose: Purpose::Keep,
            ..Self::serve(api_id)
        }
    }
}

/// What becomes of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is served: what a gateway would have to do and cannot is an error.
    Serve,
    /// It is kept: everything that API Gateway has is read, and who serves it decides what can be done. What would be
    /// lost is listed.
    Keep,
}

/// What becomes of `basePath`, or of the server variable `basePath`
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BasePath {
    /// It is not looked at.
    #[default]
    Ignore,
    /// It stands before all paths.
    Prepend,
    /// It stands before all paths without its first segment, which is a stage.
    Split,
}

impl BasePath {
    /// The one of that name: `ignore`, `prepend` or `split`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ignore" => Some(Self::Ignore),
            "prepend" => Some(Self::Prepend),
            "split" => Some(Self::Split),
            _ => None,
        }
    }

    /// What stands before all paths where `said` is the base path.
    pub(crate) fn prefix(self, said: &str) -> String {
        let said = said.trim_matches('/');
        let rest = match self {
            Self::Ignore => "",
            Self::Prepend => said,
            Self::Split => said.split_once('/').map_or("", |(_, rest)| rest),
        };
        match rest {
            "" => String::new(),
            rest => format!("/{rest}"),
        }
    }
}
