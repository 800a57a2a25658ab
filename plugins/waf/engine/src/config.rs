//! What a person writes: groups of rules.

use serde::Deserialize;

/// The configuration of the plugin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Groups, in the order in which they are asked.
    pub groups: Vec<GroupConfig>,
}

/// Rules that have something in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// Its name in the log.
    pub name: String,
    /// What becomes of a request that one of its rules matches, where the rule does not say.
    #[serde(default)]
    pub action: Action,
    /// Beginnings of paths that the group leaves alone.
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// The rules, in the order in which they are asked.
    pub rules: Vec<RuleConfig>,
}

/// What becomes of a request that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is refused.
    #[default]
    Block,
    /// A line of the log, and the next rule is asked.
    Count,
    /// It passes, and no further rule is asked.
    Allow,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleConfig {
    /// By the caller's address.
    Ip(IpConfig),
    /// By how often an address calls.
    Rate(RateConfig),
    /// By how large the request is.
    Size(SizeConfig),
    /// By what would change a statement of SQL.
    SqlInjection(PatternConfig),
    /// By what would run a script in a page.
    CrossSiteScripting(PatternConfig),
}

/// Addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpConfig {
    /// Its name in the log.
    pub name: String,
    /// The group's where absent.
    pub action: Option<Action>,
    /// Beginnings of paths that the rule leaves alone.
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// Addresses and ranges.
    pub addresses: Vec<String>,
    /// Whether it matches all but these.
    #[serde(default)]
    pub except: bool,
}

/// A rate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// Its name in the log.
    pub name: String,
    /// The group's where absent.
    pub action: Option<Action>,
    /// Beginnings of paths that the rule leaves alone.
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// Requests of one address that pass.
    pub limit: u64,
    /// In so many seconds, from the first of them.
    #[serde(default = "a_minute")]
    pub seconds: u32,
    /// Addresses of version 6 that have so many bits in common are one caller.
    #[serde(default = "a_network")]
    pub ipv6_prefix: u32,
}

/// Sizes in bytes; what is absent is not looked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeConfig {
    /// Its name in the log.
    pub name: String,
    /// The group's where absent.
    pub action: Option<Action>,
    /// Beginnings of paths that the rule leaves alone.
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// Of the path as sent, below the stage.
    pub path: Option<usize>,
    /// Of the query, decoded, with a byte for each of its `=` and `&`.
    pub query: Option<usize>,
    /// How many headers there may be.
    pub header_count: Option<usize>,
    /// Of all headers, names and values.
    pub header_bytes: Option<usize>,
    /// Of all cookies.
    pub cookies: Option<usize>,
    /// Of the body, which is read whole.
    pub body: Option<usize>,
}

/// Where a pattern is looked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternConfig {
    /// Its name in the log.
    pub name: String,
    /// The group's where absent.
    pub action: Option<Action>,
    /// Beginnings of paths that the rule leaves alone.
    #[serde(default)]
    pub exclude_paths: Vec<String>,
    /// Parts of the request.
    #[serde(default = "most_parts")]
    pub look_at: Vec<Part>,
    /// Headers that are looked at too.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Query parameters, cookies, fields of forms and members of JSON that are not.
    #[serde(default)]
    pub exclude_parameters: Vec<String>,
    /// So much of the body is looked at.
    #[serde(default = "most_of_a_body")]
    pub body_bytes: usize,
    /// What becomes of a body that is longer, or compressed.
    #[serde(default)]
    pub oversize: Oversize,
    /// How many layers of encoding are taken off.
    #[serde(default = "layers")]
    pub decode_layers: u32,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The path.
    Path,
    /// Names and values of the query.
    Query,
    /// Names and values of cookies.
    Cookies,
    /// The body, which is read whole.
    Body,
}

/// What becomes of a body that cannot be looked at whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oversize {
    /// Its beginning counts.
    #[default]
    Continue,
    /// The rule matches.
    Match,
}

fn a_minute() -> u32 {
    60
}

fn a_network() -> u32 {
    64
}

fn most_parts() -> Vec<Part> {
    vec![Part::Path, Part::Query, Part::Cookies]
}

fn most_of_a_body() -> usize {
    8 * 1024
}

fn layers() -> u32 {
    3
}
