//! Walking a document along a path.

use crate::bounds::{Bounds, Exceeded};
use crate::value::{List, Map, Order, Text, Value};

use super::filter::{Expression, Subject};
use super::{Path, Step, Stop, scan};

/// How deep steps that branch may nest: deeper than a document goes, less than the native stack bears.
const DEEPEST: usize = 512;

/// What happens where there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// There is no result: Jayway's `SUPPRESS_EXCEPTIONS`.
    Lenient,
    /// It is an error: `REQUIRE_PROPERTIES`, with which a filter asks whether a path leads somewhere.
    Required,
}

pub(super) struct Walk<'a> {
    pub(super) path: &'a Path,
    pub(super) root: &'a Value,
    pub(super) mode: Mode,
    pub(super) depth: usize,
    pub(super) bounds: &'a mut Bounds,
    pub(super) results: Vec<Value>,
}

impl Walk<'_> {
    /// Takes the steps from `at` on at `model`.
    pub(super) fn walk(&mut self, at: usize, model: &Value) -> Result<(), Stop> {
        let mut model = model.clone();
        let mut at = at;
        loop {
            self.bounds.steps(1)?;
            let Some(step) = self.path.steps.get(at) else {
                self.results.push(model);
                return Ok(());
            };
            // Definite steps go on in this loop, the others recur for each branch.
            let next = match step {
                Step::Property(name) => self.property(at, name, &model)?,
                Step::Index(index) => self.index(at, *index, &model)?,
                Step::Function(function) => {
                    let result = function.call(self, &model)?;
                    // The result of a function counts even where the path goes on.
                    if at + 1 < self.path.steps.len() {
                        self.results.push(result.clone());
                    }
                    Some(result)
                }
                _ => {
                    self.deeper(|walk| walk.branch(at, step, &model))?;
                    None
                }
            };
            match next {
                Some(value) => model = value,
                None => return Ok(()),
            }
            at += 1;
        }
    }

    /// Does something one level deeper.
    pub(super) fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.depth >= DEEPEST {
            return Err(Exceeded::Depth.into());
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    fn branch(&mut self, at: usize, step: &Step, model: &Value) -> Result<(), Stop> {
        match step {
            Step::Properties(names) => self.properties(at, names, model),
            Step::Indexes(indexes) => {
                let Some(list) = self.list(at, model)? else {
                    return Ok(());
                };
                self.items(at, list, indexes.iter().map(|index| i64::from(*index)))
            }
            Step::Slice(slice) => {
                let Some(list) = self.list(at, model)? else {
                    return Ok(());
                };
                self.items(at, list, slice.indexes(list.len()))
            }
            Step::Wildcard => self.wildcard(at, model),
            Step::Scan => scan::scan(self, at + 1, model),
            Step::Filter(expression) => self.filter(at, expression, model),
            Step::Property(_) | Step::Index(_) | Step::Function(_) => self.walk(at, model),
        }
    }

    pub(super) fn is_last(&self, at: usize) -> bool {
        at + 1 == self.path.steps.len()
    }

    /// Whether the steps before `at` lead to one place.
    fn is_definite_before(&self, at: usize) -> bool {
        self.path
            .steps
            .iter()
            .take(at)
            .all(|step| step.is_definite(false))
    }

    /// Nothing is there: no result, or an error.
    fn missing<T>(&self) -> Result<Option<T>, Stop> {
        if self.mode == Mode::Required {
            Err(Stop::NotFound)
        } else {
            Ok(None)
        }
    }

    /// The model is none that the step applies to.
    fn mismatch<T>(&self, at: usize) -> Result<Option<T>, Stop> {
        if self.is_definite_before(at) {
            self.missing()
        } else {
            Ok(None)
        }
    }

    fn property(&self, at: usize, name: &str, model: &Value) -> Result<Option<Value>, Stop> {
        let Value::Map(map) = model else {
            return self.mismatch(at);
        };
        match map.get(name) {
            Some(value) => Ok(Some(value)),
            None => self.missing(),
        }
    }

    fn list<'v>(&self, at: usize, model: &'v Value) -> Result<Option<&'v List>, Stop> {
        match model {
            Value::List(list) => Ok(Some(list)),
            _ => self.mismatch(at),
        }
    }

    fn index(&self, at: usize, index: i32, model: &Value) -> Result<Option<Value>, Stop> {
        Ok(self
            .list(at, model)?
            .and_then(|list| item(list, i64::from(index))))
    }

    fn items(&mut self, at: usize, list: &List, indexes: impl Iterator<Item = i64>) -> Result<(), Stop> {
        for index in indexes {
            self.bounds.steps(1)?;
            if let Some(item) = item(list, index) {
                self.walk(at + 1, &item)?;
            }
        }
        Ok(())
    }

    fn properties(&mut self, at: usize, names: &[Text], model: &Value) -> Result<(), Stop> {
        let Value::Map(map) = model else {
            return self.mismatch::<()>(at).map(drop);
        };
        if self.is_last(at) {
            self.bounds.map(names.len())?;
        }
        let merged = Map::new(Order::Insertion);
        for name in names {
            self.bounds.steps(1)?;
            let Some(value) = map.get(name) else {
                self.missing::<()>()?;
                continue;
            };
            if self.is_last(at) {
                merged.put_text(name.clone(), value);
            } else {
                self.walk(at + 1, &value)?;
            }
        }
        if self.is_last(at) {
            self.results.push(Value::Map(merged));
        }
        Ok(())
    }

    pub(super) fn wildcard(&mut self, at: usize, model: &Value) -> Result<(), Stop> {
        match model {
            Value::Map(map) => {
                self.bounds.list(map.len())?;
                for (_, value) in map.entries() {
                    self.walk(at + 1, &value)?;
                }
                Ok(())
            }
            Value::List(list) => self.items(at, list, all(list)),
            _ => Ok(()),
        }
    }

    fn filter(&mut self, at: usize, expression: &Expression, model: &Value) -> Result<(), Stop> {
        match model {
            Value::Map(_) => {
                if self.accepts(expression, model)? {
                    self.walk(at + 1, model)?;
                }
                Ok(())
            }
            Value::List(list) => {
                for index in all(list) {
                    let Some(item) = item(list, index) else { break };
                    if self.accepts(expression, &item)? {
                        self.walk(at + 1, &item)?;
                    }
                }
                Ok(())
            }
            _ if self.is_definite_before(at) => Err(Stop::Invalid),
            _ => Ok(()),
        }
    }

    pub(super) fn accepts(&mut self, expression: &Expression, item: &Value) -> Result<bool, Stop> {
        let subject = Subject {
            item,
            root: self.root,
            mode: self.mode,
            depth: self.depth + 1,
        };
        if self.depth >= DEEPEST {
            return Err(Exceeded::Depth.into());
        }
        expression.accepts(subject, self.bounds)
    }
}

/// The indexes of a list, as long as it is now.
pub(super) fn all(list: &List) -> std::ops::Range<i64> {
    0..i64::try_from(list.len()).unwrap_or(i64::MAX)
}

/// The item at `index`, which counts from the end if it is negative.
pub(super) fn item(list: &List, index: i64) -> Option<Value> {
    let length = i64::try_from(list.len()).ok()?;
    let index = if index < 0 { length + index } else { index };
    list.get(usize::try_from(index).ok()?)
}
