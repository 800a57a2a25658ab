//! Custom domain names: hosts of one's own, and the stages below their paths.
//!
//! One table for all names, swapped as a whole: they change seldom, and each request looks a host up once.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::api_keys::Origin;

/// What is below one path of a domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Without slashes at its ends; empty for all that no other mapping has.
    pub path: Box<str>,
    /// The API.
    pub api: Arc<str>,
    /// The stage; where absent the next part of the path names it.
    pub stage: Option<Arc<str>>,
}

type Known = HashMap<(Origin, Arc<str>), Vec<Mapping>>;

/// The custom domain names of a node.
#[derive(Debug, Default)]
pub struct Domains {
    table: ArcSwap<Table>,
    /// What writers know. A name that `gateway.toml` has is not the control plane's.
    known: Mutex<Known>,
}

/// By host, in lower case; a wildcard by what is behind its asterisk. Hashed with a random seed, for clients choose hosts.
#[derive(Debug, Default)]
struct Table {
    names: HashMap<Arc<str>, Arc<[Mapping]>>,
    wildcards: HashMap<Arc<str>, Arc<[Mapping]>>,
}

/// A stage of a domain name.
#[derive(Debug, PartialEq, Eq)]
pub struct Mapped<'p> {
    /// The API.
    pub api: Arc<str>,
    /// The stage.
    pub stage: StageName<'p>,
    /// Where the path below the stage begins.
    pub below_stage: usize,
}

/// A stage's name, of a mapping or of a path.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as said")]
pub enum StageName<'p> {
    OfMapping(Arc<str>),
    OfPath(&'p str),
}

impl std::ops::Deref for StageName<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::OfMapping(name) => name,
            Self::OfPath(name) => name,
        }
    }
}

impl Domains {
    /// The stage that a path of a host is mapped to. The outer option is `None` for a host that is no domain name of ours, the
    /// inner one where nothing is mapped.
    pub fn find<'p>(&self, host: &str, path: &'p str) -> Option<Option<Mapped<'p>>> {
        let table = self.table.load();
        if table.names.is_empty() && table.wildcards.is_empty() {
            return None;
        }
        let host = without_port(host).to_ascii_lowercase();
        let mappings = table.names.get(host.as_str()).or_else(|| {
            let (_, parent) = host.split_once('.')?;
            table.wildcards.get(parent)
        })?;
        Some(mapped(mappings, path))
    }

    /// Makes a domain name lead to these, or takes it out.
    pub fn set(&self, origin: Origin, name: &str, mappings: Option<Vec<Mapping>>) {
        let mut known = self.known.lock();
        let key = (origin, Arc::from(name));
        match mappings {
            Some(mappings) => drop(known.insert(key, mappings)),
            None => drop(known.remove(&key)),
        }
        self.table.store(Arc::new(table(&known)));
    }

    /// Makes these all names of an origin.
    pub fn replace(&self, origin: Origin, names: impl IntoIterator<Item = (Arc<str>, Vec<Mapping>)>) {
        let mut known = self.known.lock();
        known.retain(|(of, _), _| *of != origin);
        known.extend(
            names
                .into_iter()
                .map(|(name, mappings)| ((origin, name), mappings)),
        );
        self.table.store(Arc::new(table(&known)));
    }
}

fn table(known: &Known) -> Table {
    let mut table = Table::default();
    for ((origin, name), mappings) in known {
        if *origin == Origin::Calls && known.contains_key(&(Origin::File, name.clone())) {
            continue;
        }
        let mut mappings = mappings.clone();
        // The longest path first: it is the one that counts.
        mappings.sort_by_key(|mapping| std::cmp::Reverse(mapping.path.len()));
        match name.strip_prefix("*.") {
            Some(parent) => table.wildcards.insert(parent.into(), mappings.into()),
            None => table.names.insert(name.clone(), mappings.into()),
        };
    }
    table
}

