//! Tests of the crate.

mod bound;
mod link;
mod property;
mod validate;

use crate::{Compiled, Schema, compile};

/// One model, which must compile.
fn schema(text: &str) -> Schema {
    named(&[("Model", text)], "Model")
}

/// One of several models, which must compile.
fn named(models: &[(&str, &str)], name: &str) -> Schema {
    let Compiled {
        mut schemas,
        problems,
    } = compile(models.iter().copied(), [name]);
    assert_eq!(problems, [], "{models:?}");
    schemas.remove(name).expect("a schema")
}

/// The messages for a body, as `$context.error.validationErrorString` has them.
fn errors(schema: &Schema, body: &str) -> String {
    match schema.validate(body.as_bytes()) {
        Ok(()) => String::new(),
        Err(messages) => format!("[{}]", messages.join(", ")),
    }
}
