//! Which code carries an operation out.

mod beside;

use std::pin::Pin;

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::integration::{self, response as integration_response};
use crate::kind::method::{self, response as method_response};
use crate::kind::{deployment, request_validator, resource, rest_api, stage, test_invoke};
use crate::operation::Operation as Op;

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Outcome, ApiError>> + Send + 'a>>;

/// The future of an operation, which another thread may go on with.
fn sent<'a>(operation: impl Future<Output = Result<Outcome, ApiError>> + Send + 'a) -> Answer<'a> {
    Box::pin(operation)
}

/// Carries a call out. Each future is boxed: there are many, and the largest would be the size of all.
pub(crate) async fn run(call: Call<'_>) -> Result<Outcome, ApiError> {
    match call.operation {
        Op::CreateRequestValidator => sent(request_validator::create(call)).await,
        Op::GetRequestValidator => sent(request_validator::get(call)).await,
        Op::GetRequestValidators => sent(request_validator::list(call)).await,
        Op::UpdateRequestValidator => sent(request_validator::update(call)).await,
        Op::DeleteRequestValidator => sent(request_validator::delete(call)).await,
        Op::DeleteIntegration => sent(integration::delete(call)).await,
        Op::GetIntegration => sent(integration::get(call)).await,
        Op::PutIntegration => sent(integration::put(call)).await,
        Op::UpdateIntegration => sent(integration::update(call)).await,
        Op::DeleteIntegrationResponse => sent(integration_response::delete(call)).await,
        Op::GetIntegrationResponse => sent(integration_response::get(call)).await,
        Op::PutIntegrationResponse => sent(integration_response::put(call)).await,
        Op::UpdateIntegrationResponse => sent(integration_response::update(call)).await,
        Op::DeleteMethod => sent(method::delete(call)).await,
        Op::GetMethod => sent(method::get(call)).await,
        Op::PutMethod => sent(method::put(call)).await,
        Op::UpdateMethod => sent(method::update(call)).await,
        Op::DeleteMethodResponse => sent(method_response::delete(call)).await,
        Op::GetMethodResponse => sent(method_response::get(call)).await,
        Op::PutMethodResponse => sent(method_response::put(call)).await,
        Op::UpdateMethodResponse => sent(method_response::update(call)).await,
        Op::CreateResource => sent(resource::create(call)).await,
        Op::DeleteResource => sent(resource::delete(call)).await,
        Op::GetResource => sent(resource::get(call)).await,
        Op::GetResources => sent(resource::list(call)).await,
        Op::UpdateResource => sent(resource::update(call)).await,
        Op::CreateRestApi => sent(rest_api::create(call)).await,
        Op::DeleteRestApi => sent(rest_api::delete(call)).await,
        Op::GetRestApi => sent(rest_api::get(call)).await,
        Op::GetRestApis => sent(rest_api::list(call)).await,
        Op::UpdateRestApi => sent(rest_api::update(call)).await,

        Op::CreateDeployment => sent(deployment::create(call)).await,
        Op::DeleteDeployment => sent(deployment::delete(call)).await,
        Op::GetDeployment => sent(deployment::get(call)).await,
        Op::GetDeployments => sent(deployment::list(call)).await,
        Op::UpdateDeployment => sent(deployment::update(call)).await,
        Op::CreateStage => sent(stage::create(call)).await,
        Op::DeleteStage => sent(stage::delete(call)).await,
        Op::FlushStageAuthorizersCache => sent(stage::flush_authorizers(call)).await,
        Op::FlushStageCache => sent(stage::flush_cache(call)).await,
        Op::GetStage => sent(stage::get(call)).await,
        Op::GetStages => sent(stage::list(call)).await,
        Op::UpdateStage => sent(stage::update(call)).await,
        Op::TestInvokeAuthorizer => sent(test_invoke::authorizer(call)).await,
        Op::TestInvokeMethod => sent(test_invoke::method(call)).await,

        _ => sent(beside::run(call)).await,
    }
}
