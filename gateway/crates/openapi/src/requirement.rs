//! Who may call an operation of an API that is kept: whatever API Gateway does not have lets nobody in.

use portcullis_model::{Authorization, AuthorizerKind};

use crate::context::{At, Context};
use crate::security::{Access, Meaning, Scheme, Schemes};

/// What all requirements of a `security` come to together. API Gateway has no choice between them: an API key and one
/// authorizer are both asked for.
#[derive(Debug, Default)]
struct Found {
    /// With the scopes of each.
    authorizations: Vec<(Authorization, Vec<String>)>,
    api_key: bool,
    /// Why nobody is let in.
    unknown: Option<String>,
}

/// Reads a `security`; `None` after a problem.
pub(crate) fn access<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Access> {
    let Some(nodes) = at.node.as_array() else {
        context.mismatch(at, "an array");
        return None;
    };
    let mut found = Found::default();
    for (index, node) in nodes.iter().enumerate() {
        let pointer = format!("{}/{index}", at.pointer);
        let requirement = At { node, pointer };
        let object = context.object(&requirement)?;
        if object.is_empty() {
            found.unknown = Some("a requirement that asks for nothing".to_owned());
        }
        for (name, scopes) in requirement.members() {
            scheme(context, name, &scopes, schemes, &mut found)?;
        }
    }
    Some(settled(context, at, found))
}

/// Adds what one scheme asks for.
fn scheme<'d>(
    context: &mut Context<'d>,
    name: &str,
    at: &At<'d>,
    schemes: &Schemes,
    found: &mut Found,
) -> Option<()> {
    let Some(nodes) = at.node.as_array() else {
        context.mismatch(at, "an array");
        return None;
    };
    let scopes: Vec<String> = nodes
        .iter()
        .filter_map(|node| node.as_str())
        .map(str::to_owned)
        .collect();
    let authorizer = name.to_owned();
    match schemes.by_name.get(name) {
        Some(Scheme::Custom(custom)) => {
            let authorization = match custom.kind {
                AuthorizerKind::Cognito => Authorization::Cognito { authorizer },
                _ => Authorization::Custom { authorizer },
            };
            found.authorizations.push((authorization, scopes));
        }
        Some(Scheme::Other { meaning, what }) => match meaning {
            Meaning::ApiKey => found.api_key = true,
            Meaning::Signature => found.authorizations.push((Authorization::Iam, scopes)),
            Meaning::Unknown => {
                found.unknown = Some(format!("the security scheme \"{name}\", which is {what}"));
            }
        },
        Some(Scheme::Broken) => return None,
        None => found.unknown = Some(format!("the security scheme \"{name}\", which is not there")),
    }
    Some(())
}

fn settled(context: &mut Context<'_>, at: &At<'_>, mut found: Found) -> Access {
    if found.unknown.is_none() && found.authorizations.len() > 1 {
        found.unknown = Some("a choice between several security requirements".to_owned());
    }
    if let Some(what) = found.unknown {
        let message = format!("API Gateway does not have {what}: nobody is let in");
        let hint = "give the methods an authorization that it has";
        let problem = context
            .document
            .warning("security", &at.pointer, message)
            .hint(hint);
        context.problems.push(problem);
        return Access {
            authorization: Authorization::Unknown {
                security: at.node.to_json().to_string(),
            },
            ..Access::default()
        };
    }
    let (authorization, scopes) = found.authorizations.pop().unwrap_or_default();
    Access {
        authorization,
        scopes,
        api_key: found.api_key,
    }
}
