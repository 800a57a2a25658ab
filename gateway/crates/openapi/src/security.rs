//! Who may call an operation. Whatever cannot be kept is an error; nothing is open that does not say so.

use std::collections::BTreeMap;

use portcullis_document::Node;
use portcullis_model::{Authorization, Authorizer, AuthorizerKind};

use crate::authorizer::authorizer;
use crate::context::{At, Context};
use crate::key::AUTH;
use crate::version::Version;
use crate::{requirement, scheme};

/// What a security scheme comes to.
#[derive(Debug)]
pub(crate) enum Scheme {
    /// An authorizer.
    Custom(Box<Authorizer>),
    /// Something else; an error where an operation of an API that is served asks for it.
    Other {
        /// In words.
        what: String,
        meaning: Meaning,
    },
    /// Has been reported.
    Broken,
}

/// What a scheme without an authorizer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An API key.
    ApiKey,
    /// A signature of AWS's kind.
    Signature,
    /// What API Gateway does not have.
    Unknown,
}

/// All security schemes of a document.
#[derive(Debug)]
pub(crate) struct Schemes {
    pub(crate) by_name: BTreeMap<String, Scheme>,
    /// The JSON texts of those that API Gateway does not have.
    unknown: BTreeMap<String, String>,
}

/// Where the security schemes of a document are.
fn definitions<'d>(version: Version, root: &At<'d>) -> Option<At<'d>> {
    match version {
        Version::Two => root.member("securityDefinitions"),
        Version::Three => root
            .member("components")
            .and_then(|at| at.member("securitySchemes")),
    }
}

/// The security schemes of a document, by name.
pub(crate) fn schemes<'d>(
    version: Version,
    root: &At<'d>,
) -> impl Iterator<Item = (&'d str, At<'d>)> + use<'d> {
    definitions(version, root)
        .into_iter()
        .flat_map(|definitions| definitions.members())
}

impl Schemes {
    pub(crate) fn read(context: &mut Context<'_>, version: Version) -> Self {
        let root = context.root();
        let definitions = definitions(version, &root);
        let mut by_name = BTreeMap::new();
        let mut unknown = BTreeMap::new();
        if let Some(definitions) = definitions {
            context.object(&definitions);
            for (name, at) in definitions.members() {
                let found = authorizer(context, &at);
                if let Scheme::Other {
                    meaning: Meaning::Unknown,
                    ..
                } = found
                {
                    let resolved = context.resolve(&at).unwrap_or(at);
                    unknown.insert(name.to_owned(), scheme::kept(resolved.node.to_json()));
                }
                by_name.insert(name.to_owned(), found);
            }
        }
        Self { by_name, unknown }
    }

    /// The authorizers of the API, and the JSON texts of other schemes.
    pub(crate) fn finish(self) -> (BTreeMap<String, Authorizer>, BTreeMap<String, String>) {
        let custom = self
            .by_name
            .into_iter()
            .filter_map(|(name, scheme)| match scheme {
                Scheme::Custom(authorizer) => Some((name, *authorizer)),
                Scheme::Other { .. } | Scheme::Broken => None,
            });
        (custom.collect(), self.unknown)
    }
}

/// What holds for operations that say nothing of their own.
#[derive(Debug)]
pub(crate) struct Inherited(Option<Access>);

/// Who may call an operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    pub(crate) authorization: Authorization,
    pub(crate) scopes: Vec<String>,
    pub(crate) api_key: bool,
}

impl Inherited {
    /// Reads the document's own `security`.
    pub(crate) fn read<'d>(context: &mut Context<'d>, root: &At<'d>, schemes: &Schemes) -> Self {
        match root.member("security") {
            Some(at) => Self(access(context, &at, schemes)),
            None => Self(Some(Access::default())),
        }
    }

    /// What holds for an operation; `None` after a problem, wherever it is.
    pub(crate) fn of<'d>(
        &self,
        context: &mut Context<'d>,
        operation: &At<'d>,
        schemes: &Schemes,
    ) -> Option<Access> {
        let access = match operation.member("security") {
            Some(at) => access(context, &at, schemes),
            None => self.0.clone(),
        };
        match operation.member(AUTH) {
            Some(at) => {
                let authorization = auth(context, &at);
                let access = access?;
                Some(Access {
                    authorization: authorization?.unwrap_or(access.authorization),
                    ..access
                })
            }
            None => access,
        }
    }
}

fn access<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Access> {
    if context.keeps() {
        return requirement::access(context, at, schemes);
    }
    authorization(context, at, schemes)
}

/// The type that an operation says of its own
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html>); the inner
/// option is `None` where it is not known.
fn auth<'d>(context: &mut Context<'d>, at: &At<'d>) -> Option<Option<Authorization>> {
    context.object(at)?;
    let said = context.required_string(at, "type")?;
    if said.eq_ignore_ascii_case("NONE") {
        return Some(Some(Authorization::None));
    }
    if said.eq_ignore_ascii_case("AWS_IAM") {
        return Some(Some(Authorization::Iam));
    }
    let message = format!("unknown authorization type \"{said}\", expected \"NONE\" or \"AWS_IAM\"");
    context.did_you_mean("value", &at.at("type"), message, said, ["NONE", "AWS_IAM"]);
    None
}

