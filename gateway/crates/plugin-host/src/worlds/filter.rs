//! The world `filter`.

use bytes::Bytes;
use wasmtime::{
    Store,
    component::{Instance, InstancePre},
};

use super::{
    common::{Exports, fields, fields_size, text_size},
    integration::{Response, response_size},
};
use crate::{
    CallError, Field, Request,
    bindings::filtering as wit,
    instance::{self, GuestState},
    plugin::{Core, handle},
};

/// A plugin that lets requests pass, changes or blocks them.
#[derive(Debug)]
pub struct Filter(Core<wit::Guest>);

handle!(Filter, wit::Guest);

/// What a filter says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass as it is.
    Next,
    /// It may pass, changed.
    Edit(Edit),
    /// It may not: 403. The text is for the log, never for the client.
    Block(String),
    /// This is the response.
    Respond(Response),
}

/// A change of a request. What it does not name stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Headers that take the place of all of their name.
    pub set: Vec<(String, String)>,
    /// Names of headers to remove.
    pub remove: Vec<String>,
    /// Another path.
    pub path: Option<String>,
    /// Another query, as a whole.
    pub query: Option<Vec<(String, String)>>,
    /// Another body.
    pub body: Option<Bytes>,
}

/// A change of a response's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseEdit {
    /// Another status.
    pub status: Option<u16>,
    /// Headers that take the place of all of their name.
    pub set: Vec<(String, String)>,
    /// Names of headers to remove.
    pub remove: Vec<String>,
}

impl Filter {
    /// Asks what is to become of a request, within the plugin's limits.
    pub async fn on_request(&self, request: &Request<'_>) -> Result<Verdict, CallError> {
        let answer = self.0.pool.call(
            request.id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let answer = exports.call_on_request(store, request.clone()).await;
                (instance, answer)
            },
            verdict_size,
        );
        Ok(Verdict::from(answer.await?))
    }

    /// Asks what is to become of a response's head. Only for a plugin whose interest has `responses`.
    pub async fn on_response(
        &self,
        id: &str,
        status: u16,
        headers: &[Field<'_>],
    ) -> Result<Option<ResponseEdit>, CallError> {
        let answer = self.0.pool.call(
            id,
            |mut instance| async move {
                let instance::Instance { store, exports, .. } = &mut *instance;
                let head = wit::ResponseHead { id, status, headers };
                let answer = exports.call_on_response(store, head).await;
                (instance, answer)
            },
            |edit| edit.as_ref().map_or(0, response_edit_size),
        );
        Ok(answer.await?.map(ResponseEdit::from))
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

impl From<wit::Verdict> for Verdict {
    fn from(verdict: wit::Verdict) -> Self {
        match verdict {
            wit::Verdict::Next => Self::Next,
            wit::Verdict::Edit(edit) => Self::Edit(edit.into()),
            wit::Verdict::Block(text) => Self::Block(text),
            wit::Verdict::Respond(response) => Self::Respond(response.into()),
        }
    }
}

impl From<wit::Edit> for Edit {
    fn from(edit: wit::Edit) -> Self {
        Self {
            set: fields(edit.set),
            remove: edit.remove,
            path: edit.path,
            query: edit.query.map(fields),
            body: edit.body.map(Bytes::from),
        }
    }
}

impl From<wit::ResponseEdit> for ResponseEdit {
    fn from(edit: wit::ResponseEdit) -> Self {
        Self {
            status: edit.status,
            set: fields(edit.set),
            remove: edit.remove,
        }
    }
}

fn verdict_size(verdict: &wit::Verdict) -> usize {
    match verdict {
        wit::Verdict::Next => 0,
        wit::Verdict::Edit(edit) => edit_size(edit),
        wit::Verdict::Block(text) => text.len(),
        wit::Verdict::Respond(response) => response_size(response),
    }
}

fn edit_size(edit: &wit::Edit) -> usize {
    fields_size(&edit.set)
        + names_size(&edit.remove)
        + text_size(edit.path.as_ref())
        + edit.query.as_deref().map_or(0, fields_size)
        + edit.body.as_ref().map_or(0, Vec::len)
}

fn response_edit_size(edit: &wit::ResponseEdit) -> usize {
    fields_size(&edit.set) + names_size(&edit.remove)
}

fn names_size(names: &[String]) -> usize {
    names.iter().map(String::len).sum()
}
