//! Rows, pages, subtrees and transactions, on real files.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use portcullis_store::{
    DOCUMENT_BYTES, DOCUMENT_DEPTH, Hash, Key, Options, Page, Read, Row, Store, StoreError,
};
use serde_json::{Value, json};

fn options(directory: &tempfile::TempDir) -> Options {
    Options::new(directory.path().join("data"))
}

async fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(options(&directory)).await.unwrap();
    (directory, store)
}

fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_written_after_a_restart_too() {
    let (directory, store) = store().await;
    let document: Value = serde_json::from_str(
        r#"{"z": 1, "a": [null, true, -0.1, 1e300, 18446744073709551615], "text": "\u0000 é \" 🦀", "": {}}"#,
    )
    .unwrap();
    let key = Key::new("stage", "apis/a", "with/slash and ünïcode");
    let mut write = store.write("ann", "CreateStage").await.unwrap();
    write.insert(&key, &document).await.unwrap();
    assert_eq!(write.commit().await.unwrap(), 1);
    store.close().await;

    let store = Store::open(options(&directory)).await.unwrap();
    let mut read = store.read().await.unwrap();
    let row = read.get(&key).await.unwrap().unwrap();
    assert_eq!(
        row.document.to_string(),
        document.to_string(),
        "order of members too"
    );
    assert_eq!(
        (row.kind.as_str(), row.parent.as_str(), row.id.as_str()),
        ("stage", "apis/a", key.id.as_str())
    );
    assert_eq!((row.revision, read.revision()), (1, 1));
    assert_eq!(read.get(&Key::new("stage", "apis/b", "x")).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_insert_and_an_update_of_nothing_are_refused_and_leave_the_transaction_usable() {
    let (_directory, store) = store().await;
    let key = Key::new("api", "", "a");
    let mut write = store.write("ann", "test").await.unwrap();
    assert!(matches!(
        write.update(&key, &json!(1)).await,
        Err(StoreError::Missing(_))
    ));
    write.insert(&key, &json!(1)).await.unwrap();
    let refused = write.insert(&key, &json!(2)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Exists(_)));
    assert!(
        refused.to_string().starts_with("api \"a\" exists already"),
        "{refused}"
    );
    assert!(!write.delete(&Key::new("api", "", "b")).await.unwrap());
    write.commit().await.unwrap();
    let row = store.read().await.unwrap().get(&key).await.unwrap().unwrap();
    assert_eq!(row.document, json!(1));
}

#[tokio::test]
async fn what_is_too_large_too_deep_or_unnameable_is_refused() {
    let (_directory, store) = store().await;
    let mut write = store.write("ann", "test").await.unwrap();
    let key = Key::new("api", "", "a");
    let nested = |depth| (0..depth).fold(json!(0), |inner, _| json!([inner]));
    let large = json!("x".repeat(DOCUMENT_BYTES));
    let cases = [
        ("large", large),
        ("deep", nested(DOCUMENT_DEPTH + 1)),
        ("deeper", nested(120)),
    ];
    for (name, document) in cases {
        let refused = write.insert(&key, &document).await;
        assert!(
            matches!(refused, Err(StoreError::TooLarge { .. })),
            "{name}: {refused:?}"
        );
    }
    let refused = write.insert(&Key::new("api", "", ""), &json!(1)).await;
    assert!(
        matches!(refused, Err(StoreError::InvalidKey { .. })),
        "{refused:?}"
    );
    let refused = store.write(&"x".repeat(5_000), "test").await;
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    // What is just allowed can be read again.
    write.insert(&key, &nested(DOCUMENT_DEPTH)).await.unwrap();
    assert_eq!(
        write.get(&key).await.unwrap().unwrap().document,
        nested(DOCUMENT_DEPTH)
    );
}

#[tokio::test]
async fn pages_are_in_the_order_of_bytes_and_complete() {
    let (_directory, store) = store().await;
    let mut write = store.write("ann", "test").await.unwrap();
    for id in ["b", "a", "é", "B", "a/1", "a0", "c"] {
        write
            .insert(&Key::new("resource", "apis/1", id), &json!({}))
            .await
            .unwrap();
    }
    write
        .insert(&Key::new("resource", "apis/2", "other"), &json!({}))
        .await
        .unwrap();
    write
        .insert(&Key::new("model", "apis/1", "other"), &json!({}))
        .await
        .unwrap();
    write.commit().await.unwrap();

    let mut read = store.read().await.unwrap();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let page = Page {
            after: seen.last().map(String::as_str),
            limit: 3,
        };
        let rows = read.list("resource", "apis/1", page).await.unwrap();
        if rows.is_empty() {
            break;
        }
        assert!(rows.len() <= 3);
        seen.extend(rows.into_iter().map(|row| row.id));
    }
    assert_eq!(seen, ["B", "a", "a/1", "a0", "b", "c", "é"]);
    assert_eq!(ids(&read.all("model").await.unwrap()), ["other"]);
    assert_eq!(read.all("resource").await.unwrap().len(), 8);
}

