//! Lambda functions, as URIs and people name them.

/// What a Lambda function is called. Stage variables may stand in its parts: nothing here checks their characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// Its name.
    pub name: &'a str,
    /// The alias or the version.
    pub qualifier: Option<&'a str>,
    /// Where it is.
    pub region: Option<&'a str>,
    /// Its own ARN, without the qualifier, where it is named by one.
    pub arn: Option<&'a str>,
}

impl<'a> FunctionName<'a> {
    /// The function of `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION/invocations`, of
    /// `arn:aws:apigateway:REGION:lambda:path/2021-11-15/functions/FUNCTION/response-streaming-invocations`, of
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, or of a name; an alias or a version may follow, after a colon
    /// (<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>,
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).
    pub fn parse(text: &'a str) -> Option<Self> {
        let Some(uri) = action(text) else {
            return Self::function(text);
        };
        let (region, path) = uri?;
        let named = Self::function(path)?;
        Some(Self {
            region: named.region.or(Some(region)),
            ..named
        })
    }

    /// What an ARN or a name means that is not wrapped in a URI.
    fn function(text: &'a str) -> Option<Self> {
        let Some(rest) = text.strip_prefix("arn:") else {
            return Self::plain(text);
        };
        let mut parts = rest.split(':');
        let (_partition, service) = (parts.next()?, parts.next()?);
        let (region, _account) = (parts.next()?, parts.next()?);
        if service != "lambda" || parts.next()? != "function" {
            return None;
        }
        let (name, qualifier) = (parts.next()?, parts.next());
        if name.is_empty() || qualifier.is_some_and(str::is_empty) || parts.next().is_some() {
            return None;
        }
        let end = text.len() - qualifier.map_or(0, |qualifier| qualifier.len() + 1);
        Some(Self {
            name,
            qualifier,
            region: Some(region).filter(|region| !region.is_empty()),
            arn: text.get(..end),
        })
    }

    fn plain(text: &'a str) -> Option<Self> {
        let (name, qualifier) = match text.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (text, None),
        };
        let good = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.${}".contains(&byte))
        };
        (good(name) && qualifier.is_none_or(good)).then_some(Self {
            name,
            qualifier,
            region: None,
            arn: None,
        })
    }
}

/// The versions of Lambda's API, with what each has to invoke a function.
const ACTIONS: [(&str, &str); 2] = [
    ("2015-03-31", "/invocations"),
    ("2021-11-15", "/response-streaming-invocations"),
];

/// Region and function of a URI that invokes one. The outer option is `None` for what is no such URI, the inner one for one
/// that is of something else.
fn action(text: &str) -> Option<Option<(&str, &str)>> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":apigateway:")?;
    if partition.contains(':') {
        return None;
    }
    let inner = || {
        let (region, rest) = rest.split_once(":lambda:path/")?;
        let (version, rest) = rest.split_once("/functions/")?;
        let (_, action) = ACTIONS.iter().find(|(known, _)| *known == version)?;
        Some((region, rest.strip_suffix(action)?))
    };
    Some(inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_many_names() {
        const ARN: &str = "arn:aws:lambda:eu-central-1:123456789012:function:check";
        let uri = |function: &str| {
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
        };
        let live = format!("{ARN}:live");
        let variable = "${stageVariables.check}";
        let rows = [
            ("check".to_owned(), ("check", None, None, None)),
            ("check:7".to_owned(), ("check", Some("7"), None, None)),
            (variable.to_owned(), (variable, None, None, None)),
            (ARN.to_owned(), ("check", None, Some("eu-central-1"), Some(ARN))),
            (
                live.clone(),
                ("check", Some("live"), Some("eu-central-1"), Some(ARN)),
            ),
            (uri(ARN), ("check", None, Some("eu-central-1"), Some(ARN))),
            (
                uri(&live),
                ("check", Some("live"), Some("eu-central-1"), Some(ARN)),
            ),
            (uri("check"), ("check", None, Some("us-east-1"), None)),
            (
                format!(
                    "arn:aws:apigateway:us-west-1:lambda:path/2021-11-15/functions/{ARN}/response-streaming-invocations"
                ),
                ("check", None, Some("eu-central-1"), Some(ARN)),
            ),
            (
                uri(&format!("{variable}:live")),
                (variable, Some("live"), Some("us-east-1"), None),
            ),
        ];
        for (text, (name, qualifier, region, arn)) in rows {
            let expected = FunctionName {
                name,
                qualifier,
                region,
                arn,
            };
            assert_eq!(FunctionName::parse(&text), Some(expected), "{text}");
        }
        for text in [
            "",
            ":live",
            "check:",
            "a b",
            "https://x",
            "portcullis:plugin:check",
            "arn:x",
            "arn:aws:lambda:r:1:layer:check",
            "arn:aws:lambda:r:1:function:",
            "arn:aws:lambda:r:1:function:check:",
            "arn:aws:lambda:r:1:function:check:live:more",
            "arn:aws:apigateway:us-east-1:s3:path/x",
            "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/check",
            "arn:aws:apigateway:r:lambda:path/2021-11-15/functions/check/invocations",
        ] {
            assert_eq!(FunctionName::parse(text), None, "{text}");
        }
    }
}
