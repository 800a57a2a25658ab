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
        Op::GetAccount => super::sent(account::get(call)).await,
        Op::UpdateAccount => super::sent(account::update(call)).await,
        Op::CreateApiKey => super::sent(api_key::create(call)).await,
        Op::DeleteApiKey => super::sent(api_key::delete(call)).await,
        Op::GetApiKey => super::sent(api_key::get(call)).await,
        Op::GetApiKeys => super::sent(api_key::list(call)).await,
        Op::ImportApiKeys => super::sent(api_key::import(call)).await,
        Op::UpdateApiKey => super::sent(api_key::update(call)).await,
        Op::CreateAuthorizer => super::sent(authorizer::create(call)).await,
        Op::DeleteAuthorizer => super::sent(authorizer::delete(call)).await,
        Op::GetAuthorizer => super::sent(authorizer::get(call)).await,
        Op::GetAuthorizers => super::sent(authorizer::list(call)).await,
        Op::UpdateAuthorizer => super::sent(authorizer::update(call)).await,
        Op::CreateBasePathMapping => super::sent(base_path_mapping::create(call)).await,
        Op::DeleteBasePathMapping => super::sent(base_path_mapping::delete(call)).await,
        Op::GetBasePathMapping => super::sent(base_path_mapping::get(call)).await,
        Op::GetBasePathMappings => super::sent(base_path_mapping::list(call)).await,
        Op::UpdateBasePathMapping => super::sent(base_path_mapping::update(call)).await,
        Op::DeleteClientCertificate => super::sent(client_certificate::delete(call)).await,
        Op::GenerateClientCertificate => super::sent(client_certificate::generate(call)).await,
        Op::GetClientCertificate => super::sent(client_certificate::get(call)).await,
        Op::GetClientCertificates => super::sent(client_certificate::list(call)).await,
        Op::UpdateClientCertificate => super::sent(client_certificate::update(call)).await,
        Op::CreateDocumentationPart => super::sent(documentation::create_part(call)).await,
        Op::DeleteDocumentationPart => super::sent(documentation::delete_part(call)).await,
        Op::GetDocumentationPart => super::sent(documentation::get_part(call)).await,
        Op::GetDocumentationParts => super::sent(documentation::list_parts(call)).await,
        Op::UpdateDocumentationPart => super::sent(documentation::update_part(call)).await,
        Op::CreateDocumentationVersion => super::sent(documentation::create_version(call)).await,
        Op::DeleteDocumentationVersion => super::sent(documentation::delete_version(call)).await,
        Op::GetDocumentationVersion => super::sent(documentation::get_version(call)).await,
        Op::GetDocumentationVersions => super::sent(documentation::list_versions(call)).await,
        Op::UpdateDocumentationVersion => super::sent(documentation::update_version(call)).await,
        Op::CreateDomainName => super::sent(domain_name::create(call)).await,
        Op::DeleteDomainName => super::sent(domain_name::delete(call)).await,
        Op::GetDomainName => super::sent(domain_name::get(call)).await,
        Op::GetDomainNames => super::sent(domain_name::list(call)).await,
        Op::UpdateDomainName => super::sent(domain_name::update(call)).await,
        Op::CreateDomainNameAccessAssociation => super::sent(domain_access::create(call)).await,
        Op::DeleteDomainNameAccessAssociation => super::sent(domain_access::delete(call)).await,
        Op::GetDomainNameAccessAssociations => super::sent(domain_access::list(call)).await,
        Op::RejectDomainNameAccessAssociation => super::sent(domain_access::reject(call)).await,
        Op::DeleteGatewayResponse => super::sent(gateway_response::delete(call)).await,
        Op::GetGatewayResponse => super::sent(gateway_response::get(call)).await,
        Op::GetGatewayResponses => super::sent(gateway_response::list(call)).await,
        Op::PutGatewayResponse => super::sent(gateway_response::put(call)).await,
        Op::UpdateGatewayResponse => super::sent(gateway_response::update(call)).await,
        Op::CreateModel => super::sent(model::create(call)).await,
        Op::DeleteModel => super::sent(model::delete(call)).await,
        Op::GetModel => super::sent(model::get(call)).await,
        Op::GetModelTemplate => super::sent(model::template(call)).await,
        Op::GetModels => super::sent(model::list(call)).await,
        Op::UpdateModel => super::sent(model::update(call)).await,
        Op::GetTags => super::sent(tag::get(call)).await,
        Op::TagResource => super::sent(tag::tag(call)).await,
        Op::UntagResource => super::sent(tag::untag(call)).await,
        Op::CreateUsagePlan => super::sent(usage_plan::create(call)).await,
        Op::DeleteUsagePlan => super::sent(usage_plan::delete(call)).await,
        Op::GetUsagePlan => super::sent(usage_plan::get(call)).await,
        Op::GetUsagePlans => super::sent(usage_plan::list(call)).await,
        Op::UpdateUsagePlan => super::sent(usage_plan::update(call)).await,
        Op::CreateUsagePlanKey => super::sent(usage_plan_key::create(call)).await,
        Op::DeleteUsagePlanKey => super::sent(usage_plan_key::delete(call)).await,
        Op::GetUsagePlanKey => super::sent(usage_plan_key::get(call)).await,
        Op::GetUsagePlanKeys => super::sent(usage_plan_key::list(call)).await,
        Op::GetUsage => super::sent(usage::get(call)).await,
        Op::UpdateUsage => super::sent(usage::update(call)).await,
        Op::CreateVpcLink => super::sent(vpc_link::create(call)).await,
        Op::DeleteVpcLink => super::sent(vpc_link::delete(call)).await,
        Op::GetVpcLink => super::sent(vpc_link::get(call)).await,
        Op::GetVpcLinks => super::sent(vpc_link::list(call)).await,
        Op::UpdateVpcLink => super::sent(vpc_link::update(call)).await,
        operation => Err(match refused::why(operation) {
            Some(why) => ApiError::bad_request(format!(
                "{} is not supported by Portcullis: {why}",
                operation.name()
            )),
            None => ApiError::unsupported(&operation.name()),
        }),
    }
}
