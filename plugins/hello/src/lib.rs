//! A custom integration that greets: the answer is the plugin's own, there is no backend.

use portcullis_plugin::{Fault, Integration, Interest, Plugin, Problem, Request, Response};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub struct Hello {
    greeting: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What it says unless the query says otherwise.
    #[serde(default = "hello")]
    greeting: String,
}

#[derive(Serialize)]
struct Greeting<'a> {
    message: String,
    /// Who asks, where an authorizer told.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
}

fn hello() -> String {
    "Hello".into()
}

impl Plugin for Hello {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        if config.greeting.trim().is_empty() {
            let problem = Problem::new("/greeting", "the greeting is empty");
            return Err(vec![problem.with_hint("leave it out for \"Hello\"")]);
        }
        Ok(Self {
            greeting: config.greeting,
        })
    }

    fn interest(&self) -> Interest {
        Interest::none()
            .path_parameter("name")
            .query("greeting")
            .context("authorizer.principalId")
    }
}

impl Integration for Hello {
    fn handle(&mut self, request: Request) -> Result<Response, Fault> {
        let greeting = request.query("greeting").unwrap_or(&self.greeting);
        let name = request.path_parameter("name").unwrap_or("world");
        let message = format!("{greeting}, {name}!");
        Ok(Response::json(
            200,
            &Greeting {
                message,
                principal: request.context("authorizer.principalId"),
            },
        ))
    }
}

portcullis_plugin::export_integration!(Hello);

#[cfg(test)]
mod tests {
    use portcullis_plugin::testing::Instance;
    use serde_json::{Value, json};

    use super::*;

    fn answer(config: Value, request: Request) -> Value {
        let response = Instance::<Hello>::new(config).unwrap().handle(request).unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-type"), Some("application/json"));
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn greets_the_world_by_default() {
        assert_eq!(
            answer(json!({}), Request::default()),
            json!({ "message": "Hello, world!" })
        );
    }

    #[test]
    fn greets_by_name_and_principal() {
        let request = Request::builder()
            .path_parameter("name", "Zoë")
            .context("authorizer.principalId", "alice")
            .build();
        let expected = json!({ "message": "Moin, Zoë!", "principal": "alice" });
        assert_eq!(answer(json!({ "greeting": "Moin" }), request), expected);
    }

    #[test]
    fn the_query_overrules_the_configured_greeting() {
        let request = Request::builder().query("greeting", "Ahoy").build();
        assert_eq!(
            answer(json!({ "greeting": "Moin" }), request),
            json!({ "message": "Ahoy, world!" })
        );
    }

    #[test]
    fn rejects_an_empty_greeting() {
        let problems = Instance::<Hello>::new(json!({ "greeting": " " })).unwrap_err();
        assert_eq!(problems[0].pointer, "/greeting");
    }
}
