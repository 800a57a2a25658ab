//! Custom domain names of the control plane, as the data plane knows them.

use std::sync::Arc;

use portcullis_admin::live_domains::{self, LiveDomain, LivePrivate, LiveRule};
use portcullis_store::{Store, StoreError};
use tokio::sync::Mutex;

use crate::api_keys::Origin;
use crate::compile::of_domain;
use crate::domains::{Admits, Domain, Domains, Glob, HeaderCondition, Mapping, Private, Rule};
use crate::proxy::strict::Strict;

/// Puts what was committed into the node's table. Of two changes the later one stays: each is read anew in turn.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    turn: Mutex<()>,
}

impl Publisher {
    /// Everything, as at a start.
    pub(super) async fn all(&self, store: &Store, to: &Domains) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_domains::domains(&mut store.read().await?).await?;
        let names = found
            .iter()
            .map(|domain| (Arc::from(domain.id.as_str()), served(domain)));
        to.replace(Origin::Calls, names);
        Ok(())
    }

    /// A name that is new, changed or gone, by its id in the store.
    pub(super) async fn one(&self, store: &Store, to: &Domains, id: &str) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_domains::domain(&mut store.read().await?, id).await?;
        to.set(Origin::Calls, id, found.as_ref().map(served));
        Ok(())
    }
}

fn served(domain: &LiveDomain) -> Domain {
    let mappings = domain.mappings.iter();
    let mappings = mappings.map(|mapping| Mapping {
        path: mapping.path.as_str().into(),
        api: mapping.api.as_str().into(),
        stage: mapping.stage.as_deref().map(Arc::from),
    });
    Domain {
        name: domain.name.as_str().into(),
        rules: domain.rules.iter().filter_map(rule).collect(),
        mappings: mappings.collect(),
        private: domain.private.as_ref().map(private),
        strict: domain
            .strict
            .as_deref()
            .map(|endpoint| Strict::of(Some(endpoint))),
    }
}

fn rule(rule: &LiveRule) -> Option<Rule> {
    let headers = rule.headers.iter().map(|any| {
        let any = any.iter().map(|(name, value)| {
            Some(HeaderCondition {
                name: name.parse().ok()?,
                value: Glob::parse(value)?,
            })
        });
        any.collect::<Option<Box<[_]>>>()
    });
    Some(Rule {
        id: rule.id.as_str().into(),
        priority: rule.priority,
        headers: headers.collect::<Option<_>>()?,
        base_paths: rule.base_paths.iter().map(|path| path.as_str().into()).collect(),
        api: rule.api.as_str().into(),
        stage: rule.stage.as_str().into(),
        strip: rule.strip,
    })
}

/// Without a policy that can be evaluated nobody is let in.
fn private(private: &LivePrivate) -> Private {
    let arn = private.arn.replacen(":apigateway:", ":execute-api:", 1);
    let policy = private.policy.as_deref().map(serde_json::from_str);
    let policy = policy.and_then(Result::ok).map(|policy| of_domain(policy, &arn));
    let admits = match policy {
        Some(Ok(policy)) => Admits::Policy(Box::new(policy)),
        Some(Err(problems)) => {
            let told: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
            tracing::warn!("{} lets nobody in: its policy: {}", private.arn, told.join("; "));
            Admits::Nobody
        }
        None => Admits::Nobody,
    };
    Private {
        vpces: private.vpces.iter().map(|vpce| vpce.as_str().into()).collect(),
        admits,
        arn: arn.into(),
    }
}
