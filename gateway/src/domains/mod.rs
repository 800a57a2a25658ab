//! Custom domain names: hosts of one's own, and the stages below their paths.
//!
//! One table for all names, swapped as a whole: they change seldom, and each request looks a host up once.

mod private;
mod rule;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::HeaderMap;
use parking_lot::Mutex;

use crate::api_keys::Origin;
use crate::proxy::strict::Strict;

pub use private::{Admits, Private};
pub use rule::{Glob, HeaderCondition, Rule};

/// A domain name, and what it leads to: rules come first, then mappings.
#[derive(Debug, Default)]
pub struct Domain {
    /// In lower case; a wildcard begins with `*.`. There may be several private ones of a name.
    pub name: Box<str>,
    /// In any order.
    pub rules: Vec<Rule>,
    /// In any order.
    pub mappings: Vec<Mapping>,
    /// Who comes by it; everybody where absent.
    pub private: Option<Private>,
    /// How requests must come, where that matters.
    pub strict: Option<Strict>,
}

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

/// By what the writer knows it as: the name, or of the control plane its id in the store.
type Known = HashMap<(Origin, Arc<str>), Arc<Domain>>;

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
    names: HashMap<Arc<str>, Site>,
    wildcards: HashMap<Arc<str>, Site>,
}

/// All of one name.
#[derive(Debug, Default)]
struct Site {
    public: Option<Arc<Domain>>,
    private: Vec<Arc<Domain>>,
}

impl Site {
    /// Whoever comes by an endpoint has the private name that is associated with it, if there is one.
    fn domain(&self, vpce: &dyn Fn() -> Option<Arc<str>>) -> Option<&Arc<Domain>> {
        let private = (!self.private.is_empty()).then(vpce).flatten();
        let private = private.and_then(|vpce| {
            let is_let = |domain: &&Arc<Domain>| domain.private.as_ref().is_some_and(|of| of.lets(&vpce));
            self.private.iter().find(is_let)
        });
        private.or(self.public.as_ref())
    }
}

/// What is asked of the table.
pub struct Asked<'r> {
    /// As the client named it, with its port if it named one.
    pub host: &'r str,
    /// As sent.
    pub path: &'r str,
    /// All of the request's.
    pub headers: &'r HeaderMap,
    /// The endpoint that it came by: looked up for private names alone.
    pub vpce: &'r dyn Fn() -> Option<Arc<str>>,
}

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Asked")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// What leads to a stage of a domain name.
#[derive(Debug, Clone)]
pub struct ByDomain {
    domain: Arc<Domain>,
    by: By,
}

/// Indices.
#[derive(Debug, Clone, Copy)]
enum By {
    Mapping(usize),
    Rule(usize),
}

impl ByDomain {
    /// The domain name.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The API.
    pub fn api(&self) -> &str {
        match self.by {
            By::Mapping(at) => self.domain.mappings.get(at).map_or("", |mapping| &mapping.api),
            By::Rule(at) => self.domain.rules.get(at).map_or("", |rule| &rule.api),
        }
    }

    /// The stage; none where the path names it.
    pub fn stage(&self) -> Option<&str> {
        match self.by {
            By::Mapping(at) => self.domain.mappings.get(at)?.stage.as_deref(),
            By::Rule(at) => self.domain.rules.get(at).map(|rule| &*rule.stage),
        }
    }

    /// `$context.customDomain.routingRuleIdMatched`.
    pub fn rule(&self) -> Option<&str> {
        match self.by {
            By::Mapping(_) => None,
            By::Rule(at) => self.domain.rules.get(at).map(|rule| &*rule.id),
        }
    }

    /// `$context.customDomain.basePathMatched`, of the path that was sent.
    pub fn base_path(&self, path: &str) -> Option<&str> {
        let found = match self.by {
            By::Mapping(at) => &*self.domain.mappings.get(at)?.path,
            By::Rule(at) => {
                let mut paths = self.domain.rules.get(at)?.base_paths.iter();
                paths.find(|base| below(base, path).is_some())?
            }
        };
        Some(found).filter(|found| !found.is_empty())
    }
}

