//! A disk that takes no more: a limit of the process stands for it, so the test runs itself once more under one.

#![allow(clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

use std::process::Command;
use std::time::Duration;

use portcullis_cache::{Cache, Directory, Record, Share, Times};

const CHILD: &str = "PORTCULLIS_TEST_FULL_DISK";

#[test]
fn a_full_disk_costs_what_it_does_not_take() {
    if std::env::var_os(CHILD).is_some() {
        return fills();
    }
    let binary = std::env::current_exe().expect("this test");
    // Files of 2 MiB at the most, in blocks of 512 bytes; what is beyond is an error and no signal.
    let script = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" a_full_disk_costs_what_it_does_not_take --exact --nocapture";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(binary)
        .env(CHILD, "1")
        .output()
        .expect("a shell");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn fills() {
    let made = tempfile::tempdir().expect("a directory");
    let directory = Directory::open(made.path()).expect("it can be used");
    let share = Share {
        memory: 1024 * 1024,
        disk: 64 * 1024 * 1024,
    };
    let cache = Cache::new(Some(directory.clone()), share);
    let key = |number: usize| {
        let mut writer = cache.key();
        writer.part(&number.to_le_bytes());
        writer.finish()
    };
    let text = |number: usize| format!("{number:.<50000}");
    let time = Duration::from_secs;
    let times = Times {
        made: time(0),
        fresh: time(100),
        usable: time(100),
    };
    for number in 0..200 {
        let record = Record::new(200, &[], text(number).as_bytes()).expect("a record");
        assert!(cache.put(&key(number), &record, times, false, cache.epoch()));
        directory.settle();
    }
    assert!(cache.stats().lost() > 0, "the disk refused something");
    assert!(cache.bytes().disk <= 2 * 1024 * 1024);
    let mut found = 0;
    for number in 0..200 {
        let response = cache
            .get(&key(number), time(1))
            .or_else(|| cache.read(&key(number), time(1)));
        if let Some(response) = response {
            let body = response.record.read(|_, _| {}).expect("a record");
            assert_eq!(body, text(number).as_bytes(), "{number}");
            found += 1;
        }
    }
    assert!((20..100).contains(&found), "{found} of 200 are kept");
}
