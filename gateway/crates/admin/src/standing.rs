//! What becomes of each member of the protocol: enforced, kept, stored but not yet enforced, or refused.
//!
//! docs/control-plane.md has the same table, and a test holds both to the service's description.

/// What becomes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does what it does on AWS.
    Enforced,
    /// It is stored and answered; there is nothing that it would do.
    Kept,
    /// It is stored and answered; what it would do is not done yet.
    NotYet,
    /// A call that has it is refused, and the refusal names it or its operation.
    Refused,
}

impl Standing {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Kept => "stored",
            Self::NotYet => "stored, not yet enforced",
            Self::Refused => "refused",
        }
    }
}

use Standing::{Enforced, Kept, NotYet, Refused};

/// The members of one kind, of requests, queries and answers.
pub type Members = &'static [(&'static str, Standing)];

/// By kind, as the service's operations name them.
pub const STANDINGS: &[(&str, Members)] = &[
    (
        "Account",
        &[
            ("cloudwatchRoleArn", NotYet),
            ("throttleSettings", Enforced),
            ("features", Kept),
            ("apiKeyVersion", Kept),
        ],
    ),
    (
        "ApiKey",
        &[
            ("id", Kept),
            ("name", Kept),
            ("description", Kept),
            ("enabled", Enforced),
            ("generateDistinctId", Enforced),
            ("value", Enforced),
            ("stageKeys", NotYet),
            ("customerId", Kept),
            ("tags", Kept),
            ("createdDate", Kept),
            ("lastUpdatedDate", Kept),
            ("includeValue", Enforced),
            ("includeValues", Enforced),
            ("nameQuery", Enforced),
            ("format", Enforced),
            ("failOnWarnings", Enforced),
            ("body", Enforced),
            ("ids", Kept),
            ("warnings", Kept),
        ],
    ),
    (
        "Authorizer",
        &[
            ("id", Kept),
            ("name", Kept),
            ("type", Enforced),
            ("providerARNs", Enforced),
            ("authType", Kept),
            ("authorizerUri", Enforced),
            ("authorizerCredentials", NotYet),
            ("identitySource", Enforced),
            ("identityValidationExpression", Enforced),
            ("authorizerResultTtlInSeconds", Enforced),
            ("jwtConfiguration", Enforced),
        ],
    ),
    (
        "BasePathMapping",
        &[
            ("domainNameId", Enforced),
            ("basePath", Enforced),
            ("restApiId", Enforced),
            ("stage", Enforced),
        ],
    ),
    (
        "ClientCertificate",
        &[
            ("clientCertificateId", Enforced),
            ("description", Kept),
            ("pemEncodedCertificate", Enforced),
            ("createdDate", Kept),
            ("expirationDate", Enforced),
            ("tags", Kept),
        ],
    ),
    (
        "Deployment",
        &[
            ("id", Kept),
            ("stageName", Enforced),
            ("stageDescription", Kept),
            ("description", Kept),
            ("cacheClusterEnabled", Enforced),
            ("cacheClusterSize", Enforced),
            ("variables", Enforced),
            ("canarySettings", Enforced),
            ("tracingEnabled", NotYet),
            ("createdDate", Kept),
            ("apiSummary", Kept),
            ("embed", Enforced),
        ],
    ),
    (
        "DocumentationPart",
        &[
            ("id", Kept),
            ("location", Kept),
            ("properties", Kept),
            ("type", Enforced),
            ("nameQuery", Enforced),
            ("path", Enforced),
            ("locationStatus", Enforced),
            ("mode", Enforced),
            ("failOnWarnings", Enforced),
            ("body", Enforced),
            ("ids", Kept),
            ("warnings", Kept),
        ],
    ),
    (
        "DocumentationVersion",
        &[
            ("documentationVersion", Kept),
            ("version", Kept),
            ("stageName", Enforced),
            ("description", Kept),
            ("createdDate", Kept),
        ],
    ),
    (
        "DomainName",
        &[
            ("domainName", Enforced),
            ("domainNameId", Enforced),
            ("domainNameArn", Kept),
            ("certificateName", Kept),
            ("certificateBody", Enforced),
            ("certificatePrivateKey", Enforced),
            ("certificateChain", Enforced),
            ("certificateArn", Enforced),
            ("certificateUploadDate", Kept),
            ("regionalCertificateName", Kept),
            ("regionalCertificateArn", Enforced),
            ("regionalDomainName", Kept),
            ("regionalHostedZoneId", Kept),
            ("distributionDomainName", Kept),
            ("distributionHostedZoneId", Kept),
            ("domainNameStatus", Kept),
            ("domainNameStatusMessage", Kept),
            ("endpointConfiguration", Enforced),
            ("endpointAccessMode", Enforced),
            ("securityPolicy", Enforced),
            ("mutualTlsAuthentication", Enforced),
            ("ownershipVerificationCertificateArn", NotYet),
            ("managementPolicy", Kept),
            ("policy", Enforced),
            ("routingMode", Enforced),
            ("tags", Kept),
            ("resourceOwner", Enforced),
        ],
    ),
    (
        "DomainNameAccessAssociation",
        &[
            ("domainNameAccessAssociationArn", Kept),
            ("domainNameArn", Enforced),
            ("accessAssociationSourceType", Enforced),
            ("accessAssociationSource", Enforced),
            ("tags", Kept),
            ("resourceOwner", Enforced),
        ],
    ),
    (
        "Export",
        &[
            ("parameters", Enforced),
            ("accepts", Enforced),
            ("contentType", Enforced),
            ("contentDisposition", Enforced),
            ("body", Enforced),
        ],
    ),
    (
        "GatewayResponse",
        &[
            ("responseType", Enforced),
            ("statusCode", Enforced),
            ("responseParameters", Enforced),
            ("responseTemplates", Enforced),
            ("defaultResponse", Kept),
        ],
    ),
    (
        "Integration",
        &[
            ("type", Enforced),
            ("httpMethod", Enforced),
            ("integrationHttpMethod", Enforced),
            ("uri", Enforced),
            ("connectionType", Enforced),
            ("connectionId", Enforced),
            ("credentials", Enforced),
            ("requestParameters", Enforced),
            ("requestTemplates", Enforced),
            ("passthroughBehavior", Enforced),
            ("contentHandling", Enforced),
            ("timeoutInMillis", Enforced),
            ("cacheNamespace", Enforced),
            ("cacheKeyParameters", Enforced),
            ("integrationResponses", Enforced),
            ("tlsConfig", Enforced),
            ("responseTransferMode", Enforced),
            ("integrationTarget", NotYet),
        ],
    ),
    (
        "IntegrationResponse",
        &[
            ("statusCode", Enforced),
            ("selectionPattern", Enforced),
            ("responseParameters", Enforced),
            ("responseTemplates", Enforced),
            ("contentHandling", Enforced),
        ],
    ),
    (
        "Method",
        &[
            ("httpMethod", Enforced),
            ("authorizationType", Enforced),
            ("authorizerId", Enforced),
            ("authorizationScopes", Enforced),
            ("apiKeyRequired", Enforced),
            ("requestValidatorId", Enforced),
            ("operationName", Kept),
            ("requestParameters", Enforced),
            ("requestModels", Enforced),
            ("methodResponses", Enforced),
            ("methodIntegration", Enforced),
        ],
    ),
    (
        "MethodResponse",
        &[
            ("statusCode", Enforced),
            ("responseParameters", Enforced),
            ("responseModels", Kept),
        ],
    ),
    (
        "Model",
        &[
            ("id", Kept),
            ("name", Enforced),
            ("description", Kept),
            ("schema", Enforced),
            ("contentType", Enforced),
            ("flatten", Enforced),
        ],
    ),
    ("ModelTemplate", &[("value", Kept)]),
    (
        "RequestValidator",
        &[
            ("id", Kept),
            ("name", Kept),
            ("validateRequestBody", Enforced),
            ("validateRequestParameters", Enforced),
        ],
    ),
    (
        "Resource",
        &[
            ("id", Kept),
            ("parentId", Enforced),
            ("pathPart", Enforced),
            ("path", Enforced),
            ("resourceMethods", Enforced),
            ("embed", Enforced),
        ],
    ),
    (
        "RestApi",
        &[
            ("id", Enforced),
            ("name", Kept),
            ("description", Kept),
            ("version", Kept),
            ("cloneFrom", Enforced),
            ("binaryMediaTypes", Enforced),
            ("minimumCompressionSize", Enforced),
            ("apiKeySource", Enforced),
            ("endpointConfiguration", Enforced),
            ("policy", Enforced),
            ("tags", Kept),
            ("disableExecuteApiEndpoint", Enforced),
            ("securityPolicy", Enforced),
            ("endpointAccessMode", Enforced),
            ("createdDate", Kept),
            ("warnings", Kept),
            ("rootResourceId", Kept),
            ("apiStatus", Kept),
            ("apiStatusMessage", Kept),
            ("failOnWarnings", Enforced),
            ("parameters", Enforced),
            ("body", Enforced),
            ("mode", Enforced),
        ],
    ),
    (
        "RoutingRule",
        &[
            ("actions", Enforced),
            ("conditions", Enforced),
            ("domainNameId", Enforced),
            ("priority", Enforced),
            ("routingRuleArn", Kept),
            ("routingRuleId", Enforced),
        ],
    ),
    (
        "Sdk",
        &[
            ("parameters", Refused),
            ("contentType", Refused),
            ("contentDisposition", Refused),
            ("body", Refused),
        ],
    ),
    (
        "SdkType",
        &[
            ("id", Refused),
            ("friendlyName", Refused),
            ("description", Refused),
            ("configurationProperties", Refused),
        ],
    ),
    (
        "Stage",
        &[
            ("stageName", Enforced),
            ("deploymentId", Enforced),
            ("description", Kept),
            ("cacheClusterEnabled", Enforced),
            ("cacheClusterSize", Enforced),
            ("cacheClusterStatus", Enforced),
            ("variables", Enforced),
            ("documentationVersion", Kept),
            ("canarySettings", Enforced),
            ("tracingEnabled", NotYet),
            ("tags", Kept),
            ("clientCertificateId", Enforced),
            ("methodSettings", Enforced),
            ("accessLogSettings", Enforced),
            ("webAclArn", Enforced),
            ("createdDate", Kept),
            ("lastUpdatedDate", Kept),
            ("item", Kept),
        ],
    ),
    ("Tags", &[("tags", Kept), ("tagKeys", Enforced)]),
    (
        "TestInvokeAuthorizer",
        &[
            ("headers", Enforced),
            ("multiValueHeaders", Enforced),
            ("pathWithQueryString", Enforced),
            ("body", Enforced),
            ("stageVariables", Enforced),
            ("additionalContext", Enforced),
            ("clientStatus", Enforced),
            ("log", Enforced),
            ("latency", Enforced),
            ("principalId", Enforced),
            ("policy", Enforced),
            ("authorization", Enforced),
            ("claims", Enforced),
        ],
    ),
    (
        "TestInvokeMethod",
        &[
            ("pathWithQueryString", Enforced),
            ("body", Enforced),
            ("headers", Enforced),
            ("multiValueHeaders", Enforced),
            ("clientCertificateId", Enforced),
            ("stageVariables", Enforced),
            ("status", Enforced),
            ("log", Enforced),
            ("latency", Enforced),
        ],
    ),
    (
        "Usage",
        &[
            ("usagePlanId", Kept),
            ("keyId", Enforced),
            ("startDate", Enforced),
            ("endDate", Enforced),
        ],
    ),
    (
        "UsagePlan",
        &[
            ("id", Kept),
            ("name", Kept),
            ("description", Kept),
            ("apiStages", Enforced),
            ("throttle", Enforced),
            ("quota", Enforced),
            ("productCode", Kept),
            ("tags", Kept),
            ("keyId", Enforced),
        ],
    ),
    (
        "UsagePlanKey",
        &[
            ("id", Kept),
            ("keyId", Enforced),
            ("keyType", Kept),
            ("type", Kept),
            ("value", Kept),
            ("name", Kept),
            ("nameQuery", Enforced),
        ],
    ),
    (
        "VpcLink",
        &[
            ("id", Enforced),
            ("name", Kept),
            ("description", Kept),
            ("targetArns", Enforced),
            ("status", Enforced),
            ("statusMessage", Enforced),
            ("tags", Kept),
        ],
    ),
];

/// The table as docs/control-plane.md has it.
pub fn table() -> String {
    let mut text =
        "| kind | enforced | stored | stored, not yet enforced | refused |\n|---|---|---|---|---|\n"
            .to_owned();
    for (kind, members) in STANDINGS {
        let of = |wanted: Standing| {
            let names = members.iter().filter(|(_, standing)| *standing == wanted);
            let names = names.map(|(name, _)| format!("`{name}`"));
            names.collect::<Vec<_>>().join(", ")
        };
        let cells = [Enforced, Kept, NotYet, Refused].map(of);
        text.push_str(&format!("| {kind} | {} |\n", cells.join(" | ")));
    }
    text
}
