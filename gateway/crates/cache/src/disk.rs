//! What one cache has on disk: a log of responses in files, and in memory where each of them is.
//!
//! Responses are appended to the last file. When there is no room for another file, the oldest goes, with all that is in it:
//! nothing is ever moved or rewritten.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;

use crate::cache::LARGEST;
use crate::directory::Directory;
use crate::entry::Entry;
use crate::key::Key;
use crate::segment::{HEAD, Place, Segment, Unreadable};
use crate::stats::{Stats, count};

/// Files of a cache: as many parts of its capacity can be given up one by one.
const SEGMENTS: u64 = 32;
/// A file has room for some of the largest responses.
const SMALLEST_SEGMENT: u64 = 4 * LARGEST as u64;
/// So long nothing is written after the disk has refused something.
const PAUSE: Duration = Duration::from_secs(30);

/// The part of a cache that is on disk.
pub(crate) struct Disk {
    directory: Arc<Directory>,
    stats: Arc<Stats>,
    state: Mutex<State>,
    /// The latest time that anybody has said, in nanoseconds.
    latest: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Bytes of all files.
    capacity: u64,
    /// Responses that may be known, which bounds the memory that takes.
    most: usize,
    index: HashMap<Key, Place, foldhash::fast::RandomState>,
    /// Which versions wait to be written: what is put or forgotten meanwhile is not here any more.
    pending: HashMap<Key, u64, foldhash::fast::RandomState>,
    files: VecDeque<Filled>,
    next: u32,
    /// Nothing is written before.
    paused: Duration,
}

/// A file and what is in it.
struct Filled {
    segment: Arc<Segment>,
    written: u64,
    keys: Vec<Key>,
    /// When the last of its responses is of no use any more.
    usable: Duration,
}

impl State {
    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.written).sum()
    }

    fn segment_size(&self) -> u64 {
        (self.capacity / SEGMENTS).max(SMALLEST_SEGMENT)
    }

    /// Gives the oldest file up; how many responses went with it.
    fn drop_oldest(&mut self) -> u64 {
        let Some(file) = self.files.pop_front() else {
            return 0;
        };
        self.forget(&file)
    }

    fn forget(&mut self, file: &Filled) -> u64 {
        let mut gone = 0;
        for key in &file.keys {
            if self
                .index
                .get(key)
                .is_some_and(|place| place.segment == file.segment.id)
            {
                self.index.remove(key);
                gone += 1;
            }
        }
        gone
    }

    /// Makes room for so many bytes; how many responses that cost.
    fn make_room(&mut self, bytes: u64) -> u64 {
        let mut gone = 0;
        while !self.files.is_empty()
            && (self.bytes() + bytes > self.capacity || (bytes > 0 && self.index.len() >= self.most))
        {
            gone += self.drop_oldest();
        }
        gone
    }

    fn drop_expired(&mut self, now: Duration) {
        while self.files.front().is_some_and(|file| file.usable <= now) {
            self.drop_oldest();
        }
    }
}

impl Disk {
    pub(crate) fn new(directory: Arc<Directory>, stats: Arc<Stats>) -> Arc<Self> {
        Arc::new(Self {
            directory,
            stats,
            state: Mutex::default(),
            latest: AtomicU64::new(0),
        })
    }

    /// Bytes of its files, and how many responses they may have; what does not fit goes, the oldest first.
    pub(crate) fn set_capacity(&self, bytes: u64, most: usize) {
        let mut state = self.state.lock();
        // Less than two files cannot be filled one after the other.
        state.capacity = if bytes < 2 * SMALLEST_SEGMENT { 0 } else { bytes };
        state.most = most;
        let mut gone = state.make_room(0);
        while state.index.len() > most {
            gone += state.drop_oldest();
        }
        drop(state);
        count(&self.stats.evicted, gone);
    }

