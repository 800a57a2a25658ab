//! The models of an API, linked: read, checked against draft 4, and every `$ref` turned into one that holds within
//! a single document.

mod keyword;
mod place;
mod read;
mod reference;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) use walk::FORMATS;

use crate::{ModelProblem, divisor::Divisors, limit, pattern::Patterns};

/// Models that were asked for and those they name.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    models: BTreeMap<String, Model>,
    patterns: Patterns,
    divisors: Divisors,
    problems: Vec<ModelProblem>,
}

#[derive(Debug, Default)]
struct Model {
    /// With linked `$ref`s; nothing where the text is no schema.
    schema: Option<Value>,
    /// The models that it names.
    names: BTreeSet<String>,
    /// How many problems it has.
    problems: usize,
    /// How many schemas in a row judge one value, at most.
    in_place: usize,
}

impl Linked {
    /// Links the wanted ones of some models, given by name as JSON text.
    pub(crate) fn of(texts: &BTreeMap<&str, &str>, wanted: &BTreeSet<&str>) -> Self {
        walk::link(texts, wanted)
    }

    pub(crate) fn take_problems(&mut self) -> Vec<ModelProblem> {
        std::mem::take(&mut self.problems)
    }

    /// The linked schema of a model.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.models.get(name)?.schema.as_ref()
    }

    /// How many schemas in a row judge one value in a model, at most.
    pub(crate) fn in_place(&self, name: &str) -> usize {
        self.models.get(name).map_or(0, |model| model.in_place)
    }

    pub(crate) fn divisors(&self) -> &Divisors {
        &self.divisors
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// What a linked `$ref` names.
    pub(crate) fn target(&self, linked: &str) -> Option<&Value> {
        let pointer = crate::reference::target(linked)?;
        let (name, rest) = crate::reference::definition(&pointer)?;
        self.schema(&name)?.pointer(rest)
    }

    /// A model and all that it names, however indirectly; nothing where one of them has a problem.
    pub(crate) fn reached(&self, name: &str) -> Option<BTreeSet<&str>> {
        let mut reached = BTreeSet::new();
        let mut pending = vec![name];
        while let Some(name) = pending.pop() {
            let (name, model) = self.models.get_key_value(name)?;
            if model.schema.is_none() || model.problems > 0 {
                return None;
            }
            if reached.insert(name.as_str()) {
                pending.extend(model.names.iter().map(String::as_str));
            }
        }
        Some(reached)
    }

    fn problem(&mut self, problem: ModelProblem) {
        let told = &mut self.models.entry(problem.model.clone()).or_default().problems;
        *told += 1;
        if *told <= limit::PROBLEMS_PER_MODEL && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