/// A stage of a domain name.
#[derive(Debug)]
pub struct Mapped<'p> {
    /// What led there.
    pub by: ByDomain,
    /// The stage's name, where the path has it.
    pub stage_of_path: Option<&'p str>,
    /// Where the path below the stage begins.
    pub below_stage: usize,
}

impl Mapped<'_> {
    /// The stage.
    pub fn stage(&self) -> &str {
        self.by.stage().or(self.stage_of_path).unwrap_or_default()
    }
}

impl Domains {
    /// The stage that a request to a host is led to. The outer option is `None` for a host that is no domain name of ours, the
    /// inner one where nothing is led to, or the name is for others.
    pub fn find<'p>(&self, asked: &Asked<'p>) -> Option<Option<Mapped<'p>>> {
        let table = self.table.load();
        if table.names.is_empty() && table.wildcards.is_empty() {
            return None;
        }
        let host = without_port(asked.host).to_ascii_lowercase();
        let site = table.names.get(host.as_str()).or_else(|| {
            let (_, parent) = host.split_once('.')?;
            table.wildcards.get(parent)
        })?;
        Some(site.domain(asked.vpce).and_then(|domain| led(domain, asked)))
    }

    /// Makes a domain name what it is now, or takes it out.
    pub fn set(&self, origin: Origin, id: &str, domain: Option<Domain>) {
        let mut known = self.known.lock();
        let key = (origin, Arc::from(id));
        match domain {
            Some(domain) => drop(known.insert(key, Arc::new(sorted(domain)))),
            None => drop(known.remove(&key)),
        }
        self.table.store(Arc::new(table(&known)));
    }

    /// Makes these all names of an origin, by their ids.
    pub fn replace(&self, origin: Origin, domains: impl IntoIterator<Item = (Arc<str>, Domain)>) {
        let mut known = self.known.lock();
        known.retain(|(of, _), _| *of != origin);
        let domains = domains.into_iter();
        known.extend(domains.map(|(id, domain)| ((origin, id), Arc::new(sorted(domain)))));
        self.table.store(Arc::new(table(&known)));
    }
}

/// What counts first stands first: the lowest priority, and the longest path.
fn sorted(mut domain: Domain) -> Domain {
    domain.rules.sort_by_key(|rule| rule.priority);
    domain
        .mappings
        .sort_by_key(|mapping| std::cmp::Reverse(mapping.path.len()));
    domain
}

fn table(known: &Known) -> Table {
    let mut table = Table::default();
    let is_of_file = |domain: &Domain| {
        let mut of_file = known.iter().filter(|((origin, _), _)| *origin == Origin::File);
        of_file.any(|(_, of_file)| of_file.name == domain.name)
    };
    // By their ids, so that of two private names with one endpoint it is always the same that counts.
    let mut sorted: Vec<_> = known.iter().collect();
    sorted.sort_by(|((_, one), _), ((_, other), _)| one.cmp(other));
    for ((origin, _), domain) in sorted {
        if *origin == Origin::Calls && is_of_file(domain) {
            continue;
        }
        let site = match domain.name.strip_prefix("*.") {
            Some(parent) => table.wildcards.entry(parent.into()).or_default(),
            None => table.names.entry((&*domain.name).into()).or_default(),
        };
        match domain.private {
            Some(_) => site.private.push(domain.clone()),
            None => site.public = Some(domain.clone()),
        }
    }
    table
}

