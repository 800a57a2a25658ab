//! Notices changes of files: directories are watched, not files, since editors and Kubernetes replace files.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Changes that follow each other within this time are one.
pub const DEBOUNCE: Duration = Duration::from_millis(50);
/// A stream of changes is acted on after this time at the latest.
const PATIENCE: Duration = Duration::from_millis(500);

/// The file system and the number of a directory in it.
type Identity = (u64, u64);

fn identity(directory: &Path) -> Option<Identity> {
    let metadata = std::fs::metadata(directory).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Tells when something in the watched directories may have changed.
#[derive(Debug)]
pub struct Watcher {
    watcher: RecommendedWatcher,
    watched: BTreeMap<PathBuf, Identity>,
    changed: Arc<Notify>,
}

impl Watcher {
    /// A watcher of nothing yet; every change is told to `changed`, but for those of files that `is_own` says this process
    /// writes itself, such as a log.
    pub fn new(
        changed: Arc<Notify>,
        is_own: impl Fn(&Path) -> bool + Send + 'static,
    ) -> notify::Result<Self> {
        let tell = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| is_news(&event, &is_own)) {
                tell.notify_one();
            }
        })?;
        Ok(Self {
            watcher,
            watched: BTreeMap::new(),
            changed,
        })
    }

    /// Watches these directories and no others. One that cannot be watched is told in the log. True: some were not
    /// watched before, and what changed in them since they were read is not told.
    pub fn set(&mut self, directories: &[PathBuf]) -> bool {
        let wanted: BTreeMap<PathBuf, Option<Identity>> = directories
            .iter()
            .map(|directory| (directory.clone(), identity(directory)))
            .collect();
        // A watch is of a directory, not of its name: one that was replaced, as a checkout or a swapped symlink does it,
        // is watched anew.
        self.watched.retain(|directory, watched| {
            let stays = wanted.get(directory) == Some(&Some(*watched));
            if !stays {
                // One that was deleted is not watched any more anyway.
                let _ = self.watcher.unwatch(directory);
            }
            stays
        });
        let mut added = false;
        for (new, identity) in wanted {
            if self.watched.contains_key(&new) {
                continue;
            }
            match self.watcher.watch(&new, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.extend(identity.map(|identity| (new, identity)));
                    added = true;
                }
                Err(error) => tracing::warn!("changes in {} will not be seen: {error}", new.display()),
            }
        }
        added
    }

    /// What is told of changes.
    pub fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }
}

/// Waits for a change, and until it is over.
pub async fn settled(changed: &Notify) {
    changed.notified().await;
    let quiet = async { while tokio::time::timeout(DEBOUNCE, changed.notified()).await.is_ok() {} };
    // Out of patience: act on what is there.
    let _ = tokio::time::timeout(PATIENCE, quiet).await;
}

fn is_news(event: &notify::Event, is_own: impl Fn(&Path) -> bool) -> bool {
    let own = !event.paths.is_empty() && event.paths.iter().all(|path| is_own(path));
    is_change(event.kind) && !own
}

fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, ModifyKind};

    use super::*;

    #[test]
    fn what_this_process_writes_itself_is_no_news() {
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let is_own = |path: &Path| path == Path::new("/etc/access.log");
        for (name, kind, paths, expected) in [
            ("another file", written, &["/etc/gateway.toml"][..], true),
            ("the log", written, &["/etc/access.log"], false),
            (
                "the log, moved away",
                written,
                &["/etc/access.log", "/etc/access.log.1"],
                true,
            ),
            ("a directory as a whole", written, &[], true),
            (
                "read alone",
                EventKind::Access(AccessKind::Read),
                &["/etc/gateway.toml"],
                false,
            ),
        ] {
            let event = notify::Event {
                kind,
                paths: paths.iter().map(PathBuf::from).collect(),
                attrs: notify::event::EventAttributes::default(),
            };
            assert_eq!(is_news(&event, is_own), expected, "{name}");
        }
    }
}
