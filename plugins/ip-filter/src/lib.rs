//! A filter that blocks requests by the caller's address and by path.

mod glob;
mod path;

use std::net::IpAddr;

use portcullis_network::Network;
use portcullis_plugin::{Fault, Filter, Interest, Plugin, Problem, Request, Verdict};
use serde::Deserialize;

use glob::Glob;

#[derive(Debug)]
pub struct IpFilter {
    deny: Vec<Network>,
    allow: Vec<Network>,
    block_paths: Vec<Glob>,
    case_sensitive: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(default)]
    deny: Vec<String>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    block_paths: Vec<String>,
    #[serde(default)]
    case_sensitive: bool,
}

impl Plugin for IpFilter {
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        if config.deny.is_empty() && config.allow.is_empty() && config.block_paths.is_empty() {
            let problem = Problem::new("", "nothing is blocked");
            problems.push(problem.with_hint("set `deny`, `allow` or `block_paths`"));
        }
        let case_sensitive = config.case_sensitive;
        let filter = Self {
            deny: parse("/deny", &config.deny, Network::parse, &mut problems),
            allow: parse("/allow", &config.allow, Network::parse, &mut problems),
            block_paths: parse(
                "/block_paths",
                &config.block_paths,
                |s| Glob::parse(s, case_sensitive),
                &mut problems,
            ),
            case_sensitive,
        };
        if problems.is_empty() {
            Ok(filter)
        } else {
            Err(problems)
        }
    }

    fn interest(&self) -> Interest {
        if self.looks_at_addresses() {
            Interest::none().context("identity.sourceIp")
        } else {
            Interest::none()
        }
    }
}

/// Parses each entry of a list, and tells of every one that is wrong.
fn parse<T>(
    list: &str,
    entries: &[String],
    parse: impl Fn(&str) -> Result<T, String>,
    problems: &mut Vec<Problem>,
) -> Vec<T> {
    let mut parsed = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        match parse(entry) {
            Ok(entry) => parsed.push(entry),
            Err(message) => problems.push(Problem::new(format!("{list}/{index}"), message)),
        }
    }
    parsed
}

impl Filter for IpFilter {
    fn on_request(&mut self, request: Request) -> Result<Verdict, Fault> {
        if self.looks_at_addresses() {
            let source = request.context("identity.sourceIp").unwrap_or_default();
            let address = source
                .parse::<IpAddr>()
                .map_err(|_| Fault::internal(format!("no address: {source:?}")))?;
            if let Some(reason) = self.blocks_address(address.to_canonical()) {
                return Ok(Verdict::Block(reason));
            }
        }
        Ok(self
            .blocks_path(&request.path)
            .map_or(Verdict::Next, Verdict::Block))
    }
}

impl IpFilter {
    fn looks_at_addresses(&self) -> bool {
        !self.deny.is_empty() || !self.allow.is_empty()
    }

    fn blocks_address(&self, address: IpAddr) -> Option<String> {
        if self.deny.iter().any(|network| network.contains(address)) {
            return Some(format!("{address} is denied"));
        }
        let allowed = self.allow.is_empty() || self.allow.iter().any(|network| network.contains(address));
        (!allowed).then(|| format!("{address} is not allowed"))
    }

    fn blocks_path(&self, path: &str) -> Option<String> {
        if self.block_paths.is_empty() {
            return None;
        }
        let blocks = |segments: &[&[u8]]| self.block_paths.iter().any(|glob| glob.matches(segments));
        match path::any_reading(path, self.case_sensitive, blocks) {
            Ok(blocked) => blocked.then(|| format!("path {path} is blocked")),
            Err(path::EncodedTooOften) => Some(format!("path {path} is encoded too often")),
        }
    }
}

portcullis_plugin::export_filter!(IpFilter);

#[cfg(test)]
mod tests {
    use portcullis_plugin::Selection;
    use portcullis_plugin::testing::Instance;
    use serde_json::{Value, json};

    use super::*;

    fn filter(config: Value) -> Instance<IpFilter> {
        Instance::new(config).unwrap()
    }

    fn from(address: &str) -> Request {
        Request::builder().context("identity.sourceIp", address).build()
    }

