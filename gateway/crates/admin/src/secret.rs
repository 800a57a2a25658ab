//! Secrets in documents: sealed by the store's vault for the one row that has them, as hexadecimal digits.

use std::sync::Arc;

use portcullis_store::{Key, Store, Vault, VaultError};
use serde_json::{Value, json};

use crate::kind::client_certificate;

/// Seals secrets, and opens them.
#[derive(Debug, Clone)]
pub struct Secrets {
    vault: Arc<Vault>,
}

impl Secrets {
    /// Those of a store. What an older version sealed for no row in particular is sealed anew, for its own.
    ///
    /// # Errors
    ///
    /// The vault's.
    pub async fn of(store: &Store) -> Result<Self, VaultError> {
        let secrets = Self {
            vault: Arc::new(store.vault().await?),
        };
        secrets.renew(store).await?;
        Ok(secrets)
    }

    /// A secret as a row may have it. None: the machine cannot encrypt now.
    pub fn seal(&self, row: &Key, secret: &[u8]) -> Option<String> {
        let sealed = self.vault.seal(row, secret);
        let sealed = sealed.inspect_err(|error| tracing::error!("a secret cannot be sealed: {error}"));
        Some(hex(&sealed.ok()?))
    }

    /// What was sealed for a row.
    ///
    /// # Errors
    ///
    /// It was changed, or sealed for another row.
    pub fn open(&self, row: &Key, sealed: &str) -> Result<Vec<u8>, VaultError> {
        self.vault.open(row, &unhex(sealed))
    }

    async fn renew(&self, store: &Store) -> Result<(), VaultError> {
        const KIND: &str = client_certificate::KIND;
        const PRIVATE: &str = client_certificate::PRIVATE;
        let no_row = Key::new("secret", "", "document");
        let rows = store.read().await?.all(KIND).await?;
        let mut write = None;
        for mut row in rows {
            let sealed = row.document.get(PRIVATE).and_then(Value::as_str);
            let Ok(secret) = self.open(&no_row, sealed.unwrap_or_default()) else {
                continue;
            };
            let key = Key::new(KIND, row.parent, row.id);
            let sealed = hex(&self.vault.seal(&key, &secret)?);
            if let Some(document) = row.document.as_object_mut() {
                document.insert(PRIVATE.to_owned(), json!(sealed));
            }
            let write = match &mut write {
                Some(write) => write,
                none => none.insert(store.write("portcullis", "SealSecrets").await?),
            };
            write.update(&key, &row.document).await?;
        }
        if let Some(write) = write {
            write.commit().await?;
        }
        Ok(())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map_while(|digit| digit.to_digit(16)).collect();
    let pairs = digits.chunks_exact(2);
    pairs
        .filter_map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use portcullis_store::Options;

    use super::*;

    #[tokio::test]
    async fn what_was_sealed_for_no_row_is_sealed_for_its_own_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(Options::new(directory.path()))
            .await
            .expect("a store");
        let vault = store.vault().await.expect("a vault");
        let no_row = Key::new("secret", "", "document");
        let row = |id| Key::new(client_certificate::KIND, "", id);
        let mut write = store.write("test", "test").await.expect("a write");
        for id in ["one", "two"] {
            let sealed = vault.seal(&no_row, id.as_bytes()).expect("a seal");
            let document = json!({"clientCertificateId": id, "$privateKey": hex(&sealed)});
            write.insert(&row(id), &document).await.expect("a row");
        }
        write.commit().await.expect("a commit");

        let secrets = Secrets::of(&store).await.expect("secrets");
        let mut read = store.read().await.expect("a read");
        let mut sealed = Vec::new();
        for id in ["one", "two"] {
            let kept = read.get(&row(id)).await.expect("a read").expect("a row");
            assert_eq!(kept.document["clientCertificateId"], id);
            let text = kept.document["$privateKey"].as_str().expect("a text").to_owned();
            assert_eq!(secrets.open(&row(id), &text).expect("a secret"), id.as_bytes());
            assert!(secrets.open(&no_row, &text).is_err());
            sealed.push(text);
        }
        let moved = sealed.first().expect("one");
        assert!(secrets.open(&row("two"), moved).is_err(), "it is another row's");
        drop(read);
        let before = store.revision().await.expect("a revision");
        Secrets::of(&store).await.expect("secrets");
        assert_eq!(
            store.revision().await.expect("a revision"),
            before,
            "once is enough"
        );
    }
}
