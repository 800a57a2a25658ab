//! Responses that regions allow to be shared, kept near their clients (RFC 9111).
//!
//! What a stage allows is what its response says: without `Cache-Control` nothing is kept. A response of several variants
//! (`Vary`) has a list of the headers that it depends on in its place, and each variant a place of its own.

mod asked;
mod control;
mod keeping;
mod policy;

pub(super) use asked::Asked;
pub(super) use keeping::keep;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use portcullis_cache::{Cache, Found, Key, Record, Share, Times};

use super::config::EdgeCacheConfig;
use crate::proxy::Reply;
use policy::Lifetime;

/// The status of a record that is a list of headers, and of one that is never found: nothing is kept there any more.
const VARIANTS: u16 = 0;
const GONE: u16 = 1;

/// What a point of presence keeps.
#[derive(Debug)]
pub(in crate::edge) struct EdgeCache {
    cache: Cache,
    max_ttl: AtomicU64,
}

/// What a look gave.
#[derive(Debug)]
pub(in crate::edge) enum Looked {
    /// It can be used.
    Fresh(Reply),
    /// The region must be asked whether it can.
    Stale(Stale),
    /// There is none that this request may be answered with.
    Absent,
    /// There is none, and the client wants nothing else.
    OnlyIfCached,
}

/// A response that is not fresh any more.
#[derive(Debug)]
pub(in crate::edge) struct Stale {
    key: Key,
    found: Found,
}

impl EdgeCache {
    /// One that is as large as a file says now; what is kept stays.
    pub(in crate::edge) fn follow(known: Option<Arc<Self>>, config: &EdgeCacheConfig) -> Arc<Self> {
        let share = Share {
            memory: u64::from(config.memory_mib) * 1024 * 1024,
            disk: 0,
        };
        let cache = match known {
            Some(known) => {
                known.cache.set_share(share);
                known
            }
            None => Arc::new(Self {
                cache: Cache::new(None, share),
                max_ttl: AtomicU64::new(0),
            }),
        };
        cache.max_ttl.store(config.max_ttl_s.into(), Relaxed);
        cache
    }

    /// Bytes that it takes.
    pub(in crate::edge) fn bytes(&self) -> u64 {
        self.cache.bytes().memory
    }

    /// Looks for what a request may be answered with.
    pub(in crate::edge) fn look(&self, asked: &Asked, now: Duration) -> Looked {
        let absent = match asked.control.only_if_cached && asked.is_readable() {
            true => Looked::OnlyIfCached,
            false => Looked::Absent,
        };
        if !asked.is_readable() {
            return absent;
        }
        let Some((key, found)) = self.find(asked, now) else {
            return absent;
        };
        let age = now.saturating_sub(found.times.made);
        let is_fresh = now < found.times.fresh && !asked.control.no_cache;
        if is_fresh && asked.control.max_age.is_none_or(|most| age <= most) {
            return match reply(&found, age, asked) {
                Some(reply) => Looked::Fresh(reply),
                None => absent,
            };
        }
        match asked.control.only_if_cached {
            true => Looked::OnlyIfCached,
            false => Looked::Stale(Stale { key, found }),
        }
    }

    fn find(&self, asked: &Asked, now: Duration) -> Option<(Key, Found)> {
        let key = asked.key(self.cache.key());
        let found = self.cache.get(&key, now)?;
        match found.record.status() {
            VARIANTS => {
                let mut names = Vec::new();
                found
                    .record
                    .read(|name, _| names.extend(HeaderName::from_bytes(name)))?;
                let key = asked.variant(self.cache.key(), &names);
                self.cache.get(&key, now).map(|found| (key, found))
            }
            _ => Some((key, found)),
        }
    }

