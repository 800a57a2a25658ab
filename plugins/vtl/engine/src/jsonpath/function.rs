//! The functions of paths.

use crate::bounds::{Bounds, Exceeded};
use crate::java;
use crate::json;
use crate::value::{List, ListKind, Text, Value};

use super::evaluate::Walk;
use super::parameters::Parameter;
use super::{Step, Stop};

/// A call of a function, which need not exist.
#[derive(Debug)]
pub(super) struct Function {
    kind: Option<Kind>,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Length,
    Keys,
    Append,
    Concatenate,
    Minimum,
    Maximum,
    Sum,
    Average,
    Deviation,
}

impl Function {
    pub(super) fn new(name: &str, parameters: Vec<Parameter>) -> Self {
        let kind = match name {
            "length" | "size" => Some(Kind::Length),
            "keys" => Some(Kind::Keys),
            "append" => Some(Kind::Append),
            "concat" => Some(Kind::Concatenate),
            "min" => Some(Kind::Minimum),
            "max" => Some(Kind::Maximum),
            "sum" => Some(Kind::Sum),
            "avg" => Some(Kind::Average),
            "stddev" => Some(Kind::Deviation),
            _ => None,
        };
        let mut function = Self { kind, parameters };
        function.widen();
        function
    }

    /// Gives the function its only parameter.
    pub(super) fn take(&mut self, parameter: Parameter) {
        self.parameters = vec![parameter];
        self.widen();
    }

    /// The length of a path is that of all that is below it.
    fn widen(&mut self) {
        if self.kind == Some(Kind::Length)
            && let Some(Parameter::Path(path)) = self.parameters.first_mut()
            && !path.is_function()
            && !path.steps.is_empty()
        {
            path.steps.push(Step::Wildcard);
        }
    }

    pub(super) fn call(&self, walk: &mut Walk<'_>, model: &Value) -> Result<Value, Stop> {
        let Some(kind) = self.kind else {
            return Err(Stop::Invalid);
        };
        match kind {
            Kind::Length => self.length(walk, model),
            Kind::Keys => keys(model, walk.bounds),
            Kind::Append => self.append(walk, model),
            Kind::Concatenate => self.concatenate(walk, model),
            _ => self.aggregate(kind, walk, model),
        }
    }

    fn values(&self, walk: &mut Walk<'_>) -> Result<Vec<Value>, Stop> {
        let root = walk.root;
        self.parameters
            .iter()
            .map(|parameter| evaluate(parameter, walk, root))
            .collect()
    }

    fn length(&self, walk: &mut Walk<'_>, model: &Value) -> Result<Value, Stop> {
        let inner = match self.parameters.first() {
            Some(Parameter::Json(_)) => return Err(Stop::Thrown),
            Some(parameter) => evaluate(parameter, walk, model)?,
            None => Value::Null,
        };
        let length = match (&inner, model) {
            (Value::List(list), _) | (_, Value::List(list)) => list.len(),
            (_, Value::Map(map)) => map.len(),
            _ => return Ok(Value::Null),
        };
        Ok(i32::try_from(length).map_or(Value::Null, Value::Int))
    }

    /// Appends to the list itself, in the document.
    fn append(&self, walk: &mut Walk<'_>, model: &Value) -> Result<Value, Stop> {
        if let Value::List(list) = model {
            let values = self.values(walk)?;
            walk.bounds.items(list.len() + values.len())?;
            list.items_mut().extend(values);
            list.changed();
        }
        Ok(model.clone())
    }

