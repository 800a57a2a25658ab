//! What is kept over reloads.

use std::time::Duration;

use crate::support::{ALL, ITEM, get, plain, started, toml};

#[tokio::test]
async fn what_a_change_does_not_concern_is_kept() {
    let origin = plain().await;
    let before = toml(&origin, ALL, ITEM);
    let (mut gateway, _) = started(&before).await;
    let first = get(&gateway, "/dev/item").await;
    let changes = [
        (
            "other settings",
            before.replace("caching = true", "caching = true, metrics = true"),
        ),
        ("more room", before.replace("= 64 }", "= 128 }")),
        ("less room", before.replace("= 64 }", "= 8 }")),
        (
            "a variable",
            before.replace("= 64 }", "= 64 }\nvariables = { a = \"1\" }"),
        ),
        ("more memory", format!("{before}\n[cache]\nmemory_mib = 512\n")),
    ];
    for (name, text) in changes {
        let outcome = gateway.rewrite(&text).await;
        assert!(!outcome.has_errors(), "{name}: {:?}", outcome.problems);
        assert_eq!(get(&gateway, "/dev/item").await, first, "{name}");
    }
    let deployed = before.replace("/item\" }", "/item?v=2\" }");
    gateway.rewrite(&deployed).await;
    assert_ne!(
        get(&gateway, "/dev/item").await,
        first,
        "another definition is another deployment"
    );
}

#[tokio::test]
async fn what_is_switched_off_is_dropped() {
    let origin = plain().await;
    let before = toml(&origin, ALL, ITEM);
    let (mut gateway, _) = started(&before).await;
    let first = get(&gateway, "/dev/item").await;
    gateway
        .rewrite(&before.replace("cache = { capacity_mib = 64 }", ""))
        .await;
    let second = get(&gateway, "/dev/item").await;
    assert_ne!(second, first);
    gateway.rewrite(&before).await;
    let third = get(&gateway, "/dev/item").await;
    assert_ne!(third, first, "it begins empty");
    assert_eq!(get(&gateway, "/dev/item").await, third);
}

#[tokio::test]
async fn a_shorter_time_is_that_of_what_is_kept_from_then_on() {
    let origin = plain().await;
    let before = toml(&origin, ALL, ITEM);
    let (mut gateway, clock) = started(&before).await;
    let first = get(&gateway, "/dev/item").await;
    gateway
        .rewrite(&before.replace("caching = true", "caching = true, cache_ttl_seconds = 10"))
        .await;
    clock.advance(Duration::from_secs(20));
    assert_eq!(
        get(&gateway, "/dev/item").await,
        first,
        "it has the time that it was kept with"
    );
    let second = get(&gateway, "/dev/item?q=2").await;
    clock.advance(Duration::from_secs(10));
    assert_ne!(get(&gateway, "/dev/item?q=2").await, second);
}
