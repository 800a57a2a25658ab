//! The world `integration`.

use bytes::Bytes;
use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use super::common::{Exports, fields, fields_size};
use crate::{
    CallError, Request,
    bindings::{handling as wit, types},
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// A plugin that answers requests.
#[derive(Debug)]
pub struct Integration(Core<wit::Guest>);

handle!(Integration, wit::Guest);

/// A whole response, as the plugin gave it: neither the status nor the headers are checked here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names and values, in order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Integration {
    /// Has the plugin answer a request, within its limits.
    pub async fn handle(&self, request: &Request<'_>) -> Result<Response, CallError> {
        let answer = self.0.pool.call(
            request.id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = exports.call_handle(store, request.clone()).await;
                (instance, answer)
            },
            response_size,
        );
        Ok(Response::from(answer.await?))
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

impl From<types::Response> for Response {
    fn from(response: types::Response) -> Self {
        Self {
            status: response.status,
            headers: fields(response.headers),
            body: response.body.into(),
        }
    }
}

pub(super) fn response_size(response: &types::Response) -> usize {
    fields_size(&response.headers) + response.body.len()
}
