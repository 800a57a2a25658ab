//! Decisions that are kept for their time to live, for all authorizers of a node.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quick_cache::sync::{Cache, DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use sha2::{Digest as _, Sha256};

use super::Decision;
use crate::clock::Clock;

/// Bytes of memory that decisions may take, about; the least used go.
const CAPACITY: u64 = 64 * 1024 * 1024;
/// What each takes beside its texts. It bounds how many there are.
const ENTRY: u64 = 512;
/// How many there are at first; with more it grows.
const EXPECTED: usize = 4096;
/// Each has a lock of its own, and room for the largest decision.
const SHARDS: usize = 64;
/// Bytes of memory of the largest decision that is kept: half a shard.
const LARGEST: usize = 512 * 1024;

type Shards = Cache<Key, Kept, Weight>;
type Guard<'a> = PlaceholderGuard<'a, Key, Kept, Weight, DefaultHashBuilder, DefaultLifecycle<Key, Kept>>;

/// A hash of who calls: a token is not kept. Under a secret of the process, so that nobody can look one up in a table.
type Key = [u8; 32];

/// The keys of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// Of the caller: for decisions that stand for all methods.
    caller: Key,
    /// Of the caller and what is called, for the others.
    call: Key,
}

#[derive(Debug, Clone)]
struct Kept {
    /// None: the authorizer answered nothing that can be kept.
    decision: Option<Arc<Decision>>,
    made: Duration,
    until: Duration,
}

impl Kept {
    fn fresh(&self, now: Duration) -> Option<&Arc<Decision>> {
        self.decision.as_ref().filter(|_| now < self.until)
    }
}

#[derive(Debug, Clone, Copy)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, _: &Key, kept: &Kept) -> u64 {
        ENTRY + kept.decision.as_ref().map_or(0, |decision| decision.bytes as u64)
    }
}

/// The decisions of a node's authorizers. It takes nothing before there is one to be kept.
pub struct Decisions {
    /// A hasher that has taken the secret in.
    hasher: OnceLock<Sha256>,
    kept: OnceLock<Shards>,
}

/// What a call that found nothing does.
pub(super) enum Claim<'a> {
    /// Another call has asked meanwhile.
    Decided(Arc<Decision>),
    /// Ask; others wait for the answer.
    Flight(Flight<'a>),
    /// Ask, for oneself alone: another call has asked meanwhile, and its answer is not to be shared.
    Alone,
}

/// A call that asks, while others wait for what it is told. Dropped, one of those asks.
pub(super) struct Flight<'a> {
    guard: Guard<'a>,
    kept: &'a Shards,
    caller: Key,
}

impl Decisions {
    /// The keys of a call to `arn` by the caller that is written into the hasher.
    pub(super) fn keys(&self, write_caller: impl FnOnce(&mut Sha256), arn: &str) -> Keys {
        let mut hasher = self.hasher.get_or_init(secret).clone();
        write_caller(&mut hasher);
        let caller = hasher.clone();
        hasher.update(arn);
        Keys {
            caller: caller.finalize().into(),
            call: hasher.finalize().into(),
        }
    }

    /// A decision that is kept.
    pub(super) fn find(&self, keys: &Keys, now: Duration) -> Option<Arc<Decision>> {
        let kept = self.kept.get()?;
        let fresh = |key: &Key| kept.get(key)?.fresh(now).cloned();
        fresh(&keys.caller).or_else(|| fresh(&keys.call))
    }

    /// Whether to ask; waits while another call asks the same.
    pub(super) async fn claim(&self, keys: &Keys, clock: &dyn Clock) -> Claim<'_> {
        let kept = self.kept.get_or_init(shards);
        let arrived = clock.monotonic();
        let entry = kept.entry_async(&keys.call, |_, entry| match entry.fresh(clock.monotonic()) {
            Some(decision) => EntryAction::Retain(Some(decision.clone())),
            // What was waited for. To wait for the next one would be to stand in a line.
            None if entry.made >= arrived => EntryAction::Retain(None),
            None => EntryAction::ReplaceWithGuard,
        });
        let guard = match entry.await {
            EntryResult::Retained(Some(decision)) => return Claim::Decided(decision),
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => guard,
            EntryResult::Retained(None) | EntryResult::Removed(..) | EntryResult::Timeout => {
                return Claim::Alone;
            }
        };
        Claim::Flight(Flight {
            guard,
            kept,
            caller: keys.caller,
        })
    }
}

impl Flight<'_> {
    /// The authorizer has answered: with what is kept for so long, or with nothing of the kind.
    pub(super) fn land(self, decision: Option<(&Arc<Decision>, Duration)>, now: Duration) {
        let decision = decision.filter(|(decision, ttl)| !ttl.is_zero() && decision.bytes <= LARGEST);
        let kept = Kept {
            made: now,
            until: now + decision.map_or(Duration::ZERO, |(_, ttl)| ttl),
            decision: decision.map(|(decision, _)| decision.clone()),
        };
        if kept
            .decision
            .as_ref()
            .is_some_and(|decision| decision.is_for_all_methods())
        {
            self.kept.insert(self.caller, kept.clone());
        }
        // Those who wait take it from the guard's place, too, where it has one.
        let _ = self.guard.insert(kept);
    }
}

