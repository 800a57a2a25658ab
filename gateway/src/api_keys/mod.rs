//! API keys and usage plans: which key may call which stage, and how often.
//!
//! A directory of its own beside the plans of stages, since keys are many and change one by one: a change of one costs one
//! pointer, whoever reads never waits, and no stage is compiled anew. Of a key's value its SHA-256 alone is kept: finding one takes
//! as long whichever bytes of it are right.
//!
//! What keys use of their plans is here too, so that no swap and no reload forgets it.

mod directory;
mod kept;
mod plan;
mod usage;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use parking_lot::Mutex;
use portcullis_store::Hash;

use directory::{ById, ByValue, Known};
use usage::Taken;

pub use kept::Due;
pub use plan::{Called, PlanSpec, PlanStage, UsagePlan};
pub use usage::{Full, Now, Usage};

/// Where a key or a plan is from: the same id of two places is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// `gateway.toml`.
    File,
    /// The control plane.
    Calls,
}

/// A key, as its origin says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// `$context.identity.apiKeyId`.
    pub id: Arc<str>,
    /// Of what is sent.
    pub value: Hash,
    /// A disabled key is as good as none.
    pub enabled: bool,
    /// The ids of its usage plans, of the same origin.
    pub plans: Vec<Arc<str>>,
}

/// A key that calls are made with.
#[derive(Debug)]
pub struct ApiKey {
    /// `$context.identity.apiKeyId`.
    pub id: Box<str>,
    value: Hash,
    origin: Origin,
    enabled: bool,
    plans: Plans,
}

/// The plans of a key: most have one, and there may be a million of them.
#[derive(Debug)]
enum Plans {
    One(PlanUse),
    Some(Box<[PlanUse]>),
}

impl std::ops::Deref for Plans {
    type Target = [PlanUse];

    fn deref(&self) -> &[PlanUse] {
        match self {
            Self::One(of) => std::slice::from_ref(of),
            Self::Some(all) => all,
        }
    }
}

impl FromIterator<PlanUse> for Plans {
    fn from_iter<I: IntoIterator<Item = PlanUse>>(uses: I) -> Self {
        let mut uses: Vec<PlanUse> = uses.into_iter().collect();
        match (uses.pop(), uses.is_empty()) {
            (Some(one), true) => Self::One(one),
            (last, _) => {
                uses.extend(last);
                Self::Some(uses.into())
            }
        }
    }
}

/// A plan of a key, and what the key uses of it.
#[derive(Debug, Clone)]
struct PlanUse {
    plan: Arc<UsagePlan>,
    usage: Arc<Usage>,
}

/// A key with the plan that lets it call a stage.
#[derive(Debug, Clone)]
pub struct Entitled {
    /// The key.
    pub key: Arc<ApiKey>,
    place: usize,
}

/// The keys and plans of a node.
#[derive(Debug)]
pub struct ApiKeys {
    /// Its hasher's seed is random: nobody makes keys that collide.
    by_value: papaya::HashMap<ByValue, Arc<ApiKey>>,
    known: Mutex<Known>,
    /// Usages that have changed and are to be kept.
    due: Sender<Entitled>,
    queue: Mutex<Receiver<Entitled>>,
}

impl Default for ApiKeys {
    fn default() -> Self {
        let (due, queue) = channel();
        Self {
            by_value: papaya::HashMap::default(),
            known: Mutex::default(),
            due,
            queue: Mutex::new(queue),
        }
    }
}

/// Another key has this value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the API key `{id}` has the value of the API key `{of}`, so it cannot be used")]
pub struct SameValue {
    /// The key that is not known now.
    pub id: Arc<str>,
    /// The key that has the value.
    pub of: Arc<str>,
}

/// What an admitted call has taken of its plan, so that it can be given back.
#[derive(Debug)]
pub struct Permit(Taken);

impl ApiKeys {
    /// The key of that value, if it is enabled and one of its usage plans has the stage.
    pub fn find(&self, value: &str, api: &str, stage: &str) -> Option<Entitled> {
        let hash = Hash::of(value.as_bytes());
        let key = self.by_value.pin().get(&hash)?.clone();
        let place = key.plans.iter().position(|of| of.plan.has(api, stage))?;
        key.enabled.then_some(Entitled { key, place })
    }

