//! Methods that nobody may call, since what their definition asks for is not done here: 500, and the others are served.

use portcullis_model::{Authorization, AuthorizerKind, Method, RestApi, Target};

/// What a method asks for that this gateway does not do.
pub(super) fn closed(api: &RestApi, method: &Method) -> Option<String> {
    by_key(method)
        .or_else(|| by_authorization(api, &method.authorization))
        .or_else(|| by_target(&method.integration.as_ref()?.target))
}

fn by_key(method: &Method) -> Option<String> {
    method
        .api_key_required
        .then(|| "a method that requires an API key".to_owned())
}

fn by_authorization(api: &RestApi, authorization: &Authorization) -> Option<String> {
    match authorization {
        Authorization::None => None,
        Authorization::Custom { authorizer } => {
            let authorizer = api.authorizers.get(authorizer)?;
            match (authorizer.kind, &authorizer.plugin) {
                (AuthorizerKind::Token | AuthorizerKind::Request, Some(_)) => None,
                (AuthorizerKind::Token | AuthorizerKind::Request, None) => {
                    let uri = authorizer.uri.as_deref().unwrap_or_default();
                    Some(format!("the authorizer at {uri}"))
                }
                (kind, _) => Some(format!("an authorizer of type {}", kind.name())),
            }
        }
        Authorization::Iam => Some("authorization of type AWS_IAM".to_owned()),
        Authorization::Cognito { .. } => Some("authorization of type COGNITO_USER_POOLS".to_owned()),
        Authorization::Unknown { security } => Some(format!("the security {security}")),
    }
}

fn by_target(target: &Target) -> Option<String> {
    match target {
        Target::Aws(target) => Some(format!("an integration of type AWS with {}", target.uri)),
        Target::AwsProxy(target) => Some(format!("an integration of type AWS_PROXY with {}", target.uri)),
        Target::Unsupported { what } => Some(what.clone()),
        Target::Http(_) | Target::HttpProxy(_) | Target::Mock | Target::Plugin { .. } => None,
    }
}
