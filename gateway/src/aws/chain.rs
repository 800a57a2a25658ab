//! Credentials of AWS's standard chain: fetched when they are first needed, and again before they end, beside the requests.
//!
//! The chain itself is AWS's own (crate `aws-config`), without SSO and without `credential_process`: nobody logs in here, and no
//! program is started. A request takes what there is by one lock-free read, and waits only for the very first fetch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use aws_config::Region;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{ChainLink, ChainOf};
use crate::lifecycle::Tasks;

/// The most that one fetch may take.
const FETCH: Duration = Duration::from_secs(10);
/// So long before their end credentials are fetched anew.
const BEFORE: Duration = Duration::from_secs(5 * 60);
/// The least between two fetches.
const LEAST: Duration = Duration::from_secs(1);
/// Credentials without an end, of a profile for instance, are looked at again after this.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// After a fetch that came to nothing.
const RETRY: Duration = Duration::from_secs(5);

/// The chains of all plans. A plan takes its chain from here when it is compiled, so that credentials outlive reloads.
#[derive(Debug)]
pub struct Chains {
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    known: Mutex<HashMap<ChainOf, Weak<Chain>>>,
}

/// A chain, and the credentials that it gave last.
#[derive(Debug)]
pub struct Chain {
    of: ChainOf,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    is_kept: AtomicBool,
    current: ArcSwapOption<Current>,
    /// Whether a fetch has ended.
    ended: watch::Sender<bool>,
}

/// What the fetches have come to.
#[derive(Debug, Default)]
struct Current {
    credentials: Option<Credentials>,
    /// Why the last fetch came to nothing.
    failed: Option<String>,
}

/// There are no credentials to sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCredentials {
    /// The first fetch takes longer than the request may wait.
    #[error("the first fetch of credentials takes too long")]
    NotYet,
    /// No source has any.
    #[error("there are no credentials: {0}")]
    None(String),
    /// They ended, and no others are to be had.
    #[error("the credentials have expired, and there are no others: {0}")]
    Expired(String),
}

impl Chains {
    /// None yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            tasks: Tasks::default(),
            known: Mutex::default(),
        }
    }

    /// A chain; one and the same for all who name it alike, as long as one of them keeps it.
    pub fn chain(&self, of: &ChainOf) -> Arc<Chain> {
        let mut known = self.known.lock();
        if let Some(chain) = known.get(of).and_then(Weak::upgrade) {
            return chain;
        }
        known.retain(|_, chain| chain.strong_count() > 0);
        let chain = Arc::new(Chain {
            of: of.clone(),
            clock: self.clock.clone(),
            tasks: self.tasks.clone(),
            is_kept: AtomicBool::new(false),
            current: ArcSwapOption::empty(),
            ended: watch::Sender::new(false),
        });
        known.insert(of.clone(), Arc::downgrade(&chain));
        chain
    }
}

impl Chain {
    /// The credentials as they are now; the very first fetch is waited for, for `limit` at the most.
    ///
    /// # Errors
    ///
    /// There are none, or they have ended.
    pub async fn credentials(self: &Arc<Self>, limit: Duration) -> Result<Credentials, NoCredentials> {
        if self.current.load().is_none() {
            self.keep();
            let mut ended = self.ended.subscribe();
            let waited = tokio::time::timeout(limit, ended.wait_for(|ended| *ended)).await;
            waited
                .map_err(|_| NoCredentials::NotYet)?
                .map_err(|_| NoCredentials::NotYet)?;
        }
        let current = self.current.load();
        let Some(current) = current.as_ref() else {
            return Err(NoCredentials::NotYet);
        };
        let failed = || {
            current
                .failed
                .clone()
                .unwrap_or_else(|| "none was found".to_owned())
        };
        match &current.credentials {
            None => Err(NoCredentials::None(failed())),
            Some(credentials) if self.left(credentials) == Some(Duration::ZERO) => {
                Err(NoCredentials::Expired(failed()))
            }
            Some(credentials) => Ok(credentials.clone()),
        }
    }

