//! The names of `$context` variables.

/// Every name but those of [`FAMILIES`], in order.
pub const NAMES: &[&str] = &[
    "accountId",
    "apiId",
    "authenticate.error",
    "authenticate.latency",
    "authenticate.status",
    "authorize.error",
    "authorize.latency",
    "authorize.status",
    "authorizer.error",
    "authorizer.integrationLatency",
    "authorizer.integrationStatus",
    "authorizer.latency",
    "authorizer.principalId",
    "authorizer.requestId",
    "authorizer.status",
    "awsEndpointRequestId",
    "awsEndpointRequestId2",
    "cache.age",
    "cache.status",
    "cipherSuite",
    "customDomain.basePathMatched",
    "customDomain.routingRuleIdMatched",
    "dataProcessed",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "endpointType",
    "error.message",
    "error.messageString",
    "error.responseType",
    "error.validationErrorString",
    "extendedRequestId",
    "httpMethod",
    "identity.accessKey",
    "identity.accountId",
    "identity.apiKey",
    "identity.apiKeyId",
    "identity.caller",
    "identity.clientCert.clientCertPem",
    "identity.clientCert.issuerDN",
    "identity.clientCert.serialNumber",
    "identity.clientCert.subjectDN",
    "identity.clientCert.validity.notAfter",
    "identity.clientCert.validity.notBefore",
    "identity.cognitoAuthenticationProvider",
    "identity.cognitoAuthenticationType",
    "identity.cognitoIdentityId",
    "identity.cognitoIdentityPoolId",
    "identity.principalOrgId",
    "identity.sourceIp",
    "identity.user",
    "identity.userAgent",
    "identity.userArn",
    "identity.vpcId",
    "identity.vpceId",
    "integration.error",
    "integration.integrationStatus",
    "integration.latency",
    "integration.requestId",
    "integration.responseTransferMode",
    "integration.status",
    "integration.timeToAllHeaders",
    "integration.timeToFirstContent",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "isCanaryRequest",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "responseLatency",
    "responseLength",
    "responseOverride.status",
    "stage",
    "status",
    "tlsVersion",
    "traceparent",
    "tracestate",
    "waf.error",
    "waf.latency",
    "waf.status",
    "wafResponseCode",
    "webaclArn",
    "xrayTraceId",
];

/// What names with a part of one's own begin with.
pub const FAMILIES: &[&str] = &[
    "authorizer.",
    "requestOverride.header.",
    "requestOverride.path.",
    "requestOverride.querystring.",
    "responseOverride.header.",
];

/// Names that a template never sees: they are known at the end of a request alone.
pub(super) const AT_THE_END: &[&str] = &["dataProcessed", "responseLatency", "responseLength", "status"];

/// Whether there is such a variable, with a value or without.
pub fn is_known(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok() || is_of_family(name)
}

/// Whether a name has a part of one's own, such as `authorizer.tenant`.
pub fn is_of_family(name: &str) -> bool {
    FAMILIES
        .iter()
        .any(|family| name.strip_prefix(family).is_some_and(|own| !own.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_none_stands_twice() {
        assert!(NAMES.is_sorted_by(|one, other| one < other));
        for name in AT_THE_END {
            assert!(is_known(name), "{name}");
        }
        for unknown in [
            "",
            "nope",
            "identity",
            "authorizer",
            "authorizer.",
            "requestOverride.header.",
        ] {
            assert!(!is_known(unknown), "{unknown}");
        }
        assert!(is_known("authorizer.tenant") && is_known("requestOverride.header.x-id"));
    }
}
