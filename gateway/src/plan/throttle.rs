//! How often the methods of a stage may be called.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use portcullis_limit::{Gate, Limit};

/// The limit of a method, and the gate at which it is held to.
#[derive(Debug)]
pub struct MethodThrottle {
    /// The same for all plans of the stage, its canary's among them.
    pub gate: Arc<Gate>,
    /// What the gate's limit is, once this plan is live.
    pub limit: Limit,
}

/// A resource's path and a verb.
type Method = (Arc<str>, Box<str>);

/// The gates of a stage's methods; they outlive swaps. Touched by the compiler alone.
#[derive(Debug, Default)]
pub struct Throttles {
    methods: Mutex<BTreeMap<Method, Arc<Gate>>>,
}

impl Throttles {
    /// The gate of a method, the same for as long as the stage has its name.
    pub fn method(&self, resource: &Arc<str>, verb: &str) -> Arc<Gate> {
        let mut methods = self.methods.lock();
        methods
            .entry((resource.clone(), verb.into()))
            .or_default()
            .clone()
    }
}
