//! Where services are, and whose credentials a role means; what is refused before a request is served.

use std::collections::BTreeMap;

use portcullis::node::{Node, Options};
use portcullis_testkit::{Origin, Running};

use super::{definition, files, post, told};

const ACTION: &str = "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem";

fn toml(aws: &str) -> String {
    format!("{{listener api}}\n{aws}\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n")
}

/// AWS's order: the environment before files, a service's own before that of all.
#[tokio::test]
async fn a_server_is_named_for_a_service_or_for_all() {
    const CREDENTIALS: &str = "[aws.credentials.default]\nfile = \"aws.credentials\"";
    let (one, two) = (Origin::echo().await, Origin::echo().await);
    let (right, wrong) = (
        format!("http://{}", one.authority()),
        format!("http://{}", two.authority()),
    );
    for (environment, aws) in [
        (vec![], format!("[aws]\nendpoint = \"{right}\"")),
        (
            vec![],
            format!("[aws]\nendpoint = \"{wrong}\"\nendpoints.dynamodb = \"{right}\""),
        ),
        (
            vec![],
            format!(
                "[aws]\nendpoints.dynamodb = \"{wrong}\"\nendpoints.\"dynamodb.eu-west-1\" = \"{right}\""
            ),
        ),
        (
            vec![],
            format!(
                "[aws]\nendpoint = \"{right}\"\nendpoints.\"dynamodb.eu-west-2\" = \"{wrong}\"\nendpoints.sqs = \"{wrong}\""
            ),
        ),
        (
            vec![("AWS_ENDPOINT_URL", &right)],
            format!("[aws]\nendpoint = \"{wrong}\"\nendpoints.dynamodb = \"{wrong}\""),
        ),
        (
            vec![
                ("AWS_ENDPOINT_URL", &wrong),
                ("AWS_ENDPOINT_URL_DYNAMODB", &right),
            ],
            "[aws]".to_owned(),
        ),
        (
            vec![
                ("AWS_ENDPOINT_URL_SQS", &wrong),
                ("AWS_ENDPOINT_URL_DYNAMODB", &right),
            ],
            "[aws]".to_owned(),
        ),
    ] {
        one.forget();
        let options = Options {
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).clone()))
                .collect(),
            ..Options::default()
        };
        let text = toml(&format!("{aws}\n{CREDENTIALS}"));
        let gateway = Running::start_with(&text, files(&definition(ACTION, "")), options).await;
        assert_eq!(post(&gateway, "/dev/call", "{}").await.status, 200);
        assert_eq!(one.recorded().len(), 1, "{environment:?} {aws}");
    }
    assert!(two.recorded().is_empty());
}

/// The id of the key that signs for a role.
async fn signer(gateway: &Running, origin: &Origin) -> String {
    let answer = post(gateway, "/dev/call", "{}").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let request = origin.recorded().pop().expect("a request");
    let authorization = request.headers["authorization"].to_str().expect("text");
    let id = authorization.split("Credential=").nth(1).expect("a key");
    id.split('/').next().expect("an id").to_owned()
}

#[tokio::test]
async fn a_role_means_credentials() {
    let origin = Origin::echo().await;
    let aws = format!(
        r#"
        [aws]
        endpoint = "http://{}"
        [aws.credentials]
        default = {{ file = "keys" }}
        orders = {{ file = "keys", profile = "orders" }}
        [aws.roles]
        "arn:aws:iam::123456789012:role/orders" = "orders"
        "#,
        origin.authority()
    );
    let keys = "[default]\naws_access_key_id = D\naws_secret_access_key = d\n\
                [orders]\naws_access_key_id = O\naws_secret_access_key = o\n";
    for (credentials, expected) in [
        ("arn:aws:iam::123456789012:role/orders", "O"),
        ("arn:aws:iam::123456789012:role/${stageVariables.role}", "O"),
        ("arn:aws:iam::123456789012:role/others", "D"),
        ("''", "D"),
    ] {
        let definition = definition(ACTION, "").replace("arn:aws:iam::123456789012:role/orders", credentials);
        let files = files(&definition);
        files.write("keys", keys);
        let text = format!("{}variables = {{ role = \"orders\" }}\n", toml(&aws));
        let gateway = Running::start(&text, files).await;
        assert_eq!(signer(&gateway, &origin).await, expected, "{credentials}");
    }
}

/// A name may mean this machine in many ways. What the configuration names by its address is meant.
#[tokio::test]
async fn inner_addresses_are_connected_to_only_where_they_are_named() {
    let origin = Origin::echo().await;
    let port = origin.authority().split(':').nth(1).expect("a port").to_owned();
    for (host, allow, expected) in [
        ("127.0.0.1", "", 200),
        ("localhost", "", 200),
        ("2130706433", "", 503),
        ("0x7f000001", "", 503),
        ("0x7f000001", "\"127.0.0.0/8\"", 200),
        ("0x7f000001", "\"169.254.0.0/16\"", 503),
    ] {
        let aws = format!(
            "[aws]\nendpoint = \"http://{host}:{port}\"\nallow = [{allow}]\ncredentials.default.file = \"aws.credentials\""
        );
        let gateway = Running::start(&toml(&aws), files(&definition(ACTION, ""))).await;
        let answer = post(&gateway, "/dev/call", "{}").await;
        assert_eq!(answer.status, expected, "{host} {allow}");
    }
    // An HTTP integration may go where its URI says, as before.
    let http = format!(
        "{{listener api}}\n[apis.api.stages.dev]\n[[apis.api.routes]]\npath = \"/\"\nintegration = {{ type = \"http_proxy\", uri = \"http://0x7f000001:{port}/\" }}\n"
    );
    assert_eq!(Running::of(&http).await.get("/dev/", &[]).await.status, 200);
}

