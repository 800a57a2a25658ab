//! What AWS's documentation says of policies: `cases.json` has each case below the page that it is from.
//!
//! A request is `execute-api:Invoke` of nobody on [`RESOURCE`] where its case does not say otherwise; a `statement` is that of
//! a policy of an identity, or of a resource where `kind` says so.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeSet;

use portcullis_iam::{Account, Context, Kind, Outcome, Policy, Principal, Request, combine, evaluate};
use serde_json::{Value, json};

const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3/prod/GET/pets";

fn pages() -> Vec<(String, Value)> {
    let Ok(Value::Array(pages)) = serde_json::from_str(include_str!("cases.json")) else {
        panic!("cases.json is a list of pages");
    };
    let page = |page: Value| (text(&page, "page").to_owned(), page);
    pages.into_iter().map(page).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn outcome(word: &str) -> Outcome {
    match word {
        "allow" => Outcome::Allow,
        "deny" => Outcome::ExplicitDeny,
        "neither" => Outcome::ImplicitDeny,
        other => panic!("no outcome: {other:?}"),
    }
}

fn context(request: &Value) -> Context {
    let mut context = Context::new();
    for (key, value) in request["context"].as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => values
                .iter()
                .filter_map(Value::as_str)
                .for_each(|value| context.insert(key, value)),
            one => context.insert(key, one.as_str().expect("a text")),
        }
    }
    context
}

fn evaluated(case: &Value) -> Outcome {
    let kind = match text(case, "kind") {
        "resource" => Kind::Resource,
        _ => Kind::Identity,
    };
    let policy = json!({"Version": "2012-10-17", "Statement": case["statement"]});
    let policy = Policy::parse(&policy.to_string(), kind)
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", text(case, "name")));
    let request = &case["request"];
    let or = |name, other| match text(request, name) {
        "" => other,
        said => said,
    };
    let of = &request["principal"];
    let arns: Vec<&str> = list(of, "arns").iter().filter_map(Value::as_str).collect();
    let principal = match (text(of, "account"), text(of, "service"), text(of, "federated")) {
        ("", "", "") => Principal::Anonymous,
        ("", "", provider) => Principal::Federated(provider),
        ("", service, _) => Principal::Service(service),
        (account, ..) => Principal::Aws { account, arns: &arns },
    };
    let request = Request {
        action: or("action", "execute-api:Invoke"),
        resource: or("resource", RESOURCE),
        principal,
        context: &context(request),
    };
    evaluate(&[&policy], &request).outcome
}

#[test]
fn policies_say_what_the_documentation_says() {
    let mut wrong = Vec::new();
    for (page, value) in pages() {
        for case in list(&value, "cases") {
            let (name, found) = (text(case, "name"), evaluated(case));
            if found != outcome(text(case, "outcome")) {
                wrong.push(format!("{page}: {name}: {found:?}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn policies_of_identities_and_resources_come_to_what_the_documentation_says() {
    for (page, value) in pages() {
        for case in list(&value, "combinations") {
            let account = match text(case, "account") {
                "same" => Account::Same,
                _ => Account::Other,
            };
            let [identity, resource, expected] =
                ["identity", "resource", "outcome"].map(|name| outcome(text(case, name)));
            let found = combine(identity, resource, account);
            assert_eq!(found, expected, "{page}: {}", text(case, "name"));
        }
    }
}

#[test]
fn each_case_is_one_of_its_own_and_has_its_page() {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for (page, value) in pages() {
        assert!(page.starts_with("https://docs.aws.amazon.com/"), "{page}");
        for case in list(&value, "cases").iter().chain(list(&value, "combinations")) {
            count += 1;
            assert!(
                seen.insert(format!("{page} {}", text(case, "name"))),
                "{page} {case}"
            );
        }
    }
    assert!(count >= 120, "{count} cases");
}
