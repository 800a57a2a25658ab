//! Rules about requests: who calls, how often, how much, and whether what is sent is an attack. It is the inside of the
//! plugin `waf`, and knows neither gateway nor Wasm.
//!
//! Start with [`Engine`]: one is made of a [`Config`](config::Config), and asked about each request. [`sql`] and [`xss`]
//! find attacks in one value. What a request costs is bounded by its size: every pass over a value is linear, and the
//! number of passes is fixed.
//!
//! It is no proof that a request is harmless: a backend that puts values into statements or pages unescaped stays open to
//! whoever finds a way to write them that is not known here.

#![deny(missing_docs)]

mod body;
mod compile;
pub mod config;
mod path;
mod pattern;
mod rate;
mod reading;
mod size;
pub mod sql;
pub mod xss;

use std::net::IpAddr;

use portcullis_network::Network;
use portcullis_plugin::{Fault, Interest, Request};

use config::Action;
use pattern::Pattern;
use rate::Rate;
use size::Sizes;

/// Counts a key for so many seconds, and says how often it was counted.
pub type Count<'a> = dyn FnMut(&str, u32) -> Result<u64, Fault> + 'a;

/// Rules, ready to be asked.
#[derive(Debug)]
pub struct Engine {
    groups: Vec<Group>,
    interest: Interest,
}

/// What the rules say of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Which rule refuses it, and why: `group/rule: why`.
    pub block: Option<String>,
    /// Which rules would, in the same words, if they did not only count.
    pub counted: Vec<String>,
}

#[derive(Debug)]
struct Group {
    name: String,
    exclude_paths: Vec<String>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    name: String,
    action: Action,
    exclude_paths: Vec<String>,
    kind: RuleKind,
}

#[derive(Debug)]
enum RuleKind {
    Ip { networks: Vec<Network>, except: bool },
    Rate(Rate),
    Size(Sizes),
    Pattern(Pattern),
}

impl Engine {
    /// What the rules look at, and nothing else.
    pub fn interest(&self) -> Interest {
        self.interest.clone()
    }

    /// Asks the rules about a request, one after the other.
    ///
    /// # Errors
    ///
    /// A request that does not say where it comes from, where a rule asks; and what counting gives.
    pub fn check(&self, request: &Request, count: &mut Count<'_>) -> Result<Outcome, Fault> {
        let mut outcome = Outcome::default();
        for group in &self.groups {
            if path::is_below(&request.path, &group.exclude_paths) {
                continue;
            }
            for rule in &group.rules {
                let Some(why) = rule.matches(&group.name, request, count)? else {
                    continue;
                };
                let why = format!("{}/{}: {why}", group.name, rule.name);
                match rule.action {
                    Action::Allow => return Ok(outcome),
                    Action::Count => outcome.counted.push(why),
                    Action::Block => {
                        outcome.block = Some(why);
                        return Ok(outcome);
                    }
                }
            }
        }
        Ok(outcome)
    }
}

impl Rule {
    fn matches(
        &self,
        group: &str,
        request: &Request,
        count: &mut Count<'_>,
    ) -> Result<Option<String>, Fault> {
        if path::is_below(&request.path, &self.exclude_paths) {
            return Ok(None);
        }
        match &self.kind {
            RuleKind::Ip { networks, except } => {
                let address = address(request)?;
                let is_in = networks.iter().any(|network| network.contains(address));
                Ok((is_in != *except).then(|| format!("the address {address}")))
            }
            RuleKind::Rate(rate) => rate.matches(&format!("{group}/{}", self.name), address(request)?, count),
            RuleKind::Size(sizes) => Ok(sizes.matches(request)),
            RuleKind::Pattern(pattern) => Ok(pattern.matches(request)),
        }
    }
}

fn address(request: &Request) -> Result<IpAddr, Fault> {
    let source = request.context("identity.sourceIp").unwrap_or_default();
    let address = source
        .parse::<IpAddr>()
        .map_err(|_| Fault::internal(format!("no address: {source:?}")))?;
    Ok(address.to_canonical())
}

#[cfg(test)]
mod tests;
