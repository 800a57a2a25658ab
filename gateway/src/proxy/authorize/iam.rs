//! AWS_IAM: whoever signs with an access key, as its policy and the API's resource policy let.

use std::sync::Arc;

use bytes::Bytes;
use portcullis_admin::keys::KnownKey;
use portcullis_iam::{Account, Context, Outcome, Principal, Request, combine, evaluate};
use portcullis_sigv4::{Payload, Policy, Presented, Refused, Regions, RequestParts, Secret};
use sha2::{Digest as _, Sha256};

use super::decision::{INVOKE, known};
use super::{arn, policy};
use crate::plan::IamPlan;
use crate::proxy::body::Body;
use crate::proxy::call::{Call, Head};
use crate::proxy::exchange::{Exchange, Signer};
use crate::proxy::refusal::{Blame, Refusal, ResponseType};
use crate::proxy::view;

/// The service in the scope of a signature.
const SERVICE: &str = "execute-api";
/// Bytes of a body that are hashed before other requests have their turn.
const PIECE: usize = 256 * 1024;

/// Lets those pass who sign and may call the method.
pub(super) async fn caller(exchange: &mut Exchange, plan: &IamPlan, call: &mut Call) -> Result<(), Refusal> {
    exchange.authorizer_begins();
    let outcome = allowed(exchange, plan, call).await;
    exchange.authorizer_ends(&outcome);
    outcome
}

async fn allowed(exchange: &mut Exchange, plan: &IamPlan, call: &mut Call) -> Result<(), Refusal> {
    let (signer, key) = verified(exchange, plan, call).await?;
    // Those who are denied are known, too: gateway responses and logs tell them.
    let signer = Arc::new(signer);
    exchange.signer = Some(signer.clone());
    let identity = says(exchange, &call.head, &signer, &key, INVOKE);
    let resource = policy::outcome(exchange, &call.head, Some(&signer), INVOKE);
    // All keys are of the API's account.
    let outcome = resource.map_or(identity, |resource| combine(identity, resource, Account::Same));
    policy::allowed(exchange, &call.head, &signer.arn, outcome)
}

/// Who signed the request. What its head says is checked before its body is read.
async fn verified(
    exchange: &Exchange,
    plan: &IamPlan,
    call: &mut Call,
) -> Result<(Signer, Arc<KnownKey>), Refusal> {
    let Some(keys) = exchange.gateway.keys.get() else {
        let log = exchange.log();
        log.misconfigured("this gateway does not run authorization of type AWS_IAM: it keeps no access keys");
        return Err(Refusal::configuration(Blame::Gateway));
    };
    let Call { head, body } = call;
    let now = exchange.gateway.clock.wall().as_secs();
    let regions = [&*plan.region];
    let demanded = Policy {
        regions: Regions::Only(&regions),
        ..Policy::new(SERVICE, i64::try_from(now).unwrap_or(i64::MAX))
    };
    let headers = headers(head);
    let parts = parts(head, &headers);
    let refuse = |refused: Refused| {
        let log = exchange.log();
        log.info(|| format!("The signature is refused: {}", refused.error_type()));
        refusal(&refused)
    };
    let presented = Presented::parse(&parts, &demanded).map_err(refuse)?;
    // There are no temporary credentials here, so no session token is any key's.
    let key = keys
        .known(presented.access_key_id())
        .filter(|key| key.enabled && presented.session_token().is_none())
        .ok_or_else(|| refuse(Refused::UnknownKey))?;
    let whole = std::mem::take(body)
        .held(&exchange.gateway.buffered)
        .await
        .map_err(|error| view::unreadable(&error))?;
    let hash = hash(&whole).await;
    *body = Body::from(whole);
    let secret = Secret::new(key.secret.clone());
    let verified = presented
        .verify(&parts, &secret, Payload::Sha256(hash))
        .map_err(refuse)?;
    let signer = Signer {
        arn: format!("arn:aws:iam::{}:user/{}", plan.account, key.name),
        name: key.name.clone(),
        account: plan.account.clone(),
        access_key: verified.access_key_id,
    };
    Ok((signer, key))
}

async fn hash(body: &Bytes) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for (index, piece) in body.chunks(PIECE).enumerate() {
        if index > 0 {
            tokio::task::yield_now().await;
        }
        hasher.update(piece);
    }
    hasher.finalize().into()
}

/// The headers as they came; over HTTP/2 with `host`, which is `:authority` there.
fn headers(head: &Head) -> Vec<(&str, &[u8])> {
    let came = head.headers.iter();
    let mut headers: Vec<(&str, &[u8])> = came
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    if let Some(host) = head
        .host
        .as_deref()
        .filter(|_| !head.headers.contains_key(http::header::HOST))
    {
        headers.push(("host", host.as_bytes()));
    }
    headers
}

fn parts<'a>(head: &'a Head, headers: &'a [(&'a str, &'a [u8])]) -> RequestParts<'a> {
    RequestParts {
        method: head.method.as_str(),
        path: head.target.path().as_bytes(),
        query: head.query().unwrap_or_default().as_bytes(),
        headers,
    }
}

/// What the key's policy says of doing something with what is called.
pub(super) fn says(
    exchange: &Exchange,
    head: &Head,
    signer: &Signer,
    key: &KnownKey,
    action: &str,
) -> Outcome {
    let context = match key.policy.reads_context() {
        true => known_of(known(exchange, head), Some(signer)),
        false => Context::new(),
    };
    let arn = arn::of(exchange, head);
    let request = Request {
        action,
        resource: &arn,
        principal: Principal::Aws {
            account: &signer.account,
            arns: &[&signer.arn],
        },
        context: &context,
    };
    let decision = evaluate(&[&key.policy], &request);
    if decision.outcome != Outcome::Allow {
        let log = exchange.log();
        log.info(|| match decision.trace {
            Some(trace) => format!(
                "The policy of the access key {} denies {arn}: statement {} {}",
                signer.access_key,
                trace.statement,
                trace.sid.unwrap_or_default()
            ),
            None => format!(
                "Nothing in the policy of the access key {} allows {arn}",
                signer.access_key
            ),
        });
    }
    decision.outcome
}

/// The condition keys that there are of whoever signed
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>).
pub(super) fn known_of(mut context: Context, signer: Option<&Signer>) -> Context {
    if let Some(signer) = signer {
        context.insert("aws:PrincipalAccount", &*signer.account);
        context.insert("aws:PrincipalArn", signer.arn.as_str());
        context.insert("aws:PrincipalType", "User");
        context.insert("aws:userid", signer.access_key.as_str());
        context.insert("aws:username", signer.name.as_str());
    }
    context
}

/// What a call of no method is told: a header `Authorization` that is no signature is told so first.
pub fn unrouted(head: &Head) -> Refusal {
    if !head.headers.contains_key(http::header::AUTHORIZATION) {
        return Refusal::unknown_method();
    }
    let headers = headers(head);
    // The time, the service and the region are not of interest.
    match Presented::parse(&parts(head, &headers), &Policy::new(SERVICE, 0)) {
        Err(refused) if refused.error_type() == "IncompleteSignatureException" => refusal(&refused),
        _ => Refusal::unknown_method(),
    }
}

fn refusal(refused: &Refused) -> Refusal {
    let kind = match refused {
        Refused::MissingToken => ResponseType::MissingAuthenticationToken,
        Refused::ExpiredToken => ResponseType::ExpiredToken,
        _ => ResponseType::InvalidSignature,
    };
    Refusal::unauthenticated(kind, refused.error_type(), &refused.detail())
}
