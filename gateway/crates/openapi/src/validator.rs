//! Request validators, and which one an operation has.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_model::RequestValidator;

use crate::context::{At, Context};
use crate::key::{REQUEST_VALIDATOR, REQUEST_VALIDATORS};

/// Keys of a validator.
const READ: [&str; 2] = ["validateRequestBody", "validateRequestParameters"];

/// The validators of a document.
#[derive(Debug)]
pub(crate) struct Validators<'d> {
    by_name: BTreeMap<String, RequestValidator>,
    /// All names, also of those that are wrong.
    names: BTreeSet<&'d str>,
    /// What holds for operations that say nothing of their own; `None` after a problem.
    inherited: Option<Option<String>>,
}

impl<'d> Validators<'d> {
    pub(crate) fn read(context: &mut Context<'d>, root: &At<'d>) -> Self {
        let mut validators = Self {
            by_name: BTreeMap::new(),
            names: BTreeSet::new(),
            inherited: Some(None),
        };
        if let Some(at) = root.member(REQUEST_VALIDATORS) {
            context.object(&at);
            for (name, at) in at.members() {
                validators.names.insert(name);
                if let Some(validator) = validator(context, &at) {
                    validators.by_name.insert(name.to_owned(), validator);
                }
            }
        }
        validators.inherited = validators.said(context, root).unwrap_or(Some(None));
        validators
    }

    /// The name of an operation's validator; the outer option is `None` after a problem.
    pub(crate) fn of(&self, context: &mut Context<'d>, operation: &At<'d>) -> Option<Option<String>> {
        self.said(context, operation)
            .unwrap_or_else(|| self.inherited.clone())
    }

    pub(crate) fn finish(self) -> BTreeMap<String, RequestValidator> {
        self.by_name
    }

    /// What is said here; `None` where nothing is.
    fn said(&self, context: &mut Context<'d>, at: &At<'d>) -> Option<Option<Option<String>>> {
        let member = at.member(REQUEST_VALIDATOR)?;
        let Some(name) = context.string(&member) else {
            return Some(None);
        };
        if self.names.contains(name) {
            return Some(Some(Some(name.to_owned())));
        }
        let message = format!("unknown request validator \"{name}\"");
        context.did_you_mean("validator", &member.pointer, message, name, &self.names);
        Some(None)
    }
}

fn validator<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<RequestValidator> {
    context.object(at)?;
    for (name, member) in at.members().filter(|(name, _)| !READ.contains(name)) {
        context.setting(&member.pointer, name, &READ);
    }
    let body = context.flag(at, "validateRequestBody");
    let parameters = context.flag(at, "validateRequestParameters");
    Some(RequestValidator {
        pointer: at.pointer.clone(),
        validate_request_body: body?,
        validate_request_parameters: parameters?,
    })
}
