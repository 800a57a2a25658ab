//! The walk over all schemas of the wanted models and of what they name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{
    Linked, Model,
    keyword::{self, Holds, Keyword},
    place::{self, InPlace, Place, Trouble},
    read, reference,
};
use crate::{
    ModelProblem, limit,
    reference::{escape, linked},
};

/// The formats that draft 4 defines, without `regex`. Others say something to people, such as `int32`, and are not
/// checked.
pub(crate) const FORMATS: [&str; 6] = ["date-time", "email", "hostname", "ipv4", "ipv6", "uri"];

/// The names of draft 4, with or without a fragment, without their scheme.
const DRAFT_4: [&str; 2] = ["json-schema.org/draft-04/schema", "json-schema.org/schema"];

pub(super) fn link(texts: &BTreeMap<&str, &str>, wanted: &BTreeSet<&str>) -> Linked {
    let mut walk = Walk {
        texts,
        originals: BTreeMap::new(),
        pending: Vec::new(),
        known: BTreeSet::new(),
        in_place: InPlace::new(),
        linked: Linked::default(),
    };
    for name in wanted {
        if walk.read(name) {
            walk.push(((*name).to_owned(), String::new()));
        } else {
            let hint = "define the model, or name another";
            walk.linked
                .problem(ModelProblem::new(name, "", "no such model", hint));
        }
    }
    while let Some(place) = walk.pending.pop() {
        walk.visit(&place);
    }
    let (lengths, troubles) = place::lengths(&walk.in_place);
    for ((model, pointer), trouble) in troubles {
        walk.linked.problem(told(model, pointer, trouble));
    }
    for ((model, _), length) in lengths {
        if let Some(model) = walk.linked.models.get_mut(model) {
            model.in_place = model.in_place.max(length);
        }
    }
    walk.linked
}

fn told(model: &str, pointer: &str, trouble: Trouble) -> ModelProblem {
    match trouble {
        Trouble::Loop => {
            let hint =
                "come back to it by `properties` or `items`, so that each round looks deeper into the body";
            ModelProblem::new(
                model,
                pointer,
                "a schema that leads back to itself on the same value",
                hint,
            )
        }
        Trouble::TooMany => {
            let message = format!(
                "more than {} schemas in a row for one value",
                limit::SCHEMAS_IN_PLACE
            );
            let hint = "nest fewer `$ref`, `allOf`, `anyOf`, `oneOf`, `not` and `dependencies` in each other";
            ModelProblem::new(model, pointer, message, hint)
        }
    }
}

pub(super) struct Walk<'t> {
    texts: &'t BTreeMap<&'t str, &'t str>,
    /// The models that could be read, as they are written.
    originals: BTreeMap<String, Arc<Value>>,
    pending: Vec<Place>,
    /// What was pending at any time.
    known: BTreeSet<Place>,
    in_place: InPlace,
    linked: Linked,
}