/// API Gateway has no choice between requirements: an API key is asked for beside what else decides, wherever it stands.
fn authorization<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Access> {
    let Some(alternatives) = at.node.as_array() else {
        context.mismatch(at, "an array");
        return None;
    };
    let requirement_at = |(index, node): (usize, &'d Node)| At {
        node,
        pointer: format!("{}/{index}", at.pointer),
    };
    let all = alternatives.iter().enumerate().map(requirement_at);
    let (keys, others): (Vec<_>, Vec<_>) = all.partition(|at| is_key(at, schemes));
    for key in &keys {
        scopeless(context, key)?;
    }
    let access = match others.as_slice() {
        [] => Access::default(),
        [only] => requirement(context, only, schemes)?,
        several => {
            let names: Vec<&str> = several
                .iter()
                .filter_map(|at| at.node.as_object()?.iter().next())
                .map(|m| m.key.as_str())
                .collect();
            let what = format!(
                "a choice between several security requirements ({})",
                names.join(", ")
            );
            context.refuses(&at.pointer, &what);
            return None;
        }
    };
    Some(Access {
        api_key: access.api_key || !keys.is_empty(),
        ..access
    })
}

/// Whether a scheme is that of API keys.
fn is_api_key(name: &str, schemes: &Schemes) -> bool {
    let scheme = schemes.by_name.get(name);
    matches!(
        scheme,
        Some(Scheme::Other {
            meaning: Meaning::ApiKey,
            ..
        })
    )
}

/// Whether a requirement asks for an API key and nothing else.
fn is_key(at: &At<'_>, schemes: &Schemes) -> bool {
    let members = at.node.as_object();
    members.is_some_and(|members| {
        let mut names = members.iter().map(|member| member.key.as_str());
        !members.is_empty() && names.all(|name| is_api_key(name, schemes))
    })
}

/// That the schemes of a requirement have no scopes.
fn scopeless(context: &mut Context<'_>, at: &At<'_>) -> Option<()> {
    for (name, scopes) in at.members() {
        match scopes.node.as_array() {
            Some([]) => {}
            Some(_) => {
                context.refuses(&scopes.pointer, &format!("scopes for the API key \"{name}\""));
                return None;
            }
            None => {
                context.mismatch(&scopes, "an array");
                return None;
            }
        }
    }
    Some(())
}

fn requirement<'d>(context: &mut Context<'d>, at: &At<'d>, schemes: &Schemes) -> Option<Access> {
    let members: Vec<(&str, At<'d>)> = context.object(at).map(|_| at.members().collect())?;
    let (keys, others): (Vec<_>, Vec<_>) = members
        .into_iter()
        .partition(|(name, _)| is_api_key(name, schemes));
    match others.as_slice() {
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
        [(name, scopes)] => Some(Access {
            api_key: !keys.is_empty(),
            ..scheme(context, name, scopes, schemes)?
        }),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            let what = format!("more than one security scheme at once ({})", names.join(", "));
            context.refuses(&at.pointer, &what);
            None
        }
    }
}

/// `awsSigv4`: whoever signs.
fn signature(context: &mut Context<'_>, name: &str, at: &At<'_>) -> Option<Access> {
    match at.node.as_array() {
        Some([]) => {
            return Some(Access {
                authorization: Authorization::Iam,
                ..Access::default()
            });
        }
        Some(_) => {
            context.refuses(&at.pointer, &format!("scopes for the signature \"{name}\""));
        }
        None => context.mismatch(at, "an array"),
    }
    None
}

fn scheme(context: &mut Context<'_>, name: &str, at: &At<'_>, schemes: &Schemes) -> Option<Access> {
    let kind = match schemes.by_name.get(name) {
        Some(Scheme::Custom(custom)) => custom.kind,
        Some(Scheme::Broken) => return None,
        Some(Scheme::Other {
            meaning: Meaning::Signature,
            ..
        }) => return signature(context, name, at),
        Some(Scheme::Other { what, .. }) => {
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
    };
    let authorizer = name.to_owned();
    let (authorization, has_scopes) = match kind {
        AuthorizerKind::Cognito => (Authorization::Cognito { authorizer }, true),
        AuthorizerKind::Jwt => (Authorization::Custom { authorizer }, true),
        AuthorizerKind::Token | AuthorizerKind::Request => (Authorization::Custom { authorizer }, false),
    };
    match at.node.as_array() {
        Some(scopes) if has_scopes || scopes.is_empty() => Some(Access {
            authorization,
            scopes: texts(context, at, scopes)?,
            api_key: false,
        }),
        Some(_) => {
            context.refuses(
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

/// The texts of a list.
fn texts(context: &mut Context<'_>, at: &At<'_>, nodes: &[Node]) -> Option<Vec<String>> {
    let texts: Option<Vec<String>> = nodes
        .iter()
        .map(|node| node.as_str().map(str::to_owned))
        .collect();
    if texts.is_none() {
        context.mismatch(at, "an array of texts");
    }
    texts
}