/// The first rule that is for the request, else the longest base path that its path begins with.
fn led<'p>(domain: &Arc<Domain>, asked: &Asked<'p>) -> Option<Mapped<'p>> {
    let by = |by: By| ByDomain {
        domain: domain.clone(),
        by,
    };
    for (at, rule) in domain.rules.iter().enumerate() {
        if let Some(base) = rule.matches(asked.path, asked.headers) {
            let base = base.filter(|_| rule.strip);
            return Some(Mapped {
                by: by(By::Rule(at)),
                stage_of_path: None,
                below_stage: base.map_or(0, |base| base.len() + 1),
            });
        }
    }
    let (at, mapping, below) = domain
        .mappings
        .iter()
        .enumerate()
        .find_map(|(at, mapping)| Some((at, mapping, below(&mapping.path, asked.path)?)))?;
    let by = by(By::Mapping(at));
    if mapping.stage.is_some() {
        return Some(Mapped {
            by,
            stage_of_path: None,
            below_stage: below,
        });
    }
    let rest = asked.path.get(below..)?.strip_prefix('/')?;
    let stage = rest.split('/').next().unwrap_or(rest);
    Some(Mapped {
        by,
        stage_of_path: Some(stage),
        below_stage: below + 1 + stage.len(),
    })
}