impl Walk<'_> {
    /// Reads a model, unless that was done before; false where there is none of the name.
    pub(super) fn read(&mut self, name: &str) -> bool {
        let Some(text) = self.texts.get(name) else {
            return false;
        };
        if self.linked.models.contains_key(name) {
            return true;
        }
        self.linked.models.insert(name.to_owned(), Model::default());
        match read::read(name, text) {
            Ok(value) => {
                if let Some(model) = self.linked.models.get_mut(name) {
                    model.schema = Some(value.clone());
                }
                self.originals.insert(name.to_owned(), Arc::new(value));
            }
            Err(problems) => problems
                .into_iter()
                .for_each(|problem| self.linked.problem(problem)),
        }
        true
    }

    pub(super) fn original(&self, name: &str) -> Option<Arc<Value>> {
        self.originals.get(name).map(Arc::clone)
    }

    fn push(&mut self, place: Place) {
        if self.known.insert(place.clone()) {
            self.pending.push(place);
        }
    }

    fn visit(&mut self, place: &Place) {
        let (model, pointer) = place;
        let Some(original) = self.original(model) else {
            return;
        };
        let Some(schema) = original.pointer(pointer).and_then(Value::as_object) else {
            let hint = "a `$ref` names a schema, which is an object";
            return self
                .linked
                .problem(ModelProblem::new(model, pointer.as_str(), "not a schema", hint));
        };
        let target = match schema
            .get("$ref")
            .map(|value| reference::resolve(self, model, pointer, value))
        {
            None => None,
            Some(Ok(target)) => Some(target),
            Some(Err(problem)) => return self.linked.problem(problem),
        };
        self.check(place, schema);
        self.rewrite(place, target.as_ref());
        let is_reference = target.is_some();
        if let Some(target) = target {
            self.follow(place, target);
        }
        for keyword in keyword::ALL {
            if let Some(value) = schema.get(keyword.name) {
                self.descend(place, keyword, value, is_reference);
            }
        }
    }

    /// What the schema of schemas does not see.
    fn check(&mut self, (model, pointer): &Place, schema: &Map<String, Value>) {
        if let Some(draft) = schema.get("$schema").and_then(Value::as_str)
            && !is_draft_4(draft)
        {
            let hint = "write it in draft 4, and name `http://json-schema.org/draft-04/schema#` or nothing";
            let message = format!("`$schema` names {draft:?}");
            self.linked.problem(ModelProblem::new(
                model,
                format!("{pointer}/$schema"),
                message,
                hint,
            ));
        }
        if let Some(divisor) = schema.get("multipleOf").and_then(Value::as_number) {
            self.linked.divisors.add(divisor);
        }
        let properties = schema.get("patternProperties").and_then(Value::as_object);
        let properties = properties.into_iter().flat_map(Map::keys);
        let properties = properties.map(|text| {
            (
                format!("{pointer}/patternProperties/{}", escape(text)),
                text.as_str(),
            )
        });
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let pattern = pattern.map(|text| (format!("{pointer}/pattern"), text));
        for (at, pattern) in pattern.into_iter().chain(properties) {
            if !self.linked.patterns.add(pattern) {
                let message = format!("the pattern {pattern:?} is not supported");
                let hint = "patterns have neither look-around nor back-references, and no huge repetitions, so that \
                            every text is matched in linear time";
                self.linked.problem(ModelProblem::new(model, at, message, hint));
            }
        }
    }

    /// Turns a schema into one that means the same within the document of all models.
    fn rewrite(&mut self, (model, pointer): &Place, target: Option<&Place>) {
        let schema = self
            .linked
            .models
            .get_mut(model)
            .and_then(|model| model.schema.as_mut());
        let Some(schema) = schema
            .and_then(|schema| schema.pointer_mut(pointer))
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        // Both would change what a `$ref` below them means.
        schema.remove("$schema");
        schema.remove("id");
        if schema
            .get("format")
            .and_then(Value::as_str)
            .is_some_and(|format| !FORMATS.contains(&format))
        {
            schema.remove("format");
        }
        if let Some((model, pointer)) = target {
            schema.insert("$ref".into(), Value::String(linked(model, pointer)));
        }
    }

    fn follow(&mut self, place: &Place, target: Place) {
        let (model, pointer) = &target;
        // Places that no keyword leads to were not checked with the model.
        if !self.known.contains(&target)
            && let Some(original) = self.original(model)
            && let Some(value) = original.pointer(pointer)
        {
            let problems = read::violations(model, pointer, value);
            problems
                .into_iter()
                .for_each(|problem| self.linked.problem(problem));
        }
        if let Some(from) = self.linked.models.get_mut(&place.0) {
            from.names.insert(model.clone());
        }
        self.in_place
            .entry(place.clone())
            .or_default()
            .push(target.clone());
        self.push(target);
    }

    /// The schemas in a keyword's value.
    fn descend(&mut self, place: &Place, keyword: Keyword, value: &Value, is_reference: bool) {
        let at = format!("{}/{}", place.1, keyword.name);
        let found: Vec<String> = match (keyword.holds, value) {
            (Holds::One | Holds::OneOrMany, Value::Object(_)) => vec![at],
            (Holds::Many | Holds::OneOrMany, Value::Array(schemas)) => {
                (0..schemas.len()).map(|index| format!("{at}/{index}")).collect()
            }
            (Holds::Named, Value::Object(schemas)) => {
                let schemas = schemas.iter().filter(|(_, schema)| schema.is_object());
                schemas
                    .map(|(name, _)| format!("{at}/{}", escape(name)))
                    .collect()
            }
            _ => Vec::new(),
        };
        for pointer in found {
            let schema = (place.0.clone(), pointer);
            // What stands beside a `$ref` is not looked at, but may be named.
            if keyword.in_place && !is_reference {
                self.in_place
                    .entry(place.clone())
                    .or_default()
                    .push(schema.clone());
            }
            self.push(schema);
        }
    }
}

fn is_draft_4(name: &str) -> bool {
    let name = name
        .strip_prefix("http://")
        .or_else(|| name.strip_prefix("https://"))
        .unwrap_or(name);
    DRAFT_4.contains(&name.trim_end_matches('#'))
}