fn shards() -> Shards {
    let mut options = OptionsBuilder::new();
    options
        .shards(SHARDS)
        .estimated_items_capacity(EXPECTED)
        .weight_capacity(CAPACITY);
    match options.build() {
        Ok(options) => Cache::with_options(
            options,
            Weight,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ),
        Err(_) => Cache::with_weighter(EXPECTED, CAPACITY, Weight),
    }
}

/// As long as a block of the hash: it is taken in once.
fn secret() -> Sha256 {
    let mut secret = [0; 64];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    if random.fill(&mut secret).is_err() {
        // Keys stay apart without it.
        tracing::warn!("no random numbers for the keys of authorizers' decisions");
    }
    Sha256::new_with_prefix(secret)
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            hasher: OnceLock::new(),
            kept: OnceLock::new(),
        }
    }
}

impl std::fmt::Debug for Decisions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kept = self.kept.get().map_or(0, Cache::len);
        formatter
            .debug_struct("Decisions")
            .field("kept", &kept)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use portcullis_plugin_host::Grant;

    use super::super::custom::Answer;
    use super::*;
    use crate::clock::ManualClock;

    fn decision(policy: Option<String>) -> Arc<Decision> {
        let grant = Grant {
            policy_json: policy,
            ..Grant::default()
        };
        Arc::new(Decision::of(allowing(grant)).expect("a decision"))
    }

    fn allowing(grant: Grant) -> Answer {
        Answer {
            grant,
            denies: false,
            nested: false,
        }
    }

    fn keys(decisions: &Decisions, caller: &str) -> Keys {
        decisions.keys(|hasher| hasher.update(caller), "arn")
    }

    const TTL: Duration = Duration::from_secs(10);

    async fn flight<'a>(decisions: &'a Decisions, keys: &Keys, clock: &ManualClock) -> Flight<'a> {
        match decisions.claim(keys, clock).await {
            Claim::Flight(flight) => flight,
            Claim::Alone => panic!("alone"),
            Claim::Decided(_) => panic!("decided"),
        }
    }

    #[tokio::test]
    async fn it_takes_no_more_memory_than_it_may() {
        let (decisions, clock) = (Decisions::default(), ManualClock::default());
        let id = "x".repeat(15_000);
        let policy =
            format!(r#"{{"Id":"{id}","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}}]}}"#);
        let large = decision(Some(policy));
        for caller in 0..400 {
            let keys = keys(&decisions, &caller.to_string());
            let flight = flight(&decisions, &keys, &clock).await;
            flight.land(Some((&large, TTL)), clock.monotonic());
        }
        let kept = decisions.kept.get().expect("something is kept");
        assert!(kept.weight() <= CAPACITY, "{}", kept.weight());
        assert!(kept.len() > 50, "{}", kept.len());
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_kept() {
        let (decisions, clock) = (Decisions::default(), ManualClock::default());
        for (name, length, expected) in [
            ("large", LARGEST / 4, true),
            ("too large", LARGEST / 4 + 1, false),
        ] {
            let context = format!(r#"{{"a":"{}"}}"#, "x".repeat(length - r#"{"a":""}"#.len()));
            let grant = Grant {
                context_json: context,
                ..Grant::default()
            };
            let decision = Arc::new(Decision::of(allowing(grant)).expect("a decision"));
            let keys = keys(&decisions, name);
            let flight = flight(&decisions, &keys, &clock).await;
            flight.land(Some((&decision, TTL)), clock.monotonic());
            assert_eq!(
                decisions.find(&keys, clock.monotonic()).is_some(),
                expected,
                "{name}"
            );
        }
    }

    /// Those who wait for an answer that cannot be kept ask all at once, not one after another.
    #[tokio::test]
    async fn nobody_waits_twice() {
        let (decisions, clock) = (Decisions::default(), ManualClock::default());
        let keys = keys(&decisions, "caller");
        let first = flight(&decisions, &keys, &clock).await;
        let waiting = async {
            let (one, two) = tokio::join!(decisions.claim(&keys, &clock), decisions.claim(&keys, &clock));
            matches!((one, two), (Claim::Alone, Claim::Alone))
        };
        let landing = async {
            tokio::task::yield_now().await;
            first.land(None, clock.monotonic());
        };
        assert!(tokio::join!(waiting, landing).0);
        assert!(decisions.find(&keys, clock.monotonic()).is_none());
        // Who comes later asks for all again.
        clock.advance(Duration::from_secs(1));
        flight(&decisions, &keys, &clock)
            .await
            .land(Some((&decision(None), TTL)), clock.monotonic());
        assert!(decisions.find(&keys, clock.monotonic()).is_some());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_it_to_the_next() {
        let (decisions, clock) = (Decisions::default(), ManualClock::default());
        let keys = keys(&decisions, "caller");
        let first = flight(&decisions, &keys, &clock).await;
        let leaving = async {
            tokio::task::yield_now().await;
            drop(first);
        };
        let (next, ()) = tokio::join!(flight(&decisions, &keys, &clock), leaving);
        next.land(Some((&decision(None), TTL)), clock.monotonic());
        assert!(decisions.find(&keys, clock.monotonic()).is_some());
    }

    #[test]
    fn keys_say_nothing_of_callers() {
        let (here, there) = (Decisions::default(), Decisions::default());
        assert_eq!(keys(&here, "a").caller, keys(&here, "a").caller);
        assert_ne!(keys(&here, "a").caller, keys(&here, "b").caller);
        assert_ne!(
            keys(&here, "a").caller,
            keys(&there, "a").caller,
            "a secret of its own"
        );
    }
}
