//! Which code carries an operation out.

mod beside;

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::integration::{self, response as integration_response};
use crate::kind::method::{self, response as method_response};
use crate::kind::{deployment, request_validator, resource, rest_api, stage};
use crate::operation::Operation as Op;

/// Carries a call out. Each future is boxed: there are many, and the largest would be the size of all.
pub(crate) async fn run(call: Call<'_>) -> Result<Outcome, ApiError> {
    match call.operation {
        Op::CreateRequestValidator => Box::pin(request_validator::create(call)).await,
        Op::GetRequestValidator => Box::pin(request_validator::get(call)).await,
        Op::GetRequestValidators => Box::pin(request_validator::list(call)).await,
        Op::UpdateRequestValidator => Box::pin(request_validator::update(call)).await,
        Op::DeleteRequestValidator => Box::pin(request_validator::delete(call)).await,
        Op::DeleteIntegration => Box::pin(integration::delete(call)).await,
        Op::GetIntegration => Box::pin(integration::get(call)).await,
        Op::PutIntegration => Box::pin(integration::put(call)).await,
        Op::UpdateIntegration => Box::pin(integration::update(call)).await,
        Op::DeleteIntegrationResponse => Box::pin(integration_response::delete(call)).await,
        Op::GetIntegrationResponse => Box::pin(integration_response::get(call)).await,
        Op::PutIntegrationResponse => Box::pin(integration_response::put(call)).await,
        Op::UpdateIntegrationResponse => Box::pin(integration_response::update(call)).await,
        Op::DeleteMethod => Box::pin(method::delete(call)).await,
        Op::GetMethod => Box::pin(method::get(call)).await,
        Op::PutMethod => Box::pin(method::put(call)).await,
        Op::UpdateMethod => Box::pin(method::update(call)).await,
        Op::DeleteMethodResponse => Box::pin(method_response::delete(call)).await,
        Op::GetMethodResponse => Box::pin(method_response::get(call)).await,
        Op::PutMethodResponse => Box::pin(method_response::put(call)).await,
        Op::UpdateMethodResponse => Box::pin(method_response::update(call)).await,
        Op::CreateResource => Box::pin(resource::create(call)).await,
        Op::DeleteResource => Box::pin(resource::delete(call)).await,
        Op::GetResource => Box::pin(resource::get(call)).await,
        Op::GetResources => Box::pin(resource::list(call)).await,
        Op::UpdateResource => Box::pin(resource::update(call)).await,
        Op::CreateRestApi => Box::pin(rest_api::create(call)).await,
        Op::DeleteRestApi => Box::pin(rest_api::delete(call)).await,
        Op::GetRestApi => Box::pin(rest_api::get(call)).await,
        Op::GetRestApis => Box::pin(rest_api::list(call)).await,
        Op::UpdateRestApi => Box::pin(rest_api::update(call)).await,

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

        _ => Box::pin(beside::run(call)).await,
    }
}
