//! Refusals: what a client is told when a request ends early, in API Gateway's words.
//!
//! Statuses, bodies and error types are those recorded from the service (`tests/data_plane` has the table); some bodies
//! have a blank after the colon and some have not, and are kept as they are.

use std::borrow::Cow;

use http::StatusCode;

pub use crate::plan::ResponseType;

/// Whose doing a refusal is; metrics and logs go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Blame {
    Client,
    Upstream,
    Authorizer,
    Plugin,
    Gateway,
}

/// A request that ends before its integration's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its gateway response type; none for an unknown API or stage, which has no gateway responses.
    pub response_type: Option<ResponseType>,
    /// The status.
    pub status: StatusCode,
    /// The body, byte by byte.
    pub body: Cow<'static, str>,
    /// The value of `x-amzn-ErrorType`.
    pub error_type: &'static str,
    /// Whose doing it is.
    pub blame: Blame,
    /// Whether the client may try again soon (`Retry-After: 1`).
    pub retry: bool,
    /// `$context.error.validationErrorString`: why a body does not have its form.
    pub validation: Option<Box<str>>,
    /// Whether its message repeats what the client sent, secrets among it: no log has it.
    pub repeats_client: bool,
}

/// An ARN with asterisks for all but the last four digits of its account.
fn masked(arn: &str) -> String {
    let mut sections: Vec<&str> = arn.splitn(6, ':').collect();
    let account = sections.get(4).copied().unwrap_or_default();
    let shown = account.get(account.len().saturating_sub(4)..).unwrap_or_default();
    let account = format!("********{shown}");
    if let Some(section) = sections.get_mut(4) {
        *section = &account;
    }
    sections.join(":")
}

const INTERNAL_SERVER_ERROR: &str = r#"{"message": "Internal server error"}"#;
const FORBIDDEN: &str = r#"{"message":"Forbidden"}"#;

impl Refusal {
    const fn of(
        response_type: Option<ResponseType>,
        status: StatusCode,
        error_type: &'static str,
        body: &'static str,
        blame: Blame,
    ) -> Self {
        Self {
            response_type,
            status,
            body: Cow::Borrowed(body),
            error_type,
            blame,
            retry: false,
            validation: None,
            repeats_client: false,
        }
    }

    /// The message in its body, `$context.error.message`; none where it is null.
    pub fn message(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        let message = body.get("message").or_else(|| body.get("Message"))?;
        Some(message.as_str()?.to_owned())
    }

    /// No such API or stage on this address.
    pub const fn unknown_stage() -> Self {
        Self::of(
            None,
            StatusCode::FORBIDDEN,
            "ForbiddenException",
            FORBIDDEN,
            Blame::Client,
        )
    }

    /// Another connection would be needed: the host has a trust store for clients' certificates, and this connection was not
    /// made for it (RFC 9110, section 15.5.20: a client may try again on one that was).
    pub const fn misdirected() -> Self {
        Self::of(
            None,
            StatusCode::MISDIRECTED_REQUEST,
            "MisdirectedRequestException",
            r#"{"message":"Misdirected Request"}"#,
            Blame::Client,
        )
    }

    /// No such resource, or not with that verb.
    pub const fn unknown_method() -> Self {
        let body = r#"{"message":"Missing Authentication Token"}"#;
        let kind = ResponseType::MissingAuthenticationToken;
        Self::of(
            Some(kind),
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            body,
            Blame::Client,
        )
    }

    /// No API key, or none that may call this stage.
    pub const fn invalid_api_key() -> Self {
        let kind = ResponseType::InvalidApiKey;
        Self::of(
            Some(kind),
            StatusCode::FORBIDDEN,
            "ForbiddenException",
            FORBIDDEN,
            Blame::Client,
        )
    }

    /// There is no token for it.
    pub const fn throttled() -> Self {
        Self::of(
            Some(ResponseType::Throttled),
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            r#"{"message":"Too Many Requests"}"#,
            Blame::Client,
        )
    }

    /// The quota of its API key is used up.
    pub const fn quota_exceeded() -> Self {
        Self::of(
            Some(ResponseType::QuotaExceeded),
            StatusCode::TOO_MANY_REQUESTS,
            "LimitExceededException",
            r#"{"message":"Limit Exceeded"}"#,
            Blame::Client,
        )
    }

