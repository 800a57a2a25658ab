//! What the URI of an integration of type `AWS` calls, and where AWS has it.

use portcullis_model::{AwsCall, AwsUri, Integration};

use crate::aws::{Protocol, Service};

/// What a URI calls.
pub(super) struct Call<'a> {
    pub(super) uri: AwsUri<'a>,
    /// The service as servers are configured for it: `api.ecr`, where the subdomain is part of its name.
    pub(super) name: &'a str,
    pub(super) service: Service<'a>,
    /// Path and query; placeholders may be in the path.
    pub(super) path: String,
    pub(super) target: Option<String>,
    pub(super) content_type: Option<String>,
}

impl<'a> Call<'a> {
    /// What is wrong with the URI, and what to try.
    pub(super) fn of(text: &'a str, integration: &Integration) -> Result<Self, (String, &'static str)> {
        const FORM: &str =
            "such as arn:aws:apigateway:us-east-1:dynamodb:action/PutItem, or …:s3:path/{bucket}/{key}";
        let Some(uri) = AwsUri::parse(text).filter(is_real) else {
            return Err((format!("`{text}` names no AWS service"), FORM));
        };
        let whole = text.split(':').nth(4).unwrap_or_default();
        let (name, service) = match (Service::find(whole), Service::find(uri.service)) {
            (Some(service), _) => (whole, service),
            (None, Some(service)) => (uri.service, service),
            (None, None) => (uri.service, Service::unknown(uri.service)),
        };
        // Functions are another integration's.
        if name == "lambda" {
            let reason = format!("this gateway does not run an integration of type AWS with {text}");
            return Err((reason, "use a service other than Lambda"));
        }
        let mut call = Self {
            uri,
            name,
            service,
            path: String::new(),
            target: None,
            content_type: None,
        };
        match uri.call {
            // AWS's tutorials write `path//` for the root.
            AwsCall::Path(path) => call.path = format!("/{}", path.strip_prefix('/').unwrap_or(path)),
            AwsCall::Action { name, parameters } => call.action(name, parameters, integration)?,
        }
        Ok(call)
    }

    /// What stands before the service's host, where that is no part of the service's name.
    pub(super) fn subdomain(&self) -> Option<&'a str> {
        self.uri.subdomain.filter(|_| self.name == self.uri.service)
    }

    fn action(
        &mut self,
        name: &str,
        parameters: Option<&str>,
        integration: &Integration,
    ) -> Result<(), (String, &'static str)> {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err((
                format!("`{name}` is no name of an action"),
                "such as action/PutItem",
            ));
        }
        let mut query: Vec<String> = Vec::new();
        match self.service.protocol {
            Protocol::Query { version } => {
                query.push(format!("Action={name}"));
                if !integration
                    .request_parameters
                    .contains_key("integration.request.querystring.Version")
                {
                    query.push(format!("Version={version}"));
                }
                self.content_type = Some("application/x-www-form-urlencoded".to_owned());
            }
            Protocol::Json { version, target } => {
                self.target = Some(format!("{target}.{name}"));
                self.content_type = Some(format!("application/x-amz-json-{version}"));
            }
            Protocol::Rest | Protocol::Other => {
                let reason = format!("the service `{}` has no actions by name", self.name);
                return Err((reason, "call it by path/…, with the verb of the operation"));
            }
        }
        query.extend(parameters.map(str::to_owned));
        self.path = match query.is_empty() {
            true => "/".to_owned(),
            false => format!("/?{}", query.join("&")),
        };
        Ok(())
    }
}

/// Where a service is.
pub(super) struct Place {
    /// Scheme, host and what stands before every path.
    pub(super) url: String,
    /// The region of signatures.
    pub(super) region: String,
    /// `Host`, where it is another.
    pub(super) host: Option<String>,
    /// Whether the configuration names it.
    pub(super) is_named: bool,
}

impl Place {
    /// AWS's own server (<https://docs.aws.amazon.com/general/latest/gr/rande.html>).
    pub(super) fn of_aws(call: &Call<'_>) -> Self {
        let AwsUri {
            partition, region, ..
        } = call.uri;
        let (host, region) = match call.service.global.filter(|_| partition == "aws") {
            Some((host, region)) => (host.to_owned(), region),
            None => {
                let end = if region.starts_with("cn-") { ".cn" } else { "" };
                (format!("{}.{region}.amazonaws.com{end}", call.name), region)
            }
        };
        let host = match call.subdomain() {
            Some(subdomain) => format!("{subdomain}.{host}"),
            None => host,
        };
        let prefix = match call.uri.call {
            AwsCall::Action { name, .. } => call.service.host_prefix(name),
            AwsCall::Path(_) => "",
        };
        Self {
            url: format!("https://{prefix}{host}"),
            region: region.to_owned(),
            host: None,
            is_named: false,
        }
    }
}

