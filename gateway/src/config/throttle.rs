//! How much may pass, as `gateway.toml` says it.

use portcullis_document::{Document, Problem, pointer};
use portcullis_limit::{Limit, Period, Quota};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UsagePlanConfig;
use crate::compile::method_key;

/// A token bucket. A rate alone lets as many pass at once as in a second, a burst alone as many in a second as at once; an empty
/// table is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ThrottleConfig {
    /// Requests a second, in the long run. 0: none at all.
    #[schemars(range(min = 0))]
    pub rate: Option<f64>,
    /// Requests at once, after a time with none. 0: none at all.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub burst: Option<u64>,
}

impl ThrottleConfig {
    /// The limit, where it is one.
    pub fn limit(&self) -> Option<Limit> {
        Limit::of(self.rate, self.burst).ok().flatten()
    }
}

/// How many requests in a day, a week or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaConfig {
    /// Requests in a period.
    #[schemars(range(min = 1, max = 9_007_199_254_740_992_u64))]
    pub limit: u64,
    /// How long a period is, in UTC.
    pub period: PeriodConfig,
    /// The day with which a period begins: of a week 0 (Sunday) to 6, of a month 0 (the first) to 27.
    #[serde(default)]
    #[schemars(range(min = 0, max = 27))]
    pub offset: u8,
}

/// How long a quota lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodConfig {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A month.
    Month,
}

impl QuotaConfig {
    fn period(&self) -> Period {
        match self.period {
            PeriodConfig::Day => Period::Day,
            PeriodConfig::Week => Period::Week,
            PeriodConfig::Month => Period::Month,
        }
    }

    /// The quota, where it is one.
    pub fn quota(&self) -> Option<Quota> {
        Quota::new(self.limit, self.period(), self.offset)
    }

    fn check(&self, document: &Document, at: &str, problems: &mut Vec<Problem>) {
        let longest = self.period().longest_offset();
        if self.offset > longest {
            let message = format!(
                "a quota of a {} begins with a day from 0 to {longest}, and {} is none",
                match self.period {
                    PeriodConfig::Day => "day",
                    PeriodConfig::Week => "week",
                    PeriodConfig::Month => "month",
                },
                self.offset
            );
            problems.push(document.error("quota", &format!("{at}/offset"), message));
        }
    }
}

/// What a usage plan says of how often.
pub(super) fn check_plan(
    document: &Document,
    name: &str,
    plan: &UsagePlanConfig,
    problems: &mut Vec<Problem>,
) {
    let at = pointer(["usage_plans", name]);
    if let Some(quota) = &plan.quota {
        quota.check(document, &format!("{at}/quota"), problems);
    }
    for (stage, methods) in &plan.methods {
        let at = pointer(["usage_plans", name, "methods", stage]);
        if !plan.stages.contains(stage) {
            let message = format!("the stage {stage} is not in the usage plan `{name}`");
            let problem = document.error("usage-plan", &at, message);
            problems.push(problem.did_you_mean(stage, &plan.stages));
        }
        for method in methods.keys().filter(|method| method_key(method).is_none()) {
            let at = format!("{at}{}", pointer([method.as_str()]));
            let problem = document.error("usage-plan", &at, format!("`{method}` names no method"));
            problems.push(problem.hint("a path and a verb, such as /pets/{id}/GET"));
        }
    }
}
