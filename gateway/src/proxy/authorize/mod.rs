//! Station 4: who may call.

mod arn;
mod cache;
mod custom;
mod decision;
mod event;
mod function;
mod identity;

use super::call::Call;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::plan::Authorize;

pub use cache::Decisions;
pub use decision::Decision;

/// Lets those pass who may call the method.
pub async fn caller(exchange: &mut Exchange, call: &mut Call) -> Result<(), Refusal> {
    match exchange.method().map(|method| method.authorize.clone()) {
        None | Some(Authorize::Nobody) => Ok(()),
        Some(Authorize::Custom(authorizer)) => custom::caller(exchange, &authorizer, call).await,
    }
}