/// The longest base path that the path begins with, part by part
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>).
fn mapped<'p>(mappings: &[Mapping], path: &'p str) -> Option<Mapped<'p>> {
    let below = |mapping: &Mapping| {
        let rest = path.strip_prefix('/')?.strip_prefix(&*mapping.path)?;
        let ends = rest.is_empty() || rest.starts_with('/') || mapping.path.is_empty();
        ends.then(|| match mapping.path.is_empty() {
            true => 0,
            false => path.len() - rest.len(),
        })
    };
    let (mapping, below) = mappings
        .iter()
        .find_map(|mapping| Some((mapping, below(mapping)?)))?;
    let api = mapping.api.clone();
    if let Some(stage) = &mapping.stage {
        return Some(Mapped {
            api,
            stage: StageName::OfMapping(stage.clone()),
            below_stage: below,
        });
    }
    let rest = path.get(below..)?.strip_prefix('/')?;
    let stage = rest.split('/').next().unwrap_or(rest);
    Some(Mapped {
        api,
        stage: StageName::OfPath(stage),
        below_stage: below + 1 + stage.len(),
    })
}

/// A host without its port; an address of IPv6 is in brackets.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(path: &str, api: &str, stage: Option<&str>) -> Mapping {
        Mapping {
            path: path.into(),
            api: api.into(),
            stage: stage.map(Arc::from),
        }
    }

    fn found(domains: &Domains, host: &str, path: &str) -> Option<Option<String>> {
        let found = domains.find(host, path)?;
        Some(found.map(|mapped| {
            format!(
                "{} {} {}",
                mapped.api,
                &*mapped.stage,
                &path[mapped.below_stage..]
            )
        }))
    }

    #[test]
    fn the_longest_base_path_counts() {
        let domains = Domains::default();
        assert_eq!(found(&domains, "api.example.com", "/x"), None);
        let mappings = vec![
            mapping("", "root", Some("prod")),
            mapping("orders", "orders", Some("v1")),
            mapping("orders/v2", "orders", Some("v2")),
            mapping("open", "open", None),
        ];
        domains.set(Origin::File, "api.example.com", Some(mappings));
        for (path, expected) in [
            ("/", "root prod /"),
            ("/pets", "root prod /pets"),
            ("/ordersx", "root prod /ordersx"),
            ("/orders", "orders v1 "),
            ("/orders/", "orders v1 /"),
            ("/orders/v2x", "orders v1 /v2x"),
            ("/orders/v2", "orders v2 "),
            ("/orders/v2/1", "orders v2 /1"),
            ("/Orders/v2/1", "root prod /Orders/v2/1"),
            ("/open/dev/a", "open dev /a"),
            ("/open/dev", "open dev "),
            ("/open/", "open  "),
            ("//orders", "root prod //orders"),
        ] {
            for host in ["api.example.com", "API.Example.com:8443"] {
                assert_eq!(
                    found(&domains, host, path),
                    Some(Some(expected.to_owned())),
                    "{path}"
                );
            }
        }
        assert_eq!(
            found(&domains, "api.example.com", "/open"),
            Some(None),
            "which stage?"
        );
        for host in [
            "example.com",
            "x.api.example.com",
            "[::1]:80",
            "",
            "api.example.com.",
            "api.example.com:x",
        ] {
            assert_eq!(found(&domains, host, "/"), None, "{host}");
        }
    }

    #[test]
    fn a_name_comes_before_a_wildcard_and_a_file_before_the_control_plane() {
        let domains = Domains::default();
        let all = |api: &str| Some(vec![mapping("", api, Some("s"))]);
        domains.set(Origin::Calls, "*.example.com", all("wild"));
        domains.set(Origin::Calls, "api.example.com", all("own"));
        let of = |host: &str| found(&domains, host, "/");
        assert_eq!(of("api.example.com"), Some(Some("own s /".to_owned())));
        assert_eq!(of("x.example.com"), Some(Some("wild s /".to_owned())));
        assert_eq!(of("x.y.example.com"), None, "an asterisk is one label");
        assert_eq!(of("example.com"), None);
        domains.replace(
            Origin::File,
            [("api.example.com".into(), all("file").unwrap_or_default())],
        );
        assert_eq!(of("api.example.com"), Some(Some("file s /".to_owned())));
        domains.replace(Origin::File, []);
        assert_eq!(of("api.example.com"), Some(Some("own s /".to_owned())));
        domains.set(Origin::Calls, "api.example.com", Some(Vec::new()));
        assert_eq!(
            of("api.example.com"),
            Some(None),
            "nothing is mapped, and the wildcard's are not its"
        );
        domains.set(Origin::Calls, "api.example.com", None);
        assert_eq!(of("api.example.com"), Some(Some("wild s /".to_owned())));
    }
}
