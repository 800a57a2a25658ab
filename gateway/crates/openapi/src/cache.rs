//! How cached responses are kept beyond what API Gateway has.

use portcullis_model::CacheRules;

use crate::context::{At, Context};
use crate::integration::is_empty;
use crate::key::CACHE;

const STALE_WHILE_REVALIDATE: &str = "staleWhileRevalidate";
const STALE_IF_ERROR: &str = "staleIfError";
const RESPECT_CACHE_CONTROL: &str = "respectCacheControl";
const READ: [&str; 3] = [STALE_WHILE_REVALIDATE, STALE_IF_ERROR, RESPECT_CACHE_CONTROL];

/// Reads [`CACHE`]; `None` after a problem.
pub(crate) fn rules(context: &mut Context<'_>, at: &At<'_>) -> Option<CacheRules> {
    let Some(rules) = at.member(CACHE).filter(|member| !is_empty(member)) else {
        return Some(CacheRules::default());
    };
    context.object(&rules)?;
    for (name, member) in rules.members().filter(|(name, _)| !READ.contains(name)) {
        context.unknown_setting(&member.pointer, name, &READ);
    }
    let while_revalidate = seconds(context, &rules, STALE_WHILE_REVALIDATE);
    let if_error = seconds(context, &rules, STALE_IF_ERROR);
    let respect = context.flag(&rules, RESPECT_CACHE_CONTROL);
    Some(CacheRules {
        stale_while_revalidate: while_revalidate?,
        stale_if_error: if_error?,
        respect_cache_control: respect?,
    })
}

fn seconds(context: &mut Context<'_>, at: &At<'_>, key: &str) -> Option<u32> {
    match at.member(key) {
        Some(member) => context.number(&member, "seconds", CacheRules::LONGEST),
        None => Some(0),
    }
}
