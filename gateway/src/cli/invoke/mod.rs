//! `portcullis invoke API METHOD PATH`

mod find;
mod input;
mod show;

use clap::Args;
use serde_json::{Map, Value, json};

use super::client::{Connection, path};
use super::failure::{Failure, code};
use super::{patch, table};

/// Try a method of an API as it is edited, and see what happens to the request
///
/// Sends one request through a method of an API as it is edited now, deployed or not, and shows what each station of the
/// gateway did with it: how long it took, its lines of the execution log, and what its mapping templates rendered to. The
/// method's integration is really called. Nobody is asked whether the request may pass: no authorizer, no API key. Nothing
/// becomes live.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  portcullis invoke shop GET '/pets/3?color=blue'\n  \
                        portcullis invoke shop POST /pets --body @pet.json --header 'Content-Type: application/json' \
                  --variable host=127.0.0.1:3000"
)]
pub(super) struct Invoke {
    #[command(flatten)]
    connection: Connection,
    /// The API's id, or its name where no other API has it
    #[arg(value_name = "API")]
    api: String,
    /// The request's verb
    #[arg(value_name = "METHOD", value_parser = input::verb)]
    method: String,
    /// The request's path below the stage, with its query
    #[arg(value_name = "PATH", value_parser = input::path)]
    path: String,
    /// The request's body; @FILE is what a file has, and @- what is on standard input
    #[arg(long, value_name = "TEXT|@FILE")]
    body: Option<String>,
    /// A header of the request; may be repeated, also with the same name
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = input::header)]
    headers: Vec<(String, String)>,
    /// A stage variable; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = patch::pair)]
    variables: Vec<(String, String)>,
    /// The client certificate that an https backend is shown
    #[arg(long, value_name = "ID")]
    client_certificate: Option<String>,
}

impl Invoke {
    pub(super) fn execute(self) -> u8 {
        code(self.run())
    }

    fn run(self) -> Result<(), Failure> {
        let request = self.request()?;
        let client = self.connection.client()?;
        let api = client.api(&self.api)?;
        let resources = format!("{}?embed=methods", path(&["restapis", &api, "resources"]));
        let resources = client.items(&resources)?;
        let found = find::method(&resources, &self.method, &self.path).ok_or_else(|| {
            Failure::problem(format!(
                "no method of the API {api} answers {} {}",
                self.method, self.path
            ))
            .hint(format!(
                "`portcullis api show {api}` lists its methods; the path begins below the stage"
            ))
        })?;
        let place = path(&[
            "restapis",
            &api,
            "resources",
            found.resource,
            "methods",
            &self.method,
        ]);
        let answer = client.call("POST", &place, Some(&request))?;
        if self.connection.json {
            table::json(&answer);
        } else {
            show::answer(&format!("{} {}", found.verb, found.path), &answer);
        }
        Ok(())
    }

    fn request(&self) -> Result<Value, Failure> {
        let mut request = Map::new();
        request.insert("pathWithQueryString".to_owned(), json!(self.path));
        if let Some(body) = &self.body {
            request.insert("body".to_owned(), json!(input::body(body)?));
        }
        if !self.headers.is_empty() {
            request.insert("multiValueHeaders".to_owned(), input::headers(&self.headers));
        }
        request.insert("stageVariables".to_owned(), patch::variables(&self.variables)?);
        if let Some(id) = &self.client_certificate {
            request.insert("clientCertificateId".to_owned(), json!(id));
        }
        Ok(Value::Object(request))
    }
}
