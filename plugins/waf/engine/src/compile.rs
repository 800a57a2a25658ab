//! Configuration to rules. Every mistake is told, with its place.

use std::collections::BTreeSet;

use portcullis_network::Network;
use portcullis_plugin::{Interest, Problem};

use crate::config::{Action, Config, GroupConfig, Part, PatternConfig, RateConfig, RuleConfig, SizeConfig};
use crate::pattern::{Attack, Pattern};
use crate::rate::Rate;
use crate::size::Sizes;
use crate::{Engine, Group, Rule, RuleKind};

/// A count is kept for a day at most.
const LONGEST_TIME: u32 = 86_400;
const MOST_LAYERS: u32 = 8;
const MOST_OF_A_BODY: usize = 1024 * 1024;
const LONGEST_NAME: usize = 64;

impl Engine {
    /// Rules of a configuration.
    ///
    /// # Errors
    ///
    /// Every mistake in it.
    pub fn new(config: &Config) -> Result<Self, Vec<Problem>> {
        let mut compiler = Compiler::default();
        if config.groups.iter().all(|group| group.rules.is_empty()) {
            compiler.problem(
                "/groups",
                "there is no rule",
                "add a group with at least one rule",
            );
        }
        let groups = config.groups.iter().enumerate();
        let groups = groups
            .map(|(index, group)| compiler.group(&format!("/groups/{index}"), group))
            .collect::<Vec<_>>();
        if compiler.problems.is_empty() {
            let interest = interest(&groups);
            Ok(Self { groups, interest })
        } else {
            Err(compiler.problems)
        }
    }
}

#[derive(Default)]
struct Compiler {
    problems: Vec<Problem>,
    groups: BTreeSet<String>,
}

impl Compiler {
    fn problem(&mut self, at: &str, message: impl Into<String>, hint: &str) {
        self.problems.push(Problem::new(at, message).with_hint(hint));
    }

    fn group(&mut self, at: &str, group: &GroupConfig) -> Group {
        self.name(at, &group.name);
        if !self.groups.insert(group.name.clone()) {
            self.problem(
                &format!("{at}/name"),
                "another group has this name",
                "names tell rules apart in the log",
            );
        }
        self.paths(at, &group.exclude_paths);
        let mut names = BTreeSet::new();
        let rules = group.rules.iter().enumerate();
        let rules = rules
            .map(|(index, rule)| {
                let at = format!("{at}/rules/{index}");
                let rule = self.rule(&at, rule, group.action);
                if !names.insert(rule.name.clone()) {
                    self.problem(
                        &format!("{at}/name"),
                        "another rule of the group has this name",
                        "names tell rules apart in the log",
                    );
                }
                rule
            })
            .collect();
        Group {
            name: group.name.clone(),
            exclude_paths: group.exclude_paths.clone(),
            rules,
        }
    }

    fn rule(&mut self, at: &str, rule: &RuleConfig, of_group: Action) -> Rule {
        let (name, action, exclude_paths, kind) = match rule {
            RuleConfig::Ip(rule) => {
                let kind = self.ip(at, &rule.addresses, rule.except);
                (&rule.name, rule.action, &rule.exclude_paths, kind)
            }
            RuleConfig::Rate(rule) => (&rule.name, rule.action, &rule.exclude_paths, self.rate(at, rule)),
            RuleConfig::Size(rule) => (&rule.name, rule.action, &rule.exclude_paths, self.size(at, rule)),
            RuleConfig::SqlInjection(rule) => {
                let kind = self.pattern(at, rule, Attack::Sql);
                (&rule.name, rule.action, &rule.exclude_paths, kind)
            }
            RuleConfig::CrossSiteScripting(rule) => {
                let kind = self.pattern(at, rule, Attack::Script);
                (&rule.name, rule.action, &rule.exclude_paths, kind)
            }
        };
        self.name(at, name);
        self.paths(at, exclude_paths);
        let action = action.unwrap_or(of_group);
        if action == Action::Allow && !matches!(rule, RuleConfig::Ip(_)) {
            let hint = "only a rule of type `ip` can allow: what an attack looks like is the caller's choice";
            self.problem(at, "a rule of this type cannot allow", hint);
        }
        Rule {
            name: name.clone(),
            action,
            exclude_paths: exclude_paths.clone(),
            kind,
        }
    }

    fn name(&mut self, at: &str, name: &str) {
        let is_name = !name.is_empty()
            && name.len() <= LONGEST_NAME
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !is_name {
            self.problem(
                &format!("{at}/name"),
                format!("{name:?} is no name"),
                "1 to 64 letters, digits, `-`, `_` and `.`",
            );
        }
    }

    fn paths(&mut self, at: &str, paths: &[String]) {
        for (index, path) in paths.iter().enumerate() {
            if !path.starts_with('/') {
                let at = format!("{at}/exclude_paths/{index}");
                self.problem(
                    &at,
                    format!("{path:?} does not begin with a slash"),
                    "paths are those below the stage",
                );
            }
        }
    }

