//! A function that runs here: a component of world `function`. What its limits end is told as Lambda tells it, so that one
//! selection pattern fits wherever the function runs.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use portcullis_plugin_host::{CallError, Function, Invocation as Told};

use super::{Answer, Bounds, Invocation, InvokeError};
use crate::lifecycle::Tasks;

/// A function that runs here.
#[derive(Debug)]
pub struct Component {
    /// The component.
    pub plugin: Arc<Function>,
}

impl Component {
    pub(super) async fn invoke(
        &self,
        name: &str,
        invocation: Invocation<'_>,
        bounds: Bounds,
        now: Duration,
    ) -> Result<Answer, InvokeError> {
        let event = std::str::from_utf8(&invocation.event).map_err(|_| InvokeError::NotText)?;
        let deadline = now + bounds.time.min(self.plugin.time());
        let told = Told {
            request_id: invocation.id,
            function_name: name,
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        };
        let answer = match self.plugin.invoke(event, told).await {
            Ok(Ok(payload)) => Answer::returned(payload),
            Ok(Err(error)) => Answer::of_failure(&error.kind, &error.message),
            Err(CallError::Busy { .. }) => return Err(InvokeError::Busy),
            Err(error) => failed(invocation.id, &error),
        };
        if answer.payload.len() as u64 > bounds.answer {
            return Err(InvokeError::TooLarge(bounds.answer));
        }
        Ok(answer)
    }

    /// Runs it, and nobody waits for it (`X-Amz-Invocation-Type: Event`). What comes of it is in the plugin's log and
    /// counters.
    pub fn detach(&self, name: &str, invocation: Invocation<'_>, tasks: &Tasks, now: Duration) -> Answer {
        let (plugin, name) = (self.plugin.clone(), name.to_owned());
        let (id, event) = (invocation.id.to_owned(), invocation.event);
        tasks.spawn(async move {
            let Ok(event) = std::str::from_utf8(&event) else {
                return;
            };
            let deadline = now + plugin.time();
            let told = Told {
                request_id: &id,
                function_name: &name,
                deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
            };
            // The plugin host tells faults itself; an error of the function's own it does not.
            if let Ok(Err(error)) = plugin.invoke(event, told).await {
                let (kind, message) = (error.kind.escape_debug(), error.message.escape_debug());
                tracing::warn!(
                    requestId = id,
                    plugin = plugin.name(),
                    "the function failed: {kind}: {message:.512}"
                );
            }
        });
        Answer {
            status: StatusCode::ACCEPTED,
            ..Answer::returned("")
        }
    }
}

/// The plugin host has told why.
fn failed(id: &str, error: &CallError) -> Answer {
    let (kind, what) = match error {
        CallError::Wall { limit, .. } | CallError::Cpu { limit, .. } => (
            "Sandbox.Timedout",
            format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
        ),
        CallError::Output { limit, .. } => (
            "Function.ResponseSizeTooLarge",
            format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
        ),
        CallError::Memory { .. } => (
            "Runtime.OutOfMemory",
            "Runtime exited with error: out of memory".to_owned(),
        ),
        _ => ("Runtime.ExitError", "Runtime exited with error".to_owned()),
    };
    Answer::of_failure(kind, &format!("RequestId: {id} Error: {what}"))
}
