//! Parameter mappings: `requestParameters` and `responseParameters`, from a target to a source
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html>).

use std::collections::BTreeMap;

use crate::context::{At, Context};
use crate::integration::is_empty;
use crate::path::Path;
use crate::uri::is_stage_variable;

/// What a name may be.
#[derive(Debug, Clone, Copy)]
enum Name {
    /// A variable of the path.
    Path,
    /// A parameter of the query, or a place in the uri.
    Text,
    Header,
    JsonPath,
    Context,
    StageVariable,
}

/// The targets and sources of one kind of mapping.
#[derive(Debug)]
pub(crate) struct Kind {
    what: &'static str,
    targets: &'static [(&'static str, Name)],
    /// The source that is a whole body.
    body: Option<&'static str>,
    sources: &'static [(&'static str, Name)],
}

/// Onto the request to the backend.
pub(crate) const INTEGRATION_REQUEST: Kind = Kind {
    what: "an integration request",
    targets: &[
        ("integration.request.path.", Name::Text),
        ("integration.request.querystring.", Name::Text),
        ("integration.request.header.", Name::Header),
    ],
    body: Some("method.request.body"),
    sources: &[
        ("method.request.path.", Name::Path),
        ("method.request.querystring.", Name::Text),
        ("method.request.multivaluequerystring.", Name::Text),
        ("method.request.header.", Name::Header),
        ("method.request.multivalueheader.", Name::Header),
        ("method.request.body.", Name::JsonPath),
        ("context.", Name::Context),
        ("stageVariables.", Name::StageVariable),
    ],
};

/// From the backend's response onto the client's.
pub(crate) const METHOD_RESPONSE: Kind = Kind {
    what: "a method response",
    targets: &[("method.response.header.", Name::Header)],
    body: Some("integration.response.body"),
    sources: &[
        ("integration.response.header.", Name::Header),
        ("integration.response.multivalueheader.", Name::Header),
        ("integration.response.body.", Name::JsonPath),
        ("context.", Name::Context),
        ("stageVariables.", Name::StageVariable),
    ],
};

/// Onto what the gateway itself answers. The body of the request may not have been read by then.
pub(crate) const GATEWAY_RESPONSE: Kind = Kind {
    what: "a gateway response",
    targets: &[("gatewayresponse.header.", Name::Header)],
    body: None,
    sources: &[
        ("method.request.path.", Name::Text),
        ("method.request.querystring.", Name::Text),
        ("method.request.multivaluequerystring.", Name::Text),
        ("method.request.header.", Name::Header),
        ("method.request.multivalueheader.", Name::Header),
        ("context.", Name::Context),
        ("stageVariables.", Name::StageVariable),
    ],
};

/// What a mapping may name of a request to tell cached responses apart.
const CACHE_KEYS: [(&str, Name); 8] = [
    ("method.request.path.", Name::Path),
    ("method.request.querystring.", Name::Text),
    ("method.request.multivaluequerystring.", Name::Text),
    ("method.request.header.", Name::Header),
    ("method.request.multivalueheader.", Name::Header),
    ("integration.request.path.", Name::Text),
    ("integration.request.querystring.", Name::Text),
    ("integration.request.header.", Name::Header),
];

/// Reads the mappings of the member `key`; `None` after a problem.
pub(crate) fn mappings<'d>(
    context: &mut Context<'d>,
    at: &At<'d>,
    key: &str,
    kind: &Kind,
    path: Option<&Path>,
) -> Option<BTreeMap<String, String>> {
    let mut mapped = BTreeMap::new();
    let Some(member) = at.member(key).filter(|member| !is_empty(member)) else {
        return Some(mapped);
    };
    context.object(&member)?;
    let mut right = true;
    for (target, from) in member.members() {
        if without_effect(context, target, &from) {
            continue;
        }
        let fits = check_target(context, target, &from.pointer, kind);
        match source(context, &from, kind, path) {
            Some(source) if fits => {
                mapped.insert(target.to_owned(), source.to_owned());
            }
            _ => right = false,
        }
    }
    right.then_some(mapped)
}

/// API Gateway takes places of a request for a gateway response too, which has none of them.
fn without_effect(context: &mut Context<'_>, target: &str, at: &At<'_>) -> bool {
    let places = ["gatewayresponse.path.", "gatewayresponse.querystring."];
    let unused = places.iter().any(|place| target.starts_with(place));
    if unused && context.keeps() {
        return false;
    }
    if unused {
        let message = format!("\"{target}\" has no effect, a response has only headers");
        context.warning("unused", &at.pointer, message);
    }
    unused
}

fn check_target(context: &mut Context<'_>, target: &str, pointer: &str, kind: &Kind) -> bool {
    let named = split(target, kind.targets);
    let (message, hint) = match named {
        Some((name, of)) => match check_name(name, of) {
            Ok(()) => return true,
            Err(why) => (format!("\"{target}\" {why}"), None),
        },
        None => {
            let hint = format!("write it as {}", forms(kind.targets));
            (
                format!("\"{target}\" is not a place in {}", kind.what),
                Some(hint),
            )
        }
    };
    context.doubtful("mapping", pointer, message, hint).is_some()
}

