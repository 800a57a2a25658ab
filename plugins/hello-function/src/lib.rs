//! A Lambda function that greets: it gets the event of a proxy integration and gives its response.

use std::borrow::Cow;

use portcullis_plugin::{Function, FunctionError, Invocation, Plugin, Problem};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub struct Hello {
    greeting: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What it says.
    #[serde(default = "hello")]
    greeting: String,
}

fn hello() -> String {
    "Hello".into()
}

/// What it reads of an event: nothing else is looked at.
#[derive(Deserialize)]
struct Event<'a> {
    /// Of an event that a request template made.
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "pathParameters")]
    path_parameters: Option<PathParameters<'a>>,
    #[serde(borrow, rename = "requestContext")]
    context: Option<Context<'a>>,
}

#[derive(Deserialize)]
struct PathParameters<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    authorizer: Option<Authorizer<'a>>,
}

#[derive(Deserialize)]
struct Authorizer<'a> {
    #[serde(borrow, rename = "principalId")]
    principal: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Greeting<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    body: String,
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
}

impl Function for Hello {
    fn invoke(&mut self, event: &str, _: &Invocation) -> Result<String, FunctionError> {
        let event: Event<'_> = serde_json::from_str(event)?;
        let is_request = event.context.is_some();
        let name = event.name.or_else(|| event.path_parameters?.name);
        let name = name.as_deref().unwrap_or("world");
        if name == "nobody" {
            return Err(FunctionError::new(
                "NotFound",
                "not found: there is nobody to greet",
            ));
        }
        let greeting = Greeting {
            message: format!("{}, {name}!", self.greeting),
            principal: event.context.and_then(|context| context.authorizer?.principal),
        };
        let greeting = serde_json::to_string(&greeting)?;
        if !is_request {
            return Ok(greeting);
        }
        Ok(serde_json::to_string(&Answer {
            status_code: 200,
            body: greeting,
        })?)
    }
}

portcullis_plugin::export_function!(Hello);

#[cfg(test)]
mod tests {
    use portcullis_plugin::testing::Instance;
    use serde_json::{Value, json};

    use super::*;

    fn answer(event: &Value) -> Result<Value, FunctionError> {
        Instance::<Hello>::new(json!({ "greeting": "Moin" }))
            .unwrap()
            .invoke(event)
    }

    #[test]
    fn greets_who_is_in_the_path() {
        let authorizer = json!({ "principalId": "alice" });
        let event = json!({
            "pathParameters": { "name": "Zo\u{eb}" },
            "requestContext": { "authorizer": authorizer },
            "body": null,
        });
        let answer = answer(&event).unwrap();
        assert_eq!(answer["statusCode"], 200);
        assert_eq!(answer["body"], r#"{"message":"Moin, Zoë!","principal":"alice"}"#);
    }

    #[test]
    fn greets_who_a_template_names() {
        assert_eq!(
            answer(&json!({ "name": "Ann" })),
            Ok(json!({ "message": "Moin, Ann!" }))
        );
    }

    #[test]
    fn has_an_error_of_its_own() {
        let error = answer(&json!({ "name": "nobody" })).unwrap_err();
        assert_eq!(error.to_string(), "NotFound: not found: there is nobody to greet");
        assert_eq!(answer(&json!([])).unwrap_err().kind, "Error");
    }

    #[test]
    fn rejects_an_empty_greeting() {
        let problems = Instance::<Hello>::new(json!({ "greeting": " " })).unwrap_err();
        assert_eq!(problems[0].pointer, "/greeting");
    }
}
