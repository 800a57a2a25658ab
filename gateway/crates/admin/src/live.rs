//! What the data plane serves of what is kept: stages, each with the definitions that it points at.

use std::sync::Arc;

use portcullis_model::{RestApi, Stage};
use portcullis_store::{Read, StoreError};

/// A stage with what it serves.
#[derive(Debug, Clone)]
pub struct LiveStage {
    /// The API's id.
    pub api: String,
    /// Its settings.
    pub stage: Stage,
    /// The definition of the deployment that it points at.
    pub base: Definition,
    /// That of its canary.
    pub canary: Option<Definition>,
}

/// A deployment's definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Of the snapshot: the same for the same definition.
    pub hash: [u8; 32],
    /// The model.
    pub api: Arc<RestApi>,
}

/// A stage, if it is there.
///
/// # Errors
///
/// The store's.
pub async fn stage(read: &mut Read, api: &str, name: &str) -> Result<Option<LiveStage>, StoreError> {
    let _ = (read, api, name);
    Ok(None)
}

/// The API and the name of every stage.
///
/// # Errors
///
/// The store's.
pub async fn stages(read: &mut Read) -> Result<Vec<(String, String)>, StoreError> {
    let _ = read;
    Ok(Vec::new())
}
