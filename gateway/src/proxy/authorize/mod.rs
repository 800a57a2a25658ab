//! Station 4: who may call.

mod arn;
mod cache;
pub mod claims;
mod custom;
mod decision;
mod domain;
mod event;
mod function;
mod iam;
mod identity;
mod invalidate;
mod jwt;
mod policy;

use super::call::Call;
use super::exchange::Exchange;
use super::refusal::Refusal;
use crate::plan::Authorize;

pub use cache::Decisions;
pub use decision::Decision;
pub use domain::admitted;
pub use iam::unrouted;
pub use invalidate::{may_invalidate, may_not_invalidate};

/// Lets those pass who may call the method.
pub async fn caller(exchange: &mut Exchange, call: &mut Call) -> Result<(), Refusal> {
    match exchange.method().map(|method| method.authorize.clone()) {
        None | Some(Authorize::Nobody) => policy::alone(exchange, &call.head),
        Some(Authorize::Custom(authorizer)) => custom::caller(exchange, &authorizer, call).await,
        // Who is known by a token has no policy of one's own: the API's decides beside.
        Some(Authorize::Jwt { authorizer, scopes }) => {
            jwt::caller(exchange, &authorizer, &scopes, &call.head).await?;
            policy::alone(exchange, &call.head)
        }
        // Boxed, so that no other request holds what it keeps while a body is read.
        Some(Authorize::Iam(plan)) => Box::pin(iam::caller(exchange, &plan, call)).await,
    }
}
