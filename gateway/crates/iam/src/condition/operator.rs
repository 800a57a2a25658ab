//! The names of operators.

use std::cmp::Ordering;

/// A condition's operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) each: Each,
    pub(crate) test: Test,
    /// `…Not…`.
    pub(crate) negated: bool,
    /// `…IfExists`.
    pub(crate) if_exists: bool,
}

/// How many of a key's values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Each {
    /// No set operator: the key has one value.
    One,
    /// `ForAllValues:`.
    ForAll,
    /// `ForAnyValue:`.
    ForAny,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    Text { like: bool, ignore_case: bool },
    Number(Compare),
    Date(Compare),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

/// How the request's value must stand to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    pub(crate) fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name: `ForAnyValue:StringNotLikeIfExists`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (each, name) = match name.split_once(':') {
            None => (Each::One, name),
            Some(("ForAllValues", name)) => (Each::ForAll, name),
            Some(("ForAnyValue", name)) => (Each::ForAny, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, negated) = test(name)?;
        // "You can add IfExists to the end of any condition operator name except the Null condition."
        (test != Test::Null || !if_exists).then_some(Self {
            each,
            test,
            negated,
            if_exists,
        })
    }

    pub(crate) fn is_null(self) -> bool {
        self.test == Test::Null
    }
}

fn test(name: &str) -> Option<(Test, bool)> {
    let text = |like, ignore_case| Test::Text { like, ignore_case };
    Some(match name {
        "StringEquals" => (text(false, false), false),
        "StringNotEquals" => (text(false, false), true),
        "StringEqualsIgnoreCase" => (text(false, true), false),
        "StringNotEqualsIgnoreCase" => (text(false, true), true),
        "StringLike" => (text(true, false), false),
        "StringNotLike" => (text(true, false), true),
        // "ArnEquals and ArnLike behave identically."
        "ArnEquals" | "ArnLike" => (Test::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
        "IpAddress" => (Test::Address, false),
        "NotIpAddress" => (Test::Address, true),
        "Bool" => (Test::Bool, false),
        "BinaryEquals" => (Test::Binary, false),
        "Null" => (Test::Null, false),
        _ => {
            let (test, comparison): (fn(Compare) -> Test, _) = match name.strip_prefix("Numeric") {
                Some(comparison) => (Test::Number, comparison),
                None => (Test::Date, name.strip_prefix("Date")?),
            };
            let (compare, negated) = match comparison {
                "Equals" => (Compare::Equal, false),
                "NotEquals" => (Compare::Equal, true),
                "LessThan" => (Compare::Less, false),
                "LessThanEquals" => (Compare::LessOrEqual, false),
                "GreaterThan" => (Compare::Greater, false),
                "GreaterThanEquals" => (Compare::GreaterOrEqual, false),
                _ => return None,
            };
            (test(compare), negated)
        }
    })
}
