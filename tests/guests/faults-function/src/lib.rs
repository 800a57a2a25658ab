//! A function that does what the path parameter `mode`, or the member `mode` of its event, says.

use faults::Config;
use portcullis_plugin::{Function, FunctionError, Invocation, Plugin, Problem};
use serde_json::{Value, json};

#[derive(Debug)]
pub struct Faults {
    config: Config,
    /// Calls of this instance: its memory tells whether it is used again.
    calls: u32,
}

impl Plugin for Faults {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        config.init();
        Ok(Self { config, calls: 0 })
    }
}

impl Function for Faults {
    fn invoke(&mut self, event: &str, invocation: &Invocation) -> Result<String, FunctionError> {
        self.calls += 1;
        let event: Value = serde_json::from_str(event)?;
        let said = event["pathParameters"]["mode"]
            .as_str()
            .or_else(|| event["mode"].as_str());
        let mode = self.config.mode.as_deref().or(said).unwrap_or("echo");
        faults::fail(mode).map_err(|fault| FunctionError::new("Fault", fault.to_string()))?;
        let body = match mode {
            "echo" => event.to_string(),
            "told" => json!({
                "requestId": invocation.request_id,
                "functionName": invocation.function_name,
                "deadlineMs": invocation.deadline_ms,
            })
            .to_string(),
            "big" => return Ok("x".repeat(faults::BIG)),
            "no-json" => return Ok("no JSON".to_owned()),
            "allow" => {
                let policy = json!({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
                ]});
                return Ok(json!({"principalId": "alice", "policyDocument": policy}).to_string());
            }
            _ => self.calls.to_string(),
        };
        Ok(json!({ "statusCode": 200, "body": body }).to_string())
    }
}

portcullis_plugin::export_function!(Faults);

#[cfg(test)]
mod tests {
    use portcullis_plugin::testing::Instance;

    use super::*;

    #[test]
    fn echoes_and_fails() {
        let mut faults = Instance::<Faults>::new(json!({})).unwrap();
        assert_eq!(faults.invoke(&json!({ "a": 1 })).unwrap()["body"], r#"{"a":1}"#);
        assert_eq!(
            faults.invoke(&json!({ "mode": "fault" })).unwrap_err().kind,
            "Fault"
        );
    }
}