/// Whether its parts have the characters that hosts have, whatever stage variables made of them.
fn is_real(uri: &AwsUri<'_>) -> bool {
    let of = |text: &str, more: &[u8]| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(&byte))
    };
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && of(label, b"-_");
    of(uri.region, b"-")
        && of(uri.service, b"-")
        && uri
            .subdomain
            .is_none_or(|subdomain| subdomain.split('.').all(label))
}

#[cfg(test)]
mod tests {
    use portcullis_model::Target;

    use super::*;

    fn integration() -> Integration {
        Integration::of("", Target::Mock)
    }

    /// Where AWS's own tools send the same, and what they sign it for.
    #[test]
    fn a_uri_says_what_is_sent_where() {
        let form = Some("application/x-www-form-urlencoded");
        for (uri, url, scope, target, content_type) in [
            (
                "us-east-1:dynamodb:action/PutItem",
                "https://dynamodb.us-east-1.amazonaws.com/",
                "dynamodb us-east-1",
                Some("DynamoDB_20120810.PutItem"),
                Some("application/x-amz-json-1.0"),
            ),
            (
                "eu-west-1:states:action/StartSyncExecution",
                "https://sync-states.eu-west-1.amazonaws.com/",
                "states eu-west-1",
                Some("AWSStepFunctions.StartSyncExecution"),
                Some("application/x-amz-json-1.0"),
            ),
            (
                "us-east-1:sns:action/Publish",
                "https://sns.us-east-1.amazonaws.com/?Action=Publish&Version=2010-03-31",
                "sns us-east-1",
                None,
                form,
            ),
            (
                "us-east-1:sqs:path/123456789012/orders",
                "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
                "sqs us-east-1",
                None,
                None,
            ),
            (
                "us-east-1:photos.s3:path//",
                "https://photos.s3.us-east-1.amazonaws.com/",
                "s3 us-east-1",
                None,
                None,
            ),
            (
                "cn-north-1:s3:path/{bucket}/{key}",
                "https://s3.cn-north-1.amazonaws.com.cn/{bucket}/{key}",
                "s3 cn-north-1",
                None,
                None,
            ),
            (
                "us-east-1:api.ecr:action/DescribeRepositories",
                "https://api.ecr.us-east-1.amazonaws.com/",
                "ecr us-east-1",
                Some("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"),
                Some("application/x-amz-json-1.1"),
            ),
            (
                "eu-west-1:iam:action/ListUsers",
                "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
                "iam us-east-1",
                None,
                form,
            ),
            (
                "us-east-1:nothing-known:path/x",
                "https://nothing-known.us-east-1.amazonaws.com/x",
                "nothing-known us-east-1",
                None,
                None,
            ),
        ] {
            let text = format!("arn:aws:apigateway:{uri}");
            let call = Call::of(&text, &integration()).unwrap_or_else(|(reason, _)| panic!("{reason}"));
            let place = Place::of_aws(&call);
            assert_eq!(format!("{}{}", place.url, call.path), url, "{uri}");
            assert_eq!(
                format!("{} {}", call.service.signing_name, place.region),
                scope,
                "{uri}"
            );
            assert_eq!(
                (call.target.as_deref(), call.content_type.as_deref()),
                (target, content_type),
                "{uri}"
            );
        }
    }

    #[test]
    fn what_names_no_call_is_told() {
        for (uri, expected) in [
            ("https://dynamodb", "`https://dynamodb` names no AWS service"),
            (
                "arn:aws:apigateway:us-east-1:s3:action/GetObject&Bucket=b",
                "the service `s3` has no actions by name",
            ),
            (
                "arn:aws:apigateway:us-east-1:sqs:action/a b",
                "`a b` is no name of an action",
            ),
            (
                "arn:aws:apigateway:evil.example/#:s3:path/x",
                "`arn:aws:apigateway:evil.example/#:s3:path/x` names no AWS service",
            ),
            (
                "arn:aws:apigateway:us-east-1:evil.example/.s3:path/x",
                "`arn:aws:apigateway:us-east-1:evil.example/.s3:path/x` names no AWS service",
            ),
            (
                "arn:aws:apigateway:us-east-1:lambda:path/x",
                "this gateway does not run an integration of type AWS with arn:aws:apigateway:us-east-1:lambda:path/x",
            ),
        ] {
            let found = Call::of(uri, &integration()).err().map(|(reason, _)| reason);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}
