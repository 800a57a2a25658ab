//! Custom domain names of the control plane, as the data plane knows them.

use std::sync::Arc;

use portcullis_admin::live_domains::{self, LiveDomain};
use portcullis_store::{Store, StoreError};
use tokio::sync::Mutex;

use crate::api_keys::Origin;
use crate::domains::{Domains, Mapping};

/// Puts what was committed into the node's table. Of two changes the later one stays: each is read anew in turn.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    turn: Mutex<()>,
}

impl Publisher {
    /// Everything, as at a start.
    pub(super) async fn all(&self, store: &Store, to: &Domains) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_domains::domains(&mut store.read().await?).await?;
        let names = found
            .iter()
            .map(|domain| (Arc::from(domain.name.as_str()), mappings(domain)));
        to.replace(Origin::Calls, names);
        Ok(())
    }

    /// A name that is new, changed or gone; its id in the store is the name.
    pub(super) async fn one(&self, store: &Store, to: &Domains, id: &str) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let found = live_domains::domain(&mut store.read().await?, id).await?;
        to.set(Origin::Calls, id, found.as_ref().map(mappings));
        Ok(())
    }
}

fn mappings(domain: &LiveDomain) -> Vec<Mapping> {
    let mappings = domain.mappings.iter();
    mappings
        .map(|mapping| Mapping {
            path: mapping.path.as_str().into(),
            api: mapping.api.as_str().into(),
            stage: mapping.stage.as_deref().map(Arc::from),
        })
        .collect()
}
