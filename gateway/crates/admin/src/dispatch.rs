//! Which code carries an operation out.

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::request_validator;
use crate::operation::Operation as Op;

/// Carries a call out. Each future is boxed: there are many, and the largest would be the size of all.
pub(crate) async fn run(call: Call<'_>) -> Result<Outcome, ApiError> {
    match call.operation {
        Op::CreateRequestValidator => Box::pin(request_validator::create(call)).await,
        Op::GetRequestValidator => Box::pin(request_validator::get(call)).await,
        Op::GetRequestValidators => Box::pin(request_validator::list(call)).await,
        Op::UpdateRequestValidator => Box::pin(request_validator::update(call)).await,
        Op::DeleteRequestValidator => Box::pin(request_validator::delete(call)).await,
        operation => Err(ApiError::unsupported(&operation.name())),
    }
}
