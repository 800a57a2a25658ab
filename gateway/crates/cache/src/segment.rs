//! A file that responses are appended to, and that is given up as a whole.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use sha2::{Digest as _, Sha256};

use crate::cache::{Epoch, LARGEST};
use crate::entry::{Entry, Times};
use crate::key::Key;

/// Bytes before a response: checksum, key, epoch, version, times, length, whether it is sealed.
pub(crate) const HEAD: usize = CHECKSUM + 16 + 8 + 8 + 24 + 4 + 1;
const CHECKSUM: usize = 16;

/// Where a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) version: u64,
}

/// A file without a name: it is gone when nobody has it open any more, however a process ends.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) id: u32,
    file: File,
}

/// What could not be read back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is not what was written")]
    Corrupt,
}

impl Segment {
    /// A new file in a directory.
    pub(crate) fn create(directory: &Path, id: u32) -> io::Result<Self> {
        Ok(Self {
            id,
            file: nameless(directory)?,
        })
    }

    /// Writes a response; the bytes that it takes.
    pub(crate) fn write(&self, key: &Key, entry: &Entry, offset: u64) -> io::Result<u64> {
        let head = head(key, entry);
        self.file.write_all_at(&head, offset)?;
        self.file.write_all_at(&entry.bytes, offset + head.len() as u64)?;
        Ok((head.len() + entry.bytes.len()) as u64)
    }

    /// Reads the response that was written under a key.
    pub(crate) fn read(&self, key: &Key, place: &Place) -> Result<Entry, Unreadable> {
        let length = place.length as usize;
        if length > LARGEST {
            return Err(Unreadable::Corrupt);
        }
        let mut bytes = vec![0; HEAD + length];
        self.file.read_exact_at(&mut bytes, place.offset)?;
        let bytes = Bytes::from(bytes);
        let entry = parse(&bytes).ok_or(Unreadable::Corrupt)?;
        // The head that it should have: whatever differs shows.
        match bytes.get(..HEAD) == Some(&head(key, &entry)[..]) {
            true => Ok(entry),
            false => Err(Unreadable::Corrupt),
        }
    }
}

/// A file of a directory that is open and has no name.
pub(crate) fn nameless(directory: &Path) -> io::Result<File> {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| io::Error::other("the machine gave no randomness"))?;
    let name = format!("portcullis-{:016x}.cache", u64::from_le_bytes(random));
    let path = directory.join(name);
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn head(key: &Key, entry: &Entry) -> Bytes {
    let mut rest = BytesMut::with_capacity(HEAD);
    rest.put_slice(&key.0);
    rest.put_u64(entry.epoch.0);
    rest.put_u64(entry.version);
    for time in [entry.times.made, entry.times.fresh, entry.times.usable] {
        rest.put_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }
    rest.put_u32(u32::try_from(entry.bytes.len()).unwrap_or(u32::MAX));
    rest.put_u8(entry.sealed.into());
    let mut hasher = Sha256::new();
    hasher.update(&rest);
    hasher.update(&entry.bytes);
    let hash: [u8; 32] = hasher.finalize().into();
    let mut head = BytesMut::with_capacity(HEAD);
    head.extend(hash.into_iter().take(CHECKSUM));
    head.put_slice(&rest);
    head.freeze()
}

fn parse(bytes: &Bytes) -> Option<Entry> {
    let number = |at: usize| {
        let digits: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
        Some(u64::from_be_bytes(digits))
    };
    let epoch = CHECKSUM + 16;
    let time = |place: usize| number(epoch + 16 + place * 8).map(Duration::from_nanos);
    Some(Entry {
        epoch: Epoch(number(epoch)?),
        version: number(epoch + 8)?,
        times: Times {
            made: time(0)?,
            fresh: time(1)?,
            usable: time(2)?,
        },
        sealed: *bytes.get(HEAD - 1)? != 0,
        bytes: bytes.slice(HEAD..),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let segment = Segment::create(directory.path(), 1).expect("a segment");
        assert_eq!(
            std::fs::read_dir(directory.path()).expect("a directory").count(),
            0
        );
        let entry = Entry {
            bytes: Bytes::from_static(b"a response"),
            times: Times {
                made: Duration::from_secs(1),
                fresh: Duration::from_millis(2_500),
                usable: Duration::from_nanos(3_000_000_001),
            },
            sealed: true,
            epoch: Epoch(7),
            version: 9,
        };
        let key = Key([3; 16]);
        let written = segment.write(&key, &entry, 5).expect("written");
        let place = Place {
            segment: 1,
            offset: 5,
            length: 10,
            version: 9,
        };
        let read = segment.read(&key, &place).expect("read");
        assert_eq!(
            (&read.bytes, read.times, read.sealed, read.epoch, read.version),
            (&entry.bytes, entry.times, true, Epoch(7), 9)
        );
        assert!(segment.read(&Key([4; 16]), &place).is_err(), "another key");
        for at in 5..5 + written {
            let mut byte = [0];
            segment.file.read_exact_at(&mut byte, at).expect("a byte");
            segment.file.write_all_at(&[byte[0] ^ 4], at).expect("a byte");
            assert!(segment.read(&key, &place).is_err(), "byte {at}");
            segment.file.write_all_at(&byte, at).expect("a byte");
        }
        segment.file.set_len(5 + written - 1).expect("cut off");
        assert!(segment.read(&key, &place).is_err(), "cut off");
    }
}
