//! What memory has no room for, on disk.

use std::path::PathBuf;

use bytes::Bytes;
use portcullis_testkit::{Files, Origin, Running};

use crate::support::{ALL, ITEM, toml};

/// Responses of 64 KiB: more than the memory has room for.
const MANY: usize = 100;
const SIZE: usize = 64 * 1024;
const DISK: &str = "\n[cache]\nmemory_mib = 1\ndirectory = \"kept\"\n";

/// A backend whose answers are all different, and each what its request says.
pub(crate) async fn saying() -> Origin {
    Origin::start(|request| {
        let text = format!("plain text of {} ", request.target);
        http::Response::new(Bytes::from(text.repeat(SIZE / text.len())))
    })
    .await
}

pub(crate) fn routes() -> String {
    ITEM.replace("uri = \"http://ORIGIN/item\"", "uri = \"http://ORIGIN/item\", parameters = { \"integration.request.querystring.q\" = \"method.request.querystring.q\" }")
}

async fn ask(gateway: &Running, number: usize) {
    let answer = gateway.get(&format!("/dev/item?q=n{number}"), &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().starts_with("plain text of /item?q=n"), "{number}");
    let own = answer.text().matches(&format!("q=n{number}")).count();
    assert!(own > 1_000, "{number} got another's: {}", &answer.text()[..60]);
}

/// What is on its way to the disk is there.
pub(crate) async fn settled(gateway: &Running) {
    let gateway = gateway.node.gateway().clone();
    tokio::task::spawn_blocking(move || gateway.caches.settle())
        .await
        .expect("it settles");
}

async fn filled(more: &str) -> (Origin, Running) {
    let origin = saying().await;
    let gateway = Running::start(
        &format!("{}{more}", toml(&origin, ALL, &routes())),
        Files::default(),
    )
    .await;
    for number in 0..MANY {
        ask(&gateway, number).await;
    }
    settled(&gateway).await;
    (origin, gateway)
}

/// The files without names that this process has open below a directory.
pub(crate) fn files_of(gateway: &Running) -> Vec<PathBuf> {
    let directory = gateway.files.path("kept");
    let open = std::fs::read_dir("/proc/self/fd").expect("open files");
    let paths = open.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| std::fs::read_link(path).is_ok_and(|target| target.starts_with(&directory)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_memory_has_no_room_for_is_kept_on_disk() {
    let (origin, gateway) = filled(DISK).await;
    origin.forget();
    for number in 0..MANY {
        ask(&gateway, number).await;
        settled(&gateway).await;
    }
    assert!(
        origin.recorded().len() <= MANY / 20,
        "{} were asked for again",
        origin.recorded().len()
    );
    let bytes =
        |place: &str| format!("portcullis_cache_bytes{{api=\"shop\",stage=\"dev\",place=\"{place}\"}}");
    assert!(gateway.metric(&bytes("memory")).await <= 1024.0 * 1024.0);
    assert!(gateway.metric(&bytes("disk")).await >= (SIZE * MANY / 2) as f64);
    let seen = std::fs::read_dir(gateway.files.path("kept")).expect("the directory");
    assert_eq!(seen.count(), 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_alone_is_used_without_a_directory() {
    let (origin, gateway) = filled("\n[cache]\nmemory_mib = 1\n").await;
    let before = origin.recorded().len();
    for number in 0..MANY {
        ask(&gateway, number).await;
    }
    assert!(origin.recorded().len() > before + MANY / 2);
    let moves = "portcullis_cache_moves_total{api=\"shop\",stage=\"dev\",move=\"evicted\"}";
    assert!(gateway.metric(moves).await >= (MANY / 2) as f64);
}

/// Files that somebody has written into: what was in them is asked for again, and nobody gets a wrong answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_files_are_given_up() {
    use std::os::unix::fs::FileExt as _;
    let (origin, gateway) = filled(DISK).await;
    let files = files_of(&gateway);
    assert!(!files.is_empty());
    for path in files {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .expect("an open file");
        let length = file.metadata().expect("a length").len();
        for at in (0..length).step_by(SIZE / 2) {
            file.write_all_at(b"\0\0damaged\0\0", at).expect("damage");
        }
    }
    let before = origin.recorded().len();
    for number in 0..MANY {
        ask(&gateway, number).await;
    }
    assert!(origin.recorded().len() > before, "some were asked for again");
    let lost = "portcullis_cache_moves_total{api=\"shop\",stage=\"dev\",move=\"lost\"}";
    assert!(gateway.metric(lost).await > 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_cannot_be_used_keeps_nothing_from_being_served() {
    let origin = saying().await;
    let files = Files::default();
    files.write("kept", "a file");
    let text = format!("{}{DISK}", toml(&origin, ALL, &routes()));
    let gateway = Running::start(&text, files).await;
    for number in [1, 1, 2, 2] {
        ask(&gateway, number).await;
    }
    assert_eq!(origin.recorded().len(), 2);
}
