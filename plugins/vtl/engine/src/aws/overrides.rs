//! What a template overrides.

use crate::bounds::{Bounds, Failure};
use crate::java;
use crate::value::{Map, Value};

use super::context::Context;

/// What a template wrote for the request to the integration and for the response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    pub request: RequestOverrides,
    pub response: ResponseOverrides,
    /// Whether one of them was set more than once, which the real service answers with an error.
    pub repeated: bool,
}

/// `$context.requestOverride`, in the order of writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOverrides {
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub path: Vec<(String, String)>,
}

/// `$context.responseOverride`, in the order of writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseOverrides {
    /// A number, or text that is one; anything else overrides nothing.
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
}

pub(super) fn read(context: &Context, bounds: &mut Bounds) -> Result<Overrides, Failure> {
    let mut overrides = Overrides::default();
    let repeated = |map: &Map, parts: &[&str]| {
        let replaced = |part: &&str| matches!(map.get(part), Some(Value::Map(part)) if part.was_replaced());
        map.was_replaced() || parts.iter().any(replaced)
    };
    if let Some(Value::Map(request)) = context.written("requestOverride") {
        overrides.repeated |= repeated(&request, &["header", "querystring", "path"]);
        overrides.request.headers = pairs(&request, "header", bounds)?;
        overrides.request.query = pairs(&request, "querystring", bounds)?;
        overrides.request.path = pairs(&request, "path", bounds)?;
    }
    if let Some(Value::Map(response)) = context.written("responseOverride") {
        overrides.repeated |= repeated(&response, &["header"]);
        overrides.response.headers = pairs(&response, "header", bounds)?;
        if let Some(status) = response.get("status") {
            overrides.response.status = java::to_text(&status, bounds)?.trim().parse().ok();
        }
    }
    Ok(overrides)
}

/// The entries of the map under `name`, as text; those without a value are left out.
fn pairs(map: &Map, name: &str, bounds: &mut Bounds) -> Result<Vec<(String, String)>, Failure> {
    let Some(Value::Map(map)) = map.get(name) else {
        return Ok(Vec::new());
    };
    let mut pairs = Vec::new();
    for (key, value) in map.entries() {
        if !matches!(value, Value::Null) {
            pairs.push((
                java::to_text(&key, bounds)?.to_string(),
                java::to_text(&value, bounds)?.to_string(),
            ));
        }
    }
    Ok(pairs)
}
