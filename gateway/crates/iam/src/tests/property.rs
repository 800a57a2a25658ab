//! Any policies, any requests.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Account, Context, Kind, Outcome, Policy, Principal, Request, combine, evaluate};

/// JSON that is somewhat like a policy.
fn documents() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("*".to_owned()),
        "(arn|s3|aws|[*?]|\\$\\{aws:username\\}|[a-z0-9/.-]{0,4})(:(arn|s3|[*?]|\\$\\{aws:username\\}|[a-z0-9/.]{0,4})){0,6}",
        any::<String>(),
    ];
    let leaf = prop_oneof![4 => text.prop_map(Value::from), 1 => any::<i64>().prop_map(Value::from), 1 => any::<bool>().prop_map(Value::from)];
    let name = prop_oneof![
        4 => prop::sample::select(vec![
            "Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
            "NotResource", "Condition", "AWS", "StringLike", "ForAllValues:StringNotEquals", "NumericLessThan", "DateEquals",
            "IpAddress", "ArnLike", "Null", "BoolIfExists", "aws:username",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A statement that can be read.
fn statements() -> impl Strategy<Value = Value> {
    let condition = prop::sample::select(vec![
        json!({}),
        json!({"StringEquals": {"aws:username": "a"}}),
        json!({"StringNotEquals": {"aws:username": ["a", "${aws:userid}"]}}),
        json!({"ForAnyValue:StringLike": {"aws:username": "?"}}),
        json!({"Null": {"aws:username": "true"}}),
    ]);
    let action = prop::sample::select(vec!["*", "s:*", "s:A", "s:B", "t:?"]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:s:::*",
        "arn:aws:s:::${aws:username}",
        "arn:aws:s:::b",
        "arn:*",
    ]);
    (any::<bool>(), any::<[bool; 2]>(), action, resource, condition).prop_map(
        |(allow, not, action, resource, condition)| {
            json!({
                "Effect": if allow { "Allow" } else { "Deny" },
                (if not[0] { "NotAction" } else { "Action" }): action,
                (if not[1] { "NotResource" } else { "Resource" }): [resource],
                "Condition": condition,
            })
        },
    )
}

fn outcome(statements: &[Value], context: &Context, action: &str, resource: &str) -> Outcome {
    if statements.is_empty() {
        return Outcome::ImplicitDeny;
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = Policy::from_value(&policy, Kind::Identity).unwrap();
    evaluate(
        &[&policy],
        &Request {
            action,
            resource,
            principal: Principal::Anonymous,
            context,
        },
    )
    .outcome
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(document in documents(), user in any::<String>(), action in any::<String>()) {
        let context: Context = [("aws:username", user)].into_iter().collect();
        for kind in [Kind::Identity, Kind::Resource] {
            let text = document.to_string();
            match (Policy::parse(&text, kind), Policy::from_value(&document, kind)) {
                (Ok(first), Ok(second)) => {
                    for principal in [Principal::Anonymous, Principal::Aws { account: "1", arns: &["arn:aws:iam::1:user/a"] }] {
                        let request = Request { action: &action, resource: &action, principal, context: &context };
                        prop_assert_eq!(evaluate(&[&first], &request), evaluate(&[&second], &request));
                    }
                }
                (Err(first), Err(second)) => {
                    prop_assert!(!first.is_empty());
                    prop_assert!(text.len() > crate::LARGEST_POLICY || first == second);
                }
                (first, second) => prop_assert!(text.len() > crate::LARGEST_POLICY, "{:?} {:?}", first, second),
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Policy::parse(&text, Kind::Resource);
    }

    #[test]
    fn more_statements_never_lift_a_deny_and_order_is_nothing(
        mut statements in prop::collection::vec(statements(), 1..6),
        user in prop::option::of("[ab]"),
        action in prop::sample::select(vec!["s:A", "s:B", "t:C"]),
        resource in prop::sample::select(vec!["arn:aws:s:::a", "arn:aws:s:::b", "arn:aws:t:::a"]),
    ) {
        let context: Context = user.into_iter().map(|user| ("aws:username", user)).collect();
        let whole = outcome(&statements, &context, action, resource);
        let each: Vec<_> = statements.iter().map(|one| outcome(std::slice::from_ref(one), &context, action, resource)).collect();
        let expected = [Outcome::ExplicitDeny, Outcome::Allow].into_iter().find(|one| each.contains(one));
        prop_assert_eq!(whole, expected.unwrap_or(Outcome::ImplicitDeny));
        statements.reverse();
        prop_assert_eq!(outcome(&statements, &context, action, resource), whole);
    }

    #[test]
    fn another_account_is_never_allowed_more(identity in 0..3usize, resource in 0..3usize) {
        let all = [Outcome::Allow, Outcome::ExplicitDeny, Outcome::ImplicitDeny];
        let (identity, resource) = (all[identity], all[resource]);
        if combine(identity, resource, Account::Other) == Outcome::Allow {
            prop_assert_eq!(combine(identity, resource, Account::Same), Outcome::Allow);
        }
    }
}
