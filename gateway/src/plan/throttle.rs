//! How often a stage and its methods may be called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use portcullis_limit::{Gate, Limit};

/// The limit of a method or of a stage, and the gate at which it is held to.
#[derive(Debug)]
pub struct Throttle {
    /// The same for all plans of the stage, its canary's among them.
    pub gate: Arc<Gate>,
    /// What the gate's limit is, once this plan is live.
    pub limit: Limit,
}

/// A resource's path and a verb.
type Method = (Arc<str>, Box<str>);

/// The gates of a stage and its methods; they outlive swaps. Touched by the compiler alone.
#[derive(Debug, Default)]
pub struct Throttles {
    stage: Arc<Gate>,
    methods: Mutex<BTreeMap<Method, Arc<Gate>>>,
}

impl Throttle {
    /// Holds those who pass to the limit from now on.
    pub fn hold(&self, now: Duration) {
        self.gate.set(Some(self.limit), now);
    }
}

impl Throttles {
    /// The gate of the stage as a whole.
    pub fn stage(&self) -> Arc<Gate> {
        self.stage.clone()
    }

    /// The gate of a method, the same for as long as the stage has its name.
    pub fn method(&self, resource: &Arc<str>, verb: &str) -> Arc<Gate> {
        let mut methods = self.methods.lock();
        methods
            .entry((resource.clone(), verb.into()))
            .or_default()
            .clone()
    }
}
