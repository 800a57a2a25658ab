//! What is known of AWS's services: their signing names, protocols and hosts.

/// Made from botocore's descriptions, by `xtask/aws_services.py`.
const TABLE: &str = include_str!("services.tsv");

/// A service, as AWS's own descriptions have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// What its hosts begin with, and what URIs call it.
    pub endpoint: &'a str,
    /// What signatures call it.
    pub signing_name: &'a str,
    /// What follows `AWS_ENDPOINT_URL_`.
    pub id: &'a str,
    /// What is spoken to it.
    pub protocol: Protocol<'a>,
    /// The host and the region of one that is the same in all regions.
    pub global: Option<(&'a str, &'a str)>,
    /// What stands before the host for some operations.
    prefixes: &'a str,
}

/// How a service is told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol<'a> {
    /// Parameters, `Action` and `Version` among them, as a form
    /// (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>).
    Query {
        /// The version.
        version: &'a str,
    },
    /// JSON, with the operation in `X-Amz-Target`
    /// (<https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>).
    Json {
        /// Of the media type `application/x-amz-json-…`.
        version: &'a str,
        /// What stands before the operation.
        target: &'a str,
    },
    /// Verbs and paths, of JSON or XML.
    Rest,
    /// Something else, or it is not known.
    Other,
}

impl Service<'static> {
    /// The service of that name.
    pub fn find(name: &str) -> Option<Self> {
        rows().find(|service| service.endpoint == name)
    }

    /// Whether a name is that of a service, or of one in a region.
    pub fn known_by(name: &str) -> bool {
        let service = name.rsplit_once('.').map(|(service, _)| service);
        Self::find(name).is_some() || service.is_some_and(|service| Self::find(service).is_some())
    }
}

impl<'a> Service<'a> {
    /// One of which no more is known than its name.
    pub fn unknown(name: &'a str) -> Self {
        Self {
            endpoint: name,
            signing_name: name,
            id: "",
            protocol: Protocol::Other,
            global: None,
            prefixes: "",
        }
    }

    /// What stands before the host for an operation: `sync-` for `StartSyncExecution`.
    pub fn host_prefix(&self, operation: &str) -> &'a str {
        let mut prefixes = self.prefixes.split(',').filter_map(|pair| pair.split_once('='));
        let found = prefixes.find(|(of, _)| *of == operation);
        found.map_or("", |(_, prefix)| prefix)
    }
}

fn rows() -> impl Iterator<Item = Service<'static>> {
    TABLE.lines().filter_map(row)
}

fn row(line: &'static str) -> Option<Service<'static>> {
    let line = Some(line).filter(|line| !line.starts_with('#'))?;
    let mut columns = line.split('\t');
    let (endpoint, signing_name, id) = (columns.next()?, columns.next()?, columns.next()?);
    let (protocol, api, json, target) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let global = (columns.next()?, columns.next()?);
    Some(Service {
        endpoint,
        signing_name,
        id,
        protocol: match protocol {
            "query" | "ec2" => Protocol::Query { version: api },
            "json" => Protocol::Json {
                version: json,
                target,
            },
            "rest-json" | "rest-xml" => Protocol::Rest,
            _ => Protocol::Other,
        },
        global: Some(global).filter(|(host, _)| *host != "-"),
        prefixes: columns.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_what_uris_call_them() {
        let json = |version, target| Protocol::Json { version, target };
        let query = |version| Protocol::Query { version };
        for (name, signing_name, id, protocol) in [
            (
                "dynamodb",
                "dynamodb",
                "DYNAMODB",
                json("1.0", "DynamoDB_20120810"),
            ),
            ("states", "states", "SFN", json("1.0", "AWSStepFunctions")),
            ("events", "events", "EVENTBRIDGE", json("1.1", "AWSEvents")),
            ("kinesis", "kinesis", "KINESIS", json("1.1", "Kinesis_20131202")),
            (
                "api.ecr",
                "ecr",
                "ECR",
                json("1.1", "AmazonEC2ContainerRegistry_V20150921"),
            ),
            ("sqs", "sqs", "SQS", query("2012-11-05")),
            ("sns", "sns", "SNS", query("2010-03-31")),
            ("email", "ses", "SES", query("2010-12-01")),
            ("s3", "s3", "S3", Protocol::Rest),
        ] {
            let service = Service::find(name).expect(name);
            assert_eq!(
                (service.signing_name, service.id, service.protocol),
                (signing_name, id, protocol),
                "{name}"
            );
        }
        let iam = Service::find("iam").expect("a service");
        assert_eq!(iam.global, Some(("iam.amazonaws.com", "us-east-1")));
        assert_eq!(Service::find("nothing"), None);
        let states = Service::find("states").expect("a service");
        assert_eq!(states.host_prefix("StartSyncExecution"), "sync-");
        assert_eq!(states.host_prefix("StartExecution"), "");
        assert!(Service::known_by("s3.eu-central-1") && !Service::known_by("s4.eu-central-1"));
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert!(lines > 400 && rows().count() == lines);
    }
}