    /// A filter refused it.
    pub const fn filtered() -> Self {
        let kind = ResponseType::WafFiltered;
        Self::of(
            Some(kind),
            StatusCode::FORBIDDEN,
            "ForbiddenException",
            FORBIDDEN,
            Blame::Client,
        )
    }

    /// No identity, or not one that the authorizer knows.
    pub const fn unauthorized() -> Self {
        let body = r#"{"message":"Unauthorized"}"#;
        let kind = ResponseType::Unauthorized;
        Self::of(
            Some(kind),
            StatusCode::UNAUTHORIZED,
            "UnauthorizedException",
            body,
            Blame::Client,
        )
    }

    /// The time of a user pool's token is over. `EXPIRED_TOKEN` is for signatures
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>).
    pub const fn expired() -> Self {
        let body = r#"{"message":"The incoming token has expired"}"#;
        let kind = ResponseType::Unauthorized;
        Self::of(
            Some(kind),
            StatusCode::UNAUTHORIZED,
            "UnauthorizedException",
            body,
            Blame::Client,
        )
    }

    /// The authorizer denies, or its policy does.
    pub const fn denied() -> Self {
        let body = concat!(
            r#"{"Message":"User is not authorized to access this resource "#,
            r#"with an explicit deny in an identity-based policy"}"#
        );
        let kind = ResponseType::AccessDenied;
        Self::of(
            Some(kind),
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            body,
            Blame::Client,
        )
    }

    /// Nothing in the authorizer's policy allows it.
    pub const fn not_allowed() -> Self {
        let kind = ResponseType::AccessDenied;
        Self::of(
            Some(kind),
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            r#"{"Message":"User is not authorized to access this resource"}"#,
            Blame::Client,
        )
    }

    /// A resource policy, or that of an access key, does not let a user. Of the account in the ARN the last digits are told
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html>).
    pub fn not_authorized(user: &str, arn: &str, explicitly: bool) -> Self {
        Self::not_authorized_to("execute-api:Invoke", user, arn, explicitly)
    }

    /// The same of something else than calling it.
    pub fn not_authorized_to(action: &str, user: &str, arn: &str, explicitly: bool) -> Self {
        let end = if explicitly { " with an explicit deny" } else { "" };
        let arn = masked(arn);
        let message = format!("User: {user} is not authorized to perform: {action} on resource: {arn}{end}");
        let mut refusal = Self::not_allowed();
        refusal.body = Cow::Owned(format!(r#"{{"Message":{}}}"#, serde_json::Value::from(message)));
        refusal
    }

    /// There is no signature, or not one that holds. The message repeats what the client sent.
    pub fn unauthenticated(kind: ResponseType, error_type: &'static str, message: &str) -> Self {
        let mut refusal = Self::unknown_method();
        (refusal.response_type, refusal.error_type) = (Some(kind), error_type);
        refusal.body = Cow::Owned(format!(r#"{{"message":{}}}"#, serde_json::Value::from(message)));
        refusal.repeats_client = true;
        refusal
    }

    /// The authorizer could not be asked, or failed.
    pub const fn authorizer_failure(blame: Blame) -> Self {
        let kind = ResponseType::AuthorizerFailure;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::of(
            Some(kind),
            status,
            "AuthorizerConfigurationException",
            r#"{"message":null}"#,
            blame,
        )
    }

    /// The authorizer answered what cannot be used.
    pub const fn authorizer_configuration() -> Self {
        let kind = ResponseType::AuthorizerConfigurationError;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::of(
            Some(kind),
            status,
            "AuthorizerConfigurationException",
            r#"{"message":null}"#,
            Blame::Authorizer,
        )
    }

    /// Something in the request cannot be passed on.
    pub const fn bad_request(body: &'static str) -> Self {
        let kind = ResponseType::BadRequestParameters;
        Self::of(
            Some(kind),
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            body,
            Blame::Client,
        )
    }

    /// Parameters that the method requires are missing: headers, then query parameters.
    pub fn missing_parameters(names: &[&str]) -> Self {
        let message = format!("Missing required request parameters: [{}]", names.join(", "));
        let mut refusal = Self::bad_request("");
        refusal.body = Cow::Owned(format!(r#"{{"message": {}}}"#, serde_json::Value::from(message)));
        refusal
    }

    /// The body does not have the form of the method's model.
    pub fn invalid_body(reasons: &[String]) -> Self {
        let mut refusal = Self::of(
            Some(ResponseType::BadRequestBody),
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            r#"{"message": "Invalid request body"}"#,
            Blame::Client,
        );
        refusal.validation = Some(format!("[{}]", reasons.join(", ")).into());
        refusal
    }

    /// A mapping reads the body as JSON, and it is none.
    pub const fn invalid_json() -> Self {
        Self::of(
            Some(ResponseType::Default4xx),
            StatusCode::BAD_REQUEST,
            "BadRequestException",
            r#"{"message": "Invalid JSON in request body"}"#,
            Blame::Client,
        )
    }

    /// No template is for the body's content type, or its content coding is not known.
    pub const fn unsupported_media_type() -> Self {
        Self::of(
            Some(ResponseType::UnsupportedMediaType),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BadRequestException",
            r#"{"message": "Unsupported Media Type"}"#,
            Blame::Client,
        )
    }

    /// What the API says cannot be carried out for this request.
    pub const fn configuration(blame: Blame) -> Self {
        Self::of(
            Some(ResponseType::ApiConfigurationError),
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerErrorException",
            INTERNAL_SERVER_ERROR,
            blame,
        )
    }

    /// More than the payload limit.
    pub const fn too_large() -> Self {
        let kind = ResponseType::RequestTooLarge;
        let body = r#"{"message":"Request Too Long"}"#;
        Self::of(
            Some(kind),
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLargeException",
            body,
            Blame::Client,
        )
    }

    /// The backend's response did not begin in time.
    pub const fn timed_out(blame: Blame) -> Self {
        let kind = ResponseType::IntegrationTimeout;
        let body = r#"{"message": "Endpoint request timed out"}"#;
        Self::of(
            Some(kind),
            StatusCode::GATEWAY_TIMEOUT,
            "InternalServerErrorException",
            body,
            blame,
        )
    }

    /// The backend cannot be connected to.
    pub const fn unreachable() -> Self {
        let kind = ResponseType::IntegrationFailure;
        let body = r#"{"message": "Service Unavailable"}"#;
        Self::of(
            Some(kind),
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            body,
            Blame::Upstream,
        )
    }

    /// The connection to the backend was lost before its response.
    pub const fn connection_lost() -> Self {
        let kind = ResponseType::IntegrationFailure;
        let body = r#"{"message": "Network error communicating with endpoint"}"#;
        Self::of(
            Some(kind),
            StatusCode::GATEWAY_TIMEOUT,
            "InternalServerErrorException",
            body,
            Blame::Upstream,
        )
    }

    /// The integration's answer cannot be used.
    pub const fn integration_failure(blame: Blame) -> Self {
        let kind = ResponseType::IntegrationFailure;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::of(
            Some(kind),
            status,
            "InternalServerErrorException",
            INTERNAL_SERVER_ERROR,
            blame,
        )
    }

    /// A function failed, or answered what is no response
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html>).
    pub const fn bad_answer(blame: Blame) -> Self {
        let kind = ResponseType::Default5xx;
        Self::of(
            Some(kind),
            StatusCode::BAD_GATEWAY,
            "InternalServerErrorException",
            INTERNAL_SERVER_ERROR,
            blame,
        )
    }

    /// A filter failed: nothing passes.
    pub const fn filter_failure() -> Self {
        let kind = ResponseType::Default5xx;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::of(
            Some(kind),
            status,
            "InternalServerErrorException",
            INTERNAL_SERVER_ERROR,
            Blame::Plugin,
        )
    }

    /// This gateway, or the plugin that the request needs, has more work than it can take.
    pub const fn overloaded() -> Self {
        let body = r#"{"message": "Service Unavailable"}"#;
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut refusal = Self::of(None, status, "ServiceUnavailableException", body, Blame::Gateway);
        refusal.retry = true;
        refusal
    }
}
