//! The world `function`.

use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use super::common::Exports;
use crate::{
    CallError,
    bindings::invocation as wit,
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// A plugin that answers events, as functions on AWS Lambda do.
#[derive(Debug)]
pub struct Function(Core<wit::Guest>);

handle!(Function, wit::Guest);

/// What a function is told of its invocation beside the event.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The function as it was named.
    pub function_name: &'a str,
    /// When its time is up, in milliseconds since 1970.
    pub deadline_ms: u64,
}

/// The function's own error: an answer too, and its instance is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// `errorType`.
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
}

impl Function {
    /// Has the function answer an event, within its limits. Neither text is checked to be JSON.
    pub async fn invoke(
        &self,
        event_json: &str,
        invocation: Invocation<'_>,
    ) -> Result<Result<String, FunctionError>, CallError> {
        let answer = self.0.pool.call(
            invocation.request_id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let invoked = wit::Invoked {
                    request_id: invocation.request_id,
                    function_name: invocation.function_name,
                    deadline_ms: invocation.deadline_ms,
                };
                let answer = exports.call_invoke(store, event_json, invoked).await;
                (instance, answer.map(Ok))
            },
            size,
        );
        let answer = answer.await?;
        Ok(answer.map_err(|error| FunctionError {
            kind: error.kind,
            message: error.message,
        }))
    }

    /// For how long one call may take.
    pub fn time(&self) -> std::time::Duration {
        self.0.pool.shared.limits.wall
    }
}

impl Exports for wit::Guest {
    type Indices = wit::GuestIndices;

    fn indices(pre: &InstancePre<GuestState>) -> wasmtime::Result<Self::Indices> {
        wit::GuestIndices::new(pre)
    }

    fn load(
        indices: &Self::Indices,
        store: &mut Store<GuestState>,
        instance: &Instance,
    ) -> wasmtime::Result<Self> {
        indices.load(store, instance)
    }
}

fn size(answer: &Result<String, wit::Error>) -> usize {
    match answer {
        Ok(answer) => answer.len(),
        Err(error) => error.kind.len() + error.message.len(),
    }
}
