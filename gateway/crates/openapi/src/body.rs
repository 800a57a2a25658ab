//! The bodies of requests and responses: which content type has which model.

use std::collections::BTreeMap;

use crate::context::{At, Context};
use crate::model::Models;
use crate::parameter::{Parameter, Place};

/// What bodies are where a document does not say so (2.0).
const ASSUMED: &str = "application/json";

/// The content types of a 2.0 document that hold for operations without their own.
#[derive(Debug)]
pub(crate) struct ContentTypes<'d> {
    consumes: Option<At<'d>>,
    produces: Option<At<'d>>,
}

impl<'d> ContentTypes<'d> {
    pub(crate) fn read(root: &At<'d>) -> Self {
        Self {
            consumes: root.member("consumes"),
            produces: root.member("produces"),
        }
    }

    /// What an operation takes; `None` after a problem.
    pub(crate) fn consumed(&self, context: &mut Context<'d>, operation: &At<'d>) -> Option<Vec<String>> {
        list(
            context,
            operation.member("consumes").as_ref(),
            self.consumes.as_ref(),
        )
    }

    /// What an operation answers; `None` after a problem.
    pub(crate) fn produced(&self, context: &mut Context<'d>, operation: &At<'d>) -> Option<Vec<String>> {
        list(
            context,
            operation.member("produces").as_ref(),
            self.produces.as_ref(),
        )
    }
}

fn list<'d>(
    context: &mut Context<'d>,
    own: Option<&At<'d>>,
    inherited: Option<&At<'d>>,
) -> Option<Vec<String>> {
    let Some(at) = own.or(inherited) else {
        return Some(vec![ASSUMED.to_owned()]);
    };
    if own.is_none() {
        context.copy(at, &at.pointer)?;
    }
    let Some(nodes) = at.node.as_array() else {
        context.mismatch(at, "an array");
        return None;
    };
    let mut types = Vec::new();
    let mut right = true;
    for (index, node) in nodes.iter().enumerate() {
        let pointer = format!("{}/{index}", at.pointer);
        match context.string(&At { node, pointer }) {
            Some(text) => types.push(text.to_owned()),
            None => right = false,
        }
    }
    if types.is_empty() {
        types.push(ASSUMED.to_owned());
    }
    right.then_some(types)
}

/// The model of a 2.0 operation's body for all that it consumes; `None` after a problem.
pub(crate) fn of_parameters<'d>(
    context: &mut Context<'d>,
    models: &mut Models,
    parameters: &[Parameter<'d>],
    consumed: Vec<String>,
    stem: &str,
) -> Option<BTreeMap<String, String>> {
    let Some(body) = parameters.iter().find(|parameter| parameter.place == Place::Body) else {
        return Some(BTreeMap::new());
    };
    let Some(schema) = body.at.member("schema") else {
        let message = "a \"body\" parameter without a \"schema\" has no model, nothing is checked";
        context.warning("unused", &body.at.pointer, message);
        return Some(BTreeMap::new());
    };
    let name = models.name_of(context, &schema, &format!("{stem}Request"))?;
    Some(
        consumed
            .into_iter()
            .map(|content_type| (content_type, name.clone()))
            .collect(),
    )
}

/// The names of models by content type in the extension `key`, which wins over what OpenAPI says; the inner option is
/// `None` after a problem.
pub(crate) fn of_extension<'d>(
    context: &mut Context<'d>,
    models: &Models,
    at: &At<'d>,
    key: &str,
) -> Option<Option<BTreeMap<String, String>>> {
    let member = at.member(key)?;
    if context.object(&member).is_none() {
        return Some(None);
    }
    let mut found = BTreeMap::new();
    for (content_type, at) in member.members() {
        let Some(name) = context.string(&at) else {
            return Some(None);
        };
        let message = || format!("there is no model \"{name}\"");
        if !models.has(name)
            && context
                .doubtful("reference", &at.pointer, message(), None)
                .is_none()
        {
            return Some(None);
        }
        found.insert(content_type.to_owned(), name.to_owned());
    }
    Some(Some(found))
}

/// The models of an OpenAPI 3 `content`, which may be absent; `None` after a problem.
pub(crate) fn of_content<'d>(
    context: &mut Context<'d>,
    models: &mut Models,
    at: &At<'d>,
    wanted: &str,
) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let Some(content) = at.member("content") else {
        return Some(found);
    };
    context.object(&content)?;
    let mut right = true;
    for (content_type, media) in content.members() {
        right &= context.object(&media).is_some();
        let Some(schema) = media.member("schema") else {
            continue;
        };
        match models.name_of(context, &schema, wanted) {
            Some(name) => {
                found.insert(content_type.to_owned(), name);
            }
            None => right = false,
        }
    }
    right.then_some(found)
}

/// The models of an OpenAPI 3 operation's body; `None` after a problem.
pub(crate) fn of_request<'d>(
    context: &mut Context<'d>,
    models: &mut Models,
    operation: &At<'d>,
    stem: &str,
) -> Option<BTreeMap<String, String>> {
    let Some(body) = operation.member("requestBody") else {
        return Some(BTreeMap::new());
    };
    let body = context.resolve_object(&body)?;
    of_content(context, models, &body, &format!("{stem}Request"))
}
