//! Reads `edge.toml` and the files that it names, and reports every problem with its place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::uri::Authority;
use portcullis_document::{Document, Format, Problem, pointer, schema};
use portcullis_iam::Network;
use rustls::pki_types::ServerName;

use super::config::{EdgeConfig, RegionConfig};
use super::region::Target;
use crate::config::{
    ListenerTls, Pair, bad_address, bundle, check_policy, directory, listener_tls, pair, read_text,
};

/// Most ranges of addresses of all countries together: each is looked at for a request.
const MOST_RANGES: usize = 10_000;
/// Most regions: each is looked at for a request.
const MOST_REGIONS: usize = 32;

/// Everything that one reading of the files gave.
#[derive(Debug)]
pub struct Loaded {
    /// `edge.toml`.
    pub config: EdgeConfig,
    /// The same, with positions.
    pub document: Document,
    /// Errors and warnings; with an error there is nothing to run.
    pub problems: Vec<Problem>,
    /// Directories that hold what was read.
    pub directories: Vec<PathBuf>,
    /// The TLS of listeners, by their place.
    pub(super) listeners: Vec<Option<Arc<ListenerTls>>>,
    /// Regions, by their place.
    pub(super) regions: Vec<Target>,
}

/// Reads all of it.
///
/// # Errors
///
/// What is wrong with it, and the directories of what was read.
pub fn load(path: &Path) -> Result<Loaded, (Vec<Problem>, Vec<PathBuf>)> {
    let mut directories = vec![directory(path)];
    match read(path, &mut directories) {
        Ok(mut loaded) => {
            directories.sort();
            directories.dedup();
            loaded.directories = directories;
            Ok(loaded)
        }
        Err(problems) => Err((problems, directories)),
    }
}

fn read(path: &Path, directories: &mut Vec<PathBuf>) -> Result<Loaded, Vec<Problem>> {
    let file = path.display().to_string();
    let text = read_text(path).map_err(|reason| {
        let message = format!("cannot read the configuration: {reason}");
        let problem = Problem::in_file(&file, "unreadable", message);
        vec![problem.hint("name an edge.toml that exists, such as examples/edge/edge.toml")]
    })?;
    let document = Document::parse(&file, &text, Format::Toml)?;
    let mut problems = schema::check(&document, &super::schema());
    fail(&mut problems)?;
    let config: EdgeConfig = serde_json::from_value(document.to_json()).map_err(|error| {
        let message = format!("the configuration cannot be read: {error}");
        vec![document.error("invalid", "", message)]
    })?;
    check(&document, &config, &mut problems);
    fail(&mut problems)?;
    let at = |file: &Path| path.parent().unwrap_or(Path::new("")).join(file);
    let mut listeners = Vec::new();
    for (index, listener) in config.listeners.iter().enumerate() {
        let tls = listener.tls.as_ref().map(|tls| {
            let place = format!("/listeners/{index}/tls");
            listener_tls(&document, tls, &place, at, directories)
        });
        let tls = tls.transpose().unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        listeners.push(tls.map(Arc::new));
    }
    let mut regions = Vec::new();
    for (index, region) in config.regions.iter().enumerate() {
        match target(&document, index, region, at, directories) {
            Ok(target) => regions.push(target),
            Err(found) => problems.extend(found),
        }
    }
    fail(&mut problems)?;
    Ok(Loaded {
        config,
        document,
        problems,
        directories: Vec::new(),
        listeners,
        regions,
    })
}

fn fail(problems: &mut Vec<Problem>) -> Result<(), Vec<Problem>> {
    match problems.iter().any(Problem::is_error) {
        true => Err(std::mem::take(problems)),
        false => Ok(()),
    }
}

/// A region with its files. Its host has been checked.
fn target(
    document: &Document,
    index: usize,
    region: &RegionConfig,
    at: impl Fn(&Path) -> PathBuf,
    directories: &mut Vec<PathBuf>,
) -> Result<Target, Vec<Problem>> {
    let place = format!("/regions/{index}");
    let (trust, certificate, key) = (at(&region.trust), at(&region.certificate), at(&region.key));
    directories.extend([&trust, &certificate, &key].map(|file| directory(file)));
    let trust = bundle(document, &format!("{place}/trust"), &trust);
    let shown = pair(
        document,
        &Pair {
            place: &place,
            certificate: &certificate,
            key: &key,
        },
    );
    let (trust, shown) = match (trust, shown) {
        (Ok(trust), Ok(shown)) => (trust, shown),
        (trust, shown) => return Err(trust.err().into_iter().chain(shown.err()).collect()),
    };
    Target::new(region, &trust, &shown).map_err(|error| {
        vec![document.error("region", &place, format!("it cannot be connected to: {error}"))]
    })
}

