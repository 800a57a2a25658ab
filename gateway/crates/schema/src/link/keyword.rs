//! Which keywords of draft 4 hold schemas, and how.

/// What a keyword's value is, as far as schemas are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A schema.
    One,
    /// A schema or a list of them.
    OneOrMany,
    /// A list of schemas.
    Many,
    /// Schemas by name.
    Named,
}

/// A keyword that holds schemas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    /// Whether the schemas judge the very value that the keyword's own schema judges, not one inside it.
    pub(super) in_place: bool,
}

const fn keyword(name: &'static str, holds: Holds, in_place: bool) -> Keyword {
    Keyword {
        name,
        holds,
        in_place,
    }
}

/// All of them.
pub(super) const ALL: [Keyword; 11] = [
    keyword("additionalItems", Holds::One, false),
    keyword("additionalProperties", Holds::One, false),
    keyword("allOf", Holds::Many, true),
    keyword("anyOf", Holds::Many, true),
    keyword("definitions", Holds::Named, false),
    keyword("dependencies", Holds::Named, true),
    keyword("items", Holds::OneOrMany, false),
    keyword("not", Holds::One, true),
    keyword("oneOf", Holds::Many, true),
    keyword("patternProperties", Holds::Named, false),
    keyword("properties", Holds::Named, false),
];
