//! Where things are in the target directory.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Guest};

/// The outer target directory: `OUT_DIR` is `<target>[/<triple>]/<profile>/build/<package>-<hash>/out`.
pub(crate) fn target_dir(out_dir: &Path, triple: Option<&str>) -> Option<PathBuf> {
    let build = out_dir
        .ancestors()
        .find(|dir| dir.file_name() == Some(OsStr::new("build")))?;
    let root = build.parent()?.parent()?;
    match triple {
        Some(triple) if root.file_name() == Some(OsStr::new(triple)) => root.parent().map(Path::to_owned),
        _ => Some(root.to_owned()),
    }
}

/// Copies the components, leaving alone what is the same already: a new time stamp would rebuild who embeds them.
pub(crate) fn copy(components: &[Guest], into: &Path) -> Result<Vec<Guest>, Error> {
    fs::create_dir_all(into).map_err(|source| Error::io("create", into, source))?;
    components
        .iter()
        .map(|component| copy_one(component, into))
        .collect()
}

fn copy_one(component: &Guest, into: &Path) -> Result<Guest, Error> {
    let path = into.join(&component.name).with_added_extension("wasm");
    let new = fs::read(&component.path).map_err(|source| Error::io("read", &component.path, source))?;
    if fs::read(&path).ok().as_ref() != Some(&new) {
        fs::write(&path, new).map_err(|source| Error::io("write", &path, source))?;
    }
    Ok(Guest {
        name: component.name.clone(),
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_target_directory() {
        let host = Some("x86_64-unknown-linux-gnu");
        for (name, out_dir, expected) in [
            (
                "host build",
                "/src/target/debug/build/portcullis-0a1b/out",
                Some("/src/target"),
            ),
            (
                "cross build",
                "/t/x86_64-unknown-linux-gnu/release/build/portcullis-0a1b/out",
                Some("/t"),
            ),
            (
                "package and hash apart",
                "/t/debug/build/portcullis/0a1b/out",
                Some("/t"),
            ),
            (
                "below a directory named build",
                "/build/x/target/debug/build/p-0a1b/out",
                Some("/build/x/target"),
            ),
            ("elsewhere", "/tmp/out", None),
        ] {
            assert_eq!(
                target_dir(Path::new(out_dir), host),
                expected.map(PathBuf::from),
                "{name}"
            );
        }
    }

    #[test]
    fn copies_only_what_changed() {
        let dir = tempfile::tempdir().unwrap();
        let built = Guest {
            name: "a.b".into(),
            path: dir.path().join("a.wasm"),
        };
        let into = dir.path().join("guests");
        fs::write(&built.path, b"one").unwrap();
        let copied = copy(std::slice::from_ref(&built), &into).unwrap();
        assert_eq!(
            copied,
            [Guest {
                name: "a.b".into(),
                path: into.join("a.b.wasm")
            }]
        );
        assert_eq!(fs::read(into.join("a.b.wasm")).unwrap(), b"one");

        let written = fs::metadata(into.join("a.b.wasm")).unwrap().modified().unwrap();
        copy(std::slice::from_ref(&built), &into).unwrap();
        assert_eq!(
            fs::metadata(into.join("a.b.wasm")).unwrap().modified().unwrap(),
            written
        );

        fs::write(&built.path, b"two").unwrap();
        copy(&[built], &into).unwrap();
        assert_eq!(fs::read(into.join("a.b.wasm")).unwrap(), b"two");
    }
}
