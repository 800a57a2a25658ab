//! The walk over document and schema.

use serde_json::{Map, Value as Json};

use super::keyword::{allowed, is_of, known, literal, or, type_word, types};
use crate::document::Document;
use crate::node::{Node, Object, Value, quote};
use crate::pointer::{pointer, unescape};
use crate::position::Position;
use crate::problem::{Problem, Severity};

/// How deep schemas may lead into each other at one value, against `$ref` in circles.
const MAX_GATHER: usize = 64;
/// How deep branches are tried inside of branches that are tried.
const MAX_TRIALS: usize = 8;

/// Everything in `document` that `schema` does not allow, in the document's order.
///
/// `schema` is what `schemars` writes for the type that the document is to be read into. Unknown keys are errors
/// where the schema closes its objects (`#[serde(deny_unknown_fields)]`).
pub fn check(document: &Document, schema: &Json) -> Vec<Problem> {
    let mut check = Check {
        document,
        root: schema,
        object_word: document.format().object_word(),
        problems: Vec::new(),
        path: Vec::new(),
        trials: 0,
    };
    check.node(document.root(), schema);
    let mut problems = check.problems;
    problems.sort_by_key(|problem| problem.position);
    problems
}

pub(super) struct Check<'d, 's> {
    document: &'d Document,
    root: &'s Json,
    pub(super) object_word: &'static str,
    problems: Vec<Problem>,
    path: Vec<String>,
    trials: usize,
}

