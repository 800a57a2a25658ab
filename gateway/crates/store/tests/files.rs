//! The files of a store: who may open them, backup, restore, schemas, the vault.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use portcullis_store::{Key, Options, Store, StoreError, VaultError};
use rusqlite::Connection;
use serde_json::json;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn put(store: &Store, id: &str) -> i64 {
    let mut write = store.write("ann", "test").await.unwrap();
    write
        .insert(&Key::new("api", "", id), &json!({ "id": id }))
        .await
        .unwrap();
    write.commit().await.unwrap()
}

async fn has(store: &Store, id: &str) -> bool {
    let mut read = store.read().await.unwrap();
    read.get(&Key::new("api", "", id)).await.unwrap().is_some()
}

/// Runs SQL on a database from outside.
fn outside(path: &Path, sql: &'static str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn files_belong_to_their_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("a/b");
    let store = Store::open(Options::new(&data)).await.unwrap();
    put(&store, "a").await;
    store.vault().await.unwrap();
    let backup = directory.path().join("backup.db");
    store.backup(&backup).await.unwrap();
    assert_eq!(mode(&data), 0o700);
    for name in [
        "store.db",
        "store.db-wal",
        "store.db-shm",
        "store.lock",
        "store.key",
    ] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&backup), 0o600);
}

#[test]
fn calls_can_move_between_threads() {
    fn sent(call: impl Send) {
        drop(call);
    }
    let path = Path::new("");
    let calls = async |store: Store| {
        sent(store.backup(path));
        sent(Store::restore(path, path));
        sent(store.vault());
        sent(store.changes_since(0, 1));
        sent(store.history(None, 1));
        sent(store.close());
    };
    sent(calls);
    sent(Store::open(Options::new(path)));
}

#[tokio::test]
async fn a_second_gateway_is_refused_and_a_reader_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    put(&store, "a").await;
    let refused = Store::open(Options::new(directory.path())).await.unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    let process = format!("by process {}", std::process::id());
    assert!(refused.to_string().contains(&process), "{refused}");
    let refused = Store::restore(directory.path(), &directory.path().join("store.db")).await;
    assert!(matches!(refused, Err(StoreError::InUse { .. })));

    let mut options = Options::new(directory.path());
    options.read_only = true;
    let reader = Store::open(options).await.unwrap();
    assert!(has(&reader, "a").await);
    put(&store, "b").await;
    assert!(has(&reader, "b").await, "it sees what is committed later");
    assert!(matches!(
        reader.write("ann", "test").await,
        Err(StoreError::ReadOnly(_))
    ));
    let backup = directory.path().join("backup.db");
    reader.backup(&backup).await.unwrap();

    let clone = store.clone();
    store.close().await;
    assert!(matches!(clone.read().await, Err(StoreError::Closed)));
    assert!(matches!(
        clone.write("ann", "test").await,
        Err(StoreError::Closed)
    ));
    Store::open(Options::new(directory.path())).await.unwrap();
}

