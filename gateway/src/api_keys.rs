//! API keys and usage plans: which key may call which stage.
//!
//! A directory of its own beside the plans of stages, since keys are many and change one by one: a change of one costs one
//! pointer, whoever reads never waits, and no stage is compiled anew. Of a key's value its SHA-256 alone is kept: finding one takes
//! as long whichever bytes of it are right.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use portcullis_store::Hash;

use crate::live::StageId;

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
    pub id: Arc<str>,
    origin: Origin,
    enabled: bool,
    plans: Box<[Arc<UsagePlan>]>,
}

/// A usage plan: the stages that its keys may call.
#[derive(Debug, Default)]
pub struct UsagePlan {
    stages: ArcSwap<HashMap<Arc<str>, HashSet<Arc<str>>>>,
}

impl UsagePlan {
    fn has(&self, api: &str, stage: &str) -> bool {
        let stages = self.stages.load();
        stages.get(api).is_some_and(|stages| stages.contains(stage))
    }

    fn set(&self, stages: &[StageId]) {
        let mut by_api: HashMap<Arc<str>, HashSet<Arc<str>>> = HashMap::new();
        for StageId { api, stage } in stages {
            by_api.entry(api.clone()).or_default().insert(stage.clone());
        }
        self.stages.store(Arc::new(by_api));
    }
}

/// The keys and plans of a node.
#[derive(Debug, Default)]
pub struct ApiKeys {
    /// Its hasher's seed is random: nobody makes keys that collide.
    by_value: papaya::HashMap<Hash, Arc<ApiKey>>,
    known: Mutex<Known>,
}

/// What writers know beside.
#[derive(Debug, Default)]
struct Known {
    keys: HashMap<(Origin, Arc<str>), Hash>,
    plans: HashMap<(Origin, Arc<str>), Arc<UsagePlan>>,
}

