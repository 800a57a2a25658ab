//! A cache against what it promises: nothing old, nothing another's, no more room than it was given.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use portcullis_cache::{Cache, Directory, Found, Key, Record, Share, Times};
use proptest::prelude::*;

const MIB: u64 = 1024 * 1024;

fn share(memory: u64, disk: u64) -> Share {
    Share { memory, disk }
}

fn key(cache: &Cache, name: &str) -> Key {
    let mut writer = cache.key();
    writer.part(name.as_bytes());
    writer.finish()
}

fn record(text: &str) -> Record {
    Record::new(200, &[(b"x-a", b"b")], text.as_bytes()).expect("a record")
}

fn times(now: u64, ttl: u64) -> Times {
    Times {
        made: Duration::from_secs(now),
        fresh: Duration::from_secs(now + ttl),
        usable: Duration::from_secs(now + ttl),
    }
}

fn body(found: &Found) -> String {
    let body = found.record.read(|_, _| {}).expect("a record");
    String::from_utf8(body.to_vec()).expect("a text")
}

/// From memory, else from disk.
fn ask(cache: &Cache, name: &str, now: u64) -> Option<String> {
    let (key, now) = (key(cache, name), Duration::from_secs(now));
    let found = cache.get(&key, now).or_else(|| cache.read(&key, now))?;
    Some(body(&found))
}

fn put(cache: &Cache, name: &str, text: &str, now: u64, encrypted: bool) -> bool {
    let epoch = cache.epoch();
    cache.put(
        &key(cache, name),
        &record(text),
        times(now, 100),
        encrypted,
        epoch,
    )
}

/// As long as a response of some kilobytes.
fn long(text: &str) -> String {
    format!("{text:.<20000}")
}

fn directory() -> (tempfile::TempDir, Arc<Directory>) {
    let made = tempfile::tempdir().expect("a directory");
    let directory = Directory::open(made.path().join("cache")).expect("it can be used");
    (made, directory)
}

#[test]
fn what_is_put_is_found_until_its_time() {
    let cache = Cache::new(None, share(4 * MIB, 0));
    for encrypted in [false, true] {
        let name = format!("a {encrypted}");
        assert!(put(&cache, &name, "one", 10, encrypted));
        assert_eq!(ask(&cache, &name, 109).as_deref(), Some("one"));
        assert_eq!(ask(&cache, &name, 110), None);
        assert_eq!(ask(&cache, "another", 10), None);
        put(&cache, &name, "two", 20, encrypted);
        assert_eq!(ask(&cache, &name, 119).as_deref(), Some("two"));
    }
}

#[test]
fn what_was_asked_for_before_a_flush_is_not_put_after_it() {
    let (_made, directory) = directory();
    let cache = Cache::new(Some(directory.clone()), share(MIB, 64 * MIB));
    for number in 0..200 {
        put(&cache, &number.to_string(), &long("x"), 0, false);
    }
    directory.settle();
    let epoch = cache.epoch();
    cache.flush();
    for number in 0..200 {
        assert_eq!(ask(&cache, &number.to_string(), 1), None, "{number}");
    }
    assert!(!cache.put(&key(&cache, "a"), &record("old"), times(0, 100), false, epoch));
    assert_eq!(cache.bytes(), Share::default());
    assert!(put(&cache, "a", "new", 0, false));
    assert_eq!(ask(&cache, "a", 1).as_deref(), Some("new"));
}

#[test]
fn it_takes_no_more_than_its_share() {
    let (_made, directory) = directory();
    let cache = Cache::new(Some(directory.clone()), share(8 * MIB, 32 * MIB));
    let mut random = 7_u64;
    for number in 0..4_000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let size = usize::try_from(random >> 44).expect("a size") % 200_000;
        put(&cache, &number.to_string(), &"x".repeat(size), 0, number % 3 == 0);
        if number % 100 == 0 {
            directory.settle();
            let bytes = cache.bytes();
            assert!(bytes.memory <= 8 * MIB && bytes.disk <= 32 * MIB, "{bytes:?}");
        }
    }
    directory.settle();
    let bytes = cache.bytes();
    assert!(bytes.memory > 5 * MIB && bytes.disk > 20 * MIB, "{bytes:?}");
    assert!(cache.stats().evicted() > 0 && cache.stats().spilled() > 0);
    let kept: Vec<usize> = (0..4_000)
        .filter(|number| ask(&cache, &number.to_string(), 1).is_some())
        .collect();
    cache.set_share(share(4 * MIB, 16 * MIB));
    directory.settle();
    let bytes = cache.bytes();
    assert!(bytes.memory <= 4 * MIB && bytes.disk <= 16 * MIB, "{bytes:?}");
    let left = kept
        .iter()
        .filter(|number| ask(&cache, &number.to_string(), 1).is_some())
        .count();
    assert!(
        left > kept.len() / 4 && left < kept.len(),
        "{left} of {}",
        kept.len()
    );
    cache.set_share(share(4 * MIB, 0));
    assert_eq!(cache.bytes().disk, 0);
}

