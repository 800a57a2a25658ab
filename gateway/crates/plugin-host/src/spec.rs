//! What the configuration says of one plugin, and its identity.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::Limits;

/// One plugin as the configuration names it.
#[derive(Debug, Clone)]
pub struct PluginSpec {
    /// Its name in logs, metrics and errors.
    pub name: String,
    /// The component's bytes.
    pub component: Bytes,
    /// The plugin's own configuration, passed to `init` as it is.
    pub config_json: String,
    /// What it may reach.
    pub grants: Grants,
    /// What it may cost.
    pub limits: Limits,
    /// Whether instances serve many calls or one. Absent: many, but of the world `wasi:http` one.
    pub isolation: Option<Isolation>,
}

/// What a plugin may reach. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// `portcullis:plugin/log`: lines in the gateway's log.
    pub log: bool,
    /// `portcullis:plugin/counter`: counts that its instances share.
    pub counter: bool,
    /// Origins that a component of the world `wasi:http` may send requests to, as [`origin_of`](crate::origin_of) spells them.
    pub http: Vec<String>,
    /// Environment variables, as `wasi:cli/environment` gives them.
    pub environment: BTreeMap<String, String>,
}

/// Whether an instance serves many calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Isolation {
    /// One instance serves many calls, one after the other: fastest, and what a guest keeps in memory stays.
    #[default]
    Reused,
    /// A new instance for every call: nothing stays.
    Fresh,
}

/// Identifies a plugin: equal keys are the same plugin, and its warm instances can be kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginKey([u8; 32]);

impl fmt::Display for PluginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PluginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PluginKey({self})")
    }
}

impl PluginSpec {
    /// The identity of this plugin. Hashes the component's bytes, so keep the answer.
    pub fn key(&self) -> PluginKey {
        // Taken apart without `..`, so that a new field cannot be forgotten here.
        let Self {
            name,
            component,
            config_json,
            grants,
            limits,
            isolation,
        } = self;
        let Grants {
            log,
            counter,
            http,
            environment,
        } = grants;
        let Limits {
            cpu,
            wall,
            memory_bytes,
            output_bytes,
            concurrency,
            queue,
            calls_per_instance,
        } = limits;
        let mut hash = Fields(Sha256::new());
        hash.field(name.as_bytes());
        hash.field(component);
        hash.field(config_json.as_bytes());
        hash.field(&[u8::from(*log), u8::from(*counter)]);
        hash.number(http.len() as u128);
        http.iter().for_each(|origin| hash.field(origin.as_bytes()));
        hash.number(environment.len() as u128);
        for (name, value) in environment {
            hash.field(name.as_bytes());
            hash.field(value.as_bytes());
        }
        hash.number(cpu.as_nanos());
        hash.number(wall.as_nanos());
        hash.number(*memory_bytes as u128);
        hash.number(*output_bytes as u128);
        hash.number(u128::from(*concurrency));
        hash.number(u128::from(*queue));
        hash.number(u128::from(*calls_per_instance));
        hash.number(match isolation {
            None => 0,
            Some(Isolation::Reused) => 1,
            Some(Isolation::Fresh) => 2,
        });
        PluginKey(hash.0.finalize().into())
    }
}

/// Hashes fields with their lengths, so that no two lists of fields run together to the same bytes.
struct Fields(Sha256);

impl Fields {
    fn field(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u128);
        self.0.update(bytes);
    }

    fn number(&mut self, number: u128) {
        self.0.update(number.to_le_bytes());
    }
}