/// Where the path goes on below a base path, if it begins with it, part by part
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>).
fn below(base: &str, path: &str) -> Option<usize> {
    if base.is_empty() {
        return path.starts_with('/').then_some(0);
    }
    let rest = path.strip_prefix('/')?.strip_prefix(base)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| path.len() - rest.len())
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

    fn asked(
        domains: &Domains,
        host: &str,
        path: &str,
        headers: &HeaderMap,
        vpce: &str,
    ) -> Option<Option<String>> {
        let vpce = || Some(Arc::from(vpce)).filter(|vpce: &Arc<str>| !vpce.is_empty());
        let found = domains.find(&Asked {
            host,
            path,
            headers,
            vpce: &vpce,
        })?;
        Some(found.map(|mapped| {
            let rest = &path[mapped.below_stage..];
            format!("{} {} {rest}", mapped.by.api(), mapped.stage())
        }))
    }

    fn found(domains: &Domains, host: &str, path: &str) -> Option<Option<String>> {
        asked(domains, host, path, &HeaderMap::new(), "")
    }

    fn named(name: &str, mappings: Vec<Mapping>) -> Domain {
        Domain {
            name: name.into(),
            mappings,
            ..Domain::default()
        }
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
        domains.set(
            Origin::File,
            "api.example.com",
            Some(named("api.example.com", mappings)),
        );
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
        let all = |name: &str, api: &str| Some(named(name, vec![mapping("", api, Some("s"))]));
        domains.set(Origin::Calls, "*.example.com", all("*.example.com", "wild"));
        domains.set(Origin::Calls, "api.example.com", all("api.example.com", "own"));
        let of = |host: &str| found(&domains, host, "/");
        assert_eq!(of("api.example.com"), Some(Some("own s /".to_owned())));
        assert_eq!(of("x.example.com"), Some(Some("wild s /".to_owned())));
        assert_eq!(of("x.y.example.com"), None, "an asterisk is one label");
        assert_eq!(of("example.com"), None);
        domains.replace(
            Origin::File,
            [(
                "api.example.com".into(),
                all("api.example.com", "file").unwrap_or_default(),
            )],
        );
        assert_eq!(of("api.example.com"), Some(Some("file s /".to_owned())));
        domains.replace(Origin::File, []);
        assert_eq!(of("api.example.com"), Some(Some("own s /".to_owned())));
        domains.set(
            Origin::Calls,
            "api.example.com",
            Some(named("api.example.com", Vec::new())),
        );
        assert_eq!(
            of("api.example.com"),
            Some(None),
            "nothing is mapped, and the wildcard's are not its"
        );
        domains.set(Origin::Calls, "api.example.com", None);
        assert_eq!(of("api.example.com"), Some(Some("wild s /".to_owned())));
    }

    fn rule(id: &str, priority: u32, headers: &[&[(&str, &str)]], base_paths: &[&str], strip: bool) -> Rule {
        let condition = |(name, value): &(&str, &str)| HeaderCondition {
            name: name.parse().expect("a name"),
            value: Glob::parse(value).expect("a glob"),
        };
        Rule {
            id: id.into(),
            priority,
            headers: headers
                .iter()
                .map(|any| any.iter().map(condition).collect())
                .collect(),
            base_paths: base_paths.iter().map(|path| Box::from(*path)).collect(),
            api: id.into(),
            stage: "s".into(),
            strip,
        }
    }

    #[test]
    fn rules_come_by_priority_and_before_mappings() {
        let domains = Domains::default();
        let domain = Domain {
            name: "a.example.com".into(),
            rules: vec![
                rule(
                    "both",
                    30,
                    &[&[("x-v", "beta*")], &[("hello", "World")]],
                    &["users"],
                    true,
                ),
                rule("any", 20, &[&[("x-v", "one"), ("x-v", "two")]], &[], false),
                rule("paths", 40, &[], &["a/b", "users"], false),
            ],
            mappings: vec![mapping("", "rest", Some("s"))],
            private: None,
            strict: None,
        };
        domains.set(Origin::File, "a.example.com", Some(domain));
        for (path, headers, expected) in [
            (
                "/users/1",
                vec![("x-v", "beta1"), ("hello", "World")],
                "both s /1",
            ),
            ("/users", vec![("X-V", "beta"), ("Hello", "World")], "both s "),
            (
                "/users/1",
                vec![("x-v", "beta1"), ("hello", "world")],
                "paths s /users/1",
            ),
            (
                "/users/1",
                vec![("x-v", "beta"), ("x-v", "two"), ("hello", "World")],
                "any s /users/1",
            ),
            (
                "/usersx",
                vec![("x-v", "beta"), ("hello", "World")],
                "rest s /usersx",
            ),
            ("/a/b", vec![], "paths s /a/b"),
            ("/a", vec![("x-v", "two ")], "rest s /a"),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let name: http::HeaderName = name.parse().expect("a name");
                map.append(name, value.parse().expect("a value"));
            }
            let found = asked(&domains, "a.example.com", path, &map, "");
            assert_eq!(found, Some(Some(expected.to_owned())), "{path} {map:?}");
        }
    }

    #[test]
    fn a_private_name_is_for_its_endpoints() {
        let domains = Domains::default();
        let private = |api: &str, vpce: &str| Domain {
            private: Some(Private {
                vpces: vec![vpce.into()],
                admits: Admits::Everybody,
                arn: Box::default(),
            }),
            ..named("p.example.com", vec![mapping("", api, Some("s"))])
        };
        let of = |vpce: &str| asked(&domains, "p.example.com", "/", &HeaderMap::new(), vpce);
        domains.set(Origin::Calls, "p.example.com+1", Some(private("one", "vpce-1")));
        domains.set(Origin::Calls, "p.example.com+2", Some(private("two", "vpce-2")));
        assert_eq!(of("vpce-1"), Some(Some("one s /".to_owned())));
        assert_eq!(of("vpce-2"), Some(Some("two s /".to_owned())));
        for vpce in ["", "vpce-3"] {
            assert_eq!(of(vpce), Some(None), "{vpce}: it is nobody else's");
        }
        let public = named("p.example.com", vec![mapping("", "public", Some("s"))]);
        domains.set(Origin::Calls, "p.example.com", Some(public));
        assert_eq!(of("vpce-1"), Some(Some("one s /".to_owned())));
        assert_eq!(of(""), Some(Some("public s /".to_owned())));
        domains.replace(
            Origin::File,
            [("p.example.com".into(), private("file", "vpce-3"))],
        );
        assert_eq!(
            (of("vpce-1"), of("")),
            (Some(None), Some(None)),
            "the file's name alone counts"
        );
    }
}