    fn ip(&mut self, at: &str, addresses: &[String], except: bool) -> RuleKind {
        if addresses.is_empty() {
            self.problem(
                &format!("{at}/addresses"),
                "there is no address",
                "addresses and ranges such as 10.0.0.0/8",
            );
        }
        let mut networks = Vec::with_capacity(addresses.len());
        for (index, address) in addresses.iter().enumerate() {
            match Network::parse(address) {
                Ok(network) => networks.push(network),
                Err(message) => {
                    self.problem(
                        &format!("{at}/addresses/{index}"),
                        message,
                        "such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32",
                    );
                }
            }
        }
        RuleKind::Ip { networks, except }
    }

    fn rate(&mut self, at: &str, rule: &RateConfig) -> RuleKind {
        if rule.limit == 0 {
            self.problem(
                &format!("{at}/limit"),
                "a limit of 0 lets nobody pass",
                "a rule of type `ip` does that",
            );
        }
        if rule.seconds == 0 || rule.seconds > LONGEST_TIME {
            self.problem(
                &format!("{at}/seconds"),
                format!("{} seconds", rule.seconds),
                "1 to 86,400",
            );
        }
        if rule.ipv6_prefix == 0 || rule.ipv6_prefix > 128 {
            self.problem(
                &format!("{at}/ipv6_prefix"),
                format!("{} bits", rule.ipv6_prefix),
                "1 to 128",
            );
        }
        RuleKind::Rate(Rate {
            limit: rule.limit,
            seconds: rule.seconds,
            ipv6_prefix: rule.ipv6_prefix,
        })
    }

    fn size(&mut self, at: &str, rule: &SizeConfig) -> RuleKind {
        let sizes = Sizes {
            path: rule.path,
            query: rule.query,
            header_count: rule.header_count,
            header_bytes: rule.header_bytes,
            cookies: rule.cookies,
            body: rule.body,
        };
        let Sizes {
            path,
            query,
            header_count,
            header_bytes,
            cookies,
            body,
        } = &sizes;
        if [path, query, header_count, header_bytes, cookies, body]
            .iter()
            .all(|size| size.is_none())
        {
            let hint = "set `path`, `query`, `header_count`, `header_bytes`, `cookies` or `body`";
            self.problem(at, "there is no size", hint);
        }
        RuleKind::Size(sizes)
    }

    fn pattern(&mut self, at: &str, rule: &PatternConfig, attack: Attack) -> RuleKind {
        if rule.look_at.is_empty() && rule.headers.is_empty() {
            self.problem(at, "nothing is looked at", "set `look_at` or `headers`");
        }
        if rule.body_bytes == 0 || rule.body_bytes > MOST_OF_A_BODY {
            self.problem(
                &format!("{at}/body_bytes"),
                format!("{} bytes", rule.body_bytes),
                "1 to 1,048,576",
            );
        }
        if rule.decode_layers > MOST_LAYERS {
            self.problem(
                &format!("{at}/decode_layers"),
                format!("{} layers", rule.decode_layers),
                "0 to 8",
            );
        }
        RuleKind::Pattern(Pattern {
            attack,
            look_at: rule.look_at.clone(),
            headers: rule
                .headers
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .collect(),
            exclude_parameters: rule.exclude_parameters.clone(),
            body_bytes: rule.body_bytes,
            oversize: rule.oversize,
            decode_layers: rule.decode_layers,
        })
    }
}

/// What all rules look at together.
fn interest(groups: &[Group]) -> Interest {
    let (mut all_headers, mut headers) = (false, BTreeSet::new());
    let (mut query, mut body, mut address) = (false, false, false);
    for rule in groups.iter().flat_map(|group| &group.rules) {
        match &rule.kind {
            RuleKind::Ip { .. } | RuleKind::Rate(_) => address = true,
            RuleKind::Size(sizes) => {
                all_headers |= sizes.looks_at_headers();
                query |= sizes.query.is_some();
                body |= sizes.body.is_some();
                headers.extend(sizes.cookies.map(|_| "cookie"));
            }
            RuleKind::Pattern(pattern) => {
                query |= pattern.looks_at(Part::Query);
                headers.extend(pattern.headers.iter().map(String::as_str));
                headers.extend(pattern.looks_at(Part::Cookies).then_some("cookie"));
                if pattern.looks_at(Part::Body) {
                    body = true;
                    headers.extend(["content-type", "content-encoding"]);
                }
            }
        }
    }
    let mut interest = if all_headers {
        Interest::none().all_headers()
    } else {
        headers.into_iter().fold(Interest::none(), Interest::header)
    };
    if query {
        interest = interest.all_query();
    }
    if body {
        interest = interest.body();
    }
    if address {
        interest = interest.context("identity.sourceIp");
    }
    interest
}

#[cfg(test)]
mod tests;
