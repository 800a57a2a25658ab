//! Access keys: who may use the protocol, and what each of them may do.
//!
//! A secret is stored sealed, and shown once, when its key is made. All keys are in memory as well, ready to be used: every
//! signed request looks for one.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use portcullis_iam::{Kind, Policy};
use portcullis_store::{Key, Page, Row, Store, StoreError, Vault, VaultError};
use serde_json::{Map, Value, json};

use crate::id;
use crate::secret::{hex, unhex};

/// The kind in the store.
const KIND: &str = "accesskey";
/// Keys that there may be.
const MOST: usize = 1_000;

/// Everything: what the first key may do.
pub const ADMINISTRATOR: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The access keys of a control plane.
#[derive(Clone)]
pub struct Keys {
    store: Store,
    vault: Arc<Vault>,
    known: Arc<ArcSwap<HashMap<String, Arc<KnownKey>>>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// A key that was just made: nothing shows its secret again.
#[derive(Clone)]
pub struct NewKey {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NewKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A key as it is kept, with its secret.
#[derive(Clone)]
pub struct KnownKey {
    /// Whose it is, for people and for the history of changes.
    pub name: String,
    /// The secret access key.
    pub secret: String,
    /// What it may do.
    pub policy: Policy,
    /// A disabled key is as good as none.
    pub enabled: bool,
    /// The revision of its last change.
    revision: i64,
}

impl std::fmt::Debug for KnownKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("KnownKey")
            .field("name", &self.name)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Why something about keys cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The policy is none.
    #[error("the policy cannot be used: {0}")]
    Policy(String),
    /// There is no such key.
    #[error("there is no access key {0}")]
    Unknown(String),
    /// There are too many.
    #[error("there are {MOST} access keys, and no more can be")]
    Many,
}

impl Keys {
    /// The keys of a store. One that cannot be read is logged, and nobody can use it.
    ///
    /// # Errors
    ///
    /// The store's and the vault's.
    pub async fn open(store: Store) -> Result<Self, KeysError> {
        let vault = Arc::new(store.vault().await?);
        let page = Page {
            after: None,
            limit: MOST,
        };
        let rows = store.read().await?.list(KIND, "", page).await?;
        let known = rows.iter().filter_map(|row| match opened(&vault, row) {
            Ok(known) => Some((row.id.clone(), Arc::new(known))),
            Err(error) => {
                tracing::error!("the access key {} cannot be used: {error}", row.id);
                None
            }
        });
        let known = Arc::new(ArcSwap::from_pointee(known.collect()));
        Ok(Self { store, vault, known })
    }

    /// Makes a key with a policy, as JSON text.
    ///
    /// # Errors
    ///
    /// A policy that is none, too many keys, or the store's.
    pub async fn create(&self, who: &str, name: &str, policy: &str) -> Result<NewKey, KeysError> {
        let parsed = parse(policy)?;
        let new = NewKey {
            id: format!("PK{}", id::random(18).to_ascii_uppercase()),
            secret: secret()?,
        };
        let key = Key::new(KIND, "", &new.id);
        let sealed = self.vault.seal(&key, new.secret.as_bytes())?;
        let document = json!({
            "name": name,
            "policy": policy,
            "enabled": true,
            "secret": hex(&sealed),
        });
        let mut write = self.store.write(who, "CreateAccessKey").await?;
        let page = Page {
            after: None,
            limit: MOST,
        };
        if write.list(KIND, "", page).await?.len() >= MOST {
            return Err(KeysError::Many);
        }
        write.insert(&key, &document).await?;
        let revision = write.commit().await?;
        let known = KnownKey {
            name: name.to_owned(),
            secret: new.secret.clone(),
            policy: parsed,
            enabled: true,
            revision,
        };
        self.know(&new.id, known);
        Ok(new)
    }

    /// The administrator's key, where there is no key at all yet: the first start of a control plane.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub async fn first(&self) -> Result<Option<NewKey>, KeysError> {
        let page = Page {
            after: None,
            limit: 1,
        };
        let mut read = self.store.read().await?;
        if !read.list(KIND, "", page).await?.is_empty() {
            return Ok(None);
        }
        drop(read);
        self.create("portcullis", "administrator", ADMINISTRATOR)
            .await
            .map(Some)
    }

    /// A key by its id, whether it is enabled or not. Reads no store.
    pub fn known(&self, id: &str) -> Option<Arc<KnownKey>> {
        self.known.load().get(id).cloned()
    }

