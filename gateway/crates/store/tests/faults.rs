//! Killed processes, full disks, read-only directories: what was acknowledged is there, and nothing is half there.
//!
//! Where a process has to die or to be limited, this binary starts itself again, with a data directory in its environment.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use portcullis_store::{Hash, Key, Options, Store, StoreError};
use rusqlite::Connection;
use serde_json::json;

/// In the environment of a child: its data directory.
const DIRECTORY: &str = "STORE_TEST_DIRECTORY";

/// The data directory, in a child.
fn given() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

/// The arguments that make this binary run one of its tests, as a child.
fn arguments(test: &str) -> [String; 3] {
    [test.to_owned(), "--exact".to_owned(), "--nocapture".to_owned()]
}

/// Writes number `number`: two rows and a snapshot, which belong together.
async fn write(store: &Store, number: i64, padding: usize) -> Result<(), StoreError> {
    let mut write = store.write("child", "test").await?;
    let document = json!({ "number": number, "padding": "x".repeat(padding) });
    write
        .insert(&Key::new("left", "", number.to_string()), &document)
        .await?;
    write.put_snapshot(number.to_string().as_bytes()).await?;
    write
        .insert(&Key::new("right", "", number.to_string()), &document)
        .await?;
    let revision = write.commit().await?;
    assert_eq!(revision, number);
    Ok(())
}

/// That all numbers to `acknowledged` are there, whole, and with their history; perhaps one more, whole too.
async fn check(store: &Store, acknowledged: i64) -> i64 {
    let mut read = store.read().await.unwrap();
    let last = read.revision();
    assert!(
        last == acknowledged || last == acknowledged + 1,
        "{last} of {acknowledged}"
    );
    for kind in ["left", "right"] {
        let mut numbers: Vec<i64> = Vec::new();
        for row in read.all(kind).await.unwrap() {
            assert_eq!(row.id, row.revision.to_string());
            numbers.push(row.revision);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "{kind}");
    }
    for number in 1..=last {
        let bytes = number.to_string().into_bytes();
        assert_eq!(read.snapshot(&Hash::of(&bytes)).await.unwrap(), Some(bytes));
    }
    drop(read);
    let history = store.history(None, usize::MAX).await.unwrap();
    assert_eq!(history.len(), usize::try_from(last).unwrap());
    assert!(history.iter().all(|entry| entry.changes.len() == 2));
    last
}

fn assert_whole(directory: &Path) {
    let connection = Connection::open(directory.join("store.db")).unwrap();
    let found: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
}

/// A child: writes until it is killed or an error stops it, and says what was acknowledged.
#[tokio::test]
async fn child_writes() {
    let Some(directory) = given() else { return };
    let store = Store::open(Options::new(directory)).await.unwrap();
    for number in store.revision().await.unwrap() + 1.. {
        match write(&store, number, 3_000).await {
            Ok(()) => println!("\nacknowledged {number}"),
            Err(error) => {
                println!("\nrefused {error:?}");
                // It does not get better, and reading still works.
                assert!(write(&store, number, 3_000).await.is_err());
                check(&store, number - 1).await;
                println!("\nchecked");
                return;
            }
        }
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_there_after_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(arguments("child_writes"))
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut acknowledged = lines
            .by_ref()
            .filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<i64>().ok());
        // Somewhere in the stream, at another place each time.
        let seen = acknowledged.nth(round * 7 % 13).unwrap();
        child.kill().unwrap();
        // What it had said before it died counts too.
        let seen = acknowledged.last().unwrap_or(seen);
        child.wait().unwrap();
        assert!(seen > last, "round {round}");

        assert_whole(directory.path());
        let store = Store::open(Options::new(directory.path())).await.unwrap();
        last = check(&store, seen).await;
        store.close().await;
    }
}

#[tokio::test]
async fn a_disk_that_is_full_gives_errors_and_no_corruption() {
    let directory = tempfile::tempdir().unwrap();
    // Files may not grow beyond 6,000 blocks; the signal for that is ignored, so that the write fails as on a full disk.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 6000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(arguments("child_writes"))
        .env(DIRECTORY, directory.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{text}");
    assert!(
        text.contains("\nrefused Io") && text.contains("\nchecked"),
        "{text}"
    );
    let acknowledged = text
        .lines()
        .filter(|line| line.starts_with("acknowledged "))
        .count();
    assert!(acknowledged > 20, "{acknowledged}");

    assert_whole(directory.path());
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    let last = check(&store, i64::try_from(acknowledged).unwrap()).await;
    write(&store, last + 1, 3_000).await.unwrap();
}

#[tokio::test]
async fn a_store_that_has_its_size_refuses_more_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = Options::new(directory.path());
    options.max_size = Some(512 * 1_024);
    let store = Store::open(options).await.unwrap();
    let mut last = 0;
    let refused = loop {
        match write(&store, last + 1, 3_000).await {
            Ok(()) => last += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused}");
    assert!(last > 10);

    // SQLite may have ended the transaction by itself: what follows must not stand for itself.
    let mut broken = store.write("ann", "test").await.unwrap();
    let large = json!("x".repeat(400_000));
    let refused = broken.insert(&Key::new("left", "", "large"), &large).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    let refused = broken.insert(&Key::new("left", "", "small"), &json!(1)).await;
    assert!(matches!(refused, Err(StoreError::Aborted)), "{refused:?}");
    assert!(matches!(broken.commit().await, Err(StoreError::Aborted)));
    assert_eq!(check(&store, last).await, last);

    // Room is made by deleting, and used again.
    let mut delete = store.write("ann", "test").await.unwrap();
    for number in 1..=last / 2 {
        assert!(
            delete
                .delete(&Key::new("left", "", number.to_string()))
                .await
                .unwrap()
        );
    }
    delete.commit().await.unwrap();
    let mut again = store.write("ann", "test").await.unwrap();
    again
        .insert(&Key::new("left", "", "again"), &json!("x".repeat(3_000)))
        .await
        .unwrap();
    again.commit().await.unwrap();
    store.close().await;
    assert_whole(directory.path());
}

/// A child: opens a directory in which it may not write.
#[tokio::test]
async fn child_opens() {
    let Some(directory) = given() else { return };
    let error = Store::open(Options::new(&directory)).await.unwrap_err();
    println!("\nrefused {error:?}");
    assert!(
        error.to_string().contains("permissions of the data directory"),
        "{error}"
    );
}

#[tokio::test]
async fn a_directory_that_is_read_only_gives_an_error_and_no_corruption() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let store = Store::open(Options::new(&data)).await.unwrap();
    write(&store, 1, 10).await.unwrap();
    store.close().await;
    let modes = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for name in ["store.db", "store.lock"] {
        modes(&data.join(name), 0o444);
    }
    modes(&data, 0o555);
    modes(directory.path(), 0o755);
    // Permissions do not bind root, so it lets somebody else try, with a binary that everybody can reach.
    let binary = directory.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    modes(&binary, 0o755);
    let mut command = if fs::metadata(&data).unwrap().uid() == 0 {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&binary);
        command
    } else {
        Command::new(&binary)
    };
    let child = command
        .args(arguments("child_opens"))
        .env(DIRECTORY, &data)
        .current_dir("/")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && text.contains("\nrefused"),
        "{text} {child:?}"
    );

    modes(&data, 0o700);
    for name in ["store.db", "store.lock"] {
        modes(&data.join(name), 0o600);
    }
    assert_whole(&data);
    let store = Store::open(Options::new(&data)).await.unwrap();
    assert_eq!(check(&store, 1).await, 1);
}
