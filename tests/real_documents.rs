//! OpenAPI documents that nobody here wrote, from packages of npm and PyPI (`xtask/src/documents.rs`): each is read
//! within bounds, and comes back from its exports or is refused for a reason that stands here. Some are served, and
//! called by schemathesis as their exports say.

#![allow(clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use portcullis_document::{Document, Format, Problem};
use portcullis_model::RestApi;
use portcullis_openapi::{ExportOptions, ExportVersion, ImportOptions, Imported, export, import};
use portcullis_testkit::Running;
use regex::Regex;

#[path = "real_documents/refused.rs"]
mod refused;

use refused::{LONGER_EXPORTS, REFUSED};

/// How many documents there are at least, how large the largest is, and how many paths one has.
const LEAST: (usize, usize, usize) = (150, 6_000_000, 500);

/// What a document may have, in bytes.
const LONGEST: usize = 8 << 20;

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// The documents in `target/documents`: their names there and their texts.
fn documents() -> Vec<(String, String)> {
    let home = target().join("documents");
    // A version follows: descriptions of OpenAPI itself have the same keys.
    let version = Regex::new(r#"["']?\b(openapi|swagger)["']?\s*:\s*["']?[23]\."#).expect("right");
    let mut found = Vec::new();
    let mut directories = vec![home.clone()];
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(&directory);
        for entry in entries.expect("the documents; `cargo xtask test` fetches them") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| kind == "json" || kind == "yaml" || kind == "yml")
            {
                let text = fs::read_to_string(&path).expect("UTF-8");
                if version.is_match(&text) {
                    let name = path.strip_prefix(&home).expect("a path below");
                    found.push((name.to_string_lossy().into_owned(), text));
                }
            }
        }
    }
    found.sort();
    found
}

fn kept(text: &str) -> Result<Imported, Vec<Problem>> {
    let document = Document::parse("document", text, Format::detect(text))?;
    Ok(import(&document, &ImportOptions::keep("real")))
}

/// What reading a document gave.
struct Found<'d> {
    name: &'d str,
    /// Its first error.
    wrong: Option<String>,
    paths: usize,
}

/// Reads a document. Where there is nothing wrong with it, or only paths that an API cannot have beside the others, what
/// is read comes back from every export.
fn read<'d>((name, text): &'d (String, String)) -> Found<'d> {
    let imported = match kept(text) {
        Ok(imported) => imported,
        Err(problems) => {
            return Found {
                name,
                wrong: first(&problems),
                paths: 0,
            };
        }
    };
    let placed = imported.problems.iter().all(|problem| problem.position.is_some());
    assert!(placed, "{name}: a problem without its place");
    let mut errors = imported.problems.iter().filter(|problem| problem.is_error());
    if errors.all(|problem| problem.code == "path") {
        for version in [ExportVersion::Oas30, ExportVersion::Swagger] {
            comes_back(name, &imported.api, &ExportOptions::whole(version));
        }
    }
    Found {
        name,
        wrong: first(&imported.problems),
        paths: imported.api.resources.len(),
    }
}

fn first(problems: &[Problem]) -> Option<String> {
    let error = problems.iter().find(|problem| problem.is_error());
    error.map(Problem::to_string)
}

fn comes_back(name: &str, api: &RestApi, options: &ExportOptions) {
    let written = export(api, options);
    let text = written.to_string();
    if LONGER_EXPORTS.contains(&name) {
        assert!(
            text.len() > LONGEST,
            "{name} comes back, and is in LONGER_EXPORTS"
        );
        return;
    }
    let again = kept(&text).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    assert_eq!(None, first(&again.problems), "{name}");
    let equal = again.api.clone().without_places() == api.clone().without_places();
    assert!(equal, "{name}: another API than before");
    assert!(export(&again.api, options) == written, "{name}: another export");
}

#[test]
fn every_document_comes_back_or_is_refused_for_its_reason() {
    let documents = documents();
    let (least, largest, most_paths) = LEAST;
    assert!(documents.len() >= least, "{} documents", documents.len());
    assert!(documents.iter().any(|(_, text)| text.len() >= largest));
    let found: Vec<Found<'_>> = thread::scope(|scope| {
        // The large ones are neighbours.
        let halves = [0, 1].map(|rest| {
            let half = documents.iter().skip(rest).step_by(2);
            scope.spawn(|| half.map(read).collect::<Vec<_>>())
        });
        let halves = halves.into_iter().map(|half| half.join().expect("no panic"));
        halves.flatten().collect()
    });
    assert!(found.iter().any(|found| found.paths >= most_paths));
    let right = |found: &Found<'_>| {
        let expected = REFUSED.iter().find(|(name, _)| *name == found.name);
        match (&found.wrong, expected) {
            (Some(wrong), Some((_, reason))) => wrong.contains(reason),
            (None, None) => true,
            _ => false,
        }
    };
    let others: Vec<String> = found
        .iter()
        .filter(|found| !right(found))
        .map(|found| format!("{}: {:?}", found.name, found.wrong))
        .collect();
    assert!(others.is_empty(), "not as REFUSED says:\n{}", others.join("\n"));
    for (name, _) in REFUSED {
        assert!(
            found.iter().any(|found| found.name == *name),
            "{name} is not there"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_what_is_exported() {
    let control =
        "[control]\naddress = \"127.0.0.1:0\"\ndata = \"data\"\naccess = \"anonymous-on-loopback\"\n";
    let gateway = Running::of(&format!("{{listener}}\n{control}")).await;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let address = gateway.node.control_address().expect("a control listener");
    let mut command = Command::new(target().join("python/bin/python"));
    command
        .arg("-B")
        .arg(here.join("real_documents/served.py"))
        .env("PYTHONPATH", here.join("control_plane"))
        .env("CONTROL", format!("http://{address}"))
        .env("GATEWAY", gateway.address().to_string())
        .env("DOCUMENTS", target().join("documents"))
        .env("SCHEMATHESIS", target().join("schemathesis/bin/schemathesis"))
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "anybody")
        .env("AWS_SECRET_ACCESS_KEY", "anything")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.expect("no panic").expect("Python runs");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(gateway.stop().await, "it drains");
}