    /// Keeps a key as it was committed, unless a later change has come before.
    fn know(&self, id: &str, key: KnownKey) {
        let key = Arc::new(key);
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            let newer = |kept: &Arc<KnownKey>| kept.revision > key.revision;
            if !known.get(id).is_some_and(newer) {
                known.insert(id.to_owned(), key.clone());
            }
            known
        });
    }

    /// Every key without its secret, as JSON objects with `id`, `name`, `enabled` and `policy`.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn list(&self) -> Result<Vec<Map<String, Value>>, KeysError> {
        let page = Page {
            after: None,
            limit: MOST,
        };
        let rows = self.store.read().await?.list(KIND, "", page).await?;
        let shown = rows.into_iter().filter_map(|row| {
            let Value::Object(mut document) = row.document else {
                return None;
            };
            document.remove("secret");
            document.insert("id".to_owned(), Value::from(row.id));
            Some(document)
        });
        Ok(shown.collect())
    }

    /// Enables or disables a key.
    ///
    /// # Errors
    ///
    /// No such key, or the store's.
    pub async fn enable(&self, who: &str, id: &str, enabled: bool) -> Result<(), KeysError> {
        let key = Key::new(KIND, "", id);
        let action = if enabled {
            "EnableAccessKey"
        } else {
            "DisableAccessKey"
        };
        let mut write = self.store.write(who, action).await?;
        let row = write
            .get(&key)
            .await?
            .ok_or_else(|| KeysError::Unknown(id.to_owned()))?;
        // One that cannot be read can be disabled as well.
        let known = opened(&self.vault, &row);
        let Value::Object(mut document) = row.document else {
            return Err(KeysError::Unknown(id.to_owned()));
        };
        document.insert("enabled".to_owned(), Value::Bool(enabled));
        write.update(&key, &Value::Object(document)).await?;
        let revision = write.commit().await?;
        if let Ok(known) = known {
            self.know(
                id,
                KnownKey {
                    enabled,
                    revision,
                    ..known
                },
            );
        }
        Ok(())
    }
}

/// A key of its row.
fn opened(vault: &Vault, row: &Row) -> Result<KnownKey, KeysError> {
    let text = |name: &str| row.document.get(name).and_then(Value::as_str).unwrap_or_default();
    let secret = vault.open(&Key::new(KIND, "", &row.id), &unhex(text("secret")))?;
    Ok(KnownKey {
        name: text("name").to_owned(),
        secret: String::from_utf8(secret).unwrap_or_default(),
        policy: parse(text("policy"))?,
        enabled: row.document.get("enabled") == Some(&Value::Bool(true)),
        revision: row.revision,
    })
}

fn parse(policy: &str) -> Result<Policy, KeysError> {
    Policy::parse(policy, Kind::Identity).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        KeysError::Policy(told.join("; "))
    })
}

/// 40 characters of 240 random bits, of the system's own source.
fn secret() -> Result<String, VaultError> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = [0_u8; 40];
    portcullis_store::random(&mut bytes)?;
    let letters = bytes
        .iter()
        .map(|byte| ALPHABET.get(usize::from(byte & 63)).copied().unwrap_or(b'A'));
    Ok(letters.map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use portcullis_store::Options;

    use super::*;

    #[tokio::test]
    async fn the_first_key_may_everything_and_secrets_are_shown_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(Options::new(directory.path()))
            .await
            .expect("a store");
        let keys = Keys::open(store.clone()).await.expect("keys");
        let first = keys.first().await.expect("made").expect("the first");
        assert!(keys.first().await.expect("looked").is_none(), "there is one now");
        let known = keys.known(&first.id).expect("there");
        assert_eq!(
            (known.name.as_str(), known.secret == first.secret, known.enabled),
            ("administrator", true, true)
        );
        assert!(
            keys.list()
                .await
                .expect("listed")
                .iter()
                .all(|key| !key.contains_key("secret"))
        );
        keys.enable("test", &first.id, false).await.expect("disabled");
        assert!(!keys.known(&first.id).expect("there").enabled);
        assert!(keys.known("../../x").is_none());
        let again = Keys::open(store).await.expect("keys");
        let known = again.known(&first.id).expect("there after a start");
        assert!(known.secret == first.secret && !known.enabled);
        assert!(matches!(
            keys.enable("test", "PKNOPE", true).await,
            Err(KeysError::Unknown(_))
        ));
        assert!(matches!(
            keys.create("test", "x", "{}").await,
            Err(KeysError::Policy(_))
        ));
    }
}
