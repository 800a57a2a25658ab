//! Which region gets a request: the nearest that is healthy, and not another one for every millisecond.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Notify;

use super::region::{Region, Target};

/// How much nearer another region must be, of the way to the one that is used, and at least.
const NEARER_BY: u32 = 5;
const NEARER_AT_LEAST: Duration = Duration::from_millis(2);
/// No region yet.
const NONE: usize = usize::MAX;

/// The regions of a point of presence, and which of them is used.
#[derive(Debug)]
pub(super) struct Regions {
    all: Vec<Arc<Region>>,
    used: AtomicUsize,
    /// A connection to one of them came up.
    came_up: Arc<Notify>,
}

impl Regions {
    /// Those of a reading. One that is as before stays, with its connections.
    pub(super) fn of(targets: &[Target], before: Option<&Self>) -> Self {
        let came_up = before.map(|before| before.came_up.clone()).unwrap_or_default();
        let known = |target: &Target| before?.all.iter().find(|region| region.is_of(target)).cloned();
        let all: Vec<Arc<Region>> = targets
            .iter()
            .map(|target| known(target).unwrap_or_else(|| Region::start(target.clone(), came_up.clone())))
            .collect();
        let used = before.and_then(|before| before.all.get(before.used.load(Relaxed)));
        let used = used.and_then(|used| all.iter().position(|region| Arc::ptr_eq(region, used)));
        Self {
            all,
            used: AtomicUsize::new(used.unwrap_or(NONE)),
            came_up,
        }
    }

    pub(super) fn all(&self) -> &[Arc<Region>] {
        &self.all
    }

    /// Lets go of the connections of those that others do not have; requests under way end first.
    pub(super) fn end_but(&self, others: Option<&Self>) {
        for region in &self.all {
            if !others.is_some_and(|others| others.all.iter().any(|other| Arc::ptr_eq(other, region))) {
                region.end();
            }
        }
    }

    pub(super) fn is_any_up(&self) -> bool {
        self.all.iter().any(|region| region.is_up())
    }

    /// Waits until one of them is up.
    pub(super) async fn up(&self) {
        loop {
            let came_up = self.came_up.notified();
            if self.is_any_up() {
                return;
            }
            came_up.await;
        }
    }

    /// The one to use, and others behind it; none of those that are down.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Arc<Region>> {
        let seen = self.all.iter().map(|region| region.is_up().then(|| region.rtt()));
        let used = self.used.load(Relaxed);
        let first = choose(seen, used);
        if let Some((index, region)) = first.and_then(|index| Some((index, self.all.get(index)?)))
            && index != used
        {
            self.used.store(index, Relaxed);
            tracing::info!(region = region.name(), "requests go to this region");
        }
        let others = self.all.iter().enumerate();
        let others = others.filter(move |(index, region)| Some(*index) != first && region.is_up());
        first
            .and_then(|index| self.all.get(index))
            .into_iter()
            .chain(others.map(|(_, region)| region))
    }
}

/// The place of the region to use, of the round-trip times of those that are up.
fn choose(seen: impl Iterator<Item = Option<Duration>> + Clone, used: usize) -> Option<usize> {
    let up = seen
        .clone()
        .enumerate()
        .filter_map(|(index, rtt)| Some((index, rtt?)));
    let (nearest, least) = up.min_by_key(|(_, rtt)| *rtt)?;
    let kept = seen.enumerate().find(|(index, _)| *index == used);
    let kept = kept.and_then(|(_, rtt)| rtt);
    match kept {
        Some(rtt) if !is_nearer(least, rtt) => Some(used),
        _ => Some(nearest),
    }
}

fn is_nearer(this: Duration, than: Duration) -> bool {
    this + (than / NEARER_BY).max(NEARER_AT_LEAST) <= than
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_used_and_kept_until_another_is_much_nearer() {
        for (name, millis, used, expected) in [
            ("none is up", &[None, None][..], NONE, None),
            ("the nearest at first", &[Some(30), Some(10)], NONE, Some(1)),
            ("the only one that is up", &[Some(30), None], 1, Some(0)),
            ("a bit nearer is not enough", &[Some(10), Some(9)], 0, Some(0)),
            ("not even a fifth of very little", &[Some(2), Some(1)], 0, Some(0)),
            ("nearer by a fifth", &[Some(50), Some(40)], 0, Some(1)),
            ("nearer by less than a fifth", &[Some(50), Some(41)], 0, Some(0)),
            ("one that is gone from the list", &[Some(5)], 3, Some(0)),
        ] {
            let seen = millis.iter().map(|rtt| rtt.map(Duration::from_millis));
            assert_eq!(choose(seen, used), expected, "{name}");
        }
    }
}