fn source<'d>(context: &mut Context<'d>, at: &At<'d>, kind: &Kind, path: Option<&Path>) -> Option<&'d str> {
    let text = context.string(at)?;
    match check_source(text, kind) {
        Ok(()) => variable_of_path(context, at, text, path).then_some(text),
        Err((message, hint)) => context
            .doubtful("mapping", &at.pointer, message, hint)
            .map(|()| text),
    }
}

/// What is wrong with a source, and what to try.
fn check_source(text: &str, kind: &Kind) -> Result<(), (String, Option<String>)> {
    if text.starts_with('\'') {
        return check_static(text).map_err(|why| (format!("the static value {why}"), None));
    }
    let named = |why: &str| (format!("\"{text}\" {why}"), None);
    // An element of a list stands behind a body without a dot, as in `method.request.body[0].price`.
    if let Some(rest) = kind.body.and_then(|body| text.strip_prefix(body))
        && (rest.is_empty() || rest.starts_with('['))
    {
        return match rest {
            "" => Ok(()),
            rest => check_name(rest, Name::JsonPath).map_err(named),
        };
    }
    match split(text, kind.sources) {
        Some((name, of)) => check_name(name, of).map_err(named),
        None => {
            let message = format!("\"{text}\" is not a source for {}", kind.what);
            Err((message, Some(source_hint(text, kind))))
        }
    }
}

/// Whether a source that is a variable of the path is one.
fn variable_of_path(context: &mut Context<'_>, at: &At<'_>, text: &str, path: Option<&Path>) -> bool {
    let (Some(name), Some(path)) = (text.strip_prefix("method.request.path."), path) else {
        return true;
    };
    if path.has(name) {
        return true;
    }
    let message = format!("\"{text}\" names no variable of the path");
    let problem = context.near("mapping", &at.pointer, message, name, path.parameters());
    context.doubt(problem).is_some()
}

/// What a value in single quotes may be: it goes into a header as it is.
fn check_static(text: &str) -> Result<(), String> {
    let inner = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .ok_or_else(|| format!("{text} has no single quote at its end"))?;
    match inner.chars().find(|c| c.is_control()) {
        Some(c) => Err(format!("has the control character {c:?}")),
        None => Ok(()),
    }
}

fn source_hint(text: &str, kind: &Kind) -> String {
    match text.strip_prefix('$') {
        Some(plain) if split(plain, kind.sources).is_some() => format!("write it as {plain}"),
        _ => format!(
            "it is {}, or a static value in single quotes",
            forms(kind.sources)
        ),
    }
}

fn forms(prefixes: &[(&str, Name)]) -> String {
    let forms: Vec<String> = prefixes
        .iter()
        .map(|(prefix, name)| match name {
            Name::JsonPath => format!("{prefix}JSONPATH"),
            _ => format!("{prefix}NAME"),
        })
        .collect();
    forms.join(", ")
}

fn split<'t>(text: &'t str, prefixes: &[(&str, Name)]) -> Option<(&'t str, Name)> {
    prefixes
        .iter()
        .find_map(|(prefix, of)| Some((text.strip_prefix(prefix)?, *of)))
}

fn check_name(name: &str, of: Name) -> Result<(), &'static str> {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    match of {
        Name::Header if !is_token(name) => Err("does not name a header"),
        Name::Path | Name::Text if name.is_empty() || name.contains(blank) => {
            Err("does not name a parameter")
        }
        Name::JsonPath if name.trim().is_empty() || name.contains(char::is_control) => {
            Err("has no JSONPath behind its body")
        }
        Name::Context if !is_dotted(name) => Err("does not name a context variable"),
        Name::StageVariable if !is_stage_variable(name) => Err("does not name a stage variable"),
        _ => Ok(()),
    }
}

/// Names with dots between. What an authorizer gives may have other characters in its names, such as
/// `context.authorizer.claims.cognito:username`.
fn is_dotted(name: &str) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"'\"{}$".contains(c);
    name.split('.')
        .all(|part| !part.is_empty() && part.chars().all(fits))
}

/// What RFC 9110 lets the name of a header be.
pub(crate) fn is_token(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(fits)
}

/// Reads `cacheKeyParameters`; `None` after a problem.
pub(crate) fn cache_keys<'d>(context: &mut Context<'d>, at: &At<'d>, path: &Path) -> Option<Vec<String>> {
    const KEY: &str = "cacheKeyParameters";
    if at.member(KEY).is_none_or(|member| is_empty(&member)) {
        return Some(Vec::new());
    }
    context.texts(at, KEY, |text| {
        let (name, of) = split(text, &CACHE_KEYS).ok_or_else(|| {
            format!("\"{text}\" is not a parameter of a request, such as method.request.header.NAME")
        })?;
        check_name(name, of).map_err(|why| format!("\"{text}\" {why}"))?;
        if matches!(of, Name::Path) && !path.has(name) {
            return Err(format!("\"{text}\" names no variable of the path"));
        }
        Ok(())
    })
}
