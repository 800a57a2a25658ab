//! An integration whose last segment of the path says how it fails.

use faults::Config;
use portcullis_plugin::{Fault, Field, Integration, Interest, Plugin, Problem, Request, Response};
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

    fn interest(&self) -> Interest {
        let parameters = Interest::none().all_path_parameters().all_stage_variables();
        parameters.all_headers().all_query().all_context().body()
    }
}

impl Integration for Faults {
    fn handle(&mut self, request: Request) -> Result<Response, Fault> {
        self.calls += 1;
        let segment = request.path.rsplit('/').next().unwrap_or_default();
        let mode = self.config.mode.as_deref().unwrap_or(segment);
        faults::fail(mode)?;
        Ok(match mode {
            "ok" | "slow-ok" | "sleep-ok" => Response::json(200, &json!({ "calls": self.calls })),
            "echo" => Response::json(200, &echo(&request)),
            "ambient" => Response::json(200, &ambient()),
            "big" => Response::new(200).with_body(vec![b'x'; faults::BIG]),
            "bad-status" => Response::new(99),
            "bad-header" => Response::new(200).with_header("not a name", "a"),
            "bad-value" => Response::new(200).with_header("x-split", "a\r\nx-injected: b"),
            "hop-by-hop" => Response::new(200)
                .with_header("transfer-encoding", "chunked")
                .with_header("upgrade", "h2c"),
            other => return Err(Fault::internal(format!("no mode {other:?}"))),
        })
    }
}

/// What a program finds around it without asking.
fn ambient() -> Value {
    let variables: serde_json::Map<_, _> = std::env::vars()
        .map(|(name, value)| (name, value.into()))
        .collect();
    json!({
        "variables": variables,
        "arguments": std::env::args().skip(1).collect::<Vec<_>>(),
        "root": std::fs::read_dir("/").map(Iterator::count).ok(),
        "directory": std::env::current_dir().map(|path| path.display().to_string()).ok(),
    })
}

/// Everything that was passed.
fn echo(request: &Request) -> Value {
    json!({
        "id": request.id,
        "method": request.method,
        "path": request.path,
        "query": fields(&request.query),
        "headers": fields(&request.headers),
        "pathParameters": request.path_parameters,
        "stageVariables": request.stage_variables,
        "context": request.context,
        "body": request.body.as_deref().map(String::from_utf8_lossy),
    })
}

fn fields(fields: &[Field]) -> Vec<[&str; 2]> {
    fields.iter().map(|field| [&*field.name, &*field.value]).collect()
}

portcullis_plugin::export_integration!(Faults);

#[cfg(test)]
mod tests {
    use portcullis_plugin::testing::Instance;

    use super::*;

    #[test]
    fn counts_calls_and_echoes() {
        let mut faults = Instance::<Faults>::new(json!({})).unwrap();
        for calls in 1..3 {
            let response = faults.handle(Request::builder().path("/a/ok").build()).unwrap();
            assert_eq!(response, Response::json(200, &json!({ "calls": calls })));
        }
        let request = Request::builder()
            .path("/echo")
            .header("A", "b")
            .body("c")
            .build();
        let echo: Value = serde_json::from_slice(&faults.handle(request).unwrap().body).unwrap();
        assert_eq!(
            (&echo["headers"], &echo["body"]),
            (&json!([["a", "b"]]), &json!("c"))
        );
        assert!(faults.handle(Request::builder().path("/fault").build()).is_err());
    }
}
