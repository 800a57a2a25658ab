//! Objects.

use serde_json::{Map, Value};

use super::{Checker, Report, bound, exceeds, falls_short};
use crate::message;

/// How many names a message repeats; the message is cut anyway.
const NAMES: usize = 256;

pub(super) fn bounds(schema: &Map<String, Value>, members: &Map<String, Value>, report: &mut Report) {
    if let Some(limit) = bound(schema, "maxProperties").filter(|limit| exceeds(members.len(), limit)) {
        report.say(&message::too_many_properties(members.len(), limit));
    }
    if let Some(limit) = bound(schema, "minProperties").filter(|limit| falls_short(members.len(), limit)) {
        report.say(&message::too_few_properties(members.len(), limit));
    }
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let missing = required
        .filter_map(Value::as_str)
        .filter(|name| !members.contains_key(*name));
    let missing = sorted(missing.collect());
    if !missing.is_empty() {
        report.say(&message::missing(&missing));
    }
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names.truncate(NAMES);
    names
}

fn named<'s>(schema: &'s Map<String, Value>, keyword: &str) -> Option<&'s Map<String, Value>> {
    schema.get(keyword).and_then(Value::as_object)
}

impl<'e> Checker<'e> {
    /// Members that a schema allows none of.
    pub(super) fn additional(
        &mut self,
        schema: &'e Map<String, Value>,
        members: &Map<String, Value>,
        report: &mut Report,
    ) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return;
        }
        let mut unwanted = Vec::new();
        for name in members.keys() {
            if !self.step() {
                return;
            }
            if self.schemas_of(schema, name).is_empty() {
                unwanted.push(name.as_str());
            }
        }
        if !unwanted.is_empty() {
            report.say(&message::additional_properties(&sorted(unwanted)));
        }
    }

    pub(super) fn dependencies(
        &mut self,
        schema: &'e Map<String, Value>,
        instance: &Value,
        members: &Map<String, Value>,
        report: &mut Report,
    ) {
        let dependencies = named(schema, "dependencies").into_iter().flatten();
        for (name, dependency) in dependencies.filter(|(name, _)| members.contains_key(*name)) {
            let Value::Array(required) = dependency else {
                self.check(dependency, instance, report);
                continue;
            };
            let required: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
            let missing: Vec<&str> = required
                .iter()
                .copied()
                .filter(|name| !members.contains_key(*name))
                .collect();
            if !missing.is_empty() {
                report.say(&message::dependency(name, &required, &missing));
            }
        }
    }

    /// The members of an object, in their own order.
    pub(super) fn members(
        &mut self,
        schema: &'e Map<String, Value>,
        members: &Map<String, Value>,
        report: &mut Report,
    ) {
        for (name, member) in members {
            if report.is_full() {
                return;
            }
            let mut schemas = self.schemas_of(schema, name);
            if schemas.is_empty() {
                schemas.extend(schema.get("additionalProperties"));
            }
            for schema in schemas {
                self.check(schema, member, report);
            }
        }
    }

    /// The schemas that a member must match by its name.
    fn schemas_of(&self, schema: &'e Map<String, Value>, name: &str) -> Vec<&'e Value> {
        let own = named(schema, "properties").and_then(|properties| properties.get(name));
        let by_pattern = named(schema, "patternProperties").into_iter().flatten();
        let by_pattern = by_pattern.filter(|(pattern, _)| self.explanation.patterns().matches(pattern, name));
        own.into_iter()
            .chain(by_pattern.map(|(_, schema)| schema))
            .collect()
    }
}
