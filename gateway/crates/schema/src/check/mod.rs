//! Says what is wrong with a body that is known to be wrong.
//!
//! The validator decides; this only finds the words, so that it may stop early. It looks at a body as API Gateway's
//! validator does: the keywords of a schema by name, and inside a value only as long as nothing is wrong with what
//! was looked at before.

mod array;
mod number;
mod object;
mod text;

use serde_json::{Map, Value};

use crate::{explain::Explanation, limit, message, number as compared};

/// The messages for a body; none where it takes too many steps to find any.
pub(crate) fn messages(explanation: &Explanation, instance: &Value) -> Vec<String> {
    let mut checker = Checker {
        explanation,
        steps: limit::STEPS_TO_EXPLAIN,
        depth: 0,
    };
    let mut report = Report::of(limit::MESSAGES);
    if let Some(schema) = explanation.schema() {
        checker.check(schema, instance, &mut report);
    }
    report.messages
}

/// What was found wrong.
struct Report {
    messages: Vec<String>,
    most: usize,
}

impl Report {
    fn of(most: usize) -> Self {
        Self {
            messages: Vec::new(),
            most,
        }
    }

    fn is_full(&self) -> bool {
        self.messages.len() >= self.most
    }

    fn say(&mut self, message: &str) {
        if !self.is_full() {
            self.messages.push(message::bounded(message));
        }
    }
}

struct Checker<'e> {
    explanation: &'e Explanation,
    steps: usize,
    depth: usize,
}

impl<'e> Checker<'e> {
    /// False where there are no steps left.
    fn step(&mut self) -> bool {
        let left = self.steps.checked_sub(1);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }

    fn check(&mut self, schema: &'e Value, instance: &Value, report: &mut Report) {
        if report.is_full() || !self.step() {
            return;
        }
        if self.depth == limit::DEPTH_TO_EXPLAIN {
            self.steps = 0;
            return;
        }
        self.depth += 1;
        self.look(schema, instance, report);
        self.depth -= 1;
    }

    fn look(&mut self, schema: &'e Value, instance: &Value, report: &mut Report) {
        let Some(schema) = schema.as_object() else { return };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            // Loops of these were refused at deploy time.
            if let Some(target) = self.explanation.target(reference) {
                self.check(target, instance, report);
            }
            return;
        }
        self.keywords(schema, instance, report);
        if !report.messages.is_empty() {
            return;
        }
        match instance {
            Value::Array(items) => self.items(schema, items, report),
            Value::Object(members) => self.members(schema, members, report),
            _ => {}
        }
    }

    /// The keywords that judge a value itself, in the order of their names.
    fn keywords(&mut self, schema: &'e Map<String, Value>, instance: &Value, report: &mut Report) {
        match instance {
            Value::Array(items) => array::additional(schema, items, report),
            Value::Object(members) => self.additional(schema, members, report),
            _ => {}
        }
        self.combinations(&["allOf", "anyOf"], schema, instance, report);
        if let Value::Object(members) = instance {
            self.dependencies(schema, instance, members, report);
        }
        if let Some(possible) = schema.get("enum") {
            let values = possible.as_array().into_iter().flatten();
            if !values.into_iter().any(|value| compared::same(value, instance)) {
                report.say(&message::not_in_enum(instance, possible));
            }
        }
        match instance {
            Value::Array(items) => array::bounds(schema, instance, items, report),
            Value::Number(number) => number::bounds(schema, number, self.explanation.divisors(), report),
            Value::String(found) => text::bounds(schema, found, self.explanation.patterns(), report),
            Value::Object(members) => object::bounds(schema, members, report),
            _ => {}
        }
        self.combinations(&["not", "oneOf"], schema, instance, report);
        types(schema, instance, report);
    }

    fn combinations(
        &mut self,
        keywords: &[&str],
        schema: &'e Map<String, Value>,
        instance: &Value,
        report: &mut Report,
    ) {
        for keyword in keywords {
            let Some(value) = schema.get(*keyword) else {
                continue;
            };
            let schemas = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            let matched = schemas
                .iter()
                .filter(|schema| self.passes(schema, instance))
                .count();
            let of = schemas.len();
            if self.steps == 0 {
                // Who gave up on the way does not know what matched.
                return;
            }
            match *keyword {
                "allOf" if matched < of => report.say(&message::all_of(matched, of)),
                "anyOf" if matched == 0 => report.say(&message::any_of(of)),
                "oneOf" if matched != 1 => report.say(&message::one_of(matched, of)),
                "not" if matched > 0 => report.say(&message::not()),
                _ => {}
            }
        }
    }

    fn passes(&mut self, schema: &'e Value, instance: &Value) -> bool {
        let mut report = Report::of(1);
        self.check(schema, instance, &mut report);
        report.messages.is_empty()
    }
}

/// The type's name, as API Gateway tells integers from other numbers: by how they are written.
fn type_of(instance: &Value) -> &'static str {
    match instance {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && !number::is_integer(instance) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn types(schema: &Map<String, Value>, instance: &Value, report: &mut Report) {
    let Some(value) = schema.get("type") else { return };
    let names = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut allowed: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    if allowed.contains(&"number") {
        allowed.push("integer");
    }
    allowed.sort_unstable();
    allowed.dedup();
    let found = type_of(instance);
    if !allowed.contains(&found) {
        report.say(&message::wrong_type(found, &allowed));
    }
}

/// A keyword's number.
fn bound<'s>(schema: &'s Map<String, Value>, keyword: &str) -> Option<&'s serde_json::Number> {
    schema.get(keyword).and_then(Value::as_number)
}

/// Whether there are more than a keyword's number allows.
fn exceeds(found: usize, limit: &serde_json::Number) -> bool {
    limit
        .as_u64()
        .is_some_and(|limit| u64::try_from(found).is_ok_and(|found| found > limit))
}

/// Whether there are fewer than a keyword's number demands.
fn falls_short(found: usize, limit: &serde_json::Number) -> bool {
    limit
        .as_u64()
        .is_some_and(|limit| u64::try_from(found).is_ok_and(|found| found < limit))
}
