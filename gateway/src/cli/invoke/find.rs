//! Which method of an API answers a request: by the gateway's own rules.

use serde_json::Value;

use crate::cli::table::text;
use crate::plan::{Router, Verb};

/// A method that answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'r> {
    /// The resource's id.
    pub(super) resource: &'r str,
    /// The resource's path.
    pub(super) path: &'r str,
    /// The method's verb, or `ANY`.
    pub(super) verb: &'r str,
}

/// The method that answers a verb and a path with its query; none where none does.
pub(super) fn method<'r>(resources: &'r [Value], verb: &str, path: &str) -> Option<Found<'r>> {
    let methods = resources.iter().flat_map(|resource| {
        let methods = resource.get("resourceMethods").and_then(Value::as_object);
        methods.into_iter().flatten().map(move |(verb, _)| Found {
            resource: text(resource, "id"),
            path: text(resource, "path"),
            verb,
        })
    });
    let mut methods: Vec<Found<'r>> = methods.collect();
    let mut router = Router::default();
    for (index, method) in methods.iter().enumerate() {
        let verb = Verb::parse(method.verb);
        if verb.is_some() || method.verb == "ANY" {
            // Two resources that differ in a parameter's name alone cannot be deployed: the first one is tried.
            let _ = router.add(method.path, verb, u32::try_from(index).ok()?);
        }
    }
    let path = path.split('?').next().unwrap_or(path);
    let found = usize::try_from(router.find(path, Verb::parse(verb)?)?.method).ok()?;
    (found < methods.len()).then(|| methods.swap_remove(found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_literal_comes_before_a_parameter_and_that_before_all_the_rest() {
        let resource = |path: &str, verbs: &[&str]| {
            let methods: serde_json::Map<String, Value> =
                verbs.iter().map(|verb| ((*verb).to_owned(), json!({}))).collect();
            json!({"id": format!("of {path}"), "path": path, "resourceMethods": methods})
        };
        let resources = [
            json!({"id": "root", "path": "/"}),
            resource("/{proxy+}", &["ANY"]),
            resource("/pets", &["POST"]),
            resource("/pets/{id}", &["GET", "ANY"]),
            resource("/pets/mine", &["GET"]),
        ];
        for (verb, path, expected) in [
            ("GET", "/pets/mine?x=/", Some(("/pets/mine", "GET"))),
            ("GET", "/pets/3", Some(("/pets/{id}", "GET"))),
            ("PUT", "/pets/3", Some(("/pets/{id}", "ANY"))),
            ("POST", "/pets", Some(("/pets", "POST"))),
            ("GET", "/pets", Some(("/{proxy+}", "ANY"))),
            ("GET", "/a/b", Some(("/{proxy+}", "ANY"))),
            ("GET", "/", None),
        ] {
            let found = method(&resources, verb, path);
            let found = found.map(|found| {
                assert_eq!(found.resource, format!("of {}", found.path));
                (found.path, found.verb)
            });
            assert_eq!(found, expected, "{verb} {path}");
        }
    }
}