    /// Takes a call from the key's quota and buckets, from all or from none.
    ///
    /// # Errors
    ///
    /// There is nothing left; which of them says so.
    pub fn take(&self, entitled: &Entitled, called: Called<'_>, now: Now) -> Result<Option<Permit>, Full> {
        let Some(of) = entitled.of() else {
            return Ok(None);
        };
        let mut due = false;
        let taken = of.usage.take(&of.plan, called, now, &mut due)?;
        self.keep_later(entitled, due);
        Ok(Some(Permit(taken)))
    }

    /// The call has been refused by another after all.
    pub fn give_back(&self, entitled: &Entitled, permit: &Permit, now: Now) {
        if let Some(of) = entitled.of() {
            let due = of.usage.give_back(&of.plan, &permit.0, now);
            self.keep_later(entitled, due);
        }
    }

    /// Leaves a key of the control plane so many calls of its quota. False where it has none in that plan.
    pub fn grant(&self, plan: &str, key: &str, remaining: u64, now: Now) -> bool {
        let known = self.known.lock();
        let Some(entitled) = known.entitled(Origin::Calls, key, plan) else {
            return false;
        };
        let granted = entitled
            .of()
            .and_then(|of| of.usage.grant(&of.plan, remaining, now));
        self.keep_later(&entitled, granted == Some(true));
        granted.is_some()
    }

    fn keep_later(&self, entitled: &Entitled, due: bool) {
        if due {
            // The receiver is here, too: it cannot be gone.
            let _ = self.due.send(entitled.clone());
        }
    }

    /// Puts a key in, or in the place of the one of the same id.
    ///
    /// # Errors
    ///
    /// Another key has its value; then there is none of this id.
    pub fn set(&self, origin: Origin, spec: &KeySpec) -> Result<(), SameValue> {
        let mut known = self.known.lock();
        let by_value = self.by_value.pin();
        let taken = by_value
            .get(&spec.value)
            .filter(|other| (other.origin, &*other.id) != (origin, &*spec.id));
        if let Some(other) = taken {
            let of = other.id.as_ref().into();
            if let Some(before) = known.take(origin, &spec.id) {
                by_value.remove(&before.value);
            }
            let id = spec.id.clone();
            return Err(SameValue { id, of });
        }
        let before = known.key(origin, &spec.id).cloned();
        let key = Arc::new(ApiKey {
            id: spec.id.as_ref().into(),
            value: spec.value,
            origin,
            enabled: spec.enabled,
            plans: known.uses(origin, spec, before.as_deref()),
        });
        // In one step: no call in between finds none.
        by_value.insert(ByValue(key.clone()), key.clone());
        known.put(ById(key));
        if let Some(before) = before.filter(|before| before.value != spec.value) {
            by_value.remove(&before.value);
        }
        Ok(())
    }

    /// Takes a key out.
    pub fn remove(&self, origin: Origin, id: &str) {
        if let Some(key) = self.known.lock().take(origin, id) {
            self.by_value.pin().remove(&key.value);
        }
    }

    /// Makes a usage plan what is said. Its buckets stay as full as they are.
    pub fn set_plan(&self, origin: Origin, spec: &PlanSpec, now: Duration) {
        self.known.lock().plan(origin, &spec.id).set(spec, now);
    }

    /// A usage plan is gone.
    pub fn remove_plan(&self, origin: Origin, id: &Arc<str>) {
        self.known.lock().plan(origin, id).end();
    }

    /// Makes these the keys and plans of an origin, and gives back what could not be put in.
    pub fn replace(
        &self,
        origin: Origin,
        plans: &[PlanSpec],
        keys: &[KeySpec],
        now: Duration,
    ) -> Vec<SameValue> {
        let gone = self.known.lock().missing(origin, plans, keys);
        for id in &gone {
            self.remove(origin, id);
        }
        for spec in plans {
            self.set_plan(origin, spec, now);
        }
        keys.iter()
            .filter_map(|key| self.set(origin, key).err())
            .collect()
    }
}

impl Entitled {
    fn of(&self) -> Option<&PlanUse> {
        self.key.plans.get(self.place)
    }
}

#[cfg(test)]
mod tests;
