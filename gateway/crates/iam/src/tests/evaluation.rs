//! Statements and policies.

use crate::{Context, Kind, Outcome, Policy, Principal, Request, Trace, evaluate};

const ALLOW: Outcome = Outcome::Allow;
const DENY: Outcome = Outcome::ExplicitDeny;
const NOT: Outcome = Outcome::ImplicitDeny;

fn identity(statements: &str) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#);
    Policy::parse(&text, Kind::Identity).unwrap_or_else(|problems| panic!("{statements}: {problems:?}"))
}

fn outcome(policy: &Policy, action: &str, resource: &str) -> Outcome {
    let context: Context = [("aws:username", "ann")].into_iter().collect();
    evaluate(
        &[policy],
        &Request {
            action,
            resource,
            principal: Principal::Anonymous,
            context: &context,
        },
    )
    .outcome
}

#[test]
fn actions() {
    // "IAM JSON policy elements: Action", "NotAction".
    let rows = [
        (
            "the same",
            r#""Action": "execute-api:Invoke""#,
            "execute-api:Invoke",
            ALLOW,
        ),
        (
            "another",
            r#""Action": "execute-api:Invoke""#,
            "execute-api:ManageConnections",
            NOT,
        ),
        (
            "no case",
            r#""Action": "EXECUTE-API:invoke""#,
            "execute-api:Invoke",
            ALLOW,
        ),
        ("all", r#""Action": "*""#, "execute-api:Invoke", ALLOW),
        ("all of a service", r#""Action": "s3:*""#, "s3:GetObject", ALLOW),
        (
            "none of another service",
            r#""Action": "s3:*""#,
            "s3-outposts:GetObject",
            NOT,
        ),
        (
            "a beginning",
            r#""Action": "iam:*AccessKey*""#,
            "iam:CreateAccessKey",
            ALLOW,
        ),
        (
            "one of several",
            r#""Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]"#,
            "sqs:ReceiveMessage",
            ALLOW,
        ),
        (
            "one character",
            r#""Action": "s3:Get?bject""#,
            "s3:GetObject",
            ALLOW,
        ),
        (
            "HTTP verbs of apigateway",
            r#""Action": "apigateway:P*""#,
            "apigateway:PATCH",
            ALLOW,
        ),
        ("no variables", r#""Action": "s3:${aws:username}""#, "s3:ann", NOT),
        ("not", r#""NotAction": "iam:*""#, "s3:GetObject", ALLOW),
        ("not, but it is", r#""NotAction": "iam:*""#, "iam:CreateUser", NOT),
        (
            "not any of several",
            r#""NotAction": ["iam:*", "s3:*"]"#,
            "S3:GetObject",
            NOT,
        ),
    ];
    for (name, element, action, expected) in rows {
        let policy = identity(&format!(r#"{{"Effect": "Allow", {element}, "Resource": "*"}}"#));
        assert_eq!(outcome(&policy, action, "arn:aws:s:::r"), expected, "{name}");
    }
}

#[test]
fn resources() {
    // "IAM JSON policy elements: Resource", "NotResource"; ARNs of "Control access for invoking an API" and of "Control
    // access to managing an API" (API Gateway).
    const PETS: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/pets";
    let rows = [
        ("all", r#""Resource": "*""#, PETS, ALLOW),
        (
            "the same",
            r#""Resource": "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/pets""#,
            PETS,
            ALLOW,
        ),
        (
            "its case",
            r#""Resource": "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/Pets""#,
            PETS,
            NOT,
        ),
        (
            "a stage",
            r#""Resource": "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/*""#,
            PETS,
            ALLOW,
        ),
        (
            "another stage",
            r#""Resource": "arn:aws:execute-api:eu-west-1:123456789012:a1/test/*""#,
            PETS,
            NOT,
        ),
        (
            "a verb",
            r#""Resource": "arn:aws:execute-api:*:*:a1/*/GET/*""#,
            PETS,
            ALLOW,
        ),
        (
            "another verb",
            r#""Resource": "arn:aws:execute-api:*:*:a1/*/POST/*""#,
            PETS,
            NOT,
        ),
        (
            "all of everywhere",
            r#""Resource": "arn:aws:execute-api:*:*:*""#,
            PETS,
            ALLOW,
        ),
        (
            "fewer sections",
            r#""Resource": "arn:aws:execute-api:*""#,
            PETS,
            ALLOW,
        ),
        (
            "fewer sections, another service",
            r#""Resource": "arn:aws:s3:*""#,
            PETS,
            NOT,
        ),
        (
            "one character",
            r#""Resource": "arn:aws:execute-api:eu-west-?:123456789012:a?/*""#,
            PETS,
            ALLOW,
        ),
        // "within any ARN segment (the parts separated by colons)": what the client sends as a path does not count as an
        // account.
        (
            "a star stays in its section",
            r#""Resource": "arn:aws:execute-api:eu-west-1:*:a1/prod/GET/pets""#,
            "arn:aws:execute-api:eu-west-1:123456789012:a2/prod/GET/x:a1/prod/GET/pets",
            NOT,
        ),
        (
            "but in the last one",
            r#""Resource": "arn:aws:execute-api:eu-west-1:*:a2/*""#,
            "arn:aws:execute-api:eu-west-1:123456789012:a2/prod/GET/x:y",
            ALLOW,
        ),
        (
            "empty sections",
            r#""Resource": "arn:aws:apigateway:eu-west-1::/restapis/*""#,
            "arn:aws:apigateway:eu-west-1::/restapis/a1",
            ALLOW,
        ),
        (
            "not the API itself",
            r#""Resource": "arn:aws:apigateway:eu-west-1::/restapis/*/*""#,
            "arn:aws:apigateway:eu-west-1::/restapis/a1",
            NOT,
        ),
        (
            "one of several",
            r#""Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]"#,
            "arn:aws:s3:::b",
            ALLOW,
        ),
        (
            "a variable",
            r#""Resource": "arn:aws:s3:::mybucket/${aws:username}/*""#,
            "arn:aws:s3:::mybucket/ann/x",
            ALLOW,
        ),
        (
            "another's",
            r#""Resource": "arn:aws:s3:::mybucket/${aws:username}/*""#,
            "arn:aws:s3:::mybucket/bob/x",
            NOT,
        ),
        (
            "a default",
            r#""Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'company-wide'}/*""#,
            "arn:aws:s3:::b/company-wide/x",
            ALLOW,
        ),
        (
            "without a value",
            r#""Resource": "arn:aws:s3:::b/${aws:userid}""#,
            "arn:aws:s3:::b/",
            NOT,
        ),
        (
            "one of several without a value",
            r#""Resource": ["arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::c"]"#,
            "arn:aws:s3:::c",
            ALLOW,
        ),
        (
            "no wildcard",
            r#""Resource": "arn:aws:s3:::b/${*}""#,
            "arn:aws:s3:::b/x",
            NOT,
        ),
        (
            "not",
            r#""NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]"#,
            "arn:aws:s3:::b",
            ALLOW,
        ),
        (
            "not, but it is",
            r#""NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]"#,
            "arn:aws:s3:::a/x",
            NOT,
        ),
        (
            "not, without a value",
            r#""NotResource": "arn:aws:s3:::b/${aws:userid}""#,
            "arn:aws:s3:::c",
            NOT,
        ),
    ];
    for (name, element, resource, expected) in rows {
        let policy = identity(&format!(r#"{{"Effect": "Allow", "Action": "*", {element}}}"#));
        assert_eq!(outcome(&policy, "s:A", resource), expected, "{name}");
    }
    let policy =
        identity(r#"{"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:userid}"}"#);
    assert_eq!(outcome(&policy, "s:A", "arn:aws:s3:::c"), DENY);
}

#[test]
fn variables_are_of_the_newer_version() {
    // "IAM JSON policy elements: Version": without it the version is 2008-10-17, and `${aws:username}` a literal string.
    for (version, own, literal) in [
        (r#""Version": "2012-10-17", "#, ALLOW, NOT),
        (r#""Version": "2008-10-17", "#, NOT, ALLOW),
        ("", NOT, ALLOW),
    ] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${{aws:username}}"}}, {version}"Id": "x"}}"#
        );
        let policy = Policy::parse(&text, Kind::Identity).unwrap();
        assert_eq!(policy.id(), Some("x"));
        assert_eq!(outcome(&policy, "s:A", "arn:aws:s3:::ann"), own, "{version}");
        assert_eq!(
            outcome(&policy, "s:A", "arn:aws:s3:::${aws:username}"),
            literal,
            "{version}"
        );
    }
}

#[test]
fn a_deny_overrides() {
    // "Policy evaluation logic": all requests are implicitly denied; an explicit allow overrides this; an explicit deny
    // overrides any allow.
    let allow = identity(r#"[{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]"#);
    let deny = identity(
        r#"[{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
            {"Sid": "d", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}]"#,
    );
    let context = Context::new();
    let decide = |policies: &[&Policy], action| {
        let request = Request {
            action,
            resource: "arn:aws:s3:::b",
            principal: Principal::Anonymous,
            context: &context,
        };
        let decision = evaluate(policies, &request);
        let trace = decision.trace.map(
            |Trace {
                 policy,
                 statement,
                 sid,
             }| (policy, statement, sid.map(str::to_owned)),
        );
        (decision.outcome, trace)
    };
    let sid = |sid: &str| Some(sid.to_owned());
    assert_eq!(decide(&[], "s3:GetObject"), (NOT, None));
    assert_eq!(decide(&[&allow], "iam:GetUser"), (NOT, None));
    assert_eq!(decide(&[&allow], "s3:GetObject"), (ALLOW, Some((0, 0, sid("a")))));
    assert_eq!(
        decide(&[&deny, &allow], "s3:GetObject"),
        (ALLOW, Some((0, 0, None)))
    );
    assert_eq!(
        decide(&[&deny, &allow], "s3:PutObject"),
        (ALLOW, Some((1, 0, sid("a"))))
    );
    assert_eq!(
        decide(&[&allow, &deny], "s3:DeleteObject"),
        (DENY, Some((1, 1, sid("d"))))
    );
    assert_eq!(
        decide(&[&deny], "s3:DeleteObject"),
        (DENY, Some((0, 1, sid("d"))))
    );
}

/// A user, a role's session, a root, a stranger, nobody, a service and a provider.
fn principals() -> Vec<(&'static str, Principal<'static>)> {
    const ACCOUNT: &str = "444455556666";
    let aws = |account, arns| Principal::Aws { account, arns };
    vec![
        ("bob", aws(ACCOUNT, &["arn:aws:iam::444455556666:user/Bob"])),
        ("ann", aws(ACCOUNT, &["arn:aws:iam::444455556666:user/Ann"])),
        (
            "audit",
            aws(
                ACCOUNT,
                &[
                    "arn:aws:sts::444455556666:assumed-role/ro/audit",
                    "arn:aws:iam::444455556666:role/ro",
                ],
            ),
        ),
        ("root", aws(ACCOUNT, &["arn:aws:iam::444455556666:root"])),
        (
            "stranger",
            aws("111122223333", &["arn:aws:iam::111122223333:user/Bob"]),
        ),
        ("nobody", Principal::Anonymous),
        ("events", Principal::Service("events.amazonaws.com")),
        ("cognito", Principal::Federated("cognito-identity.amazonaws.com")),
    ]
}

fn whom(effect: &str, element: &str) -> Vec<&'static str> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", {element}, "Action": "*", "Resource": "*"}}}}"#
    );
    let policy =
        Policy::parse(&text, Kind::Resource).unwrap_or_else(|problems| panic!("{element}: {problems:?}"));
    let context = Context::new();
    let applies = |principal| {
        let request = Request {
            action: "s:A",
            resource: "arn:aws:s:::r",
            principal,
            context: &context,
        };
        evaluate(&[&policy], &request).outcome != NOT
    };
    principals()
        .into_iter()
        .filter(|(_, principal)| applies(*principal))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn principals_of_resources() {
    // "AWS JSON policy elements: Principal".
    let everyone: Vec<_> = principals().into_iter().map(|(name, _)| name).collect();
    let rows: &[(&str, &[&str])] = &[
        (r#""Principal": "*""#, &everyone),
        (r#""Principal": {"AWS": "*"}"#, &everyone),
        (
            r#""Principal": {"AWS": "444455556666"}"#,
            &["bob", "ann", "audit", "root"],
        ),
        (
            r#""Principal": {"AWS": "arn:aws:iam::444455556666:root"}"#,
            &["bob", "ann", "audit", "root"],
        ),
        (
            r#""Principal": {"AWS": "arn:aws:iam::444455556666:user/Bob"}"#,
            &["bob"],
        ),
        (
            r#""Principal": {"AWS": "arn:aws:iam::444455556666:user/bob"}"#,
            &[],
        ),
        (
            r#""Principal": {"AWS": ["arn:aws:iam::444455556666:role/ro", "111122223333"]}"#,
            &["audit", "stranger"],
        ),
        (
            r#""Principal": {"AWS": "arn:aws:sts::444455556666:assumed-role/ro/audit"}"#,
            &["audit"],
        ),
        (r#""Principal": {"Service": "events.amazonaws.com"}"#, &["events"]),
        (
            r#""Principal": {"Federated": "cognito-identity.amazonaws.com", "Service": ["x", "y"]}"#,
            &["cognito"],
        ),
    ];
    for (element, expected) in rows {
        assert_eq!(whom("Allow", element), *expected, "{element}");
        assert_eq!(whom("Deny", element), *expected, "{element}");
    }
}

#[test]
fn principals_that_are_spared() {
    // "AWS JSON policy elements: NotPrincipal", with its examples.
    let bob = r#""NotPrincipal": {"AWS": ["arn:aws:iam::444455556666:user/Bob", "arn:aws:iam::444455556666:root"]}"#;
    assert_eq!(
        whom("Deny", bob),
        ["ann", "audit", "stranger", "nobody", "events", "cognito"]
    );
    let audit = r#""NotPrincipal": {"AWS": ["arn:aws:sts::444455556666:assumed-role/ro/audit", "arn:aws:iam::444455556666:role/ro", "arn:aws:iam::444455556666:root"]}"#;
    assert_eq!(
        whom("Deny", audit),
        ["bob", "ann", "stranger", "nobody", "events", "cognito"]
    );
    let session = r#""NotPrincipal": {"AWS": "arn:aws:sts::444455556666:assumed-role/ro/audit"}"#;
    assert!(whom("Deny", session).contains(&"audit"));
    // With an allow, whoever is named in any way is not meant.
    assert_eq!(
        whom("Allow", r#""NotPrincipal": {"AWS": "444455556666"}"#),
        ["stranger", "nobody", "events", "cognito"]
    );
    assert_eq!(whom("Allow", r#""NotPrincipal": "*""#), [""; 0]);
    assert_eq!(whom("Deny", r#""NotPrincipal": "*""#), [""; 0]);
}

#[test]
fn api_gateways_examples() {
    // "API Gateway resource policy examples": deny traffic by source address, and by endpoint.
    let address = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a1/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a1/*",
         "Condition": {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}}}]}"#;
    let endpoint = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a1/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a1/*",
         "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}]}"#;
    for (text, pair, expected) in [
        (address, ("aws:SourceIp", "192.0.2.9"), ALLOW),
        (address, ("aws:SourceIp", "203.0.113.9"), DENY),
        (endpoint, ("aws:SourceVpce", "vpce-1a2b3c4d"), ALLOW),
        (endpoint, ("aws:SourceVpce", "vpce-2"), DENY),
        (endpoint, ("aws:SourceIp", "192.0.2.9"), DENY),
    ] {
        let policy = Policy::parse(text, Kind::Resource).unwrap();
        let context: Context = [pair].into_iter().collect();
        let resource = "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/pets";
        let request = Request {
            action: "execute-api:Invoke",
            resource,
            principal: Principal::Anonymous,
            context: &context,
        };
        assert_eq!(evaluate(&[&policy], &request).outcome, expected, "{pair:?}");
    }
}

#[test]
fn what_reads_the_context() {
    for (statement, expected) in [
        (r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#, false),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:*:*:a/*"}"#,
            false,
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}"#,
            true,
        ),
        (
            r#"{"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::b/${aws:username}"}"#,
            true,
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}"#,
            true,
        ),
    ] {
        assert_eq!(identity(statement).reads_context(), expected, "{statement}");
    }
}
