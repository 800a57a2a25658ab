//! `GetExport` (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html>): what a stage serves, as a document.

use portcullis_limit::calendar;
use portcullis_openapi::{ExportExtensions, ExportOptions, ExportServer, ExportVersion};
use portcullis_store::Read;
use serde_json::{Map, Value};

use crate::call::{Call, File, Outcome, found, members};
use crate::definition;
use crate::error::ApiError;
use crate::kind::rows::text;
use crate::kind::{deployment, documentation, stage};
use crate::shape;

pub(crate) async fn export(call: Call<'_>) -> Result<Outcome, ApiError> {
    let mut options = ExportOptions {
        version: version(&call)?,
        ..ExportOptions::default()
    };
    for (name, value) in &call.query {
        match name.as_str() {
            "extensions" => {
                options.extensions = ExportExtensions::parse(value).map_err(|other| {
                    ApiError::bad_request(format!(
                        "Invalid extension {other}: one of integrations, apigateway, authorizers, documentation, postman"
                    ))
                })?;
            }
            _ => {
                let message = format!("Unknown parameter {name}={value}: an export takes extensions");
                return Err(ApiError::bad_request(message));
            }
        }
    }
    let format = Format::of(call.accept)?;
    let mut read = call.read().await?;
    call.api_exists(&mut read).await?;
    let key = stage::key_of(call.api(), call.parameter("stage_name"));
    let stage = members(found(&mut read, &key, stage::ABSENT).await?);
    let (definition, deployed) = definition(&call, &mut read, &stage).await?;
    let api = definition::rest_api(&definition);
    options.info_version = api.version.is_none().then(|| date(deployed));
    options.server = Some(server(&call));
    let document = portcullis_openapi::export(&api, &options);
    Ok(Outcome::File(File {
        name: format!(
            "{}_{}.{}",
            call.parameter("export_type"),
            date(deployed),
            format.ending()
        ),
        content: format.written(&document)?.into(),
    }))
}

/// What a stage serves, with the version of the documentation that it shows, and when it was deployed.
async fn definition(
    call: &Call<'_>,
    read: &mut Read,
    stage: &Map<String, Value>,
) -> Result<(Map<String, Value>, u64), ApiError> {
    let (mut definition, deployed) = deployment::served(call, read, text(stage, "deploymentId")).await?;
    let version = text(stage, "documentationVersion");
    if !version.is_empty() {
        let parts = documentation::parts_of(read, call.api(), version).await?;
        definition.insert("documentationParts".to_owned(), parts);
        definition.insert("documentationVersion".to_owned(), Value::from(version));
    }
    Ok((definition, deployed))
}

fn version(call: &Call<'_>) -> Result<ExportVersion, ApiError> {
    let said = call.parameter("export_type");
    ExportVersion::parse(said)
        .ok_or_else(|| ApiError::bad_request(shape::not_one_of("exportType", said, &["oas30", "swagger"])))
}

/// Where the stage is called. The path is that of the stage below its API's own host.
fn server(call: &Call<'_>) -> ExportServer {
    let settings = &call.service.settings;
    ExportServer {
        scheme: "http".to_owned(),
        host: format!("{}.execute-api.{}", call.api(), settings.domain),
        base_path: call.parameter("stage_name").to_owned(),
    }
}

/// Seconds since 1970 as the service writes them there.
fn date(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let day = calendar::date(i64::try_from(days).unwrap_or(i64::MAX));
    format!(
        "{day}T{:02}:{:02}:{:02}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Yaml,
}

impl Format {
    fn of(accept: &str) -> Result<Self, ApiError> {
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        match first {
            "" | "*/*" | "application/*" | "application/json" => Ok(Self::Json),
            "application/yaml" => Ok(Self::Yaml),
            other => Err(ApiError::bad_request(format!(
                "Unsupported Accept header {other}: application/json or application/yaml"
            ))),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    fn written(self, document: &Value) -> Result<String, ApiError> {
        match self {
            Self::Json => Ok(format!("{document:#}")),
            Self::Yaml => portcullis_openapi::yaml(document).map_err(|error| {
                ApiError::bad_request(format!("The API cannot be written as YAML: {error}"))
            }),
        }
    }
}
