//! Conditions, as they are evaluated: "IAM JSON policy elements: Condition operators".

mod date;
mod decimal;
mod network;
mod operator;
mod value;

pub use network::Network;
pub(crate) use operator::Operator;
pub(crate) use value::Value;

use crate::policy::none;
use crate::{Context, Effect};
use operator::Each;

/// One key of one operator: `"StringLike": {"aws:username": ["a*", "b*"]}`.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// In lower case.
    pub(crate) key: String,
    pub(crate) values: Vec<Value>,
}

impl Condition {
    pub(crate) fn holds(&self, context: &Context, effect: Effect) -> bool {
        let values = context.lowered(&self.key);
        if self.operator.is_null() {
            // `true`: the key is absent.
            return self
                .values
                .iter()
                .any(|value| matches!(value, Value::Null(absent) if *absent == values.is_empty()));
        }
        let holds = |value: &String| self.holds_for(value, context, effect);
        // "If the key values in the request resolve to an empty data set (for example, an empty string)": multi-value
        // conditions.
        let mut set = values.iter().filter(|value| !value.is_empty());
        match self.operator.each {
            Each::ForAll => set.all(holds),
            Each::ForAny => set.any(holds),
            // "If the key […] is not present […], the condition is false. If the policy condition requires that the key is
            // not matched, […] the condition is true."
            Each::One if values.is_empty() => self.operator.if_exists || self.operator.negated,
            // Several values without a set operator are not defined. A negated operator is the other's contrary.
            Each::One if self.operator.negated => values.iter().all(holds),
            Each::One => values.iter().any(holds),
        }
    }

    /// Whether one value of the request matches one of the policy's, or, negated, none.
    fn holds_for(&self, value: &str, context: &Context, effect: Effect) -> bool {
        let mut found = self
            .values
            .iter()
            .map(|expected| expected.matches(value, context, self.operator.test));
        match self.operator.negated {
            true => none(found, effect),
            false => found.any(|found| found == Ok(true)),
        }
    }
}
