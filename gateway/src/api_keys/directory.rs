//! What writers know of keys and plans beside what requests look up.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher;
use std::sync::Arc;

use portcullis_store::Hash;

use super::plan::{PlanSpec, UsagePlan};
use super::usage::Usage;
use super::{ApiKey, Entitled, KeySpec, Origin, PlanUse, Plans};

/// A key that is found by its value.
#[derive(Debug)]
pub(super) struct ByValue(pub(super) Arc<ApiKey>);

impl Borrow<Hash> for ByValue {
    fn borrow(&self) -> &Hash {
        &self.0.value
    }
}

impl PartialEq for ByValue {
    fn eq(&self, other: &Self) -> bool {
        self.0.value == other.0.value
    }
}

impl Eq for ByValue {}

impl std::hash::Hash for ByValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.value.hash(state);
    }
}

/// A key that is found by its origin and its id.
#[derive(Debug)]
pub(super) struct ById(pub(super) Arc<ApiKey>);

#[derive(PartialEq, Eq, Hash)]
struct Id<'a>(Origin, &'a str);

impl ById {
    fn id(&self) -> Id<'_> {
        Id(self.0.origin, &self.0.id)
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for ById {}

impl std::hash::Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl hashbrown::Equivalent<ById> for Id<'_> {
    fn equivalent(&self, key: &ById) -> bool {
        *self == key.id()
    }
}

/// What writers know beside.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Hashed by the standard library's hasher, whose seed is random.
    keys: hashbrown::HashSet<ById, std::hash::RandomState>,
    plans: HashMap<(Origin, Arc<str>), Arc<UsagePlan>>,
    /// What keys of `gateway.toml` have used of plans that they are not in now: who is taken out by an edit and put in by the
    /// next has not gained anything. By plan and key.
    parked: HashMap<(Arc<str>, Arc<str>), Arc<Usage>>,
    /// Plans and keys of the control plane whose usage is of no use any more.
    pub(super) forgotten: Vec<(String, Box<str>)>,
}

impl Known {
    pub(super) fn plan(&mut self, origin: Origin, id: &Arc<str>) -> Arc<UsagePlan> {
        let plan = self.plans.entry((origin, id.clone()));
        plan.or_insert_with(|| Arc::new(UsagePlan::new(origin, id.clone())))
            .clone()
    }

    pub(super) fn key(&self, origin: Origin, id: &str) -> Option<&Arc<ApiKey>> {
        self.keys.get(&Id(origin, id)).map(|key| &key.0)
    }

    /// A key with one of its plans, by their ids.
    pub(super) fn entitled(&self, origin: Origin, key: &str, plan: &str) -> Option<Entitled> {
        let key = self.key(origin, key)?.clone();
        let place = key.plans.iter().position(|of| **of.plan.name().1 == *plan)?;
        Some(Entitled { key, place })
    }

    pub(super) fn put(&mut self, key: ById) {
        self.keys.replace(key);
    }

    /// Takes a key out; what it used is of no more use, or is parked.
    pub(super) fn take(&mut self, origin: Origin, id: &str) -> Option<Arc<ApiKey>> {
        let key = self.keys.take(&Id(origin, id))?.0;
        for of in &*key.plans {
            self.leaves(&key, of);
        }
        Some(key)
    }

    /// The plans of a key. What it used of those that it had stays; what it used of others is parked or forgotten.
    pub(super) fn uses(&mut self, origin: Origin, spec: &KeySpec, before: Option<&ApiKey>) -> Plans {
        let had = before.map_or(&[][..], |before| &*before.plans);
        for of in had {
            if let Some(before) = before
                && !spec.plans.contains(of.plan.name().1)
            {
                self.leaves(before, of);
            }
        }
        let uses = spec.plans.iter().map(|id| {
            let plan = self.plan(origin, id);
            let known = had.iter().find(|of| Arc::ptr_eq(&of.plan, &plan));
            let usage = match known {
                Some(of) => of.usage.clone(),
                None => self.unparked(origin, id, &spec.id),
            };
            PlanUse { plan, usage }
        });
        uses.collect()
    }

    fn unparked(&mut self, origin: Origin, plan: &Arc<str>, key: &Arc<str>) -> Arc<Usage> {
        let parked = match origin {
            Origin::File => self.parked.remove(&(plan.clone(), key.clone())),
            Origin::Calls => None,
        };
        parked.unwrap_or_default()
    }

    /// Keeps what a key of `gateway.toml` used until the key is in the plan again.
    pub(super) fn park(&mut self, plan: Arc<str>, key: Arc<str>, usage: Arc<Usage>) {
        self.parked.insert((plan, key), usage);
    }

    fn leaves(&mut self, key: &ApiKey, of: &PlanUse) {
        match key.origin {
            Origin::File => self.park(of.plan.name().1.clone(), key.id.as_ref().into(), of.usage.clone()),
            Origin::Calls => {
                of.usage.close();
                self.forgotten.push((of.plan.kept_as(), key.id.clone()));
            }
        }
    }

    /// The keys of an origin that are not among these; plans that are not are ended.
    pub(super) fn missing(&mut self, origin: Origin, plans: &[PlanSpec], keys: &[KeySpec]) -> Vec<Box<str>> {
        let stay: HashSet<&str> = keys.iter().map(|key| &*key.id).collect();
        let named: HashSet<&str> = plans.iter().map(|plan| &*plan.id).collect();
        for ((of, id), plan) in &self.plans {
            if *of == origin && !named.contains(&**id) {
                plan.end();
            }
        }
        let of_origin = self.keys.iter().filter(|key| key.0.origin == origin);
        let gone = of_origin.filter(|key| !stay.contains(&*key.0.id));
        gone.map(|key| key.0.id.clone()).collect()
    }
}
