use std::fmt;

use crate::Plugin;

/// A plugin that answers events, as functions on AWS Lambda do: JSON in, JSON out.
///
/// It answers a method as an integration of type `AWS_PROXY` or `AWS`, or says as an authorizer who may call; which of
/// them it is, the event tells.
///
/// ```
/// use portcullis_plugin::serde_json::{Value, json};
/// use portcullis_plugin::testing::Instance;
/// use portcullis_plugin::{Function, FunctionError, Invocation, NoConfig, Plugin, Problem};
///
/// struct Greet;
///
/// impl Plugin for Greet {
///     type Config = NoConfig;
///
///     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
///         Ok(Self)
///     }
/// }
///
/// impl Function for Greet {
///     fn invoke(&mut self, event: &str, _: &Invocation) -> Result<String, FunctionError> {
///         let event: Value = serde_json::from_str(event)?;
///         let name = event["pathParameters"]["name"].as_str().unwrap_or("world");
///         Ok(json!({ "statusCode": 200, "body": format!("Hello, {name}!") }).to_string())
///     }
/// }
///
/// portcullis_plugin::export_function!(Greet);
///
/// let mut greet = Instance::<Greet>::new(json!({})).unwrap();
/// let answer = greet.invoke(&json!({ "pathParameters": { "name": "Ann" } })).unwrap();
/// assert_eq!(answer["body"], "Hello, Ann!");
/// assert_eq!(Instance::<Greet>::new(json!({})).unwrap().invoke(&json!({})).unwrap()["statusCode"], 200);
/// ```
pub trait Function: Plugin {
    /// Answers an event. Both are JSON texts.
    ///
    /// # Errors
    ///
    /// The function's own error: `errorType` and `errorMessage`, as a function on Lambda that throws. A proxy integration
    /// makes a 502 of it, and another one chooses a response by the message.
    fn invoke(&mut self, event_json: &str, invocation: &Invocation) -> Result<String, FunctionError>;
}

/// What a function is told of its invocation beside the event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invocation {
    /// The id of the request: the one in the function's logs and the gateway's.
    pub request_id: String,
    /// The function as it was named: an ARN or a name.
    pub function_name: String,
    /// When its time is up, in milliseconds since 1970.
    pub deadline_ms: u64,
}

/// A function's own error.
///
/// It is no [`std::error::Error`] itself, so that `?` can turn every such error into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType`.
    pub kind: String,
    /// `errorMessage`. Clients may see it, where a response template shows it.
    pub message: String,
}

impl FunctionError {
    /// An error of that type with that message.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl<E: std::error::Error> From<E> for FunctionError {
    fn from(error: E) -> Self {
        Self::new("Error", error.to_string())
    }
}
