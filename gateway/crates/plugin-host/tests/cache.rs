//! Compiled components on disk.

// Helpers that fail are failed tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::{fs, path::PathBuf};

use portcullis_plugin_host::{Host, HostSettings};
use support::{authorizer, authorizer_spec, request};

fn host(directory: &tempfile::TempDir) -> Host {
    let cache_dir = Some(directory.path().join("compiled"));
    Host::new(HostSettings {
        cache_dir,
        instance_slots: 4,
        ..HostSettings::default()
    })
    .unwrap()
}

fn only_file(directory: &tempfile::TempDir) -> PathBuf {
    let files: Vec<_> = fs::read_dir(directory.path().join("compiled"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

async fn answers(host: &Host) {
    let plugin = authorizer(host, authorizer_spec()).await;
    plugin.authorize("arn", None, &request("1")).await.unwrap();
}

#[tokio::test]
async fn is_used_by_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    answers(&host(&directory)).await;
    let file = only_file(&directory);
    // Only a file that was compiled again is written again.
    fs::File::open(&file)
        .unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    answers(&host(&directory)).await;
    assert_eq!(
        fs::metadata(&file).unwrap().modified().unwrap(),
        std::time::SystemTime::UNIX_EPOCH
    );
}

#[tokio::test]
async fn a_damaged_file_is_written_again() {
    let directory = tempfile::tempdir().unwrap();
    answers(&host(&directory)).await;
    let file = only_file(&directory);
    let sound = fs::read(&file).unwrap();
    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for contents in [damaged, sound[..middle].to_vec(), Vec::new()] {
        fs::write(&file, contents).unwrap();
        answers(&host(&directory)).await;
        assert_eq!(
            fs::metadata(only_file(&directory)).unwrap().len(),
            sound.len() as u64
        );
    }
}

#[tokio::test]
async fn is_refused_where_others_can_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    drop(host(&directory));
    let path = directory.path().join("compiled");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
    let settings = HostSettings {
        cache_dir: Some(path),
        instance_slots: 4,
        ..HostSettings::default()
    };
    assert!(
        Host::new(settings)
            .unwrap_err()
            .to_string()
            .contains("others can write to it")
    );
}
