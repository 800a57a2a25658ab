//! An authorizer whose token says how it fails.

use faults::Config;
use portcullis_plugin::{Authorizer, Decision, Fault, Grant, Interest, Plugin, Problem, Request};

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

    fn interest(&self) -> Interest {
        Interest::none().header("x-policy")
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
            "kept" => Decision::allow(grant.with_ttl(60).with_usage_key("usage")),
            "not-kept" => Decision::allow(grant.with_ttl(0)),
            "policy" => Decision::allow(grant.with_policy(policy(&request))),
            "context-of-denied" => Decision::deny(grant.with_context("why", "late")),
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

/// The policy that the header `x-policy` has.
fn policy(request: &Request) -> String {
    request.header("x-policy").unwrap_or_default().to_owned()
}

portcullis_plugin::export_authorizer!(Faults);