#[tokio::test]
async fn a_subtree_goes_with_all_that_is_below_it_and_nothing_beside_it() {
    let (_directory, store) = store().await;
    let mut write = store.write("ann", "test").await.unwrap();
    let inside = ["apis/a", "apis/a/resources/r", "apis/a/"];
    let outside = ["apis", "apis/ab", "apis/a0", "apis/a.b", "apis/a!", ""];
    for parent in inside.iter().chain(&outside) {
        write
            .insert(&Key::new("thing", *parent, "x"), &json!(parent))
            .await
            .unwrap();
    }
    write.commit().await.unwrap();

    let mut read = store.read().await.unwrap();
    assert_eq!(read.below("apis/a").await.unwrap().len(), 3);
    drop(read);
    let mut write = store.write("ann", "test").await.unwrap();
    assert_eq!(write.delete_below("apis/a").await.unwrap(), 3);
    assert_eq!(write.delete_below("apis/a").await.unwrap(), 0);
    let revision = write.commit().await.unwrap();
    let left = store.read().await.unwrap().all("thing").await.unwrap();
    assert_eq!(left.len(), outside.len());
    let gone = store.changes_since(revision - 1, 100).await.unwrap();
    assert_eq!(gone.len(), 3);
    assert!(
        gone.iter()
            .all(|change| change.deleted && change.revision == revision)
    );
}

