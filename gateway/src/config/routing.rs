//! Routing rules of domain names.

use std::collections::{BTreeMap, HashMap};

use portcullis_document::{Document, Problem, pointer};
use portcullis_model::routing::{
    MOST_ALTERNATIVES, MOST_HEADERS, MOST_RULES, is_base_path, is_header_glob, is_matched_header,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GatewayConfig;
use super::domains::{DomainConfig, known, mapping};
use crate::domains::{Glob, HeaderCondition, Rule};

/// A routing rule: a stage for requests with these headers below these base paths. Without any condition it is for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingRuleConfig {
    /// From 1 to 1,000,000. Of rules that are for a request the lowest counts; no two have the same.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub priority: u32,
    /// Two headers at most, which all must be there with one of these values. An asterisk at an end stands for anything:
    /// `beta*`, `*beta`, `*beta*`.
    #[serde(default)]
    pub headers: BTreeMap<String, Vec<String>>,
    /// The path must begin with one of these, part by part. Absent: any path.
    #[serde(default)]
    pub base_paths: Vec<String>,
    /// A stage, as `api/stage`.
    pub to: String,
    /// Whether the base path is taken off before the API looks for a resource.
    #[serde(default)]
    pub strip_base_path: bool,
}

/// The rule as it is looked at; none for one that no configuration with it is served.
pub(super) fn rule(config: &RoutingRuleConfig) -> Option<Rule> {
    let headers = config.headers.iter().map(|(name, values)| {
        let values = values.iter().map(|value| {
            Some(HeaderCondition {
                name: name.parse().ok()?,
                value: Glob::parse(value)?,
            })
        });
        values.collect::<Option<Box<[_]>>>()
    });
    let to = mapping("", &config.to)?;
    Some(Rule {
        id: config.priority.to_string().into(),
        priority: config.priority,
        headers: headers.collect::<Option<_>>()?,
        base_paths: config
            .base_paths
            .iter()
            .map(|path| path.as_str().into())
            .collect(),
        api: to.api,
        stage: to.stage?,
        strip: config.strip_base_path,
    })
}

/// Every breach of a rule.
pub(super) fn check(
    document: &Document,
    config: &GatewayConfig,
    (name, domain): (&str, &DomainConfig),
    problems: &mut Vec<Problem>,
) {
    let mut wrong = |at: &str, message: String, hint: &str| {
        problems.push(document.error("routing-rule", at, message).hint(hint));
    };
    let at = |index: usize, rest: &[&str]| {
        let index = index.to_string();
        let parts = ["domains", name, "rules", &index].into_iter();
        pointer(parts.chain(rest.iter().copied()))
    };
    if domain.rules.len() > MOST_RULES {
        let message = format!("{} rules, and {MOST_RULES} are the most", domain.rules.len());
        wrong(
            &pointer(["domains", name, "rules"]),
            message,
            "let mappings lead where no header counts",
        );
    }
    let mut priorities = HashMap::new();
    for (index, rule) in domain.rules.iter().enumerate() {
        let priority = rule.priority;
        if let Some(before) = priorities.insert(priority, index) {
            let message = format!("rule {before} has the priority {priority} already");
            wrong(
                &at(index, &["priority"]),
                message,
                "give each rule a priority of its own",
            );
        }
        if rule.headers.len() > MOST_HEADERS {
            let message = format!("{} headers, and {MOST_HEADERS} are the most", rule.headers.len());
            wrong(&at(index, &["headers"]), message, "ask for fewer");
        }
        for (header, values) in &rule.headers {
            let place = at(index, &["headers", header]);
            if !is_matched_header(header) || header.parse::<http::HeaderName>().is_err() {
                let message = format!("`{header}` is no name that a rule can ask for");
                wrong(&place, message, "a header's name of 40 characters at most");
            }
            if values.is_empty() || values.len() > MOST_ALTERNATIVES {
                let message = format!("{} values", values.len());
                wrong(&place, message, "1 to 20 values, of which one must be there");
            }
            for value in values.iter().filter(|value| !is_header_glob(value)) {
                let message = format!("`{value}` is no value that a rule can ask for");
                wrong(
                    &place,
                    message,
                    "1 to 128 letters, digits and -!#$%&'.^_`|~?, with an asterisk at an end or at both",
                );
            }
        }
        let place = at(index, &["base_paths"]);
        if rule.base_paths.len() > MOST_ALTERNATIVES {
            let message = format!("{} base paths", rule.base_paths.len());
            wrong(&place, message, "20 at most; a rule without any is for all paths");
        }
        let is_none = |path: &&String| path.is_empty() || !is_base_path(path);
        for path in rule.base_paths.iter().filter(is_none) {
            let hint = "letters, digits and $-_.+!*'(), with slashes between parts and none at the ends";
            wrong(&place, format!("`{path}` is no base path"), hint);
        }
        if rule.strip_base_path && rule.base_paths.is_empty() {
            let message = "there is no base path to take off".to_owned();
            wrong(
                &at(index, &["strip_base_path"]),
                message,
                "name base_paths, or leave it out",
            );
        }
        if mapping("", &rule.to).is_none_or(|to| to.stage.is_none()) {
            let message = format!("`{}` names no stage", rule.to);
            wrong(
                &at(index, &["to"]),
                message,
                "an API's id and a stage's name, such as pets/prod",
            );
        }
    }
    for (index, rule) in domain.rules.iter().enumerate() {
        if let Some(to) = mapping("", &rule.to) {
            known(document, config, &at(index, &["to"]), &to, problems);
        }
    }
}
