//! What is wrong with policies: "Grammar of the IAM JSON policy language".

use crate::{Kind, LARGEST_POLICY, Policy, Problem};

fn problems(text: &str, kind: Kind) -> Vec<Problem> {
    Policy::parse(text, kind).err().unwrap_or_default()
}

fn statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#)
}

fn assert_problems(kind: Kind, rows: &[(&str, &[(&str, &str)])]) {
    for (text, expected) in rows {
        let found = problems(text, kind);
        let found: Vec<_> = found
            .iter()
            .map(|problem| (problem.pointer.as_str(), problem.what.as_str()))
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn of_documents() {
    assert_problems(
        Kind::Identity,
        &[
            ("[]", &[("", "the policy is a list, not an object")]),
            ("{}", &[("", "the policy has no Statement")]),
            (r#"{"Statement": []}"#, &[("/Statement", "is an empty list")]),
            (
                r#"{"Statement": [7]}"#,
                &[("/Statement/0", "is a number, not a statement")],
            ),
            (
                r#"{"Version": "2012", "Statment": [], "Id": 1}"#,
                &[
                    ("/Version", "no such version: \"2012\""),
                    ("/Statment", "no such element"),
                    ("/Id", "is a number, not a string"),
                    ("", "the policy has no Statement"),
                ],
            ),
        ],
    );
    let twice = problems(
        r#"{"Statement": {"Effect": "Deny", "Effect": "Allow"}}"#,
        Kind::Identity,
    );
    assert!(
        twice[0].what.contains("\"Effect\" comes twice in one object"),
        "{twice:?}"
    );
    let large = format!(r#"{{"Id": "{}"}}"#, "x".repeat(LARGEST_POLICY));
    assert_eq!(
        problems(&large, Kind::Identity)[0].what,
        "the policy has 20490 bytes, and 20480 are taken"
    );
    let deep = "[".repeat(10_000);
    assert!(
        problems(&deep, Kind::Identity)[0]
            .what
            .starts_with("the policy cannot be read: recursion limit exceeded")
    );
    for text in ["", "{", "nul", "\u{0}", r#"{"a": 1e999}"#] {
        assert_eq!(problems(text, Kind::Identity).len(), 1, "{text}");
    }
}

#[test]
fn of_statements() {
    let whole = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    assert_eq!(problems(&statement(whole), Kind::Identity), []);
    assert_problems(
        Kind::Identity,
        &[
            (
                &statement(""),
                &[
                    ("/Statement/0", "has neither Action nor NotAction"),
                    ("/Statement/0", "has neither Resource nor NotResource"),
                    ("/Statement/0", "has no Effect"),
                ],
            ),
            (
                &statement(&format!(r#"{whole}, "NotAction": "s3:*""#)),
                &[("/Statement/0", "has Action and NotAction")],
            ),
            (
                &statement(&format!(r#"{whole}, "Sid": null"#)),
                &[("/Statement/0/Sid", "is null, not a string")],
            ),
            (
                &statement(&format!(r#"{whole}, "Sids": "x""#)),
                &[("/Statement/0/Sids", "no such element")],
            ),
            (
                &statement(&format!(r#"{whole}, "Principal": "*""#)),
                &[("/Statement/0/Principal", "an identity's policy has no principal")],
            ),
            (
                &statement(r#""Effect": "allow", "Action": ["GetItem", 7], "Resource": []"#),
                &[
                    ("/Statement/0/Effect", "no such effect: \"allow\""),
                    ("/Statement/0/Action/1", "is a number, not a string"),
                    ("/Statement/0/Action/0", "\"GetItem\" names no service"),
                    ("/Statement/0/Resource", "is an empty list"),
                ],
            ),
            (
                &statement(
                    r#""Effect": "Allow", "Action": "*", "Resource": ["pets", "arn:aws:s3::${aws:userid}:x"]"#,
                ),
                &[
                    ("/Statement/0/Resource/0", "\"pets\" is no ARN"),
                    (
                        "/Statement/0/Resource/1",
                        "\"arn:aws:s3::${aws:userid}:x\" has a variable before its fifth colon",
                    ),
                ],
            ),
        ],
    );
}

#[test]
fn of_principals() {
    let with = |principal: &str| {
        statement(&format!(
            r#""Effect": "Allow", "Action": "*", "Resource": "*", {principal}"#
        ))
    };
    assert_eq!(problems(&with(r#""Principal": "*""#), Kind::Resource), []);
    assert_problems(
        Kind::Resource,
        &[
            (
                &with(r#""Sid": "x""#),
                &[("/Statement/0", "has neither Principal nor NotPrincipal")],
            ),
            (
                &with(r#""Principal": "123456789012""#),
                &[("/Statement/0/Principal", "is a string, which names nobody")],
            ),
            (
                &with(r#""Principal": {}"#),
                &[("/Statement/0/Principal", "is an object, which names nobody")],
            ),
            (
                &with(r#""Principal": {"AWS": ["arn:aws:iam::123456789012:user/*", "ann", "123"]}"#),
                &[
                    (
                        "/Statement/0/Principal/AWS/0",
                        "\"arn:aws:iam::123456789012:user/*\" is no principal",
                    ),
                    ("/Statement/0/Principal/AWS/1", "\"ann\" is no principal"),
                    ("/Statement/0/Principal/AWS/2", "\"123\" is no principal"),
                ],
            ),
            (
                &with(r#""Principal": {"User": "x"}"#),
                &[("/Statement/0/Principal/User", "no such kind of principal")],
            ),
            (
                &with(r#""NotPrincipal": {"Service": "*"}"#),
                &[("/Statement/0/NotPrincipal/Service", "\"*\" has a wildcard")],
            ),
            (
                &with(r#""Principal": {"CanonicalUser": "x"}"#),
                &[(
                    "/Statement/0/Principal/CanonicalUser",
                    "canonical users are not supported",
                )],
            ),
        ],
    );
}

#[test]
fn of_conditions() {
    let with = |condition: &str| {
        statement(&format!(
            r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}"#
        ))
    };
    let at = "/Statement/0/Condition";
    for (condition, pointer, what) in [
        ("[]", "", "is a list, not an object"),
        (
            r#"{"StringEqual": {"a": "x"}}"#,
            "/StringEqual",
            "no such operator: \"StringEqual\"",
        ),
        (
            r#"{"stringequals": {"a": "x"}}"#,
            "/stringequals",
            "no such operator: \"stringequals\"",
        ),
        (
            r#"{"NullIfExists": {"a": "true"}}"#,
            "/NullIfExists",
            "no such operator: \"NullIfExists\"",
        ),
        (
            r#"{"ForSome:StringEquals": {"a": "x"}}"#,
            "/ForSome:StringEquals",
            "no such operator: \"ForSome:StringEquals\"",
        ),
        (
            r#"{"NumericLike": {"a": "1"}}"#,
            "/NumericLike",
            "no such operator: \"NumericLike\"",
        ),
        (
            r#"{"StringEquals": "x"}"#,
            "/StringEquals",
            "is a string, not an object",
        ),
        (
            r#"{"StringEquals": {"aws:PrincipalTag/a": []}}"#,
            "/StringEquals/aws:PrincipalTag~1a",
            "is an empty list",
        ),
        (
            r#"{"StringEquals": {"a": {}}}"#,
            "/StringEquals/a",
            "is an object, not a value",
        ),
        (
            r#"{"StringEquals": {"a": ["x", null]}}"#,
            "/StringEquals/a/1",
            "is null, not a value",
        ),
        (
            r#"{"NumericEquals": {"a": ["1", "1e3"]}}"#,
            "/NumericEquals/a/1",
            "\"1e3\" is no value of this operator",
        ),
        (
            r#"{"NumericEquals": {"a": "${aws:x}"}}"#,
            "/NumericEquals/a",
            "\"${aws:x}\" is no value of this operator",
        ),
        (
            r#"{"DateEquals": {"a": "now"}}"#,
            "/DateEquals/a",
            "\"now\" is no value of this operator",
        ),
        (
            r#"{"Bool": {"a": "yes"}}"#,
            "/Bool/a",
            "\"yes\" is no value of this operator",
        ),
        (
            r#"{"Null": {"a": "0"}}"#,
            "/Null/a",
            "\"0\" is no value of this operator",
        ),
        (
            r#"{"BinaryEquals": {"a": "%"}}"#,
            "/BinaryEquals/a",
            "\"%\" is no value of this operator",
        ),
        (
            r#"{"IpAddress": {"a": "203.0.113.0/33"}}"#,
            "/IpAddress/a",
            "\"203.0.113.0/33\" is no value of this operator",
        ),
        (
            r#"{"IpAddress": {"a": "203.0.113.*"}}"#,
            "/IpAddress/a",
            "\"203.0.113.*\" is no value of this operator",
        ),
        (
            r#"{"IpAddress": {"a": "::/+8"}}"#,
            "/IpAddress/a",
            "\"::/+8\" is no value of this operator",
        ),
        (
            r#"{"ArnLike": {"a": "arn:aws:sns"}}"#,
            "/ArnLike/a",
            "\"arn:aws:sns\" is no value of this operator",
        ),
    ] {
        let found = problems(&with(condition), Kind::Identity);
        let found: Vec<_> = found
            .iter()
            .map(|problem| (problem.pointer.clone(), problem.what.as_str()))
            .collect();
        assert_eq!(found, [(format!("{at}{pointer}"), what)], "{condition}");
    }
}

#[test]
fn are_shown_with_place_and_hint() {
    let found = problems(
        &statement(r#""Effect": "Allow", "Action": "Invoke", "Resource": "*""#),
        Kind::Identity,
    );
    assert_eq!(
        found[0].to_string(),
        "/Statement/0/Action: \"Invoke\" names no service\nhint: an action is service:Name, like execute-api:Invoke"
    );
}