/// The problems of a configuration with a definition.
async fn problems(aws: &str, definition: &str, environment: BTreeMap<String, String>) -> String {
    let files = files(definition);
    files.write(
        "gateway.toml",
        format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n{aws}\n[apis.api]\nopenapi = \"api.yaml\"\n[apis.api.stages.dev]\n"),
    );
    files.write("empty", "");
    let options = Options {
        environment,
        ..Options::default()
    };
    match Node::start(files.path("gateway.toml"), options).await {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    const GOOD: &str = "[aws.credentials.default]\nfile = \"aws.credentials\"";
    let of = |uri: &str| definition(uri, "");
    let caller = of(ACTION).replace("iam::123456789012:role/orders", "iam::*:user/*");
    let link = definition(
        ACTION,
        "\n          connectionType: VPC_LINK\n          connectionId: l",
    );
    for (aws, definition, expected) in [
        (
            "",
            of(ACTION),
            "there are no credentials for the role `arn:aws:iam::123456789012:role/orders`",
        ),
        (
            "",
            of(ACTION),
            "add [aws.credentials.default] to gateway.toml, or the role to [aws.roles]",
        ),
        (
            GOOD,
            caller,
            "the caller's identity cannot be passed to the service",
        ),
        (
            GOOD,
            link,
            "an integration of type AWS is not reached through a VPC link",
        ),
        (
            GOOD,
            of("arn:aws:apigateway:us-east-1:s3:action/GetObject"),
            "the service `s3` has no actions by name",
        ),
        (
            GOOD,
            of("arn:aws:apigateway:us-east-1:s3:path/{key}").replace("/{key}:", "/{other}:"),
            "nothing fills the placeholder {key}",
        ),
        (
            "[aws.credentials.default]\nfile = \"missing\"",
            of(ACTION),
            "missing: No such file or directory",
        ),
        (
            "[aws.credentials.default]\nfile = \"empty\"",
            of(ACTION),
            "has no aws_access_key_id and aws_secret_access_key in a section [default]",
        ),
        (
            "[aws.credentials.default]\nfile = \"aws.credentials\"\nchain = [\"environment\"]",
            of(ACTION),
            "the credentials `default` have both a file and a chain",
        ),
        (
            "[aws.credentials.default]\nchain = []",
            of(ACTION),
            "the chain of the credentials `default` is empty",
        ),
        (
            "[aws.roles]\n\"arn:aws:iam::1:role/r\" = \"defualt\"\n[aws.credentials.default]",
            of(ACTION),
            "there are no credentials `defualt`",
        ),
        (
            "[aws.roles]\n\"arn:aws:iam::*:role/r\" = \"default\"\n[aws.credentials.default]",
            of(ACTION),
            "`arn:aws:iam::*:role/r` is not the ARN of a role",
        ),
        (
            "[aws]\nendpoint = \"127.0.0.1\"",
            of(ACTION),
            "is not an http:// or https:// URL of a server",
        ),
        (
            "[aws]\nendpoints.s3 = \"ftp://h\"",
            of(ACTION),
            "is not an http:// or https:// URL of a server",
        ),
        (
            "[aws]\nallow = [\"loopback\"]",
            of(ACTION),
            "`loopback` is no range of addresses",
        ),
        (
            "[aws]\ntrust_bundle = \"none\"",
            of(ACTION),
            "there is no trust bundle `none`",
        ),
    ] {
        let told = problems(aws, &definition, BTreeMap::new()).await;
        assert!(told.contains(expected), "{aws}\n{expected}\n{told}");
    }
    let environment = BTreeMap::from([("AWS_ENDPOINT_URL_S3".to_owned(), "nowhere".to_owned())]);
    let found = problems(GOOD, &of(ACTION), environment).await;
    assert!(
        found.contains("`nowhere` is not an http:// or https:// URL of a server"),
        "{found}"
    );
    assert!(found.contains("AWS_ENDPOINT_URL_S3"), "{found}");
}

/// A variable that a stage lacks keeps its method from being called, as with HTTP.
#[tokio::test]
async fn a_stage_without_a_variable() {
    let aws = "[aws.credentials.default]\nfile = \"aws.credentials\"";
    let definition = definition(
        "arn:aws:apigateway:${stageVariables.region}:dynamodb:action/PutItem",
        "",
    );
    let gateway = Running::start(&toml(aws), files(&definition)).await;
    let answer = post(&gateway, "/dev/call", "{}").await;
    assert_eq!(told(&answer), (500, r#"{"message": "Internal server error"}"#));
}
