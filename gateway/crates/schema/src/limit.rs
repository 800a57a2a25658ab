//! How much of everything there may be.

/// The longest text of one model's schema, in bytes; API Gateway's own limit of 400 KB
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>).
pub const SCHEMA_BYTES: usize = 400 * 1024;

/// How many models may take part in one [`compile`](crate::compile()).
pub const MODELS: usize = 1_000;

/// How deep a body may be, in levels of arrays and objects; what is deeper is no JSON to this crate, nor is a deeper
/// schema.
pub const LEVELS: usize = 127;

/// How many schemas in a row may judge one and the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, `not` and
/// `dependencies`, one in another.
pub const SCHEMAS_IN_PLACE: usize = 24;

/// How many schemas may be at work at once, one in another, counted as levels of the body times schemas in place. It
/// bounds the stack that a validation takes. Where more than 12 schemas in a row judge one value, bodies have fewer
/// than [`LEVELS`] for it.
pub const SCHEMAS_AT_ONCE: usize = LEVELS * 12;

/// The size of a compiled pattern, in bytes.
pub const PATTERN_BYTES: usize = 4 * 1024 * 1024;

/// How many problems are told of one model; what follows them follows from them more often than not.
pub const PROBLEMS_PER_MODEL: usize = 16;

/// How many messages a refused body gets.
pub const MESSAGES: usize = 10;

/// The longest message, in bytes.
pub const MESSAGE_BYTES: usize = 2_048;

/// How much of a client's own value a message repeats, in bytes.
pub const VALUE_BYTES: usize = 256;

/// How many values are looked at, at most, to say what is wrong with a body that is known to be wrong.
pub const STEPS_TO_EXPLAIN: usize = 100_000;

/// How many schemas, one in another, are followed to say so.
pub const DEPTH_TO_EXPLAIN: usize = 256;
