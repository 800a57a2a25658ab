//! An authorizer whose token says how it fails.

use faults::Config;
use portcullis_plugin::{Authorizer, Decision, Fault, Grant, Plugin, Problem, Request};

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

impl Authorizer for Faults {
    fn authorize(
        &mut self,
        method_arn: &str,
        token: Option<&str>,
        request: Request,
    ) -> Result<Decision, Fault> {
        self.calls += 1;
        let mode = self.config.mode.as_deref().or(token).unwrap_or("unauthorized");
        faults::fail(mode)?;
        let grant = Grant::new("caller").with_context("calls", self.calls);
        Ok(match mode {
            "ok" | "slow-ok" | "sleep-ok" => Decision::allow(grant),
            "deny" => Decision::deny(grant),
            "unauthorized" => Decision::Unauthorized,
            "echo" => {
                let grant = grant
                    .with_context("methodArn", method_arn)
                    .with_context("method", &request.method);
                Decision::allow(grant.with_context("path", &request.path))
            }
            "big" => Decision::allow(grant.with_context("big", "x".repeat(faults::BIG))),
            "bad-context" => Decision::allow(Grant {
                context_json: r#"{"a":{"b":[1]}}"#.into(),
                ..grant
            }),
            "bad-json" => Decision::allow(Grant {
                context_json: "{".into(),
                ..grant
            }),
            "bad-policy" => Decision::allow(grant.with_policy("{")),
            other => return Err(Fault::internal(format!("no mode {other:?}"))),
        })
    }
}

portcullis_plugin::export_authorizer!(Faults);
