use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn cache() -> (tempfile::TempDir, Cache) {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path().join("compiled")).unwrap();
    (directory, cache)
}

#[test]
fn creates_its_directory_for_this_user_alone() {
    let (_directory, cache) = cache();
    assert_eq!(
        fs::metadata(&cache.directory).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn refuses_a_directory_that_others_can_write_to() {
    let (directory, cache) = cache();
    fs::set_permissions(&cache.directory, fs::Permissions::from_mode(0o770)).unwrap();
    let error = Cache::open(cache.directory.clone()).unwrap_err();
    assert!(
        error.to_string().contains("others can write to it (mode 770)"),
        "{error}"
    );
    drop(directory);
}

#[test]
fn accepts_only_what_it_wrote() {
    let (_directory, cache) = cache();
    let key = [7; 32];
    cache.put(&key, b"compiled");
    let sound = fs::read(cache.path(&key)).unwrap();
    assert_eq!(verified(&sound), Some(&b"compiled"[..]));
    for (name, damaged) in [
        ("empty", Vec::new()),
        ("cut in the header", sound[..20].to_vec()),
        ("cut in the contents", sound[..sound.len() - 1].to_vec()),
        ("another magic", [b"x", &sound[1..]].concat()),
        ("a changed byte", [&sound[..sound.len() - 1], b"x"].concat()),
    ] {
        assert_eq!(verified(&damaged), None, "{name}");
    }
}

#[test]
fn leaves_no_temporary_file() {
    let (_directory, cache) = cache();
    cache.put(&[1; 32], b"compiled");
    let names: Vec<_> = fs::read_dir(&cache.directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn deletes_the_oldest_files() {
    let (_directory, cache) = cache();
    for number in 0..=MAX_FILES {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        cache.write(&key, b"compiled").unwrap();
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
        fs::File::open(cache.path(&key))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    cache.shrink().unwrap();
    assert!(!cache.path(&[0; 32]).exists());
    assert_eq!(fs::read_dir(&cache.directory).unwrap().count(), MAX_FILES);
}