impl Known {
    fn plan(&mut self, origin: Origin, id: &Arc<str>) -> Arc<UsagePlan> {
        self.plans.entry((origin, id.clone())).or_default().clone()
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

impl ApiKeys {
    /// The key of that value, if it is enabled and one of its usage plans has the stage.
    pub fn find(&self, value: &str, api: &str, stage: &str) -> Option<Arc<ApiKey>> {
        let key = self.by_value.pin().get(&Hash::of(value.as_bytes()))?.clone();
        let may = key.enabled && key.plans.iter().any(|plan| plan.has(api, stage));
        may.then_some(key)
    }

    /// Puts a key in, or in the place of the one of the same id.
    ///
    /// # Errors
    ///
    /// Another key has its value; then there is none of this id.
    pub fn set(&self, origin: Origin, spec: &KeySpec) -> Result<(), SameValue> {
        let mut known = self.known.lock();
        let by_value = self.by_value.pin();
        let id = (origin, spec.id.clone());
        let taken = by_value
            .get(&spec.value)
            .filter(|other| (other.origin, &other.id) != (origin, &spec.id));
        if let Some(other) = taken {
            let of = other.id.clone();
            if let Some(before) = known.keys.remove(&id) {
                by_value.remove(&before);
            }
            let id = spec.id.clone();
            return Err(SameValue { id, of });
        }
        let key = ApiKey {
            id: spec.id.clone(),
            origin,
            enabled: spec.enabled,
            plans: spec.plans.iter().map(|plan| known.plan(origin, plan)).collect(),
        };
        by_value.insert(spec.value, Arc::new(key));
        let before = known.keys.insert(id, spec.value);
        if let Some(before) = before.filter(|before| *before != spec.value) {
            by_value.remove(&before);
        }
        Ok(())
    }

    /// Takes a key out.
    pub fn remove(&self, origin: Origin, id: &Arc<str>) {
        if let Some(value) = self.known.lock().keys.remove(&(origin, id.clone())) {
            self.by_value.pin().remove(&value);
        }
    }

    /// The stages of a usage plan; one that has none is as good as gone.
    pub fn set_plan(&self, origin: Origin, id: &Arc<str>, stages: &[StageId]) {
        self.known.lock().plan(origin, id).set(stages);
    }

    /// Makes these the keys and plans of an origin, and gives back what could not be put in.
    pub fn replace(
        &self,
        origin: Origin,
        plans: &[(Arc<str>, Vec<StageId>)],
        keys: &[KeySpec],
    ) -> Vec<SameValue> {
        let stay: HashSet<&str> = keys.iter().map(|key| &*key.id).collect();
        let named: HashSet<&str> = plans.iter().map(|(id, _)| &**id).collect();
        let gone: Vec<Arc<str>> = {
            let mut known = self.known.lock();
            known.plans.retain(|(of, id), plan| {
                let stays = *of != origin || named.contains(&**id);
                if !stays {
                    plan.set(&[]);
                }
                stays
            });
            let of_origin = known.keys.keys().filter(|(of, _)| *of == origin);
            let gone = of_origin.filter(|(_, id)| !stay.contains(&**id));
            gone.map(|(_, id)| id.clone()).collect()
        };
        for id in &gone {
            self.remove(origin, id);
        }
        for (id, stages) in plans {
            self.set_plan(origin, id, stages);
        }
        keys.iter()
            .filter_map(|key| self.set(origin, key).err())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(api: &str, stage: &str) -> StageId {
        StageId {
            api: api.into(),
            stage: stage.into(),
        }
    }

    fn spec(id: &str, value: &str, plans: &[&str]) -> KeySpec {
        KeySpec {
            id: id.into(),
            value: Hash::of(value.as_bytes()),
            enabled: true,
            plans: plans.iter().map(|plan| Arc::from(*plan)).collect(),
        }
    }

    fn found(keys: &ApiKeys, value: &str) -> Option<String> {
        keys.find(value, "pets", "prod").map(|key| key.id.to_string())
    }

    #[test]
    fn a_key_calls_the_stages_of_its_plans_and_no_others() {
        let keys = ApiKeys::default();
        let plan: Arc<str> = "gold".into();
        keys.set(Origin::Calls, &spec("a", "secret", &["gold"]))
            .expect("set");
        assert_eq!(found(&keys, "secret"), None, "its plan has no stage yet");
        keys.set_plan(Origin::Calls, &plan, &[stage("pets", "prod"), stage("shop", "x")]);
        assert_eq!(found(&keys, "secret").as_deref(), Some("a"));
        assert_eq!(found(&keys, "secrets"), None);
        assert!(
            keys.find("secret", "pets", "x").is_none(),
            "of another API's stage"
        );
        assert!(keys.find("secret", "shop", "x").is_some());
        keys.set_plan(Origin::File, &plan, &[]);
        assert!(found(&keys, "secret").is_some(), "the file's plan is another one");
        keys.set_plan(Origin::Calls, &plan, &[]);
        assert_eq!(found(&keys, "secret"), None, "at once");
    }

    #[test]
    fn a_key_that_is_disabled_changed_or_gone_lets_nobody_in() {
        let keys = ApiKeys::default();
        keys.set_plan(Origin::Calls, &"gold".into(), &[stage("pets", "prod")]);
        keys.set(Origin::Calls, &spec("a", "one", &["gold"]))
            .expect("set");
        let mut disabled = spec("a", "one", &["gold"]);
        disabled.enabled = false;
        keys.set(Origin::Calls, &disabled).expect("set");
        assert_eq!(found(&keys, "one"), None);
        keys.set(Origin::Calls, &spec("a", "two", &["gold"]))
            .expect("set");
        assert_eq!(found(&keys, "one"), None);
        assert!(found(&keys, "two").is_some());
        keys.set(Origin::Calls, &spec("a", "two", &[])).expect("set");
        assert_eq!(found(&keys, "two"), None, "out of its plan");
        keys.remove(Origin::Calls, &"a".into());
        assert!(keys.by_value.pin().is_empty());
    }

    #[test]
    fn two_keys_of_one_value_are_told() {
        let keys = ApiKeys::default();
        keys.set_plan(Origin::File, &"gold".into(), &[stage("pets", "prod")]);
        keys.set(Origin::Calls, &spec("a", "one", &[])).expect("set");
        keys.set(Origin::File, &spec("b", "two", &["gold"])).expect("set");
        let refused = keys.set(Origin::File, &spec("b", "one", &["gold"]));
        let told = "the API key `b` has the value of the API key `a`, so it cannot be used";
        assert_eq!(refused.map_err(|error| error.to_string()), Err(told.to_owned()));
        assert_eq!(found(&keys, "two"), None, "it has that value no more");
        assert_eq!(found(&keys, "one"), None);
    }

    #[test]
    fn a_file_read_anew_says_all_of_its_keys() {
        let keys = ApiKeys::default();
        let gold = [("gold".into(), vec![stage("pets", "prod")])];
        keys.set_plan(Origin::Calls, &"gold".into(), &[stage("pets", "prod")]);
        keys.set(Origin::Calls, &spec("a", "kept", &["gold"]))
            .expect("set");
        let both = [spec("a", "one", &["gold"]), spec("b", "two", &["gold"])];
        assert_eq!(keys.replace(Origin::File, &gold, &both), []);
        assert!(found(&keys, "one").is_some() && found(&keys, "two").is_some());
        assert_eq!(keys.replace(Origin::File, &gold, &both[1..]), []);
        assert_eq!(found(&keys, "one"), None);
        assert_eq!(keys.replace(Origin::File, &[], &both[1..]), []);
        assert_eq!(found(&keys, "two"), None, "its plan is gone");
        assert!(found(&keys, "kept").is_some(), "the control plane's stay");
    }
}
