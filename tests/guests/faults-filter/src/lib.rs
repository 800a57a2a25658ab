//! A filter that fails, or edits, as the header `x-fault` of the request or of the response says.

use faults::Config;
use portcullis_plugin::{
    Edit, Fault, Field, Filter, Interest, Plugin, Problem, Request, Response, ResponseEdit, ResponseHead,
    Verdict,
};

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
        Interest::none().header("x-fault").body().responses()
    }
}

impl Filter for Faults {
    fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
        self.calls += 1;
        let mode = self
            .config
            .mode
            .as_deref()
            .or(request.header("x-fault"))
            .unwrap_or("ok");
        faults::fail(mode)?;
        Ok(match mode {
            "ok" | "slow-ok" | "sleep-ok" => Verdict::Next,
            "edit" => Edit::new()
                .set("x-calls", self.calls.to_string())
                .remove("x-remove")
                .into(),
            "edit-path" => Edit::new().path("/edited").into(),
            "edit-query" => Edit::new()
                .query(vec![Field::new("edited", "a b&c"), Field::new("edited", "2")])
                .into(),
            "edit-body" => Edit::new()
                .body(request.body.unwrap_or_default().to_ascii_uppercase())
                .into(),
            "bad-header" => Edit::new().set("not a name", "a").into(),
            "bad-value" => Edit::new().set("x-split", "a\r\nx-injected: b").into(),
            "bad-path" => Edit::new().path("no slash\r\n").into(),
            "block" => Verdict::block("this filter blocks"),
            "respond" => Response::text(418, "this filter responds").into(),
            "bad-status" => Response::new(99).into(),
            "big" => Response::new(200).with_body(vec![b'x'; faults::BIG]).into(),
            other => return Err(Fault::internal(format!("no mode {other:?}"))),
        })
    }

    fn on_response(&mut self, head: ResponseHead) -> Result<Option<ResponseEdit>, Fault> {
        self.calls += 1;
        let mode = self
            .config
            .on_response
            .as_deref()
            .or(head.header("x-fault"))
            .unwrap_or("ok");
        faults::fail(mode)?;
        Ok(match mode {
            "ok" | "slow-ok" | "sleep-ok" => None,
            "edit" => Some(
                ResponseEdit::new()
                    .set("x-calls", self.calls.to_string())
                    .remove("x-remove"),
            ),
            "edit-status" => Some(ResponseEdit::new().status(202)),
            "bad-status" => Some(ResponseEdit::new().status(99)),
            "bad-header" => Some(ResponseEdit::new().set("not a name", "a")),
            "bad-value" => Some(ResponseEdit::new().set("x-split", "a\r\nx-injected: b")),
            "big" => Some(ResponseEdit::new().set("x-big", "x".repeat(faults::BIG))),
            other => return Err(Fault::internal(format!("no mode {other:?}"))),
        })
    }
}

portcullis_plugin::export_filter!(Faults);
