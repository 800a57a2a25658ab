//! What is kept on disk: the account, and each certificate with its key in one file, so that they never disagree.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::config::{AcmeSource, hash};
use crate::upstream::ClientCertificate;

/// The directory of an authority.
#[derive(Debug)]
pub(super) struct Kept(PathBuf);

/// A certificate with its key.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) key: Arc<CertifiedKey>,
    /// In seconds since 1970.
    pub(super) not_before: u64,
    pub(super) not_after: u64,
}

impl Kept {
    /// What one authority has is nothing to another.
    pub(super) fn of(source: &AcmeSource) -> Self {
        let id = hash(&[source.config.directory.as_bytes()]);
        let id: String = id.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self(source.data.join(id))
    }

    pub(super) fn account(&self) -> io::Result<Option<Vec<u8>>> {
        existing(&self.0.join("account.json"))
    }

    pub(super) fn keep_account(&self, account: &[u8]) -> io::Result<()> {
        self.write("account.json", account)
    }

    /// The certificate of a name, if there is one.
    pub(super) fn certificate(&self, name: &str) -> Result<Option<Certificate>, String> {
        let path = self.0.join(format!("{name}.pem"));
        let pem = existing(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        pem.map(|pem| Certificate::from_pem(&pem)).transpose()
    }

    pub(super) fn keep_certificate(&self, name: &str, pem: &[u8]) -> io::Result<()> {
        self.write(&format!("{name}.pem"), pem)
    }

    /// Whole or not at all, for the gateway's user alone.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut directory = DirBuilder::new();
        directory.recursive(true).mode(0o700).create(&self.0)?;
        let (path, new) = (self.0.join(name), self.0.join(format!("{name}.new")));
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, &path)
    }
}

impl Certificate {
    /// From the chain and the key in one text.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let pair = ClientCertificate::from_pem(pem, pem).map_err(|error| error.to_string())?;
        let key = pair.key().clone();
        let first = key.cert.first().ok_or("it has no certificate")?;
        let (_, certificate) = X509Certificate::from_der(first).map_err(|error| error.to_string())?;
        let validity = certificate.validity();
        let seconds = |time: i64| u64::try_from(time).unwrap_or(0);
        let (not_before, not_after) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        Ok(Self {
            key: Arc::new(key),
            not_before: seconds(not_before),
            not_after: seconds(not_after),
        })
    }

    /// When the next one is due: at two thirds of its time.
    pub(super) fn due(&self) -> u64 {
        let lasts = self.not_after.saturating_sub(self.not_before);
        self.not_before.saturating_add(lasts / 3 * 2)
    }
}

fn existing(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
