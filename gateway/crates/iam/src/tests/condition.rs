//! Operators. Without another source a row is of "IAM JSON policy elements: Condition operators" (operators) or of "Creating
//! a condition with multiple keys or values" (sets).

use crate::{Context, Kind, Outcome, Policy, Principal, Request, evaluate};

const ALLOW: Outcome = Outcome::Allow;
const NOT: Outcome = Outcome::ImplicitDeny;

/// Name, condition, the request's values as `key=value`, what an allow with this condition gives.
type Row = (&'static str, &'static str, &'static [&'static str], Outcome);

fn context(values: &[&str]) -> Context {
    values.iter().map(|pair| pair.split_once('=').unwrap()).collect()
}

fn outcome(effect: &str, condition: &str, values: &[&str]) -> Outcome {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {condition}}}}}"#
    );
    let policy =
        Policy::parse(&text, Kind::Identity).unwrap_or_else(|problems| panic!("{condition}: {problems:?}"));
    let context = context(values);
    let request = Request {
        action: "s:A",
        resource: "arn:aws:s:::r",
        principal: Principal::Anonymous,
        context: &context,
    };
    evaluate(&[&policy], &request).outcome
}

fn check(rows: &[Row]) {
    for (name, condition, values, expected) in rows {
        assert_eq!(
            outcome("Allow", condition, values),
            *expected,
            "{name}: {condition} of {values:?}"
        );
        // A deny holds in the same cases.
        let denied = if *expected == ALLOW {
            Outcome::ExplicitDeny
        } else {
            NOT
        };
        assert_eq!(
            outcome("Deny", condition, values),
            denied,
            "deny, {name}: {condition} of {values:?}"
        );
    }
}

