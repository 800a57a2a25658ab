//! Resource policies of APIs, and methods of AWS_IAM.

use std::sync::Arc;

use portcullis_document::pointer;
use portcullis_iam::{Kind, Policy, Problem as PolicyProblem};
use portcullis_model::{Method, RestApi};
use serde_json::Value;

use super::Compiler;
use crate::plan::{Authorize, IamPlan, ResourcePolicy};

/// What a resource in its short form begins with
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>).
const SHORT: &str = "execute-api:/";

impl Compiler<'_> {
    /// The API's resource policy, with its resources in full.
    pub(super) fn policy(&mut self) -> Option<Box<ResourcePolicy>> {
        let text = self.input.api.policy.as_deref()?;
        let at = self.policy_pointer();
        let mut value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let problem = self.error("resource-policy", &at, format!("the policy is no JSON: {error}"));
                problem.hint = Some("a policy is an object with Version and Statement".to_owned());
                return None;
            }
        };
        let size = value.to_string().len();
        if size > RestApi::LARGEST_POLICY {
            let most = RestApi::LARGEST_POLICY;
            let message = format!("the policy has {size} bytes, and {most} are the most");
            self.error("resource-policy", &at, message);
            return None;
        }
        let arns = self.input.arns;
        let api = &self.input.api.id;
        expand(
            &mut value,
            &format!("arn:aws:execute-api:{}:{}:{api}/", arns.region, arns.account),
        );
        match Policy::from_value(&value, Kind::Resource) {
            Ok(policy) => Some(Box::new(ResourcePolicy {
                reads_context: policy.reads_context(),
                policy,
            })),
            Err(problems) => {
                for found in problems {
                    let place = if found.pointer.is_empty() {
                        "/"
                    } else {
                        &found.pointer
                    };
                    let message = format!("{place} of the resource policy: {}", found.what);
                    let problem = self.error("resource-policy", &format!("{at}{}", found.pointer), message);
                    problem.hint = Some(found.hint).filter(|hint| !hint.is_empty());
                }
                None
            }
        }
    }

    /// Of a private API the endpoints that are associated with it.
    pub(super) fn private(&mut self) -> Option<Box<[Box<str>]>> {
        let api = self.input.api;
        let is_private = api.endpoint.types.iter().any(|kind| kind == "PRIVATE");
        if is_private && api.policy.is_none() {
            let message = "nobody can call this private API: it has no resource policy";
            let problem = self
                .input
                .document
                .warning("private-api", &self.policy_pointer(), message);
            self.push(problem.hint("let a policy allow execute-api:Invoke to whom it is for"));
        }
        let endpoints = api.endpoint.vpc_endpoint_ids.iter();
        is_private.then(|| endpoints.map(|id| id.as_str().into()).collect())
    }

    /// Where the policy is: in the API's document, or in `gateway.toml`.
    fn policy_pointer(&self) -> String {
        match self.input.api_config.policy {
            Some(_) => pointer(["apis", &self.input.api.id, "policy"]),
            None => "/x-amazon-apigateway-policy".to_owned(),
        }
    }

    /// Whoever signs. Without access keys nobody can: every request is refused with 500.
    pub(super) fn iam(&mut self, method: &Method) -> Authorize {
        let arns = self.input.arns;
        if !arns.keys {
            let message = "nobody can call this method of AWS_IAM: this gateway keeps no access keys";
            let problem = self
                .input
                .document
                .warning("no-access-keys", &method.pointer, message);
            let hint = "add data = \"data\" to [control], and make keys with `portcullis keys create`";
            self.push(problem.hint(hint));
        }
        Authorize::Iam(Arc::new(IamPlan {
            region: arns.region.into(),
            account: arns.account.into(),
        }))
    }
}

/// The policy of a private domain name, whose ARN for policies this is. What is said of the name is said of all below it.
///
/// # Errors
///
/// What keeps it from being evaluated.
pub fn of_domain(mut policy: Value, arn: &str) -> Result<ResourcePolicy, Vec<PolicyProblem>> {
    expand(&mut policy, &format!("{arn}/"));
    each_resource(&mut policy, |text| {
        if text.contains(":/domainnames/") && !text.ends_with('*') {
            text.push_str("/*");
        }
    });
    let policy = Policy::from_value(&policy, Kind::Resource)?;
    Ok(ResourcePolicy {
        reads_context: policy.reads_context(),
        policy,
    })
}

/// Writes resources of the short form in full.
fn expand(policy: &mut Value, prefix: &str) {
    each_resource(policy, |text| {
        if let Some(rest) = text.strip_prefix(SHORT) {
            *text = format!("{prefix}{rest}");
        }
    });
}

fn each_resource(policy: &mut Value, change: impl Fn(&mut String)) {
    let Some(statements) = policy.get_mut("Statement") else {
        return;
    };
    for statement in one_or_more(statements) {
        for name in ["Resource", "NotResource"] {
            for resource in statement.get_mut(name).into_iter().flat_map(one_or_more) {
                if let Value::String(text) = resource {
                    change(text);
                }
            }
        }
    }
}

fn one_or_more(value: &mut Value) -> &mut [Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_mut(one),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_written_in_full() {
        let mut policy = json!({
            "Statement": [
                {"Resource": "execute-api:/*"},
                {"Resource": ["execute-api:/dev/GET/pets", "arn:aws:execute-api:*:*:*", 1]},
                {"NotResource": "execute-api:/dev/*"},
            ],
        });
        expand(&mut policy, "arn:aws:execute-api:eu-west-1:1:a/");
        assert_eq!(
            policy,
            json!({
                "Statement": [
                    {"Resource": "arn:aws:execute-api:eu-west-1:1:a/*"},
                    {"Resource": ["arn:aws:execute-api:eu-west-1:1:a/dev/GET/pets", "arn:aws:execute-api:*:*:*", 1]},
                    {"NotResource": "arn:aws:execute-api:eu-west-1:1:a/dev/*"},
                ],
            })
        );
        let mut one = json!({"Statement": {"Resource": "execute-api:/*"}});
        expand(&mut one, "x/");
        assert_eq!(one, json!({"Statement": {"Resource": "x/*"}}));
    }
}
