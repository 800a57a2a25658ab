//! What an export has.

/// How an API is to be written.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// The version of OpenAPI.
    pub version: ExportVersion,
    /// What is written beside OpenAPI itself.
    pub extensions: ExportExtensions,
    /// `info.version`: when what is exported was deployed, as API Gateway has it; the API's own version where absent.
    pub info_version: Option<String>,
    /// Where the API is reached; not said where absent.
    pub server: Option<ExportServer>,
    /// When the version of the documentation was made.
    pub documentation_created: Option<String>,
}

impl ExportOptions {
    /// Everything that the model has.
    pub fn whole(version: ExportVersion) -> Self {
        Self {
            version,
            extensions: ExportExtensions::ALL,
            ..Self::default()
        }
    }
}

/// A version of OpenAPI that is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExportVersion {
    /// OpenAPI 3.0.1.
    #[default]
    Oas30,
    /// OpenAPI 2.0.
    Swagger,
}

impl ExportVersion {
    /// The one that API Gateway's `exportType` says: `oas30` or `swagger`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "oas30" => Some(Self::Oas30),
            "swagger" => Some(Self::Swagger),
            _ => None,
        }
    }
}

/// What is written beside OpenAPI itself
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportExtensions {
    /// `integrations` or `apigateway`: integrations and the settings of the API.
    pub integrations: bool,
    /// `authorizers`: what decides, in security schemes.
    pub authorizers: bool,
    /// `documentation`: the parts of the documentation, by themselves and where OpenAPI has a place for them.
    pub documentation: bool,
}

impl ExportExtensions {
    /// All of them.
    pub const ALL: Self = Self {
        integrations: true,
        authorizers: true,
        documentation: true,
    };

    /// Those of a list with commas, as API Gateway's `extensions` has it, or the name that is none. `postman` is one
    /// that adds nothing: what Postman reads of an export is OpenAPI.
    ///
    /// # Errors
    /// The first name that is not known.
    pub fn parse(list: &str) -> Result<Self, &str> {
        let mut found = Self {
            integrations: false,
            authorizers: false,
            documentation: false,
        };
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "integrations" | "apigateway" => found.integrations = true,
                "authorizers" => found.authorizers = true,
                "documentation" => found.documentation = true,
                "postman" => {}
                other => return Err(other),
            }
        }
        Ok(found)
    }
}

/// As of an export that asks for nothing: the documentation is in it
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-quick-start-publishing.html>).
impl Default for ExportExtensions {
    fn default() -> Self {
        Self {
            integrations: false,
            authorizers: false,
            documentation: true,
        }
    }
}

/// Where an API is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportServer {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, with its port where it has one.
    pub host: String,
    /// The name of the stage, or the path under which it is.
    pub base_path: String,
}
