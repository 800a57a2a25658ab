//! Who may call an operation. Whatever cannot be kept is an error; nothing is open that does not say so.

use std::collections::BTreeMap;

use portcullis_model::{Authorization, Authorizer};

use crate::authorizer::authorizer;
use crate::context::{At, Context};
use crate::version::Version;

/// What a security scheme comes to.
#[derive(Debug)]
pub(crate) enum Scheme {
    /// A custom authorizer.
    Custom(Authorizer),
    /// Something else, in words; an error where an operation asks for it.
    Other(String),
    /// Has been reported.
    Broken,
}

/// All security schemes of a document.
#[derive(Debug)]
pub(crate) struct Schemes {
    by_name: BTreeMap<String, Scheme>,
}

impl Schemes {
    pub(crate) fn read(context: &mut Context<'_>, version: Version) -> Self {
        let root = context.root();
        let definitions = match version {
            Version::Two => root.member("securityDefinitions"),
            Version::Three => root
                .member("components")
                .and_then(|at| at.member("securitySchemes")),
        };
        let mut by_name = BTreeMap::new();
        if let Some(definitions) = definitions {
            context.object(&definitions);
            for (name, at) in definitions.members() {
                by_name.insert(name.to_owned(), authorizer(context, &at));
            }
        }
        Self { by_name }
    }

    /// The authorizers of the API.
    pub(crate) fn authorizers(self) -> BTreeMap<String, Authorizer> {
        let custom = self
            .by_name
            .into_iter()
            .filter_map(|(name, scheme)| match scheme {
                Scheme::Custom(authorizer) => Some((name, authorizer)),
                Scheme::Other(_) | Scheme::Broken => None,
            });
        custom.collect()
    }
}

/// What holds for operations that say nothing of their own.
#[derive(Debug)]
pub(crate) struct Inherited(Option<Authorization>);

impl Inherited {
    /// Reads the document's own `security`.
    pub(crate) fn read<'d>(context: &mut Context<'d>, root: &At<'d>, schemes: &Schemes) -> Self {
        match root.member("security") {
            Some(at) => Self(authorization(context, &at, schemes)),
            None => Self(Some(Authorization::None)),
        }
    }

    /// What holds for an operation; `None` after a problem, wherever it is.
    pub(crate) fn of<'d>(
        &self,
        context: &mut Context<'d>,
        operation: &At<'d>,
        schemes: &Schemes,
    ) -> Option<Authorization> {
        match operation.member("security") {
            Some(at) => authorization(context, &at, schemes),
            None => self.0.clone(),
        }
    }
}

fn authorization<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Authorization> {
    let Some(alternatives) = at.node.as_array() else {
        context.mismatch(at, "an array");
        return None;
    };
    match alternatives {
        [] => Some(Authorization::None),
        [only] => {
            let pointer = format!("{}/0", at.pointer);
            requirement(context, &At { node: only, pointer }, schemes)
        }
        several => {
            let names: Vec<&str> = several
                .iter()
                .filter_map(|node| node.as_object()?.iter().next())
                .map(|m| m.key.as_str())
                .collect();
            let what = format!(
                "a choice between several security requirements ({})",
                names.join(", ")
            );
            context.unsupported(&at.pointer, &what);
            None
        }
    }
}

fn requirement<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Authorization> {
    let members: Vec<(&str, At<'d>)> = context.object(at).map(|_| at.members().collect())?;
    match members.as_slice() {
        [] => {
            let message = "an empty security requirement, which would let everybody in";
            context.error_with_hint(
                "security",
                &at.pointer,
                message,
                "write \"security: []\" for an open operation",
            );
            None
        }
        [(name, scopes)] => scheme(context, name, scopes, schemes),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            let what = format!("more than one security scheme at once ({})", names.join(", "));
            context.unsupported(&at.pointer, &what);
            None
        }
    }
}

fn scheme(context: &mut Context<'_>, name: &str, at: &At<'_>, schemes: &Schemes) -> Option<Authorization> {
    match schemes.by_name.get(name) {
        Some(Scheme::Custom(_)) => {}
        Some(Scheme::Broken) => return None,
        Some(Scheme::Other(what)) => {
            let message = format!("the security scheme \"{name}\" is {what}, which is not supported yet");
            context.error("security", &at.pointer, message);
            return None;
        }
        None => {
            let problem = context.document.error(
                "security",
                &at.pointer,
                format!("unknown security scheme \"{name}\""),
            );
            context
                .problems
                .push(problem.did_you_mean(name, schemes.by_name.keys()));
            return None;
        }
    }
    match at.node.as_array() {
        Some([]) => Some(Authorization::Custom {
            authorizer: name.to_owned(),
        }),
        Some(_) => {
            context.unsupported(
                &at.pointer,
                &format!("scopes for the custom authorizer \"{name}\""),
            );
            None
        }
        None => {
            context.mismatch(at, "an array");
            None
        }
    }
}