    #[test]
    fn blocks_by_address() {
        let mut filter = filter(json!({
            "deny": ["10.9.0.0/16", "2001:db8:bad::/48"],
            "allow": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"],
        }));
        for (address, blocked) in [
            ("10.1.2.3", None),
            ("192.0.2.1", None),
            ("2001:db8::1", None),
            ("::ffff:10.1.2.3", None),
            ("10.9.255.255", Some("10.9.255.255 is denied")),
            ("::ffff:10.9.0.1", Some("10.9.0.1 is denied")),
            ("2001:db8:bad::1", Some("2001:db8:bad::1 is denied")),
            ("192.0.2.2", Some("192.0.2.2 is not allowed")),
            ("::1", Some("::1 is not allowed")),
        ] {
            let expected = blocked.map_or(Verdict::Next, Verdict::block);
            assert_eq!(filter.on_request(from(address)), Ok(expected), "{address}");
        }
    }

    #[test]
    fn fails_without_an_address() {
        let mut filter = filter(json!({ "deny": ["10.0.0.0/8"] }));
        assert!(filter.on_request(Request::default()).is_err());
        assert!(filter.on_request(from("localhost")).is_err());
    }

    #[test]
    fn blocks_by_path_however_it_is_written() {
        let mut filter = filter(json!({ "block_paths": ["/admin/**", "/*.php", "/**/.git/**"] }));
        assert_eq!(filter.interest().context, Selection::None);
        for (path, blocked) in [
            ("/admin", true),
            ("/admin/", true),
            ("/admin/users/7", true),
            ("/ADMIN", true),
            ("/%61dmin", true),
            ("/%2561dmin", true),
            ("/%25252561dmin", true),
            ("/x/../admin", true),
            ("/x/%2e%2E/admin", true),
            ("/x/..;a=b/admin", true),
            ("/admin;jsessionid=1/users", true),
            ("/./admin", true),
            ("//admin", true),
            ("/../../admin", true),
            ("/x%2f..%2fadmin", true),
            ("/x\\..\\admin", true),
            ("/x%5C..%5Cadmin", true),
            ("/index.php", true),
            ("/a/b/.git/config", true),
            ("/.git", true),
            ("/", false),
            ("/administrator", false),
            ("/x/admin", false),
            ("/admin/../public", false),
            ("/a/index.php", false),
            ("/100%", false),
            ("/%zz", false),
        ] {
            let request = Request::builder().path(path).build();
            let verdict = filter.on_request(request).unwrap();
            assert_eq!(
                matches!(verdict, Verdict::Block(_)),
                blocked,
                "{path}: {verdict:?}"
            );
        }
    }

    #[test]
    fn blocks_what_is_encoded_without_end() {
        let mut filter = filter(json!({ "block_paths": ["/admin"] }));
        let request = Request::builder()
            .path(format!("/%{}61dmin", "25".repeat(1000)))
            .build();
        assert!(
            matches!(filter.on_request(request), Ok(Verdict::Block(reason)) if reason.ends_with("too often"))
        );
    }

    #[test]
    fn tells_case_apart_if_asked_to() {
        let mut filter = filter(json!({ "block_paths": ["/Admin"], "case_sensitive": true }));
        let verdict = |path: &str| Request::builder().path(path).build();
        assert!(matches!(
            filter.on_request(verdict("/Admin")),
            Ok(Verdict::Block(_))
        ));
        assert_eq!(filter.on_request(verdict("/admin")), Ok(Verdict::Next));
    }

    #[test]
    fn points_at_each_problem() {
        for (config, pointers) in [
            (json!({}), &[""][..]),
            (json!({ "denny": [] }), &["/denny"]),
            (
                json!({ "deny": ["10.0.0.0/33", "10.0.0.1/8", "::/0"], "allow": ["x"], "block_paths": ["admin"] }),
                &["/deny/0", "/deny/1", "/allow/0", "/block_paths/0"],
            ),
        ] {
            let problems = Instance::<IpFilter>::new(config).unwrap_err();
            assert_eq!(
                problems
                    .iter()
                    .map(|problem| &*problem.pointer)
                    .collect::<Vec<_>>(),
                pointers
            );
        }
    }
}
