//! Stages of files that were pointed back at an earlier deployment of their API.

use std::collections::HashMap;
use std::sync::Arc;

use portcullis_document::Problem;

use super::{Reconciler, compile_missing};
use crate::background;
use crate::compile::template::templates_of;
use crate::config::{ApiSource, Sources};
use crate::kept::Pinned;
use crate::live::{Live, StageId};

impl Reconciler {
    /// The stages that are served.
    pub fn live(&self) -> &Live {
        &self.gateway.live
    }

    /// Whether a stage stands in `gateway.toml`.
    pub fn is_of_a_file(&self, id: &StageId) -> bool {
        let sources = self.sources.load();
        let apis = sources.as_ref().map(|sources| &sources.config.apis);
        apis.and_then(|apis| apis.get(&*id.api))
            .is_some_and(|api| api.stages.contains_key(&*id.stage))
    }

    /// The definition that a file has of an API, as it was read last.
    pub fn file(&self, api: &str) -> Option<Arc<ApiSource>> {
        self.sources.load().as_ref()?.apis.get(api).cloned()
    }

    /// Makes a stage of a file serve an earlier deployment, or what the file says. What has errors keeps what it had.
    pub async fn pin(&mut self, id: StageId, pin: Option<Pinned>) -> Vec<Problem> {
        match pin {
            Some(pin) => drop(self.pins.insert(id.clone(), pin)),
            None => drop(self.pins.remove(&id)),
        }
        let Some(sources) = self.sources.load_full() else {
            // Before the first reading: it finds the pins.
            return Vec::new();
        };
        let mut loaded = self.loaded_now(&sources);
        if let Some(pin) = self.pins.get(&id) {
            compile_missing(&mut self.templates, templates_of(&pin.api), &loaded).await;
        }
        loaded.templates = self.templates.clone();
        let stage = id.clone();
        let compiling = self.compiling(sources, loaded, move |compiler| compiler.of_file(&stage));
        let (plan, hash, problems) = match compiling.await {
            Ok(Some(compiled)) => compiled,
            Ok(None) => {
                let why = format!("the stage {} is in no file any more", id.stage);
                return vec![Problem::in_file(&format!("API {}", id.api), "store", why)];
            }
            Err(problem) => return vec![problem],
        };
        if let Some(plan) = plan {
            self.stages.insert(id.clone(), hash);
            let replaced = self.make_live(vec![(id, plan)], &[]);
            let _ = background::run(move || drop(replaced)).await;
        }
        problems
    }

    /// A file that changed is a new deployment, and what its stages serve.
    pub(super) fn unpin_changed(&mut self, sources: &Sources) {
        let definitions: HashMap<&str, _> = sources
            .apis
            .iter()
            .map(|(id, source)| (id.as_str(), source.hash))
            .collect();
        // One whose file cannot be read is left as it is: it keeps what it serves.
        self.pins
            .retain(|id, pin| definitions.get(&*id.api).is_none_or(|hash| *hash == pin.over));
    }
}