    /// The strings of the model and of the parameters.
    fn concatenate(&self, walk: &mut Walk<'_>, model: &Value) -> Result<Value, Stop> {
        let mut out = String::new();
        let mut add = |text: &str, bounds: &mut Bounds| {
            bounds.steps(1 + text.len() / 16)?;
            if out.len() + text.len() > bounds.limits().string {
                return Err(Exceeded::String);
            }
            out.push_str(text);
            Ok(())
        };
        if let Value::List(list) = model {
            for item in list.items().iter() {
                if let Value::Text(text) = item {
                    add(text, walk.bounds)?;
                }
            }
        }
        for value in self.values(walk)? {
            match &value {
                Value::Text(text) => add(text, walk.bounds)?,
                Value::List(list) => {
                    for item in list.items().iter().filter(|item| !matches!(item, Value::Null)) {
                        let text = java::to_text(item, walk.bounds)?;
                        add(&text, walk.bounds)?;
                    }
                }
                _ => {}
            }
        }
        Ok(Value::from(out))
    }

    /// Reckons with the numbers of the model, if it is a list, and of the parameters.
    fn aggregate(&self, kind: Kind, walk: &mut Walk<'_>, model: &Value) -> Result<Value, Stop> {
        let mut numbers = Vec::new();
        collect(model, false, &mut numbers, walk.bounds)?;
        for value in self.values(walk)? {
            collect(&value, true, &mut numbers, walk.bounds)?;
        }
        if numbers.is_empty() {
            return Err(Stop::Thrown);
        }
        Ok(Value::Double(reckon(kind, &numbers)))
    }
}

fn evaluate(parameter: &Parameter, walk: &mut Walk<'_>, root: &Value) -> Result<Value, Stop> {
    match parameter {
        Parameter::Path(path) => {
            let found = path.evaluate(root, root, walk.mode, walk.depth + 1, walk.bounds)?;
            found.ok_or(Stop::NotFound)
        }
        Parameter::Json(text) => json::parse(text, walk.bounds).map_err(|error| match error {
            json::Error::Limit(exceeded) => Stop::Limit(exceeded),
            _ => Stop::Thrown,
        }),
    }
}

fn keys(model: &Value, bounds: &mut Bounds) -> Result<Value, Stop> {
    let Value::Map(map) = model else {
        return Ok(Value::Null);
    };
    bounds.steps(map.len())?;
    let keys = map.entries().into_iter().map(|(key, _)| key).collect();
    Ok(Value::List(List::new(ListKind::Java, keys)))
}

/// Adds the numbers of a list, or a number if `alone` ones count.
fn collect(value: &Value, alone: bool, numbers: &mut Vec<f64>, bounds: &mut Bounds) -> Result<(), Stop> {
    match value {
        Value::List(list) => {
            bounds.steps(list.len())?;
            for item in list.items().iter() {
                numbers.extend(double(item, bounds)?);
            }
        }
        other if alone => numbers.extend(double(other, bounds)?),
        _ => {}
    }
    Ok(())
}

fn double(value: &Value, bounds: &mut Bounds) -> Result<Option<f64>, Stop> {
    Ok(match value {
        Value::Int(whole) => Some(f64::from(*whole)),
        Value::Long(whole) => Some(*whole as f64),
        Value::Double(double) => Some(*double),
        Value::Big(_) | Value::Decimal(_) => {
            let text: Text = java::to_text(value, bounds)?;
            text.parse().ok()
        }
        _ => None,
    })
}

/// As Jayway reckons: the greatest of negative numbers is `Double.MIN_VALUE`, a positive one.
fn reckon(kind: Kind, numbers: &[f64]) -> f64 {
    let count = numbers.len() as f64;
    let sum = || numbers.iter().fold(0.0, |sum, number| sum + number);
    match kind {
        Kind::Minimum => numbers
            .iter()
            .fold(f64::MAX, |least, n| if least > *n { *n } else { least }),
        Kind::Maximum => {
            let smallest = f64::from_bits(1);
            numbers
                .iter()
                .fold(smallest, |greatest, n| if greatest < *n { *n } else { greatest })
        }
        Kind::Average => sum() / count,
        Kind::Deviation => {
            let squares = numbers.iter().fold(0.0, |sum, number| sum + number * number);
            (squares / count - sum() * sum() / count / count).sqrt()
        }
        _ => sum(),
    }
}
