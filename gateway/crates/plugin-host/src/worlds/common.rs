//! What the worlds share.

use std::sync::Arc;

use wasmtime::{
    Store,
    component::{Instance, InstancePre, Linker},
};

use crate::{
    CallError, FaultKind, Isolation, Problem,
    bindings::types::{self, FieldResult},
    instance::GuestState,
};

/// The typed exports of a world.
pub(crate) trait Exports: Sized + Send + Sync + 'static {
    /// Whether the component exports `lifecycle`, by which it reads its configuration.
    const HAS_LIFECYCLE: bool = true;
    /// What an instance serves where nothing is said.
    const ISOLATION: Isolation = Isolation::Reused;

    /// Where they are in a component, looked up once.
    type Indices: Send + Sync + 'static;

    /// Offers what this world imports beside what every world may.
    fn link(_: &mut Linker<GuestState>) -> wasmtime::Result<()> {
        Ok(())
    }

    fn indices(pre: &InstancePre<GuestState>) -> wasmtime::Result<Self::Indices>;
    fn load(
        indices: &Self::Indices,
        store: &mut Store<GuestState>,
        instance: &Instance,
    ) -> wasmtime::Result<Self>;
}

/// What a plugin wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Request headers, by name in lower case.
    pub headers: Selection,
    /// Query parameters.
    pub query: Selection,
    /// Path parameters.
    pub path_parameters: Selection,
    /// Stage variables.
    pub stage_variables: Selection,
    /// Dotted `$context` names.
    pub context: Selection,
    /// Whether the body is read whole and passed.
    pub body: bool,
    /// Whether [`Filter::on_response`](crate::Filter::on_response) is to be called.
    pub responses: bool,
}

/// Which of some named things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// None of them.
    None,
    /// All of them.
    All,
    /// Those of these names.
    Only(Vec<String>),
}

impl Interest {
    /// Nothing of what is passed to the other worlds.
    pub(crate) fn none() -> Self {
        Self {
            headers: Selection::None,
            query: Selection::None,
            path_parameters: Selection::None,
            stage_variables: Selection::None,
            context: Selection::None,
            body: false,
            responses: false,
        }
    }
}

impl From<types::Selection> for Selection {
    fn from(selection: types::Selection) -> Self {
        match selection {
            types::Selection::None => Self::None,
            types::Selection::All => Self::All,
            types::Selection::Only(names) => Self::Only(names),
        }
    }
}

impl From<types::Interest> for Interest {
    fn from(interest: types::Interest) -> Self {
        Self {
            headers: interest.headers.into(),
            query: interest.query.into(),
            path_parameters: interest.path_parameters.into(),
            stage_variables: interest.stage_variables.into(),
            context: interest.context.into(),
            body: interest.body,
            responses: interest.responses,
        }
    }
}

impl From<types::Problem> for Problem {
    fn from(problem: types::Problem) -> Self {
        Self {
            pointer: problem.pointer,
            message: problem.message,
            hint: problem.hint,
        }
    }
}

/// A fault is an answer: its instance is sound.
pub(crate) fn fault(plugin: &Arc<str>, fault: types::Fault) -> CallError {
    let (kind, text) = match fault {
        types::Fault::Configuration(text) => (FaultKind::Configuration, text),
        types::Fault::Dependency(text) => (FaultKind::Dependency, text),
        types::Fault::Internal(text) => (FaultKind::Internal, text),
    };
    CallError::Fault {
        plugin: plugin.clone(),
        kind,
        text,
    }
}

pub(crate) fn fault_size(fault: &types::Fault) -> usize {
    match fault {
        types::Fault::Configuration(text) | types::Fault::Dependency(text) | types::Fault::Internal(text) => {
            text.len()
        }
    }
}

pub(crate) fn fields(fields: Vec<FieldResult>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .map(|field| (field.name, field.value))
        .collect()
}

pub(crate) fn fields_size(fields: &[FieldResult]) -> usize {
    fields
        .iter()
        .map(|field| field.name.len() + field.value.len())
        .sum()
}

pub(crate) fn text_size(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}
