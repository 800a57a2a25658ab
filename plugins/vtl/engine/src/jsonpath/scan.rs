//! `..`: the step behind it, at every place below.

use crate::value::{List, Value};

use super::evaluate::{Mode, Walk, all, item};
use super::{Step, Stop};

/// Takes the steps from `at` on wherever they apply in `model`.
pub(super) fn scan(walk: &mut Walk<'_>, at: usize, model: &Value) -> Result<(), Stop> {
    let Some(step) = walk.path.steps.get(at) else {
        return Ok(());
    };
    visit(walk, at, step, model)
}

fn visit(walk: &mut Walk<'_>, at: usize, step: &Step, model: &Value) -> Result<(), Stop> {
    walk.bounds.steps(1)?;
    match model {
        Value::Map(map) => {
            if applies(walk, at, step, model)? {
                walk.walk(at, model)?;
            }
            for (_, value) in map.entries() {
                below(walk, at, step, &value)?;
            }
        }
        Value::List(list) => {
            if applies(walk, at, step, model)? {
                in_list(walk, at, model, list)?;
            }
            for index in all(list) {
                let Some(value) = item(list, index) else { break };
                below(walk, at, step, &value)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn below(walk: &mut Walk<'_>, at: usize, step: &Step, value: &Value) -> Result<(), Stop> {
    match value {
        Value::Map(_) | Value::List(_) => walk.deeper(|walk| visit(walk, at, step, value)),
        _ => Ok(walk.bounds.steps(1)?),
    }
}

/// At the end of a path the step applies to the list. In front of others Jayway leaves it out: `$..[0].x` finds the `x`
/// of all items.
fn in_list(walk: &mut Walk<'_>, at: usize, model: &Value, list: &List) -> Result<(), Stop> {
    if walk.is_last(at) {
        return walk.walk(at, model);
    }
    for index in all(list) {
        let Some(value) = item(list, index) else { break };
        walk.walk(at + 1, &value)?;
    }
    Ok(())
}

fn applies(walk: &mut Walk<'_>, at: usize, step: &Step, model: &Value) -> Result<bool, Stop> {
    let Value::Map(map) = model else {
        return match step {
            Step::Index(_) | Step::Indexes(_) | Step::Slice(_) | Step::Wildcard => Ok(true),
            Step::Filter(expression) => walk.accepts(expression, model),
            _ => Ok(false),
        };
    };
    match step {
        Step::Wildcard => Ok(true),
        Step::Filter(expression) => walk.accepts(expression, model),
        Step::Property(name) => Ok(walk.mode == Mode::Required || map.get(name).is_some()),
        Step::Properties(names) if walk.is_last(at) && walk.mode == Mode::Lenient => {
            Ok(names.iter().all(|name| map.get(name).is_some()))
        }
        Step::Properties(_) => Ok(true),
        _ => Ok(false),
    }
}
