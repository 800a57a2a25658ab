//! Backups, and what is restored of them.

use portcullis_testkit::Files;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_backed_up_is_restored() {
    let plane = Plane::start().await;
    plane.cli(&["deploy", "shop", "--stage", "prod"]).await;
    let data = plane.gateway.files.path("data");
    let data = data.to_str().expect("UTF-8");
    let outside = Files::default();
    let backup = outside.path("shop.backup");
    let backup = backup.to_str().expect("UTF-8");
    let history = plane.cli(&["history", "--limit", "1", "--json"]).await;
    let history: Value = serde_json::from_str(&history.stdout).expect("JSON");
    let revision = &history[0]["revision"];

    // Beside the gateway that runs.
    assert_eq!(
        run(&["backup", "--data", data, backup], &[]).await,
        says(format!(
            "wrote {backup}: what {data} has at revision {revision}, or later\n"
        ))
    );
    assert_eq!(
        run(&["backup", "--data", data, backup], &[]).await,
        fails(
            3,
            format!("error: {backup} exists already\n  hint: name another file; nothing is overwritten\n")
        )
    );
    let nothing = outside.path("nothing");
    let nothing = nothing.to_str().expect("UTF-8");
    assert_eq!(
        run(&["backup", "--data", nothing, backup], &[]).await,
        fails(
            1,
            format!(
                "error: {nothing}: there is no store.db, so nothing to back up\n  hint: name the directory that \
                 gateway.toml has as `data` in its [control]\n"
            )
        )
    );
    let refused = run(&["restore", "--data", data, backup], &[]).await;
    assert_eq!((refused.status, refused.stdout.as_str()), (3, ""));
    assert!(
        refused.stderr.contains(" is in use by process "),
        "{}",
        refused.stderr
    );

    let elsewhere = Files::default();
    let restored = elsewhere.path("data");
    let restored = restored.to_str().expect("UTF-8");
    assert_eq!(
        run(&["restore", "--data", restored, backup], &[]).await,
        Finished {
            status: 0,
            stdout: format!("restored {backup} into {restored}, revision {revision}\n"),
            stderr: format!(
                "note: {restored}/store.key is missing: put the one there that belongs to this backup, or the gateway does \
                 not start\n"
            ),
        }
    );
    std::fs::copy(
        plane.gateway.files.path("data/store.key"),
        elsewhere.path("data/store.key"),
    )
    .expect("the key is copied");
    let gateway = Running::start(CONTROLLED, elsewhere).await;
    let answer = served(&gateway, &plane.api, "prod").await;
    assert_eq!((answer.status.as_u16(), answer.header("x-version")), (200, "one"));
    gateway.stop().await;
    plane.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_keys_of_a_backup_open_with_the_key_that_they_were_sealed_with() {
    let gateway = Running::of(SIGNED).await;
    let data = gateway.files.path("data");
    let outside = Files::default();
    let backup = outside.path("keys.backup");
    let backup = backup.to_str().expect("UTF-8");
    let written = run(&["backup", "--data", data.to_str().expect("UTF-8"), backup], &[]).await;
    assert_eq!(written.status, 0, "{written:?}");

    let elsewhere = Files::default();
    let restored = elsewhere.path("data");
    let done = run(
        &["restore", "--data", restored.to_str().expect("UTF-8"), backup],
        &[],
    )
    .await;
    assert_eq!(done.status, 0, "{done:?}");
    std::fs::copy(data.join("store.key"), restored.join("store.key")).expect("the key is copied");
    let second = Running::start(SIGNED, elsewhere).await;
    let administrator = data.join("administrator.credentials");
    let administrator = administrator.to_str().expect("UTF-8");
    let endpoint = endpoint(&second);
    let arguments = [
        "api",
        "list",
        "--endpoint",
        &endpoint,
        "--credentials",
        administrator,
    ];
    let listed = run(&arguments, &[]).await;
    assert_eq!((listed.status, listed.stderr.as_str()), (0, "no APIs\n"));
    second.stop().await;
    gateway.stop().await;
}
