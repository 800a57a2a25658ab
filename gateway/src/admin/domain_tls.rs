//! The TLS of custom domain names of the control plane, for which what they name is looked up in what `gateway.toml` has, and of
//! the names that its APIs have of their own.

use std::sync::Arc;

use portcullis_admin::Secrets;
use portcullis_admin::live_api_tls::{self, LiveApiTls};
use portcullis_admin::live_domain_tls::{self, LiveDomainTls, Uploaded};
use portcullis_document::Problem;
use portcullis_model::{NoPolicy, SecurityPolicy};
use portcullis_store::{Store, StoreError};
use tokio::sync::Mutex;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::api_keys::Origin;
use crate::config::{DomainsTls, Named, Sources};
use crate::proxy::strict::Strict;
use crate::proxy::tls::{DomainTls, Said, Shown, TlsNames};
use crate::upstream::{ClientCertificate, TrustBundle};

/// Puts what was committed into the node's table. Of two changes the later one stays: each is read anew in turn.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    turn: Mutex<()>,
}

/// Where names are looked up, and what opens their keys.
#[derive(Debug)]
pub(super) struct Against<'a> {
    pub(super) store: &'a Store,
    pub(super) secrets: &'a Secrets,
    pub(super) sources: &'a Sources,
}

impl Publisher {
    /// Everything, as at a start and when the files have changed.
    pub(super) async fn all(&self, from: &Against<'_>, to: &TlsNames) -> Result<Vec<Problem>, StoreError> {
        let _turn = self.turn.lock().await;
        let mut read = from.store.read().await?;
        let found = live_domain_tls::domains_tls(&mut read, from.secrets).await?;
        let apis = live_api_tls::apis_tls(&mut read).await?;
        let mut problems = Vec::new();
        let names = found.iter().map(|domain| {
            let said = said(domain, &from.sources.domains, &mut problems);
            (Arc::from(domain.name.as_str()), said)
        });
        let mut names: Vec<_> = names.collect();
        for api in apis.iter().filter(|api| !from.is_files(&api.api)) {
            let name = Arc::from(TlsNames::of_api(&api.api));
            names.push((name, Said::Now(of_api(api, &mut problems))));
        }
        to.replace(Origin::Calls, names);
        Ok(problems)
    }

    /// A name that is new, changed or gone; its id in the store is the name.
    pub(super) async fn one(
        &self,
        from: &Against<'_>,
        to: &TlsNames,
        id: &str,
    ) -> Result<Vec<Problem>, StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_domain_tls::domain_tls(&mut from.store.read().await?, from.secrets, id).await?;
        let mut problems = Vec::new();
        let said = found
            .as_ref()
            .map(|domain| said(domain, &from.sources.domains, &mut problems));
        to.set(Origin::Calls, id, said);
        Ok(problems)
    }

    /// An API whose own names say something else now, or that is gone.
    pub(super) async fn api(
        &self,
        from: &Against<'_>,
        to: &TlsNames,
        api: &str,
    ) -> Result<Vec<Problem>, StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_api_tls::api_tls(&mut from.store.read().await?, api).await?;
        let mut problems = Vec::new();
        let found = found.filter(|found| !from.is_files(&found.api));
        let said = found.map(|found| Said::Now(of_api(&found, &mut problems)));
        to.set(Origin::Calls, &TlsNames::of_api(api), said);
        Ok(problems)
    }
}

impl Against<'_> {
    /// Whether it is the files that say what an API says: the store has what they said once.
    fn is_files(&self, api: &str) -> bool {
        self.sources.config.apis.contains_key(api)
    }
}

fn of_api(api: &LiveApiTls, problems: &mut Vec<Problem>) -> DomainTls {
    if let Some(policy) = &api.policy
        && let Err(NoPolicy::Refused(reason)) = SecurityPolicy::parse(policy)
    {
        let message = format!(
            "the API {} has the security policy {policy}, which is not kept to: {reason}. The listener's is",
            api.api
        );
        problems.push(Problem::in_file("the store", "security-policy", message).as_warning());
    }
    DomainTls {
        strict: api.strict.as_deref().map(|endpoint| Strict::of(Some(endpoint))),
        ..DomainTls::by_policy(api.policy.as_deref())
    }
}

/// A certificate that nobody has mapped leaves the listener's, which clients judge for themselves. A trust store that nobody
/// has mapped lets nobody in.
fn said(domain: &LiveDomainTls, named: &DomainsTls, problems: &mut Vec<Problem>) -> Said {
    let mut tell = |message: String| {
        let problem = Problem::in_file("the store", "domain-tls", message);
        problems.push(problem.as_warning());
    };
    let name = &domain.name;
    let mut said = DomainTls::by_policy(domain.policy.as_deref());
    match (&domain.uploaded, &domain.certificate) {
        (Some(uploaded), _) => match own(uploaded) {
            Some(own) => said.shown = Shown::Own(own),
            None => {
                tell(format!(
                    "the certificate of the domain name {name} cannot be opened"
                ));
                return Said::Unusable;
            }
        },
        (None, Some(arn)) => match named.certificate(arn) {
            Named::Found(own) => said.shown = Shown::Own(own),
            Named::Unusable => return Said::Unusable,
            Named::Absent => tell(format!(
                "the domain name {name} has the certificate {arn}, which is not among [certificates] of gateway.toml: clients are shown the listener's"
            )),
        },
        (None, None) => {}
    }
    let Some(uri) = &domain.truststore else {
        return Said::Now(said);
    };
    match named.truststore(uri) {
        Named::Found(trust) => said.trust = Some(trust),
        Named::Unusable => return Said::Unusable,
        Named::Absent => {
            tell(format!(
                "the domain name {name} has the trust store {uri}, which is not among [truststores] of gateway.toml: nobody is let in"
            ));
            said.shown = Shown::Nothing;
        }
    }
    Said::Now(said)
}

fn own(uploaded: &Uploaded) -> Option<Arc<ClientCertificate>> {
    let key = uploaded.key.as_deref()?;
    let own = ClientCertificate::from_pem(uploaded.certificate.as_bytes(), key);
    own.ok().map(Arc::new)
}

/// What is odd about a trust store at a time, for people.
pub(super) fn oddities(trust: &TrustBundle, now: u64) -> Vec<String> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let odd = trust
        .certificates()
        .iter()
        .enumerate()
        .filter_map(|(index, der)| {
            let (_, certificate) = X509Certificate::from_der(der).ok()?;
            let validity = certificate.validity();
            let what = if now > validity.not_after.timestamp() {
                "has expired"
            } else if now < validity.not_before.timestamp() {
                "is not valid yet"
            } else if !certificate.is_ca() {
                "is none of an authority"
            } else {
                return None;
            };
            let subject = certificate.subject();
            Some(format!(
                "the certificate {} of the trust store ({subject}) {what}",
                index + 1
            ))
        });
    odd.collect()
}