/// A store of the first schema keeps its rows, its history and its revisions.
#[tokio::test]
async fn an_older_schema_is_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    outside(&path, include_str!("../migrations/sqlite/0001_initial.sql"));
    outside(
        &path,
        "UPDATE schema_version SET version = 1;
        UPDATE counter SET revision = 2;
        INSERT INTO entity VALUES ('api', '', 'a', 1, '{\"id\":\"a\"}');
        INSERT INTO history VALUES (1, 10, 'ann', 'Create'), (2, 20, 'bob', 'Delete');
        INSERT INTO change VALUES (1, 'api', '', 'a', 0), (1, 'api', '', 'b', 0), (2, 'api', '', 'b', 1);",
    );
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), 2);
    let history = store.history(None, 10).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| {
            let keys = entry.changes.iter().map(|change| (&*change.id, change.deleted));
            (entry.revision, &*entry.who, keys.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "bob", vec![("b", true)]),
            (1, "ann", vec![("a", false), ("b", false)])
        ]
    );
    assert!(has(&store, "a").await);
    assert_eq!(put(&store, "c").await, 3);
    assert_eq!(store.changes_since(0, 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_newer_schema_and_a_foreign_database_are_refused_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    Store::open(Options::new(directory.path()))
        .await
        .unwrap()
        .close()
        .await;
    let path = directory.path().join("store.db");
    outside(&path, "UPDATE schema_version SET version = 99");
    let before = fs::read(&path).unwrap();
    for read_only in [false, true] {
        let mut options = Options::new(directory.path());
        options.read_only = read_only;
        let refused = Store::open(options).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::NewerSchema { found: 99, known: 3 }),
            "{refused}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), before);

    outside(&path, "UPDATE schema_version SET version = 0");
    let mut options = Options::new(directory.path());
    options.read_only = true;
    let refused = Store::open(options).await;
    assert!(
        matches!(refused, Err(StoreError::OlderSchema { found: 0, known: 3 })),
        "{refused:?}"
    );

    for (name, make) in [("of another program", true), ("no database at all", false)] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        if make {
            outside(&path, "CREATE TABLE theirs (a)");
        } else {
            fs::write(&path, "not a database ".repeat(1_000)).unwrap();
        }
        let refused = Store::open(Options::new(directory.path())).await.unwrap_err();
        let right = match make {
            true => matches!(refused, StoreError::Foreign { .. }),
            false => matches!(refused, StoreError::Corrupt(_)),
        };
        assert!(right, "{name}: {refused}");
    }
}

#[tokio::test]
async fn a_snapshot_that_was_changed_is_not_given_out() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    let mut write = store.write("ann", "test").await.unwrap();
    let hash = write.put_snapshot(b"portcullis").await.unwrap();
    write.commit().await.unwrap();
    let database = directory.path().join("store.db");
    outside(
        &database,
        "UPDATE snapshot SET content = CAST('portcullos' AS BLOB)",
    );
    let refused = store.read().await.unwrap().snapshot(&hash).await;
    assert!(
        matches!(refused, Err(StoreError::Unreadable { .. })),
        "{refused:?}"
    );
    outside(&database, "UPDATE snapshot SET content = 'portcullis'");
    let refused = store.read().await.unwrap().snapshot(&hash).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt(_))),
        "a text is not the bytes: {refused:?}"
    );
}

#[tokio::test]
async fn a_backup_is_one_moment_and_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (directory.path().join("data"), directory.path().join("backup.db"));
    let store = Store::open(Options::new(&data)).await.unwrap();
    put(&store, "before").await;
    store.backup(&backup).await.unwrap();
    let refused = store.backup(&backup).await;
    assert!(
        matches!(refused, Err(StoreError::FileExists { .. })),
        "{refused:?}"
    );
    let last = put(&store, "after").await;
    // Not closed: the old database still has its log, as after a crash.
    drop(store);

    let restored = Store::restore(&data, &backup).await.unwrap();
    assert_eq!(restored.revision, 1);
    let aside = restored.aside.unwrap();
    let store = Store::open(Options::new(&data)).await.unwrap();
    assert!(has(&store, "before").await);
    assert!(!has(&store, "after").await);
    assert_eq!(put(&store, "again").await, 2);
    store.close().await;

    // And back to what was put aside, which is whole.
    let restored = Store::restore(&data, &aside).await.unwrap();
    assert_eq!(restored.revision, last);
    let store = Store::open(Options::new(&data)).await.unwrap();
    assert!(has(&store, "after").await);
    assert!(backup.exists());
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (directory.path().join("data"), directory.path().join("backup.db"));
    let store = Store::open(Options::new(&data)).await.unwrap();
    let mut write = store.write("ann", "test").await.unwrap();
    for number in 0..2_000 {
        let key = Key::new("thing", "", number.to_string());
        write.insert(&key, &json!("x".repeat(100))).await.unwrap();
    }
    write.commit().await.unwrap();
    store.backup(&backup).await.unwrap();
    store.close().await;

    let whole = fs::read(&backup).unwrap();
    let cases = [
        "missing", "empty", "half", "text", "damaged", "foreign", "newer", "in use",
    ];
    for name in cases {
        let bad = directory.path().join(name);
        match name {
            "missing" => {}
            "empty" => fs::write(&bad, "").unwrap(),
            "half" => fs::write(&bad, &whole[..whole.len() / 2]).unwrap(),
            "text" => fs::write(&bad, "text ".repeat(2_000)).unwrap(),
            "damaged" => {
                let mut damaged = whole.clone();
                damaged[40_960..49_152].fill(0xa5);
                fs::write(&bad, damaged).unwrap();
            }
            "foreign" => outside(&bad, "CREATE TABLE theirs (a)"),
            _ => {
                fs::write(&bad, &whole).unwrap();
                outside(&bad, "UPDATE schema_version SET version = 99");
            }
        }
        if name == "in use" {
            fs::write(directory.path().join("in use-wal"), "log").unwrap();
        }
        let refused = Store::restore(&data, &bad).await.unwrap_err();
        let right = match name {
            "missing" | "in use" => matches!(refused, StoreError::Io { .. }),
            "empty" | "foreign" => matches!(refused, StoreError::Foreign { .. }),
            "newer" => matches!(refused, StoreError::NewerSchema { .. }),
            _ => matches!(refused, StoreError::Corrupt(_)),
        };
        assert!(right, "{name}: {refused}");
        let mut left: Vec<_> = fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["store.db", "store.lock"], "{name}");
    }
    let store = Store::open(Options::new(&data)).await.unwrap();
    assert_eq!(
        store.read().await.unwrap().all("thing").await.unwrap().len(),
        2_000
    );
}