    /// Keeps a response whose body is whole.
    fn put(&self, asked: &Asked, kept: &policy::Kept, body: &[u8], now: Duration) {
        let most = Duration::from_secs(self.max_ttl.load(Relaxed));
        let times = times(&kept.lifetime, most, now);
        let Some(record) = record(kept.status, &kept.headers, body) else {
            return;
        };
        let (primary, epoch) = (asked.key(self.cache.key()), self.cache.epoch());
        if kept.vary.is_empty() {
            self.cache.put(&primary, &record, times, false, epoch);
            return;
        }
        let names: Vec<(&[u8], &[u8])> = kept
            .vary
            .iter()
            .map(|name| (name.as_str().as_bytes(), &b""[..]))
            .collect();
        let variant = asked.variant(self.cache.key(), &kept.vary);
        if let Some(list) = Record::new(VARIANTS, &names, b"") {
            self.cache.put(&variant, &record, times, false, epoch);
            self.cache.put(&primary, &list, times, false, epoch);
        }
    }

    /// What a region says is still good is fresh again (RFC 9111, section 4.3.4).
    pub(in crate::edge) fn renew(
        &self,
        asked: &Asked,
        stale: Stale,
        told: &HeaderMap,
        now: Duration,
    ) -> Reply {
        let Stale { key, found } = stale;
        let mut headers = HeaderMap::new();
        let body = found
            .record
            .read(|name, value| append(&mut headers, name, &value))
            .unwrap_or_default();
        for name in told.keys().filter(|name| policy::is_updated(name)) {
            headers.remove(name);
            for value in told.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let status = StatusCode::from_u16(found.record.status()).unwrap_or(StatusCode::OK);
        match policy::kept(&asked.control, asked.is_private, status, &headers) {
            Some(kept) => {
                let most = Duration::from_secs(self.max_ttl.load(Relaxed));
                if let Some(record) = record(status, &kept.headers, &body) {
                    let times = times(&kept.lifetime, most, now);
                    self.cache.put(&key, &record, times, false, self.cache.epoch());
                }
            }
            // The stage has changed its mind.
            None => self.end(&key, now),
        }
        asked.conditional(Reply {
            status,
            headers,
            body: asked.body(body),
        })
    }

    /// What is kept of a URI is good no more: it was changed (RFC 9111, section 4.4).
    fn forget(&self, asked: &Asked, now: Duration) {
        let key = asked.key(self.cache.key());
        if self.cache.get(&key, now).is_some() {
            self.end(&key, now);
        }
    }

    fn end(&self, key: &Key, now: Duration) {
        let times = Times {
            made: now,
            fresh: now,
            usable: now,
        };
        if let Some(gone) = Record::new(GONE, &[], b"") {
            self.cache.put(key, &gone, times, false, self.cache.epoch());
        }
    }
}

impl Stale {
    /// Asks for the response only where it is another one (RFC 9111, section 4.3.1).
    pub(in crate::edge) fn make_conditional(&self, headers: &mut HeaderMap) {
        for name in asked::CONDITIONAL {
            headers.remove(name);
        }
        self.found.record.read(|name, value| {
            let to = match name {
                b"etag" => header::IF_NONE_MATCH,
                b"last-modified" => header::IF_MODIFIED_SINCE,
                _ => return,
            };
            if let Ok(value) = HeaderValue::from_maybe_shared(value) {
                headers.insert(to, value);
            }
        });
    }
}

fn times(lifetime: &Lifetime, most: Duration, now: Duration) -> Times {
    let fresh = now + lifetime.fresh.min(most).saturating_sub(lifetime.age);
    Times {
        made: now.saturating_sub(lifetime.age),
        fresh,
        usable: fresh + lifetime.stale,
    }
}

fn record(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Record> {
    let headers: Vec<(&[u8], &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
        .collect();
    Record::new(status.as_u16(), &headers, body)
}

fn reply(found: &Found, age: Duration, asked: &Asked) -> Option<Reply> {
    let mut headers = HeaderMap::with_capacity(found.record.len() + 4);
    let body: Bytes = found
        .record
        .read(|name, value| append(&mut headers, name, &value))?;
    headers.insert(header::AGE, HeaderValue::from(age.as_secs()));
    let status = StatusCode::from_u16(found.record.status()).ok()?;
    if asked.method == Method::HEAD && !headers.contains_key(header::CONTENT_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Some(asked.conditional(Reply {
        status,
        headers,
        body: asked.body(body),
    }))
}

fn append(headers: &mut HeaderMap, name: &[u8], value: &Bytes) {
    let name = HeaderName::from_bytes(name);
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_maybe_shared(value.clone())) {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests;