    /// How long they are good for; none where they have no end.
    fn left(&self, credentials: &Credentials) -> Option<Duration> {
        let expiry = credentials
            .expiry()?
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Some(expiry.saturating_sub(self.clock.wall()))
    }

    /// Begins to fetch, once, for as long as somebody has the chain.
    fn keep(self: &Arc<Self>) {
        if self.is_kept.swap(true, Ordering::AcqRel) {
            return;
        }
        let (of, chain) = (self.of.clone(), Arc::downgrade(self));
        self.tasks.spawn(async move {
            let provider = provider(&of).await;
            loop {
                let fetched = match tokio::time::timeout(FETCH, provider.provide_credentials()).await {
                    Ok(fetched) => fetched.map_err(|error| told(&error)),
                    Err(_) => Err(format!("no answer within {} s", FETCH.as_secs())),
                };
                let Some(chain) = chain.upgrade() else { return };
                let pause = chain.fetched(fetched);
                drop(chain);
                tokio::time::sleep(pause).await;
            }
        });
    }

    /// Keeps what a fetch gave, and says when the next one is due.
    fn fetched(&self, fetched: Result<Credentials, String>) -> Duration {
        let (next, pause) = match fetched {
            Ok(credentials) => {
                let left = self.left(&credentials);
                let pause = left.map_or(AGAIN, |left| left.saturating_sub(BEFORE.min(left / 2)));
                let next = Current {
                    credentials: Some(credentials),
                    failed: None,
                };
                (next, pause.max(LEAST))
            }
            Err(reason) => {
                let before = self.current.load_full();
                if before.as_ref().and_then(|before| before.failed.as_ref()) != Some(&reason) {
                    tracing::warn!("no credentials of AWS could be fetched: {reason}");
                }
                let next = Current {
                    credentials: before.and_then(|before| before.credentials.clone()),
                    failed: Some(reason),
                };
                (next, RETRY)
            }
        };
        self.current.store(Some(Arc::new(next)));
        self.ended.send_replace(true);
        pause
    }
}

/// The chain by AWS's own parts.
async fn provider(of: &ChainOf) -> CredentialsProviderChain {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    let region = region.unwrap_or_else(|| Region::new(of.region.clone()));
    let config = ProviderConfig::without_region().with_region(Some(region));
    let mut chain: Option<CredentialsProviderChain> = None;
    for link in &of.links {
        chain = Some(with(chain, *link, of, &config));
    }
    chain.unwrap_or_else(|| with(None, ChainLink::Environment, of, &config))
}

fn with(
    chain: Option<CredentialsProviderChain>,
    link: ChainLink,
    of: &ChainOf,
    config: &ProviderConfig,
) -> CredentialsProviderChain {
    match link {
        ChainLink::Environment => joined(
            chain,
            "environment",
            EnvironmentVariableCredentialsProvider::new(),
        ),
        ChainLink::Profile => {
            let mut builder = ProfileFileCredentialsProvider::builder().configure(config);
            if let Some(profile) = &of.profile {
                builder = builder.profile_name(profile);
            }
            joined(chain, "profile", builder.build())
        }
        ChainLink::WebIdentity => {
            let builder = WebIdentityTokenCredentialsProvider::builder().configure(config);
            joined(chain, "web-identity", builder.build())
        }
        ChainLink::Container => {
            let builder = EcsCredentialsProvider::builder().configure(config);
            joined(chain, "container", builder.build())
        }
        ChainLink::Instance => {
            let builder = ImdsCredentialsProvider::builder().configure(config);
            joined(chain, "instance", builder.build())
        }
    }
}

fn joined(
    chain: Option<CredentialsProviderChain>,
    name: &'static str,
    provider: impl aws_credential_types::provider::ProvideCredentials + 'static,
) -> CredentialsProviderChain {
    match chain {
        None => CredentialsProviderChain::first_try(name, provider),
        Some(chain) => chain.or_else(name, provider),
    }
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
