use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::*;

/// Counters with a clock that moves when it is told to, in seconds.
fn counters() -> (Arc<Counters>, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let tables = CounterTables::new(HostClock::new(move || Duration::from_secs(clock.load(SeqCst))));
    (tables.of("waf"), seconds)
}

#[test]
fn counts_for_its_time_from_the_first_call() {
    let (counters, seconds) = counters();
    assert_eq!(counters.increment("a", 1, 10), Ok(1));
    seconds.store(9, SeqCst);
    assert_eq!(counters.increment("a", 2, 10), Ok(3));
    assert_eq!(counters.increment("b", 1, 10), Ok(1));
    // The second call did not lengthen it.
    seconds.store(10, SeqCst);
    assert_eq!(counters.increment("a", 1, 10), Ok(1));
    assert_eq!(counters.increment("b", 0, 10), Ok(1));
}

#[test]
fn refuses_what_has_no_bound() {
    let (counters, _) = counters();
    assert_eq!(
        counters.increment(&"k".repeat(257), 1, 10),
        Err(Error::KeyTooLong)
    );
    assert_eq!(counters.increment("a", 1, 0), Err(Error::BadTimeToLive));
    assert_eq!(counters.increment("a", 1, 86_401), Err(Error::BadTimeToLive));
}

#[test]
fn stays_within_its_bounds_and_forgets_the_oldest() {
    let (counters, _) = counters();
    assert_eq!(counters.increment("first", 1, 86_400), Ok(1));
    for index in 0..3 * MAX_KEYS {
        let _ = counters.increment(&index.to_string(), 1, 86_400);
    }
    let held: usize = counters
        .shards
        .iter()
        .map(|shard| shard.lock().counts.len())
        .sum();
    assert!(held <= MAX_KEYS, "{held}");
    assert_eq!(counters.increment("first", 1, 86_400), Ok(1));
    let last = (3 * MAX_KEYS - 1).to_string();
    assert_eq!(counters.increment(&last, 1, 86_400), Ok(2));
}

#[test]
fn long_keys_are_bounded_by_their_bytes() {
    let (counters, _) = counters();
    for index in 0..MAX_BYTES / 128 {
        let _ = counters.increment(&format!("{index:0>256}"), 1, 60);
    }
    for shard in &counters.shards {
        let shard = shard.lock();
        assert!(shard.bytes <= MAX_BYTES / SHARDS);
        assert_eq!(
            shard.bytes,
            shard.counts.keys().map(|key| key.len()).sum::<usize>()
        );
    }
}

#[test]
fn one_that_begins_again_and_again_takes_no_more_room() {
    let (counters, seconds) = counters();
    let _ = counters.increment("day", 1, 86_400);
    for second in 0..10_000 {
        seconds.store(second, SeqCst);
        let _ = counters.increment("second", 1, 1);
    }
    let order: usize = counters.shards.iter().map(|shard| shard.lock().order.len()).sum();
    assert!(order < 200, "{order}");
}

#[test]
fn a_plugin_goes_on_counting_where_it_was() {
    let tables = CounterTables::new(HostClock::default());
    let old = tables.of("waf");
    assert_eq!(old.increment("a", 1, 60), Ok(1));
    let new = tables.of("waf");
    drop(old);
    assert_eq!(new.increment("a", 1, 60), Ok(2));
    assert_eq!(tables.of("other").increment("a", 1, 60), Ok(1));
    drop(new);
    assert_eq!(tables.of("waf").increment("a", 1, 60), Ok(1));
}
