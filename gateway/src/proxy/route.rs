//! Station 3: which method answers.

use super::authorize::unrouted;
use super::call::Head;
use super::exchange::{Exchange, Matched};
use super::refusal::Refusal;
use crate::plan::Verb;

/// Finds the method by verb and path.
pub fn method(exchange: &mut Exchange, head: &Head) -> Result<(), Refusal> {
    let Some(stage) = &exchange.stage else {
        return Err(Refusal::unknown_stage());
    };
    let found = Verb::parse(head.method.as_str()).and_then(|verb| stage.base.router.find(head.path(), verb));
    let found = found.ok_or_else(|| unrouted(head))?;
    exchange.matched = Some(Matched {
        method: found.method as usize,
        captures: found.captures,
    });
    exchange.verbosity = exchange
        .method()
        .map(|method| method.observed.verbosity)
        .unwrap_or_default();
    Ok(())
}
