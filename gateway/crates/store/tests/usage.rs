//! What is counted day by day.

#![allow(clippy::unwrap_used)]

use portcullis_store::{Options, Store, StoreError, Usage};

fn row(plan: &str, key: &str, day: i64, count: i64, used: i64) -> Usage {
    Usage {
        plan: plan.to_owned(),
        key: key.to_owned(),
        day,
        count,
        used,
    }
}

#[tokio::test]
async fn days_are_kept_replaced_and_forgotten_without_a_revision() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new(directory.path());
    let store = Store::open(options.clone()).await.unwrap();
    let before = store.revision().await.unwrap();
    let first = [
        row("gold", "a", 100, 5, 5),
        row("gold", "a", 101, 1, 6),
        row("gold", "b", 100, 7, -2),
        row("free", "a", 99, 1, 1),
    ];
    store.put_usage(&first).await.unwrap();
    store.put_usage(&[row("gold", "a", 101, 3, 8)]).await.unwrap();
    store.close().await;

    let store = Store::open(options.clone()).await.unwrap();
    let mut read = store.read().await.unwrap();
    let of = read.usage("gold", "a", 101, 10).await.unwrap();
    assert_eq!(of, [row("gold", "a", 101, 3, 8), row("gold", "a", 100, 5, 5)]);
    assert_eq!(read.usage("gold", "a", 100, 10).await.unwrap().len(), 1);
    assert_eq!(read.usage("gold", "a", 101, 1).await.unwrap().len(), 1);
    let latest = read.latest_usage().await.unwrap();
    let expected = [
        row("free", "a", 99, 1, 1),
        row("gold", "a", 101, 3, 8),
        row("gold", "b", 100, 7, -2),
    ];
    assert_eq!(latest, expected);
    drop(read);

    store.forget_usage("gold", "a").await.unwrap();
    store.prune_usage(100).await.unwrap();
    let latest = store.read().await.unwrap().latest_usage().await.unwrap();
    assert_eq!(latest, [row("gold", "b", 100, 7, -2)]);
    assert_eq!(store.revision().await.unwrap(), before);
    store.close().await;

    let mut read_only = options;
    read_only.read_only = true;
    let store = Store::open(read_only).await.unwrap();
    let refused = store.put_usage(&[row("gold", "a", 1, 1, 1)]).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "{refused:?}");
}
