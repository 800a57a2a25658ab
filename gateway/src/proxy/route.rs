//! Station 3: which method answers.

use super::call::Head;
use super::exchange::{Exchange, Matched};
use super::refusal::Refusal;
use crate::plan::Verb;

/// Finds the method by verb and path.
pub fn method(exchange: &mut Exchange, head: &Head) -> Result<(), Refusal> {
    let Some(pinned) = &exchange.stage else {
        return Err(Refusal::unknown_stage());
    };
    let base = &pinned.plan.base;
    let found = Verb::parse(head.method.as_str()).and_then(|verb| base.router.find(head.path(), verb));
    let matched = found.and_then(|found| Matched::new(base, found.method, found.captures));
    exchange.matched = Some(matched.ok_or(Refusal::unknown_method())?);
    Ok(())
}