impl<'s> Check<'_, 's> {
    pub(super) fn enter(&mut self, segment: impl Into<String>) {
        self.path.push(segment.into());
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes an error about where the walk is.
    pub(super) fn report(&mut self, code: &'static str, position: Position, message: String) {
        self.report_with_hint(code, position, message, None);
    }

    fn report_with_hint(
        &mut self,
        code: &'static str,
        position: Position,
        message: String,
        hint: Option<String>,
    ) {
        let pointer = pointer(&self.path);
        let problem = self
            .document
            .problem_at(Severity::Error, code, position, &pointer, message);
        self.problems.push(Problem { hint, ..problem });
    }

    pub(super) fn mismatch(&mut self, expected: &str, node: &Node) {
        let found = match &node.value {
            Value::Object(_) => self.object_word.to_owned(),
            _ => node.describe(),
        };
        self.report(
            "type",
            node.position,
            format!("expected {expected}, found {found}"),
        );
    }

    /// How many problems `node` has with `schema`, without reporting them.
    pub(super) fn trial(&mut self, schema: &'s Json, node: &Node) -> usize {
        if self.trials >= MAX_TRIALS {
            return 0;
        }
        self.trials += 1;
        let before = self.problems.len();
        self.node(node, schema);
        let found = self.problems.len() - before;
        self.problems.truncate(before);
        self.trials -= 1;
        found
    }

    /// What `#/$defs/Name`, or any other pointer into the schema, names.
    pub(super) fn definition(&self, name: &str) -> Option<&'s Json> {
        let pointer = name.strip_prefix('#')?;
        let segments = pointer.split('/').skip(1).map(unescape);
        segments
            .into_iter()
            .try_fold(self.root, |schema, segment| schema.get(segment.as_ref()))
    }

    fn node(&mut self, node: &Node, schema: &'s Json) {
        let mut schemas = Vec::new();
        if !self.gather(schema, node, &mut schemas, 0) {
            return;
        }
        if schemas.iter().any(|schema| !self.scalar(node, schema)) {
            return;
        }
        match &node.value {
            Value::Object(object) => self.object(node, object, &schemas),
            Value::Array(nodes) => self.array(node, nodes, &schemas),
            _ => {}
        }
    }

    /// Collects all schemas that hold for a node together: through `$ref`, `allOf` and the right branch of `anyOf`
    /// or `oneOf`. False where a problem has been reported that makes the rest pointless.
    fn gather(
        &mut self,
        schema: &'s Json,
        node: &Node,
        out: &mut Vec<&'s Map<String, Json>>,
        depth: usize,
    ) -> bool {
        let map = match schema {
            Json::Object(map) => map,
            Json::Bool(false) => {
                self.report("type", node.position, "nothing is allowed here".to_owned());
                return false;
            }
            _ => return true,
        };
        if depth > MAX_GATHER {
            let message = "the schema leads in a circle".to_owned();
            self.report("schema", node.position, message);
            return false;
        }
        self.keywords(map, node);
        out.push(map);
        if let Some(name) = map.get("$ref").and_then(Json::as_str) {
            let Some(next) = self.definition(name) else {
                self.report(
                    "schema",
                    node.position,
                    format!("the schema has no {}", quote(name)),
                );
                return false;
            };
            if !self.gather(next, node, out, depth + 1) {
                return false;
            }
        }
        for next in map.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            if !self.gather(next, node, out, depth + 1) {
                return false;
            }
        }
        for branches in ["anyOf", "oneOf"]
            .iter()
            .filter_map(|keyword| map.get(*keyword)?.as_array())
        {
            // A wrong type beside the branches is said once, by `scalar`.
            if types(map).is_some_and(|names| !names.iter().any(|name| is_of(node, name))) {
                continue;
            }
            let Some(branch) = self.branch(branches, node) else {
                return false;
            };
            if !self.gather(branch, node, out, depth + 1) {
                return false;
            }
        }
        true
    }

    fn keywords(&mut self, schema: &Map<String, Json>, node: &Node) {
        for keyword in schema.keys().filter(|keyword| !known(keyword)) {
            let message = format!(
                "the schema's keyword {} is not one that is checked",
                quote(keyword)
            );
            self.report("schema", node.position, message);
        }
    }

    /// Checks what is not about members or elements. False where the type is wrong.
    fn scalar(&mut self, node: &Node, schema: &'s Map<String, Json>) -> bool {
        if let Some(values) = allowed(schema) {
            self.one_of(&values, node);
            return true;
        }
        if let Some(names) = types(schema)
            && !names.iter().any(|name| is_of(node, name))
        {
            let words = names.iter().filter(|name| **name != "null" || names.len() == 1);
            let words: Vec<String> = words
                .map(|name| type_word(name, self.object_word).to_owned())
                .collect();
            self.mismatch(&or(&words), node);
            return false;
        }
        match &node.value {
            Value::Number(number) => self.bounds(node, number.as_f64().unwrap_or_default(), schema),
            Value::String(text) => self.length(
                node,
                text.chars().count(),
                schema,
                ["minLength", "maxLength"],
                "character",
            ),
            _ => {}
        }
        true
    }

    /// Checks that a value is one of a list.
    pub(super) fn one_of(&mut self, values: &[&Json], node: &Node) {
        if !values.contains(&&node.to_json()) {
            self.not_allowed(values, node);
        }
    }

    pub(super) fn not_allowed(&mut self, values: &[&Json], node: &Node) {
        let mut words: Vec<String> = values.iter().map(|value| literal(value)).collect();
        words.dedup();
        let message = format!("expected {}, found {}", or(&words), node.describe());
        let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
        let near = node.as_str().and_then(|text| crate::suggest(text, texts));
        let hint = near.map(|near| format!("did you mean \"{near}\"?"));
        self.report_with_hint("value", node.position, message, hint);
    }

    fn bounds(&mut self, node: &Node, number: f64, schema: &Map<String, Json>) {
        let limit = |keyword: &str| {
            schema
                .get(keyword)
                .and_then(Json::as_f64)
                .zip(schema.get(keyword))
        };
        let broken = [
            limit("minimum")
                .filter(|(least, _)| number < *least)
                .map(|(_, least)| format!("at least {least}")),
            limit("maximum")
                .filter(|(most, _)| number > *most)
                .map(|(_, most)| format!("at most {most}")),
            limit("exclusiveMinimum")
                .filter(|(least, _)| number <= *least)
                .map(|(_, least)| format!("more than {least}")),
            limit("exclusiveMaximum")
                .filter(|(most, _)| number >= *most)
                .map(|(_, most)| format!("less than {most}")),
        ];
        for limit in broken.into_iter().flatten() {
            let message = format!("expected a number that is {limit}, found {}", node.describe());
            self.report("value", node.position, message);
        }
    }

    fn length(
        &mut self,
        node: &Node,
        length: usize,
        schema: &Map<String, Json>,
        keywords: [&str; 2],
        unit: &str,
    ) {
        let [least, most] = keywords.map(|keyword| schema.get(keyword).and_then(Json::as_u64));
        let length = length as u64;
        if let Some(least) = least.filter(|least| length < *least) {
            let message = format!(
                "expected at least {least} {unit}{}, found {length}",
                plural(least)
            );
            self.report("value", node.position, message);
        }
        if let Some(most) = most.filter(|most| length > *most) {
            let message = format!("expected at most {most} {unit}{}, found {length}", plural(most));
            self.report("value", node.position, message);
        }
    }

    fn object(&mut self, node: &Node, object: &Object, schemas: &[&'s Map<String, Json>]) {
        let properties: Vec<&'s Map<String, Json>> = schemas
            .iter()
            .filter_map(|schema| schema.get("properties")?.as_object())
            .collect();
        for schema in schemas {
            self.length(
                node,
                object.len(),
                schema,
                ["minProperties", "maxProperties"],
                "key",
            );
        }
        self.required(node, object, schemas);
        let (closed, others) = additional(schemas);
        for member in object {
            let known: Vec<&'s Json> = properties.iter().filter_map(|map| map.get(&member.key)).collect();
            self.enter(member.key.as_str());
            for schema in &known {
                self.node(&member.node, schema);
            }
            if known.is_empty() {
                for schema in &others {
                    self.node(&member.node, schema);
                }
                if others.is_empty() && closed {
                    self.unknown(&member.key, member.key_position, object, &properties);
                }
            }
            self.leave();
        }
    }

    fn unknown(
        &mut self,
        key: &str,
        position: Position,
        object: &Object,
        properties: &[&'s Map<String, Json>],
    ) {
        let free = properties
            .iter()
            .flat_map(|map| map.keys())
            .filter(|name| object.get(name).is_none());
        let near = crate::suggest(key, free);
        let mut names: Vec<&str> = properties
            .iter()
            .flat_map(|map| map.keys())
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        let hint = match near {
            Some(near) => Some(format!("did you mean \"{near}\"?")),
            None if names.is_empty() => Some("no keys are allowed here".to_owned()),
            None => Some(format!("the keys here are {}", names.join(", "))),
        };
        self.report_with_hint(
            "unknown-key",
            position,
            format!("unknown key {}", quote(key)),
            hint,
        );
    }

    fn required(&mut self, node: &Node, object: &Object, schemas: &[&'s Map<String, Json>]) {
        let required = schemas
            .iter()
            .filter_map(|schema| schema.get("required")?.as_array())
            .flatten();
        let mut missing: Vec<&str> = required
            .filter_map(Json::as_str)
            .filter(|key| object.get(key).is_none())
            .collect();
        let mut seen = Vec::new();
        missing.retain(|key| {
            let first = !seen.contains(key);
            seen.push(*key);
            first
        });
        for key in missing {
            self.report(
                "missing-key",
                node.position,
                format!("missing required key {}", quote(key)),
            );
        }
    }

    fn array(&mut self, node: &Node, nodes: &[Node], schemas: &[&'s Map<String, Json>]) {
        for schema in schemas {
            self.length(node, nodes.len(), schema, ["minItems", "maxItems"], "element");
            let first: &[Json] = schema
                .get("prefixItems")
                .and_then(Json::as_array)
                .map_or(&[], Vec::as_slice);
            let rest = schema.get("items");
            for (index, element) in nodes.iter().enumerate() {
                self.enter(index.to_string());
                if let Some(schema) = first.get(index).or(rest) {
                    self.node(element, schema);
                }
                self.leave();
            }
            if schema.get("uniqueItems") == Some(&Json::Bool(true)) {
                self.unique(nodes);
            }
        }
    }

    fn unique(&mut self, nodes: &[Node]) {
        let mut seen = std::collections::HashSet::new();
        for (index, element) in nodes.iter().enumerate() {
            if !seen.insert(element.to_json().to_string()) {
                self.enter(index.to_string());
                self.report(
                    "value",
                    element.position,
                    format!("{} is there twice", element.describe()),
                );
                self.leave();
            }
        }
    }
}

/// Whether keys without a property of their own are refused, and else what they must be.
fn additional<'s>(schemas: &[&'s Map<String, Json>]) -> (bool, Vec<&'s Json>) {
    let keywords = ["additionalProperties", "unevaluatedProperties"];
    let rules = schemas
        .iter()
        .flat_map(|schema| keywords.iter().filter_map(|keyword| schema.get(*keyword)));
    let (closed, open): (Vec<&Json>, Vec<&Json>) = rules.partition(|rule| **rule == Json::Bool(false));
    (!closed.is_empty(), open)
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
