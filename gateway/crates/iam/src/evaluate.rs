//! The evaluation of policies.

use crate::{Context, Effect, Policy, Principal};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The action: `execute-api:Invoke`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// Who asks. Identity-based policies do not look at it.
    pub principal: Principal<'a>,
    /// What else is known.
    pub context: &'a Context,
}

/// What policies say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A statement allows it, and none denies it.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement says anything: denied, too, unless another kind of policy allows it.
    ImplicitDeny,
}

/// What policies say of a request, and which statement of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What they say.
    pub outcome: Outcome,
    /// The statement that decided; `None` for an implicit deny.
    pub trace: Option<Trace<'a>>,
}

/// A statement, named for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The policy's place among those that were given.
    pub policy: usize,
    /// The statement's place in it.
    pub statement: usize,
    /// The statement's `Sid`.
    pub sid: Option<&'a str>,
}

/// Evaluates policies of one kind: "an explicit deny […] overrides the allow", and what nothing allows is denied ("Policy
/// evaluation logic").
///
/// Identity-based and resource-based policies are evaluated apart, and put together by [`combine`](crate::combine).
pub fn evaluate<'a>(policies: &[&'a Policy], request: &Request<'_>) -> Decision<'a> {
    let mut allowed = None;
    for (policy, document) in policies.iter().enumerate() {
        for (statement, content) in document.statements.iter().enumerate() {
            // Once allowed, only a deny is of interest.
            if (content.effect == Effect::Allow && allowed.is_some()) || !content.applies(request) {
                continue;
            }
            let trace = Some(Trace {
                policy,
                statement,
                sid: content.sid.as_deref(),
            });
            match content.effect {
                Effect::Deny => {
                    return Decision {
                        outcome: Outcome::ExplicitDeny,
                        trace,
                    };
                }
                Effect::Allow => allowed = trace,
            }
        }
    }
    let outcome = if allowed.is_some() {
        Outcome::Allow
    } else {
        Outcome::ImplicitDeny
    };
    Decision {
        outcome,
        trace: allowed,
    }
}
