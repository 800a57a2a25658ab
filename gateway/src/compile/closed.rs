//! Methods that nobody may call, since what their definition asks for is not done here: 500, and the others are served.

use portcullis_model::{Authorization, AuthorizerKind, AwsUri, Method, RestApi, Target};

use super::lambda::is_function;

/// What a method asks for that this gateway does not do.
pub(super) fn closed(api: &RestApi, method: &Method) -> Option<String> {
    by_authorization(api, &method.authorization).or_else(|| by_target(&method.integration.as_ref()?.target))
}

fn by_authorization(api: &RestApi, authorization: &Authorization) -> Option<String> {
    match authorization {
        Authorization::None | Authorization::Iam => None,
        Authorization::Custom { authorizer } => {
            let authorizer = api.authorizers.get(authorizer)?;
            match (authorizer.kind, &authorizer.plugin) {
                (AuthorizerKind::Token | AuthorizerKind::Request, Some(_)) => None,
                (AuthorizerKind::Token | AuthorizerKind::Request, None) => {
                    if authorizer.function().is_some() {
                        return None;
                    }
                    let uri = authorizer.uri.as_deref().unwrap_or_default();
                    Some(format!("the authorizer at {uri}"))
                }
                (AuthorizerKind::Jwt, _) if authorizer.jwt_configuration.is_some() => None,
                (kind, _) => Some(format!(
                    "an authorizer of type {} without its settings",
                    kind.name()
                )),
            }
        }
        Authorization::Cognito { authorizer } => {
            let authorizer = api.authorizers.get(authorizer)?;
            let is_pool = authorizer.kind == AuthorizerKind::Cognito && !authorizer.provider_arns.is_empty();
            (!is_pool).then(|| "authorization of type COGNITO_USER_POOLS without user pools".to_owned())
        }
        Authorization::Unknown { security } => Some(format!("the security {security}")),
    }
}

fn by_target(target: &Target) -> Option<String> {
    match target {
        // See `lambda.rs`.
        Target::Aws(target) | Target::AwsProxy(target) if is_function(target) => None,
        Target::Aws(target) => match AwsUri::parse(&target.uri).map(|uri| uri.service) {
            Some("lambda") | None => Some(format!("an integration of type AWS with {}", target.uri)),
            Some(_) => None,
        },
        Target::AwsProxy(target) => Some(format!("an integration of type AWS_PROXY with {}", target.uri)),
        Target::Unsupported { what } => Some(what.clone()),
        Target::Http(_) | Target::HttpProxy(_) | Target::Mock | Target::Plugin { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use portcullis_model::{Authorizer, AwsTarget, Integration};

    use super::*;

    /// An API with an authorizer of each kind, and a method that is open but for what `change` makes of it.
    fn reason(change: impl FnOnce(&mut Method)) -> Option<String> {
        let authorizer = |kind, plugin: Option<&str>| Authorizer {
            kind,
            plugin: plugin.map(str::to_owned),
            uri: Some("https://x".to_owned()),
            ..Authorizer::default()
        };
        let api = RestApi {
            authorizers: [
                ("asked", authorizer(AuthorizerKind::Token, Some("p"))),
                ("other", authorizer(AuthorizerKind::Request, None)),
                ("pools", authorizer(AuthorizerKind::Cognito, Some("p"))),
                ("empty", authorizer(AuthorizerKind::Jwt, None)),
            ]
            .map(|(name, authorizer)| (name.to_owned(), authorizer))
            .into(),
            ..RestApi::default()
        };
        let mut method = Method {
            integration: Some(Integration::of("", Target::Mock)),
            ..Method::default()
        };
        change(&mut method);
        closed(&api, &method)
    }

    #[test]
    fn what_is_not_done_here_closes_a_method() {
        let custom = |name: &str| Authorization::Custom {
            authorizer: name.to_owned(),
        };
        let by = |authorization: Authorization| reason(|method| method.authorization = authorization);
        assert_eq!(by(Authorization::None), None);
        assert_eq!(by(Authorization::Iam), None);
        assert_eq!(by(custom("asked")), None);
        for (authorization, expected) in [
            (custom("other"), "the authorizer at https://x"),
            (
                custom("pools"),
                "an authorizer of type COGNITO_USER_POOLS without its settings",
            ),
            (custom("empty"), "an authorizer of type JWT without its settings"),
            (
                Authorization::Cognito {
                    authorizer: "pools".to_owned(),
                },
                "authorization of type COGNITO_USER_POOLS without user pools",
            ),
            (
                Authorization::Unknown {
                    security: "[{}]".to_owned(),
                },
                "the security [{}]",
            ),
        ] {
            assert_eq!(by(authorization).as_deref(), Some(expected));
        }
        let aws = AwsTarget {
            uri: "arn:x".to_owned(),
            ..AwsTarget::default()
        };
        for (target, expected) in [
            (Target::Aws(aws.clone()), "an integration of type AWS with arn:x"),
            (
                Target::AwsProxy(aws),
                "an integration of type AWS_PROXY with arn:x",
            ),
            (
                Target::Unsupported {
                    what: "a thing".to_owned(),
                },
                "a thing",
            ),
        ] {
            let found = reason(|method| method.integration = Some(Integration::of("", target)));
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}