/// Every breach of a rule.
fn check(document: &Document, config: &EdgeConfig, problems: &mut Vec<Problem>) {
    name(document, "/name", &config.name, problems);
    if config.listeners.is_empty() {
        let problem = document.error("no-listener", "/listeners", "there is no listener");
        problems.push(problem.hint("add [[listeners]] with address = \"0.0.0.0:443\""));
    }
    for (index, listener) in config.listeners.iter().enumerate() {
        let at = format!("/listeners/{index}/address");
        problems.extend(bad_address(document, &at, &listener.address));
        let before = config.listeners.iter().take(index);
        if !listener.address.ends_with(":0") && before.clone().any(|other| other.address == listener.address)
        {
            let message = format!("the address {} stands twice", listener.address);
            problems.push(document.error("duplicate-listener", &at, message));
        }
        let Some(tls) = &listener.tls else { continue };
        if tls.certificates.is_empty() {
            let at = format!("/listeners/{index}/tls/certificates");
            problems.push(document.error("no-certificate", &at, "a listener with TLS needs a certificate"));
        }
        let policy = tls.security_policy.as_deref();
        let at = format!("/listeners/{index}/tls/security_policy");
        check_policy(document, &at, policy, problems);
        if tls.client_trust.is_some() || tls.edge_trust.is_some() {
            let at = format!("/listeners/{index}/tls");
            let message = "regions see no certificate of a client that comes by a point of presence";
            let problem = document.error("client-trust", &at, message);
            problems.push(
                problem.hint("leave out client_trust and edge_trust; they are for listeners of gateway.toml"),
            );
        }
    }
    if let Some(control) = &config.control {
        problems.extend(bad_address(document, "/control/address", &control.address));
    }
    regions(document, config, problems);
    countries(document, config, problems);
}

fn regions(document: &Document, config: &EdgeConfig, problems: &mut Vec<Problem>) {
    let count = config.regions.len();
    if count == 0 || count > MOST_REGIONS {
        let message = format!("there are {count} regions; there must be 1 to {MOST_REGIONS}");
        problems.push(document.error("regions", "/regions", message));
    }
    for (index, region) in config.regions.iter().enumerate() {
        let at = |member: &str| pointer(["regions", &index.to_string(), member]);
        name(document, &at("name"), &region.name, problems);
        if config
            .regions
            .iter()
            .take(index)
            .any(|other| other.name == region.name)
        {
            let message = format!("the region `{}` stands twice", region.name);
            problems.push(document.error("duplicate-region", &at("name"), message));
        }
        let authority = region.address.parse::<Authority>().ok();
        let good = authority.is_some_and(|authority| {
            !region.address.contains('@')
                && !authority.host().is_empty()
                && authority.port_u16().is_some_and(|port| port != 0)
        });
        if !good {
            let message = format!("`{}` is not a host with a port", region.address);
            let problem = document.error("bad-target", &at("address"), message);
            problems.push(problem.hint("such as eu.example.com:8443, 10.0.0.7:8443 or [::1]:8443"));
        }
        if let Some(host) = region.server_name.as_ref()
            && ServerName::try_from(host.as_str()).is_err()
        {
            let message =
                format!("`{host}` is neither a host name nor an IP address, so no certificate can be for it");
            problems.push(document.error("bad-server-name", &at("server_name"), message));
        }
    }
}

fn countries(document: &Document, config: &EdgeConfig, problems: &mut Vec<Problem>) {
    let ranges: usize = config.countries.values().map(Vec::len).sum();
    if ranges > MOST_RANGES {
        let message =
            format!("the countries have {ranges} ranges of addresses, and {MOST_RANGES} are the most");
        problems.push(document.error("countries", "/countries", message));
    }
    for (country, networks) in &config.countries {
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = format!("`{country}` is no country of ISO 3166-1");
            let problem = document.error("bad-country", &pointer(["countries", country]), message);
            problems.push(problem.hint("two letters, such as DE or US"));
        }
        for (index, network) in networks.iter().enumerate() {
            if Network::parse(network).is_none() {
                let at = pointer(["countries", country, &index.to_string()]);
                let problem =
                    document.error("bad-range", &at, format!("`{network}` is no range of addresses"));
                problems.push(problem.hint("such as 10.0.0.0/8, 2001:db8::/32 or 10.0.0.7"));
            }
        }
    }
}

fn name(document: &Document, at: &str, name: &str, problems: &mut Vec<Problem>) {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 64 || !name.bytes().all(good) {
        let problem = document.error("bad-name", at, format!("`{name}` cannot be a name here"));
        problems.push(problem.hint("A-Z, a-z, 0-9, -, _ and ., 64 at most"));
    }
}
