//! What belongs to an API beside its resources and stages, and what stands beside APIs.

use crate::call::{Call, Outcome};
use crate::error::ApiError;
use crate::kind::domain_name::{self, access as domain_access, mapping as base_path_mapping};
use crate::kind::usage_plan::{self, key as usage_plan_key, usage};
use crate::kind::{
    account, api_key, authorizer, client_certificate, documentation, gateway_response, model, tag, vpc_link,
};
use crate::operation::Operation as Op;
use crate::refused;

/// Carries out what [`super::run`] does not.
pub(super) async fn run(call: Call<'_>) -> Result<Outcome, ApiError> {
    match call.operation {
        Op::GetAccount => Box::pin(account::get(call)).await,
        Op::UpdateAccount => Box::pin(account::update(call)).await,
        Op::CreateApiKey => Box::pin(api_key::create(call)).await,
        Op::DeleteApiKey => Box::pin(api_key::delete(call)).await,
        Op::GetApiKey => Box::pin(api_key::get(call)).await,
        Op::GetApiKeys => Box::pin(api_key::list(call)).await,
        Op::ImportApiKeys => Box::pin(api_key::import(call)).await,
        Op::UpdateApiKey => Box::pin(api_key::update(call)).await,
        Op::CreateAuthorizer => Box::pin(authorizer::create(call)).await,
        Op::DeleteAuthorizer => Box::pin(authorizer::delete(call)).await,
        Op::GetAuthorizer => Box::pin(authorizer::get(call)).await,
        Op::GetAuthorizers => Box::pin(authorizer::list(call)).await,
        Op::UpdateAuthorizer => Box::pin(authorizer::update(call)).await,
        Op::CreateBasePathMapping => Box::pin(base_path_mapping::create(call)).await,
        Op::DeleteBasePathMapping => Box::pin(base_path_mapping::delete(call)).await,
        Op::GetBasePathMapping => Box::pin(base_path_mapping::get(call)).await,
        Op::GetBasePathMappings => Box::pin(base_path_mapping::list(call)).await,
        Op::UpdateBasePathMapping => Box::pin(base_path_mapping::update(call)).await,
        Op::DeleteClientCertificate => Box::pin(client_certificate::delete(call)).await,
        Op::GenerateClientCertificate => Box::pin(client_certificate::generate(call)).await,
        Op::GetClientCertificate => Box::pin(client_certificate::get(call)).await,
        Op::GetClientCertificates => Box::pin(client_certificate::list(call)).await,
        Op::UpdateClientCertificate => Box::pin(client_certificate::update(call)).await,
        Op::CreateDocumentationPart => Box::pin(documentation::create_part(call)).await,
        Op::DeleteDocumentationPart => Box::pin(documentation::delete_part(call)).await,
        Op::GetDocumentationPart => Box::pin(documentation::get_part(call)).await,
        Op::GetDocumentationParts => Box::pin(documentation::list_parts(call)).await,
        Op::UpdateDocumentationPart => Box::pin(documentation::update_part(call)).await,
        Op::CreateDocumentationVersion => Box::pin(documentation::create_version(call)).await,
        Op::DeleteDocumentationVersion => Box::pin(documentation::delete_version(call)).await,
        Op::GetDocumentationVersion => Box::pin(documentation::get_version(call)).await,
        Op::GetDocumentationVersions => Box::pin(documentation::list_versions(call)).await,
        Op::UpdateDocumentationVersion => Box::pin(documentation::update_version(call)).await,
        Op::CreateDomainName => Box::pin(domain_name::create(call)).await,
        Op::DeleteDomainName => Box::pin(domain_name::delete(call)).await,
        Op::GetDomainName => Box::pin(domain_name::get(call)).await,
        Op::GetDomainNames => Box::pin(domain_name::list(call)).await,
        Op::UpdateDomainName => Box::pin(domain_name::update(call)).await,
        Op::CreateDomainNameAccessAssociation => Box::pin(domain_access::create(call)).await,
        Op::DeleteDomainNameAccessAssociation => Box::pin(domain_access::delete(call)).await,
        Op::GetDomainNameAccessAssociations => Box::pin(domain_access::list(call)).await,
        Op::RejectDomainNameAccessAssociation => Box::pin(domain_access::reject(call)).await,
        Op::DeleteGatewayResponse => Box::pin(gateway_response::delete(call)).await,
        Op::GetGatewayResponse => Box::pin(gateway_response::get(call)).await,
        Op::GetGatewayResponses => Box::pin(gateway_response::list(call)).await,
        Op::PutGatewayResponse => Box::pin(gateway_response::put(call)).await,
        Op::UpdateGatewayResponse => Box::pin(gateway_response::update(call)).await,
        Op::CreateModel => Box::pin(model::create(call)).await,
        Op::DeleteModel => Box::pin(model::delete(call)).await,
        Op::GetModel => Box::pin(model::get(call)).await,
        Op::GetModelTemplate => Box::pin(model::template(call)).await,
        Op::GetModels => Box::pin(model::list(call)).await,
        Op::UpdateModel => Box::pin(model::update(call)).await,
        Op::GetTags => Box::pin(tag::get(call)).await,
        Op::TagResource => Box::pin(tag::tag(call)).await,
        Op::UntagResource => Box::pin(tag::untag(call)).await,
        Op::CreateUsagePlan => Box::pin(usage_plan::create(call)).await,
        Op::DeleteUsagePlan => Box::pin(usage_plan::delete(call)).await,
        Op::GetUsagePlan => Box::pin(usage_plan::get(call)).await,
        Op::GetUsagePlans => Box::pin(usage_plan::list(call)).await,
        Op::UpdateUsagePlan => Box::pin(usage_plan::update(call)).await,
        Op::CreateUsagePlanKey => Box::pin(usage_plan_key::create(call)).await,
        Op::DeleteUsagePlanKey => Box::pin(usage_plan_key::delete(call)).await,
        Op::GetUsagePlanKey => Box::pin(usage_plan_key::get(call)).await,
        Op::GetUsagePlanKeys => Box::pin(usage_plan_key::list(call)).await,
        Op::GetUsage => Box::pin(usage::get(call)).await,
        Op::UpdateUsage => Box::pin(usage::update(call)).await,
        Op::CreateVpcLink => Box::pin(vpc_link::create(call)).await,
        Op::DeleteVpcLink => Box::pin(vpc_link::delete(call)).await,
        Op::GetVpcLink => Box::pin(vpc_link::get(call)).await,
        Op::GetVpcLinks => Box::pin(vpc_link::list(call)).await,
        Op::UpdateVpcLink => Box::pin(vpc_link::update(call)).await,
        operation => Err(match refused::why(operation) {
            Some(why) => ApiError::bad_request(format!(
                "{} is not supported by Portcullis: {why}",
                operation.name()
            )),
            None => ApiError::unsupported(&operation.name()),
        }),
    }
}