    pub(crate) fn says(&self, now: Duration) {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.latest.fetch_max(now, Relaxed);
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.latest.load(Relaxed))
    }

    /// Takes what memory has given up.
    pub(crate) fn spill(self: &Arc<Self>, key: Key, entry: Entry) {
        let now = self.now();
        let taken = {
            let mut state = self.state.lock();
            match state.index.get(&key).map(|place| place.version) {
                // It came from there, or is older than what is there.
                Some(known) if known >= entry.version => return,
                Some(_) => drop(state.index.remove(&key)),
                None => {}
            }
            if entry.times.usable <= now
                || state
                    .pending
                    .get(&key)
                    .is_some_and(|known| *known >= entry.version)
            {
                return;
            }
            state.pending.remove(&key);
            let taken = state.capacity > 0 && state.paused <= now;
            if taken {
                state.pending.insert(key, entry.version);
            }
            taken
        };
        if taken && self.directory.send(self, key, entry) {
            return;
        }
        if taken {
            self.state.lock().pending.remove(&key);
        }
        count(
            if taken {
                &self.stats.lost
            } else {
                &self.stats.evicted
            },
            1,
        );
    }

    /// Writes what was taken. Called by the one thread that writes.
    pub(crate) fn write(&self, key: &Key, entry: &Entry) {
        if !self.is_wanted(key, entry) {
            return;
        }
        if let Err(error) = self.append(key, entry) {
            self.refused(key, &error);
        }
    }

    fn is_wanted(&self, key: &Key, entry: &Entry) -> bool {
        let state = self.state.lock();
        state.pending.get(key) == Some(&entry.version)
    }

    fn append(&self, key: &Key, entry: &Entry) -> io::Result<()> {
        let bytes = (HEAD + entry.bytes.len()) as u64;
        let (segment, offset) = self.room_for(bytes)?;
        segment.write(key, entry, offset)?;
        let mut state = self.state.lock();
        let wanted = state.pending.get(key) == Some(&entry.version);
        let Some(file) = state
            .files
            .back_mut()
            .filter(|file| file.segment.id == segment.id)
        else {
            // It was flushed meanwhile.
            return Ok(());
        };
        file.written = offset + bytes;
        if !wanted {
            return Ok(());
        }
        file.keys.push(*key);
        file.usable = file.usable.max(entry.times.usable);
        let place = Place {
            segment: segment.id,
            offset,
            length: u32::try_from(entry.bytes.len()).unwrap_or(u32::MAX),
            version: entry.version,
        };
        state.index.insert(*key, place);
        state.pending.remove(key);
        drop(state);
        count(&self.stats.spilled, 1);
        Ok(())
    }

    /// The file that has room for so many bytes, and where it ends.
    fn room_for(&self, bytes: u64) -> io::Result<(Arc<Segment>, u64)> {
        let now = self.now();
        let id = {
            let mut state = self.state.lock();
            state.drop_expired(now);
            count(&self.stats.evicted, state.make_room(bytes));
            let size = state.segment_size();
            let last = state.files.back();
            if let Some(last) = last.filter(|last| last.written + bytes <= size) {
                return Ok((last.segment.clone(), last.written));
            }
            state.next = state.next.wrapping_add(1);
            state.next
        };
        let segment = Arc::new(Segment::create(self.directory.path(), id)?);
        self.state.lock().files.push_back(Filled {
            segment: segment.clone(),
            written: 0,
            keys: Vec::new(),
            usable: now,
        });
        Ok((segment, 0))
    }

    /// The disk is full, or gone: those responses are lost, and it is left alone for a while.
    fn refused(&self, key: &Key, error: &io::Error) {
        let mut state = self.state.lock();
        state.pending.remove(key);
        state.paused = self.now() + PAUSE;
        drop(state);
        count(&self.stats.lost, 1);
        tracing::warn!(
            "cached responses cannot be written to {}, memory alone keeps them for the next {} s: {error}",
            self.directory.path().display(),
            PAUSE.as_secs()
        );
    }

    /// Whether a response is there.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.state.lock().index.contains_key(key)
    }

    /// Reads a response. It blocks.
    pub(crate) fn read(&self, key: &Key) -> Option<(Place, Entry)> {
        let (segment, place) = {
            let state = self.state.lock();
            let place = *state.index.get(key)?;
            let file = state.files.iter().find(|file| file.segment.id == place.segment)?;
            (file.segment.clone(), place)
        };
        match segment.read(key, &place) {
            Ok(entry) => Some((place, entry)),
            Err(error) => {
                self.corrupt(segment.id, &error);
                None
            }
        }
    }

    /// A file that gave back something else than was written is given up.
    fn corrupt(&self, id: u32, error: &Unreadable) {
        let mut state = self.state.lock();
        let found = state.files.iter().position(|file| file.segment.id == id);
        let Some(file) = found.and_then(|place| state.files.remove(place)) else {
            return;
        };
        let gone = state.forget(&file);
        drop(state);
        count(&self.stats.lost, gone);
        tracing::warn!(
            "{gone} cached responses on disk in {} are given up, since one of their file is damaged: {error}",
            self.directory.path().display()
        );
    }

    /// Whether a response is still where it was read.
    pub(crate) fn is_at(&self, key: &Key, place: &Place) -> bool {
        self.state.lock().index.get(key) == Some(place)
    }

    /// Forgets a response, also one that waits to be written.
    pub(crate) fn forget(&self, key: &Key) {
        let mut state = self.state.lock();
        state.pending.remove(key);
        state.index.remove(key);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock();
        state.pending.clear();
        state.index.clear();
        state.files.clear();
    }

    /// Bytes of its files.
    pub(crate) fn bytes(&self) -> u64 {
        self.state.lock().bytes()
    }

    /// Responses that it has.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().index.len()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Disk")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}