#[tokio::test]
async fn what_is_dropped_leaves_nothing_and_takes_no_revision() {
    let (_directory, store) = store().await;
    let key = Key::new("api", "", "a");
    let mut write = store.write("ann", "test").await.unwrap();
    write.insert(&key, &json!(1)).await.unwrap();
    write.put_snapshot(b"bytes").await.unwrap();
    assert!(
        write.get(&key).await.unwrap().is_some(),
        "it sees what it has written"
    );
    drop(write);
    let unchanged = store.write("ann", "test").await.unwrap();
    assert_eq!(
        unchanged.commit().await.unwrap(),
        0,
        "nothing changed, no revision"
    );

    let mut read = store.read().await.unwrap();
    assert_eq!(read.get(&key).await.unwrap(), None);
    assert_eq!(read.snapshot(&Hash::of(b"bytes")).await.unwrap(), None);
    assert_eq!(store.revision().await.unwrap(), 0);
    assert!(store.history(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reader_sees_one_state_and_waits_for_no_writer() {
    let (_directory, store) = store().await;
    let key = Key::new("api", "", "a");
    let mut before = store.read().await.unwrap();
    let mut write = store.write("ann", "test").await.unwrap();
    write.insert(&key, &json!(1)).await.unwrap();
    assert_eq!(store.read().await.unwrap().get(&key).await.unwrap(), None);
    write.commit().await.unwrap();
    assert_eq!(before.get(&key).await.unwrap(), None);
    assert_eq!(before.revision(), 0);
    assert!(store.read().await.unwrap().get(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn followers_see_every_change_once_and_no_transaction_in_parts() {
    let (_directory, store) = store().await;
    for round in 0..5 {
        let mut write = store.write("ann", "test").await.unwrap();
        for id in 0..4 {
            let key = Key::new("thing", round.to_string(), id.to_string());
            write.insert(&key, &json!(1)).await.unwrap();
            write.update(&key, &json!(2)).await.unwrap();
        }
        write
            .delete(&Key::new("thing", round.to_string(), "3"))
            .await
            .unwrap();
        write.commit().await.unwrap();
    }
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let last = seen
            .last()
            .map_or(0, |change: &portcullis_store::Change| change.revision);
        let changes = store.changes_since(last, 5).await.unwrap();
        if changes.is_empty() {
            break;
        }
        pages += 1;
        seen.extend(changes);
    }
    assert_eq!((seen.len(), pages), (20, 3), "two transactions a page");
    for change in &seen {
        assert_eq!(change.deleted, change.id == "3");
        assert_eq!(change.parent, (change.revision - 1).to_string());
    }
}

#[tokio::test]
async fn the_history_says_who_did_what_and_when() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(options(&directory).clock(|| 1_700_000_000_123))
        .await
        .unwrap();
    for (who, action, id) in [
        ("ann", "CreateRestApi", "a"),
        ("bob", "CreateRestApi", "b"),
        ("cy", "ImportApi", "c"),
    ] {
        let mut write = store.write(who, action).await.unwrap();
        write.insert(&Key::new("api", "", id), &json!({})).await.unwrap();
        write
            .insert(&Key::new("resource", id, "/"), &json!({}))
            .await
            .unwrap();
        write.commit().await.unwrap();
    }
    let newest = store.history(None, 2).await.unwrap();
    let names: Vec<_> = newest
        .iter()
        .map(|entry| (entry.revision, entry.who.as_str()))
        .collect();
    assert_eq!(names, [(3, "cy"), (2, "bob")]);
    let older = store.history(Some(2), 10).await.unwrap();
    assert_eq!(older.len(), 1);
    let entry = older.first().unwrap();
    assert_eq!(
        (entry.who.as_str(), entry.action.as_str(), entry.at),
        ("ann", "CreateRestApi", 1_700_000_000_123)
    );
    let keys: Vec<_> = entry
        .changes
        .iter()
        .map(|change| (change.kind.as_str(), change.id.as_str()))
        .collect();
    assert_eq!(keys, [("api", "a"), ("resource", "/")]);
}

/// One row, changed for the `times`th time.
async fn change(store: &Store, times: i64) {
    let key = Key::new("api", "", "a");
    let mut write = store.write("ann", "test").await.unwrap();
    if times == 1 {
        write.insert(&key, &json!(times)).await.unwrap();
    } else {
        write.update(&key, &json!(times)).await.unwrap();
    }
    assert_eq!(write.commit().await.unwrap(), times);
}

#[tokio::test]
async fn the_history_has_its_length_and_who_follows_too_slowly_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let of = |history| Options {
        history,
        ..options(&directory)
    };
    let store = Store::open(of(100)).await.unwrap();
    for times in 1..=90 {
        change(&store, times).await;
    }
    assert_eq!(store.history(None, 1_000).await.unwrap().len(), 90);
    assert_eq!(store.changes_since(0, 1_000).await.unwrap().len(), 90);
    store.close().await;

    // A shorter one comes in steps that are small.
    let store = Store::open(of(10)).await.unwrap();
    let mut lengths = Vec::new();
    for times in 91..=95 {
        change(&store, times).await;
        lengths.push(store.history(None, 1_000).await.unwrap().len());
    }
    assert_eq!(lengths, [59, 28, 10, 10, 10]);
    let kept = store.history(None, 1_000).await.unwrap();
    assert!(kept.iter().all(|entry| entry.changes.len() == 1));
    assert_eq!(kept.last().unwrap().revision, 86);
    assert_eq!(store.changes_since(85, 1_000).await.unwrap().len(), 10);
    let refused = store.changes_since(84, 1_000).await.unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::Forgotten {
                revision: 84,
                oldest: 86
            }
        ),
        "{refused}"
    );
    assert!(refused.to_string().contains("read everything anew"), "{refused}");
    assert_eq!(
        count(&mut store.read().await.unwrap(), &Key::new("api", "", "a")).await,
        95,
        "rows stay"
    );
}

#[tokio::test]
async fn snapshots_are_kept_once_and_go_when_they_are_deleted() {
    let (_directory, store) = store().await;
    let large = "portcullis ".repeat(100_000).into_bytes();
    let mut write = store.write("ann", "test").await.unwrap();
    let first = write.put_snapshot(&large).await.unwrap();
    assert_eq!(write.put_snapshot(&large).await.unwrap(), first);
    let second = write.put_snapshot(b"").await.unwrap();
    assert_eq!(first, Hash::of(&large));
    assert_eq!(first.to_string().parse(), Ok(first));
    assert_eq!(write.commit().await.unwrap(), 1);
    assert_eq!(
        store
            .read()
            .await
            .unwrap()
            .snapshot(&first)
            .await
            .unwrap()
            .as_ref(),
        Some(&large)
    );

    let mut write = store.write("ann", "test").await.unwrap();
    assert!(write.delete_snapshot(&first).await.unwrap());
    assert!(!write.delete_snapshot(&first).await.unwrap(), "it is gone");
    write.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    assert_eq!(read.snapshot(&first).await.unwrap(), None);
    assert_eq!(read.snapshot(&second).await.unwrap(), Some(Vec::new()));
}

/// Both kinds of transaction can be read from by the same function.
async fn count(read: &mut Read, key: &Key) -> i64 {
    let row = read.get(key).await.unwrap();
    row.and_then(|row| row.document.as_i64()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writers_lose_nothing() {
    let (_directory, store) = store().await;
    let key = Key::new("counter", "", "a");
    let mut write = store.write("ann", "test").await.unwrap();
    write.insert(&key, &json!(0)).await.unwrap();
    write.commit().await.unwrap();
    let work = |store: Store, key: Key| async move {
        for _ in 0..200 {
            let mut write = store.write("ann", "count").await.unwrap();
            let next = count(&mut write, &key).await + 1;
            write.update(&key, &json!(next)).await.unwrap();
            write.commit().await.unwrap();
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(work(store.clone(), key.clone()));
    tasks.spawn(work(store.clone(), key.clone()));
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(count(&mut store.read().await.unwrap(), &key).await, 400);
    assert_eq!(store.revision().await.unwrap(), 401);
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(&directory);
    options.patience = Duration::from_millis(20);
    let store = Store::open(options).await.unwrap();
    let first = store.write("ann", "test").await.unwrap();
    let refused = store.write("bob", "test").await;
    assert!(
        matches!(refused, Err(StoreError::Busy { waited_ms: 20 })),
        "{refused:?}"
    );
    drop(first);
    store.write("bob", "test").await.unwrap();
}