#[tokio::test]
async fn a_damaged_store_can_be_replaced_and_an_interrupted_restore_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (directory.path().join("data"), directory.path().join("backup.db"));
    let store = Store::open(Options::new(&data)).await.unwrap();
    put(&store, "a").await;
    store.backup(&backup).await.unwrap();
    store.close().await;
    let path = data.join("store.db");
    fs::write(&path, "damaged ".repeat(1_000)).unwrap();
    fs::write(data.join("store.db-wal"), "old log").unwrap();
    let restored = Store::restore(&data, &backup).await.unwrap();
    assert!(restored.aside.unwrap().exists());
    let store = Store::open(Options::new(&data)).await.unwrap();
    assert!(has(&store, "a").await);
    store.close().await;

    fs::rename(&path, data.join("store.db.restoring")).unwrap();
    let refused = Store::open(Options::new(&data)).await;
    assert!(
        matches!(refused, Err(StoreError::Interrupted { .. })),
        "{refused:?}"
    );
    Store::restore(&data, &backup).await.unwrap();
    assert!(has(&Store::open(Options::new(&data)).await.unwrap(), "a").await);
}

#[tokio::test]
async fn secrets_need_the_key_that_sealed_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.key");
    let row = Key::new("access-key", "", "AKIA");
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    let sealed = store.vault().await.unwrap().seal(&row, b"secret").unwrap();
    assert_eq!(
        store.vault().await.unwrap().open(&row, &sealed).unwrap(),
        b"secret"
    );
    let key = fs::read_to_string(&path).unwrap();
    assert_eq!(key.len(), 65);
    store.close().await;
    let store = Store::open(Options::new(directory.path())).await.unwrap();
    assert_eq!(
        store.vault().await.unwrap().open(&row, &sealed).unwrap(),
        b"secret"
    );

    for mode in [0o640, 0o604, 0o660, 0o610] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = store.vault().await.unwrap_err();
        assert!(
            matches!(refused, VaultError::Permissive { .. }),
            "{mode:o}: {refused}"
        );
        assert!(refused.to_string().contains(&format!("{mode:04o}")), "{refused}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    store.vault().await.unwrap();

    fs::remove_file(&path).unwrap();
    assert!(matches!(store.vault().await, Err(VaultError::Missing { .. })));
    assert!(!path.exists(), "no other key is made");
    for (name, text) in [
        ("empty", String::new()),
        ("short", "ab".repeat(31)),
        ("long", "ab".repeat(33)),
        ("text", "xy".repeat(32)),
    ] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(
            matches!(store.vault().await, Err(VaultError::NotAKey { .. })),
            "{name}"
        );
    }
    fs::write(&path, "ab".repeat(32)).unwrap();
    assert!(matches!(store.vault().await, Err(VaultError::Wrong { .. })));
    fs::write(&path, key).unwrap();
    assert_eq!(
        store.vault().await.unwrap().open(&row, &sealed).unwrap(),
        b"secret"
    );
}
