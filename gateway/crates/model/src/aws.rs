//! URIs of integrations with AWS services.

/// What an integration of type `AWS` or `AWS_PROXY` calls:
/// `arn:{partition}:apigateway:{region}:{subdomain.service|service}:{path|action}/{service_api}`
/// (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, "uri").
///
/// Stage variables and placeholders may stand in its parts: nothing here checks their characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsUri<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// Where the service is.
    pub region: &'a str,
    /// What stands before the service's host, such as a bucket of S3.
    pub subdomain: Option<&'a str>,
    /// The service, such as `dynamodb`.
    pub service: &'a str,
    /// What is asked of it.
    pub call: AwsCall<'a>,
}

/// What is asked of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsCall<'a> {
    /// `action/{name}&{parameters}`: an operation by its name.
    Action {
        /// The operation, such as `PutItem`.
        name: &'a str,
        /// Parameters, as in a query string: `Bucket={bucket}&Key={key}`.
        parameters: Option<&'a str>,
    },
    /// `path/{path}`: what follows the service's host, without the slash before it.
    Path(&'a str),
}

impl<'a> AwsUri<'a> {
    /// The parts of a URI; none where it is no such URI.
    pub fn parse(uri: &'a str) -> Option<Self> {
        let mut parts = uri.splitn(6, ':');
        let (arn, partition, gateway) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, service, call) = (parts.next()?, parts.next()?, parts.next()?);
        let (subdomain, service) = match service.rsplit_once('.') {
            // The dot of a stage variable is none.
            Some((subdomain, service)) if !service.contains('}') => (Some(subdomain), service),
            _ => (None, service),
        };
        let named = [partition, region, service].iter().all(|part| !part.is_empty());
        if arn != "arn" || gateway != "apigateway" || !named || subdomain == Some("") {
            return None;
        }
        Some(Self {
            partition,
            region,
            subdomain,
            service,
            call: AwsCall::parse(call)?,
        })
    }
}

impl<'a> AwsCall<'a> {
    fn parse(call: &'a str) -> Option<Self> {
        if let Some(path) = call.strip_prefix("path/") {
            return Some(Self::Path(path));
        }
        let action = call.strip_prefix("action/")?;
        let (name, parameters) = match action.split_once(['&', '?']) {
            Some((name, parameters)) => (name, Some(parameters).filter(|text| !text.is_empty())),
            None => (action, None),
        };
        (!name.is_empty()).then_some(Self::Action { name, parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri<'a>(subdomain: Option<&'a str>, service: &'a str, call: AwsCall<'a>) -> AwsUri<'a> {
        AwsUri {
            partition: "aws",
            region: "us-east-1",
            subdomain,
            service,
            call,
        }
    }

    #[test]
    fn a_uri_names_a_service_and_a_call() {
        let action = |name, parameters| AwsCall::Action { name, parameters };
        let invocation =
            "2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:check:live/invocations";
        let lambda = format!("arn:aws:apigateway:us-east-1:lambda:path/{invocation}");
        let s3 = action("GetObject", Some("Bucket={bucket}&Key={key}"));
        for (text, expected) in [
            (
                "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
                uri(None, "dynamodb", action("PutItem", None)),
            ),
            (
                "arn:aws:apigateway:us-east-1:s3:action/GetObject&Bucket={bucket}&Key={key}",
                uri(None, "s3", s3),
            ),
            (
                "arn:aws:apigateway:us-east-1:s3:path/{bucket}/{key}",
                uri(None, "s3", AwsCall::Path("{bucket}/{key}")),
            ),
            (
                "arn:aws:apigateway:us-east-1:my.bucket.s3:path/",
                uri(Some("my.bucket"), "s3", AwsCall::Path("")),
            ),
            (
                "arn:aws:apigateway:us-east-1:${stageVariables.service}:path//",
                uri(None, "${stageVariables.service}", AwsCall::Path("/")),
            ),
            (&lambda, uri(None, "lambda", AwsCall::Path(invocation))),
        ] {
            assert_eq!(AwsUri::parse(text), Some(expected), "{text}");
        }
        let other = AwsUri::parse("arn:aws-cn:apigateway:cn-north-1:sqs:action/SendMessage");
        assert_eq!(
            other.map(|uri| (uri.partition, uri.region)),
            Some(("aws-cn", "cn-north-1"))
        );
    }

    #[test]
    fn what_is_no_such_uri_is_none() {
        for text in [
            "",
            "https://sqs.us-east-1.amazonaws.com",
            "arn:aws:lambda:us-east-1:123456789012:function:check",
            "arn:aws:apigateway:us-east-1:sqs",
            "arn:aws:apigateway:us-east-1:sqs:x/y",
            "arn:aws:apigateway:us-east-1:sqs:action/",
            "arn:aws:apigateway:us-east-1::action/x",
            "arn:aws:apigateway::sqs:action/x",
            "arn::apigateway:us-east-1:sqs:action/x",
            "arn:aws:apigateway:us-east-1:.s3:path/x",
            "urn:aws:apigateway:us-east-1:s3:path/x",
        ] {
            assert_eq!(AwsUri::parse(text), None, "{text}");
        }
    }
}