#[test]
fn less_memory_sends_what_it_had_to_disk() {
    let (_made, directory) = directory();
    let cache = Cache::new(Some(directory.clone()), share(8 * MIB, 32 * MIB));
    for number in 0..200 {
        put(&cache, &number.to_string(), &long(&number.to_string()), 0, false);
    }
    cache.set_share(share(MIB, 32 * MIB));
    directory.settle();
    let found = (0..200).filter(|number| {
        let expected = long(&number.to_string());
        ask(&cache, &number.to_string(), 1).is_some_and(|text| text == expected)
    });
    assert_eq!(found.count(), 200);
}

#[test]
fn a_directory_that_is_gone_costs_the_disk_alone() {
    let (made, directory) = directory();
    let cache = Cache::new(Some(directory.clone()), share(MIB, 64 * MIB));
    std::fs::remove_dir_all(made.path()).expect("removed");
    for number in 0..200 {
        put(&cache, &number.to_string(), &long("x"), 0, false);
    }
    directory.settle();
    assert_eq!(cache.bytes().disk, 0);
    assert!(cache.stats().lost() > 0);
    assert_eq!(ask(&cache, "199", 1), Some(long("x")));
    // After a pause it tries again.
    std::fs::create_dir_all(directory.path()).expect("made again");
    for number in 0..200 {
        put(&cache, &number.to_string(), &long("y"), 31, false);
    }
    directory.settle();
    assert!(cache.bytes().disk > 0);
}

#[test]
fn a_directory_that_cannot_be_used_says_so() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = Directory::open(file.path().join("below")).expect_err("it is a file");
    assert!(error.to_string().starts_with("the cache directory "), "{error}");
}

/// What is done to a cache.
#[derive(Debug, Clone)]
enum Step {
    Put { name: u8, size: u16, encrypted: bool },
    Ask { name: u8 },
    Wait { seconds: u8 },
    Settle,
    Flush,
    Share { memory: u8, disk: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..40u8, 0..60_000u16, any::<bool>()).prop_map(|(name, size, encrypted)| Step::Put { name, size, encrypted }),
        8 => (0..40u8).prop_map(|name| Step::Ask { name }),
        1 => (0..60u8).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Settle),
        1 => Just(Step::Flush),
        1 => (1..3u8, 0..40u8).prop_map(|(memory, disk)| Step::Share { memory, disk }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// Whatever is done: what is found is the last that was put under its key, in its time, and put since the last flush.
    #[test]
    fn nothing_old_is_ever_found(steps in prop::collection::vec(step(), 1..250)) {
        let (_made, directory) = directory();
        let cache = Cache::new(Some(directory.clone()), share(MIB, 20 * MIB));
        let (mut now, mut version) = (0, 0);
        let mut last: HashMap<u8, (String, u64)> = HashMap::new();
        for step in steps {
            match step {
                Step::Put { name, size, encrypted } => {
                    version += 1;
                    let text = format!("{name} {version} {}", "x".repeat(size.into()));
                    prop_assert!(put(&cache, &name.to_string(), &text, now, encrypted));
                    last.insert(name, (text, now + 100));
                }
                Step::Ask { name } => {
                    if let Some(found) = ask(&cache, &name.to_string(), now) {
                        let (text, until) = last.get(&name).expect("something was put");
                        prop_assert_eq!(&found, text);
                        prop_assert!(now < *until);
                    }
                }
                Step::Wait { seconds } => now += u64::from(seconds),
                Step::Settle => directory.settle(),
                Step::Flush => {
                    cache.flush();
                    last.clear();
                }
                Step::Share { memory, disk } => cache.set_share(share(u64::from(memory) * MIB, u64::from(disk) * MIB)),
            }
        }
    }
}
