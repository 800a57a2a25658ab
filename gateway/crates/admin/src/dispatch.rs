//! Which code carries an operation out.

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::{deployment, request_validator, stage};
use crate::operation::Operation as Op;

/// Carries a call out. Each future is boxed: there are many, and the largest would be the size of all.
pub(crate) async fn run(call: Call<'_>) -> Result<Outcome, ApiError> {
    match call.operation {
        Op::CreateRequestValidator => Box::pin(request_validator::create(call)).await,
        Op::GetRequestValidator => Box::pin(request_validator::get(call)).await,
        Op::GetRequestValidators => Box::pin(request_validator::list(call)).await,
        Op::UpdateRequestValidator => Box::pin(request_validator::update(call)).await,
        Op::DeleteRequestValidator => Box::pin(request_validator::delete(call)).await,

        Op::CreateDeployment => Box::pin(deployment::create(call)).await,
        Op::DeleteDeployment => Box::pin(deployment::delete(call)).await,
        Op::GetDeployment => Box::pin(deployment::get(call)).await,
        Op::GetDeployments => Box::pin(deployment::list(call)).await,
        Op::UpdateDeployment => Box::pin(deployment::update(call)).await,

        Op::CreateStage => Box::pin(stage::create(call)).await,
        Op::DeleteStage => Box::pin(stage::delete(call)).await,
        Op::FlushStageAuthorizersCache => Box::pin(stage::flush_authorizers(call)).await,
        Op::FlushStageCache => Box::pin(stage::flush_cache(call)).await,
        Op::GetStage => Box::pin(stage::get(call)).await,
        Op::GetStages => Box::pin(stage::list(call)).await,
        Op::UpdateStage => Box::pin(stage::update(call)).await,

        operation => Err(ApiError::unsupported(&operation.name())),
    }
}
