//! The certificate files that `gateway.toml` names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_document::{Document, Problem, pointer};

use super::GatewayConfig;
use super::load::{directory, read};
use crate::upstream::{ClientCertificate, PemError, TrustBundle};

/// The largest certificate file.
const PEM_LIMIT: u64 = 8 * 1024 * 1024;

/// What the files have, by the names in `gateway.toml`; what is wrong where one cannot be used.
#[derive(Debug, Default)]
pub struct Certificates {
    /// `trust_bundles`.
    pub bundles: BTreeMap<String, Result<Arc<TrustBundle>, Problem>>,
    /// `client_certificates`.
    pub clients: BTreeMap<String, Result<Arc<ClientCertificate>, Problem>>,
}

impl Certificates {
    /// Reads them. `at` makes paths relative to the configuration; the directories of all files are added to
    /// `directories`.
    pub(super) fn read(
        document: &Document,
        config: &GatewayConfig,
        at: impl Fn(&Path) -> PathBuf,
        directories: &mut Vec<PathBuf>,
    ) -> Self {
        let mut certificates = Self::default();
        for (name, named) in &config.trust_bundles {
            let file = at(&named.file);
            directories.push(directory(&file));
            let read = bundle(document, &pointer(["trust_bundles", name, "file"]), &file);
            certificates.bundles.insert(name.clone(), read);
        }
        for (name, client) in &config.client_certificates {
            let (certificate, key) = (at(&client.certificate), at(&client.key));
            directories.extend([directory(&certificate), directory(&key)]);
            let files = Pair {
                place: &pointer(["client_certificates", name]),
                certificate: &certificate,
                key: &key,
            };
            let read = pair(document, &files);
            certificates.clients.insert(name.clone(), read);
        }
        certificates
    }

    /// What is wrong with them.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Problem> {
        let bundles = self.bundles.values().filter_map(|read| read.as_ref().err());
        bundles.chain(self.clients.values().filter_map(|read| read.as_ref().err()))
    }
}

/// The files of a certificate and its key, and the place of what names them as `certificate` and `key`.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) place: &'a str,
    pub(crate) certificate: &'a Path,
    pub(crate) key: &'a Path,
}

pub(crate) fn pair(document: &Document, files: &Pair<'_>) -> Result<Arc<ClientCertificate>, Problem> {
    let at = |member: &str| format!("{}/{member}", files.place);
    let chain = content(document, &at("certificate"), files.certificate)?;
    let private = content(document, &at("key"), files.key)?;
    let pair = ClientCertificate::from_pem(&chain, &private);
    pair.map(Arc::new).map_err(|error| {
        if error.is_of_key() {
            bad(document, &at("key"), files.key, &error)
        } else {
            bad(document, &at("certificate"), files.certificate, &error)
        }
    })
}

pub(crate) fn bundle(document: &Document, at: &str, file: &Path) -> Result<Arc<TrustBundle>, Problem> {
    let pem = content(document, at, file)?;
    TrustBundle::from_pem(&pem)
        .map(Arc::new)
        .map_err(|error| bad(document, at, file, &error))
}

fn content(document: &Document, at: &str, file: &Path) -> Result<Vec<u8>, Problem> {
    read(file, PEM_LIMIT).map_err(|reason| {
        let message = format!("cannot read {}: {reason}", file.display());
        document
            .error("unreadable", at, message)
            .hint("paths are relative to this file")
    })
}

fn bad(document: &Document, at: &str, file: &Path, error: &PemError) -> Problem {
    let message = format!("cannot use {}: {error}", file.display());
    document.error("bad-certificate", at, message).hint(error.hint())
}
