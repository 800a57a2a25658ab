//! What is kept of a method's responses, and under which keys.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use portcullis_cache::KeyWriter;
use portcullis_model::CacheRules;

use super::mapping::Source;
use crate::caches::StageCache;
use crate::config::UnauthorizedCacheControl;

/// What a stage has to keep responses in.
#[derive(Debug, Clone)]
pub struct StageCachePlan {
    /// Where they are kept, the same over all swaps of the stage.
    pub kept: Arc<StageCache>,
    /// Bytes that it asks for.
    pub capacity: u64,
}

/// How the responses of a method are kept.
#[derive(Debug)]
pub struct CachePlan {
    /// Where.
    pub kept: Arc<StageCache>,
    /// A key's beginning: all of it that is the same for all requests.
    pub prefix: KeyWriter,
    /// What of a request tells responses apart, with all values that it has.
    pub parameters: Vec<Source>,
    /// Whether one of them is in the body.
    pub reads_body: bool,
    /// For how long.
    pub ttl: Duration,
    /// Whether they are encrypted.
    pub encrypted: bool,
    /// Whether responses to other verbs than `GET` are kept, too.
    pub all_verbs: bool,
    /// Whether `Accept-Encoding` tells responses apart: those with a content coding are kept then.
    pub by_coding: bool,
    /// Who may have a response made anew.
    pub renewal: Renewal,
    /// Beyond what API Gateway has.
    pub rules: CacheRules,
}

/// Who may have a response made anew, by `Cache-Control: max-age=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Everybody.
    Anyone,
    /// Whoever has the permission; others are treated so.
    Authorized(UnauthorizedCacheControl),
}

impl CachePlan {
    /// Whether responses to a verb are kept.
    pub fn keeps(&self, verb: &Method) -> bool {
        self.all_verbs || verb == Method::GET
    }

    /// How long a response may be used after its time.
    pub fn stale(&self) -> Duration {
        let longest = self.rules.stale_while_revalidate.max(self.rules.stale_if_error);
        Duration::from_secs(longest.into())
    }
}
