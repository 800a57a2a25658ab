//! What the outer cargo has to watch.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::message::Built;

/// Everything on this disk that the guests are made of: manifests, the lock file, the sources of the guests and their
/// path dependencies, and the WIT. Only what exists: cargo takes a missing path for a change, each time.
pub(crate) fn paths(workspace: &Path, built: &Built) -> BTreeSet<PathBuf> {
    let mut paths = built.manifests.clone();
    paths.extend(["Cargo.toml", "Cargo.lock"].map(|file| workspace.join(file)));
    // A path dependency inherits from the root of its own workspace.
    paths.extend(
        built
            .manifests
            .iter()
            .filter_map(|manifest| workspace_root(manifest)),
    );
    paths.extend(built.roots.iter().map(|root| sources(root)));
    for component in &built.components {
        let dep_info = fs::read_to_string(component.path.with_extension("d")).unwrap_or_default();
        paths.extend(dependencies(&dep_info).into_iter().map(with_siblings));
    }
    paths.retain(|path| path.exists());
    let directories: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).cloned().collect();
    paths.retain(|path| {
        !directories
            .iter()
            .any(|directory| path != directory && path.starts_with(directory))
    });
    paths
}

/// `src` with everything in it; only the file itself where it lies beside the manifest, as a `build.rs` does.
fn sources(root: &Path) -> PathBuf {
    match root.parent() {
        Some(directory) if !directory.join("Cargo.toml").exists() => directory.to_owned(),
        _ => root.to_owned(),
    }
}

/// A new file in a directory of WIT belongs to its package at once, without a change of the others.
fn with_siblings(file: PathBuf) -> PathBuf {
    match file.parent() {
        Some(directory) if file.extension().is_some_and(|extension| extension == "wit") => {
            directory.to_owned()
        }
        _ => file,
    }
}

fn workspace_root(manifest: &Path) -> Option<PathBuf> {
    let manifests = manifest
        .parent()?
        .ancestors()
        .map(|directory| directory.join("Cargo.toml"));
    manifests.into_iter().find(|path| {
        fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    })
}

/// The prerequisites in a file of dependencies as make reads it: `output: file file …`, with `\ ` for a space.
fn dependencies(dep_info: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for line in dep_info.lines() {
        let Some((_, files)) = line.split_once(": ") else {
            continue;
        };
        let mut file = String::new();
        let mut characters = files.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek() == Some(&' ') => file.extend(characters.next()),
                ' ' => found.extend(taken(&mut file)),
                other => file.push(other),
            }
        }
        found.extend(taken(&mut file));
    }
    found
}

fn taken(file: &mut String) -> Option<PathBuf> {
    (!file.is_empty()).then(|| std::mem::take(file).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Guest;

    #[test]
    fn reads_dependencies() {
        let text = "/t/a.wasm: /w/a/src/lib.rs /w/my\\ dir/b.wit  /c\n/t/b.d:\n";
        let expected = ["/w/a/src/lib.rs", "/w/my dir/b.wit", "/c"];
        assert_eq!(dependencies(text), expected.map(PathBuf::from).into());
        assert_eq!(dependencies(""), BTreeSet::new());
    }

    #[test]
    fn watches_sources_manifests_lock_and_wit_but_no_target() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        for (file, text) in [
            ("Cargo.toml", "[workspace]\n"),
            ("wit/a.wit", ""),
            ("sdk/Cargo.toml", ""),
            ("sdk/src/lib.rs", ""),
            ("guests/Cargo.toml", "[workspace]\n"),
            ("guests/Cargo.lock", ""),
            ("guests/a/Cargo.toml", ""),
            ("guests/a/build.rs", ""),
            ("guests/a/README.md", ""),
            ("guests/a/src/lib.rs", ""),
            ("guests/a/src/glob.rs", ""),
            ("guests/target/x", ""),
        ] {
            fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            fs::write(at(file), text).unwrap();
        }
        let sources = [
            "guests/a/src/lib.rs",
            "guests/a/src/glob.rs",
            "guests/a/README.md",
            "wit/a.wit",
            "gone.rs",
        ];
        let dep_info = sources
            .map(|file| at(file).display().to_string().replace(' ', "\\ "))
            .join(" ");
        fs::write(at("guests/target/a.d"), format!("a.wasm: {dep_info}\n")).unwrap();
        let built = Built {
            components: vec![Guest {
                name: "a".into(),
                path: at("guests/target/a.wasm"),
            }],
            manifests: ["sdk/Cargo.toml", "guests/a/Cargo.toml"].map(at).into(),
            roots: ["sdk/src/lib.rs", "guests/a/src/lib.rs", "guests/a/build.rs"]
                .map(at)
                .into(),
        };

        let expected = [
            "Cargo.toml",
            "guests/Cargo.lock",
            "guests/Cargo.toml",
            "guests/a/Cargo.toml",
            "guests/a/README.md",
            "guests/a/build.rs",
            "guests/a/src",
            "sdk/Cargo.toml",
            "sdk/src",
            "wit",
        ];
        assert_eq!(paths(&at("guests"), &built), expected.map(at).into());
    }
}