#[test]
fn strings() {
    check(&[
        ("the same", r#"{"StringEquals": {"a:k": "x"}}"#, &["a:k=x"], ALLOW),
        (
            "another case",
            r#"{"StringEquals": {"a:k": "x"}}"#,
            &["a:k=X"],
            NOT,
        ),
        (
            "a star is no wildcard here",
            r#"{"StringEquals": {"a:k": "x*"}}"#,
            &["a:k=xy"],
            NOT,
        ),
        ("a star", r#"{"StringEquals": {"a:k": "x*"}}"#, &["a:k=x*"], ALLOW),
        (
            "one of several",
            r#"{"StringEquals": {"a:k": ["x", "y"]}}"#,
            &["a:k=y"],
            ALLOW,
        ),
        (
            "none of several",
            r#"{"StringEquals": {"a:k": ["x", "y"]}}"#,
            &["a:k=z"],
            NOT,
        ),
        ("absent", r#"{"StringEquals": {"a:k": "x"}}"#, &[], NOT),
        (
            "the key's case",
            r#"{"StringEquals": {"AWS:Username": "x"}}"#,
            &["aws:username=x"],
            ALLOW,
        ),
        ("not", r#"{"StringNotEquals": {"a:k": "x"}}"#, &["a:k=y"], ALLOW),
        (
            "not, but it is",
            r#"{"StringNotEquals": {"a:k": "x"}}"#,
            &["a:k=x"],
            NOT,
        ),
        (
            "not any of several",
            r#"{"StringNotEquals": {"a:k": ["x", "y"]}}"#,
            &["a:k=y"],
            NOT,
        ),
        ("not, absent", r#"{"StringNotEquals": {"a:k": "x"}}"#, &[], ALLOW),
        (
            "ignoring case",
            r#"{"StringEqualsIgnoreCase": {"a:k": "Job"}}"#,
            &["a:k=jOB"],
            ALLOW,
        ),
        (
            "ignoring case, beyond ASCII",
            r#"{"StringEqualsIgnoreCase": {"a:k": "ÄRGER"}}"#,
            &["a:k=ärger"],
            ALLOW,
        ),
        (
            "ignoring case, another",
            r#"{"StringEqualsIgnoreCase": {"a:k": "Job"}}"#,
            &["a:k=jobs"],
            NOT,
        ),
        (
            "not, ignoring case",
            r#"{"StringNotEqualsIgnoreCase": {"a:k": "Job"}}"#,
            &["a:k=JOB"],
            NOT,
        ),
        (
            "like",
            r#"{"StringLike": {"a:k": "t?.*"}}"#,
            &["a:k=t2.micro"],
            ALLOW,
        ),
        (
            "like, the whole",
            r#"{"StringLike": {"a:k": "micro"}}"#,
            &["a:k=t2.micro"],
            NOT,
        ),
        (
            "like, its case",
            r#"{"StringLike": {"a:k": "T2*"}}"#,
            &["a:k=t2.micro"],
            NOT,
        ),
        (
            "like nothing",
            r#"{"StringLike": {"s3:prefix": ["", "home/"]}}"#,
            &["s3:prefix="],
            ALLOW,
        ),
        (
            "one character of two bytes",
            r#"{"StringLike": {"a:k": "?x"}}"#,
            &["a:k=äx"],
            ALLOW,
        ),
        (
            "not like",
            r#"{"StringNotLike": {"a:k": "t2*"}}"#,
            &["a:k=t2.micro"],
            NOT,
        ),
        (
            "not like, absent",
            r#"{"StringNotLike": {"a:k": "t2*"}}"#,
            &[],
            ALLOW,
        ),
        (
            "a star beyond colons",
            r#"{"StringLike": {"a:k": "arn:aws:s:*:1:finance/*"}}"#,
            &["a:k=arn:aws:s:r:9:store/abc:1:finance/d"],
            ALLOW,
        ),
        (
            "a variable",
            r#"{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}"#,
            &["s3:prefix=home/ann/x", "aws:username=ann"],
            ALLOW,
        ),
        (
            "another's",
            r#"{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}"#,
            &["s3:prefix=home/bob/x", "aws:username=ann"],
            NOT,
        ),
        (
            "a user's star",
            r#"{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}"#,
            &["s3:prefix=home/bob/x", "aws:username=*"],
            NOT,
        ),
        (
            "a default",
            r#"{"StringEquals": {"a:k": "${aws:userid, 'anonymous'}"}}"#,
            &["a:k=anonymous"],
            ALLOW,
        ),
        (
            "a boolean as a value",
            r#"{"StringEquals": {"a:k": true}}"#,
            &["a:k=true"],
            ALLOW,
        ),
        (
            "a number as a value",
            r#"{"StringEquals": {"a:k": 7}}"#,
            &["a:k=7"],
            ALLOW,
        ),
    ]);
}

#[test]
fn all_operators_and_all_keys_must_hold() {
    // "If your policy has multiple condition operators or multiple keys attached to a single condition operator, the
    // conditions are evaluated using a logical AND" ("Condition").
    check(&[
        (
            "both keys",
            r#"{"StringEquals": {"a:k": "x", "a:l": "y"}}"#,
            &["a:k=x", "a:l=y"],
            ALLOW,
        ),
        (
            "one key",
            r#"{"StringEquals": {"a:k": "x", "a:l": "y"}}"#,
            &["a:k=x", "a:l=z"],
            NOT,
        ),
        (
            "both operators",
            r#"{"StringEquals": {"a:k": "x"}, "Bool": {"a:l": "true"}}"#,
            &["a:k=x", "a:l=true"],
            ALLOW,
        ),
        (
            "one operator",
            r#"{"StringEquals": {"a:k": "x"}, "Bool": {"a:l": "true"}}"#,
            &["a:k=x"],
            NOT,
        ),
        ("none at all", "{}", &[], ALLOW),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (
            "the same",
            r#"{"NumericEquals": {"a:k": "10"}}"#,
            &["a:k=10.0"],
            ALLOW,
        ),
        (
            "a JSON number",
            r#"{"NumericEquals": {"a:k": 10}}"#,
            &["a:k=10"],
            ALLOW,
        ),
        ("another", r#"{"NumericEquals": {"a:k": "10"}}"#, &["a:k=11"], NOT),
        (
            "beyond floating point",
            r#"{"NumericEquals": {"a:k": "9007199254740993"}}"#,
            &["a:k=9007199254740992"],
            NOT,
        ),
        ("not", r#"{"NumericNotEquals": {"a:k": "10"}}"#, &["a:k=10"], NOT),
        (
            "not, absent",
            r#"{"NumericNotEquals": {"a:k": "10"}}"#,
            &[],
            ALLOW,
        ),
        (
            "less",
            r#"{"NumericLessThan": {"a:k": "10"}}"#,
            &["a:k=9.99"],
            ALLOW,
        ),
        (
            "not less",
            r#"{"NumericLessThan": {"a:k": "10"}}"#,
            &["a:k=10"],
            NOT,
        ),
        (
            "less or the same",
            r#"{"NumericLessThanEquals": {"s3:max-keys": "10"}}"#,
            &["s3:max-keys=10"],
            ALLOW,
        ),
        (
            "more than that",
            r#"{"NumericLessThanEquals": {"s3:max-keys": "10"}}"#,
            &["s3:max-keys=10.1"],
            NOT,
        ),
        (
            "greater",
            r#"{"NumericGreaterThan": {"a:k": "-1"}}"#,
            &["a:k=-0.5"],
            ALLOW,
        ),
        (
            "not greater",
            r#"{"NumericGreaterThan": {"a:k": "-1"}}"#,
            &["a:k=-2"],
            NOT,
        ),
        (
            "greater or the same",
            r#"{"NumericGreaterThanEquals": {"a:k": "2"}}"#,
            &["a:k=10"],
            ALLOW,
        ),
        (
            "no number",
            r#"{"NumericLessThan": {"a:k": "10"}}"#,
            &["a:k=five"],
            NOT,
        ),
        ("absent", r#"{"NumericLessThan": {"a:k": "10"}}"#, &[], NOT),
    ]);
}

#[test]
fn dates() {
    check(&[
        (
            "the same, in another zone",
            r#"{"DateEquals": {"a:k": "2020-04-01T00:00:00Z"}}"#,
            &["a:k=2020-04-01T02:00:00+02:00"],
            ALLOW,
        ),
        (
            "the same, in seconds",
            r#"{"DateEquals": {"a:k": "2020-04-01T00:00:00Z"}}"#,
            &["a:k=1585699200"],
            ALLOW,
        ),
        (
            "seconds as a number",
            r#"{"DateEquals": {"aws:EpochTime": 1585699200}}"#,
            &["aws:EpochTime=1585699200"],
            ALLOW,
        ),
        (
            "not",
            r#"{"DateNotEquals": {"a:k": "2020-04-01"}}"#,
            &["a:k=2020-04-01T00:00:00Z"],
            NOT,
        ),
        (
            "before",
            r#"{"DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}}"#,
            &["aws:CurrentTime=2020-04-01T12:00:00Z"],
            ALLOW,
        ),
        (
            "not before",
            r#"{"DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"}}"#,
            &["aws:CurrentTime=2020-06-30T23:59:59Z"],
            NOT,
        ),
        (
            "at or before",
            r#"{"DateLessThanEquals": {"a:k": "2020-06-30T23:59:59Z"}}"#,
            &["a:k=2020-06-30T23:59:59Z"],
            ALLOW,
        ),
        (
            "after",
            r#"{"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}"#,
            &["aws:TokenIssueTime=2021-01-01T00:00:00Z"],
            ALLOW,
        ),
        (
            "without a token",
            r#"{"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}"#,
            &[],
            NOT,
        ),
        (
            "at or after",
            r#"{"DateGreaterThanEquals": {"a:k": "2020"}}"#,
            &["a:k=2020-01-01T00:00:00.000Z"],
            ALLOW,
        ),
        (
            "no date",
            r#"{"DateGreaterThan": {"a:k": "2020"}}"#,
            &["a:k=tomorrow"],
            NOT,
        ),
    ]);
}

#[test]
fn booleans_and_bytes() {
    check(&[
        (
            "true",
            r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
            &["aws:SecureTransport=true"],
            ALLOW,
        ),
        (
            "false",
            r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
            &["aws:SecureTransport=true"],
            NOT,
        ),
        (
            "a JSON boolean",
            r#"{"Bool": {"aws:SecureTransport": false}}"#,
            &["aws:SecureTransport=false"],
            ALLOW,
        ),
        (
            "absent",
            r#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#,
            &[],
            NOT,
        ),
        (
            "absent, if it exists",
            r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#,
            &[],
            ALLOW,
        ),
        ("no boolean", r#"{"Bool": {"a:k": "true"}}"#, &["a:k=1"], NOT),
        (
            "bytes",
            r#"{"BinaryEquals": {"a:k": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#,
            &["a:k=BinaryValueInBase64"],
            ALLOW,
        ),
        (
            "other bytes",
            r#"{"BinaryEquals": {"a:k": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}"#,
            &["a:k=BinaryValue"],
            NOT,
        ),
    ]);
}

#[test]
fn addresses() {
    check(&[
        (
            "within",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            &["aws:SourceIp=203.0.113.255"],
            ALLOW,
        ),
        (
            "without",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            &["aws:SourceIp=203.0.114.0"],
            NOT,
        ),
        (
            "one",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.7"}}"#,
            &["aws:SourceIp=203.0.113.7"],
            ALLOW,
        ),
        (
            "another one",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.7"}}"#,
            &["aws:SourceIp=203.0.113.8"],
            NOT,
        ),
        (
            "all",
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
            &["aws:SourceIp=255.1.2.3"],
            ALLOW,
        ),
        (
            "all of version 4 alone",
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
            &["aws:SourceIp=2001:db8::1"],
            NOT,
        ),
        (
            "version 6",
            r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}}"#,
            &["aws:SourceIp=2001:db8:1234:5678:ffff::1"],
            ALLOW,
        ),
        (
            "version 6, without",
            r#"{"IpAddress": {"aws:SourceIp": "2001:DB8:1234:5678::/64"}}"#,
            &["aws:SourceIp=2001:db8:1234:5679::1"],
            NOT,
        ),
        (
            "all of version 6",
            r#"{"IpAddress": {"aws:SourceIp": "::/0"}}"#,
            &["aws:SourceIp=::1"],
            ALLOW,
        ),
        // RFC 4291, section 2.5.5.2: the same address, as a socket of version 6 has it.
        (
            "mapped",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            &["aws:SourceIp=::ffff:203.0.113.7"],
            ALLOW,
        ),
        (
            "mapped, without",
            r#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            &["aws:SourceIp=::ffff:203.0.113.7"],
            NOT,
        ),
        (
            "bits behind the prefix",
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.9/24"}}"#,
            &["aws:SourceIp=203.0.113.200"],
            ALLOW,
        ),
        (
            "not",
            r#"{"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}"#,
            &["aws:SourceIp=198.51.100.1"],
            ALLOW,
        ),
        (
            "not, but it is",
            r#"{"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}"#,
            &["aws:SourceIp=203.0.113.1"],
            NOT,
        ),
        (
            "absent",
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
            &[],
            NOT,
        ),
        (
            "not, absent",
            r#"{"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
            &[],
            ALLOW,
        ),
        (
            "no address",
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
            &["aws:SourceIp=here"],
            NOT,
        ),
    ]);
}

#[test]
fn arns() {
    check(&[
        (
            "the same",
            r#"{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:r:1:t"}}"#,
            &["aws:SourceArn=arn:aws:sns:r:1:t"],
            ALLOW,
        ),
        (
            "equals is like",
            r#"{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:1:t*"}}"#,
            &["aws:SourceArn=arn:aws:sns:r:1:topic"],
            ALLOW,
        ),
        (
            "like",
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:sns:r:1:*"}}"#,
            &["aws:SourceArn=arn:aws:sns:r:1:a:b/c"],
            ALLOW,
        ),
        (
            "not beyond colons",
            r#"{"ArnLike": {"a:k": "arn:aws:s:*:1:finance/*"}}"#,
            &["a:k=arn:aws:s:r:9:store/abc:1:finance/d"],
            NOT,
        ),
        (
            "its case",
            r#"{"ArnLike": {"a:k": "arn:aws:sns:r:1:T"}}"#,
            &["a:k=arn:aws:sns:r:1:t"],
            NOT,
        ),
        (
            "no ARN",
            r#"{"ArnLike": {"a:k": "arn:*:*:*:*:*"}}"#,
            &["a:k=arn:x"],
            NOT,
        ),
        (
            "a star",
            r#"{"ArnLike": {"a:k": "*"}}"#,
            &["a:k=arn:aws:sns:r:1:t"],
            ALLOW,
        ),
        (
            "not equal",
            r#"{"ArnNotEquals": {"a:k": "arn:aws:sns:*:1:t"}}"#,
            &["a:k=arn:aws:sns:r:1:t"],
            NOT,
        ),
        (
            "not like",
            r#"{"ArnNotLike": {"a:k": "arn:aws:sns:*:1:t"}}"#,
            &["a:k=arn:aws:sns:r:2:t"],
            ALLOW,
        ),
        (
            "not like, absent",
            r#"{"ArnNotLike": {"a:k": "arn:aws:sns:*:1:t"}}"#,
            &[],
            ALLOW,
        ),
        (
            "a variable",
            r#"{"ArnLike": {"a:k": "arn:aws:sns:r:1:${aws:username}"}}"#,
            &["a:k=arn:aws:sns:r:1:ann", "aws:username=ann"],
            ALLOW,
        ),
    ]);
}

#[test]
fn keys_that_are_absent() {
    check(&[
        (
            "if it exists",
            r#"{"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}}"#,
            &[],
            ALLOW,
        ),
        (
            "it exists",
            r#"{"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*"]}}"#,
            &["ec2:InstanceType=m3.x"],
            NOT,
        ),
        (
            "not, if it exists",
            r#"{"StringNotEqualsIfExists": {"a:k": "x"}}"#,
            &[],
            ALLOW,
        ),
        (
            "numbers",
            r#"{"NumericLessThanIfExists": {"a:k": "1"}}"#,
            &[],
            ALLOW,
        ),
        ("null", r#"{"Null": {"aws:TokenIssueTime": "true"}}"#, &[], ALLOW),
        (
            "null, but it is there",
            r#"{"Null": {"aws:TokenIssueTime": "true"}}"#,
            &["aws:TokenIssueTime=2020"],
            NOT,
        ),
        (
            "not null",
            r#"{"Null": {"aws:TokenIssueTime": "false"}}"#,
            &["aws:TokenIssueTime=2020"],
            ALLOW,
        ),
        (
            "not null, but it is absent",
            r#"{"Null": {"aws:TokenIssueTime": false}}"#,
            &[],
            NOT,
        ),
        ("either", r#"{"Null": {"a:k": ["true", "false"]}}"#, &[], ALLOW),
    ]);
}

#[test]
fn sets() {
    const ATTRIBUTES: &str = r#"{"ForAllValues:StringLike": {"d:a": ["PostDateTime", "Message", "Tags"]}}"#;
    const FORBIDDEN: &str = r#"{"ForAnyValue:StringLike": {"d:a": ["ID", "PostDateTime"]}}"#;
    check(&[
        (
            "all of them",
            ATTRIBUTES,
            &["d:a=PostDateTime", "d:a=Message"],
            ALLOW,
        ),
        ("not all", ATTRIBUTES, &["d:a=PostDateTime", "d:a=UserName"], NOT),
        ("all of none", ATTRIBUTES, &[], ALLOW),
        ("all of an empty one", ATTRIBUTES, &["d:a="], ALLOW),
        (
            "any of them",
            FORBIDDEN,
            &["d:a=UserName", "d:a=Message", "d:a=PostDateTime"],
            ALLOW,
        ),
        ("not any", FORBIDDEN, &["d:a=UserName"], NOT),
        ("any of none", FORBIDDEN, &[], NOT),
        ("any of an empty one", FORBIDDEN, &["d:a="], NOT),
        (
            "all are others",
            r#"{"ForAllValues:StringNotEquals": {"d:a": ["x", "y"]}}"#,
            &["d:a=z", "d:a=w"],
            ALLOW,
        ),
        (
            "not all are others",
            r#"{"ForAllValues:StringNotEquals": {"d:a": ["x", "y"]}}"#,
            &["d:a=z", "d:a=x"],
            NOT,
        ),
        // <https://iam.cloudcopilot.io/resources/operators/ForAnyValue:StringNotLikeIfExists>, tried on AWS: the next four.
        (
            "any is another",
            r#"{"ForAnyValue:StringNotLike": {"d:a": ["Owner:*", "State:??"]}}"#,
            &["d:a=owner:Legal", "d:a=Owner:Legal"],
            ALLOW,
        ),
        (
            "none is another",
            r#"{"ForAnyValue:StringNotLike": {"d:a": ["Owner:*", "State:??"]}}"#,
            &["d:a=Owner:Legal", "d:a=State:NY"],
            NOT,
        ),
        (
            "any of none is another",
            r#"{"ForAnyValue:StringNotLike": {"d:a": "x"}}"#,
            &[],
            NOT,
        ),
        (
            "if it exists changes nothing",
            r#"{"ForAnyValue:StringNotLikeIfExists": {"d:a": "x"}}"#,
            &[],
            NOT,
        ),
        (
            "addresses",
            r#"{"ForAllValues:IpAddress": {"d:a": "10.0.0.0/8"}}"#,
            &["d:a=10.1.2.3", "d:a=10.3.2.1"],
            ALLOW,
        ),
        (
            "ARNs",
            r#"{"ForAnyValue:ArnLike": {"d:a": "arn:aws:*:*:*:*"}}"#,
            &["d:a=x", "d:a=arn:aws:s:::b"],
            ALLOW,
        ),
        // Not defined by AWS: without a set operator one value is enough, and for a negated operator none must match.
        (
            "no set operator",
            r#"{"StringEquals": {"d:a": "x"}}"#,
            &["d:a=y", "d:a=x"],
            ALLOW,
        ),
        (
            "no set operator, not",
            r#"{"StringNotEquals": {"d:a": "x"}}"#,
            &["d:a=y", "d:a=x"],
            NOT,
        ),
    ]);
}

#[test]
fn what_cannot_be_resolved_never_widens() {
    // "If AWS cannot resolve a variable this might cause the entire statement to be invalid" ("Variables and tags"). Which,
    // AWS does not say; so an allow does not hold, and a deny that says "not" does.
    let equals = r#"{"StringEquals": {"a:k": "${aws:username}"}}"#;
    let not_equals = r#"{"StringNotEquals": {"a:k": "${aws:username}"}}"#;
    assert_eq!(outcome("Allow", equals, &["a:k=x"]), NOT);
    assert_eq!(outcome("Deny", equals, &["a:k=x"]), NOT);
    assert_eq!(outcome("Allow", not_equals, &["a:k=x"]), NOT);
    assert_eq!(outcome("Deny", not_equals, &["a:k=x"]), Outcome::ExplicitDeny);
}
