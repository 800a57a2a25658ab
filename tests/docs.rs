//! The documentation, held to the code: links, the map, the configuration's keys, metrics and errors.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portcullis::clock::SystemClock;
use portcullis::observe::metrics::RESPONSE_TYPES;
use portcullis::observe::text::{self, LoadedPlugins};
use portcullis::proxy::{Blame, Gateway, Refusal, ResponseType};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a directory of the repository whose names end so, relative to the root; nothing hidden or built.
fn files(directory: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![PathBuf::from(directory)];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(root().join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = directory.join(&name);
            if name.starts_with('.') || name == "target" || name == "node_modules" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{extension} below {directory}");
    found
}

/// A document's lines without its fenced code.
fn prose(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let visible = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    visible.collect()
}

/// The targets of a document's inline links and link definitions.
fn links(text: &str) -> Vec<&str> {
    let mut links = Vec::new();
    for line in prose(text) {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else {
                break;
            };
            links.push(target);
            rest = after;
        }
        if let Some((_, target)) = line
            .strip_prefix('[')
            .and_then(|definition| definition.split_once("]: "))
        {
            links.push(target.trim());
        }
    }
    links
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text)
        .into_iter()
        .filter_map(|line| Some(line.strip_prefix('#')?.trim_start_matches('#').trim()));
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let anchor = |heading: &str| {
        let text: String = heading.to_lowercase().chars().filter(kept).collect();
        text.replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn relative_links_resolve() {
    let mut wrong = Vec::new();
    for file in files(".", "md") {
        let text = read(&file);
        for link in links(&text) {
            if link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => file.clone(),
                path => file.parent().unwrap().join(path),
            };
            if !root().join(&target).exists() {
                wrong.push(format!("{}: {link} leads to nothing", file.display()));
            } else if !anchor.is_empty()
                && target.extension().is_some_and(|extension| extension == "md")
                && !anchors(&read(&target)).contains(anchor)
            {
                wrong.push(format!("{}: {link} names no heading", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_architecture_names_every_crate_and_every_file_of_the_request_path() {
    let text = read("ARCHITECTURE.md");
    let mut missing = Vec::new();
    for file in files("gateway/src/proxy", "rs") {
        let name = file.strip_prefix("gateway/src").unwrap().display().to_string();
        if !text.contains(&format!("[{name}](gateway/src/{name})")) {
            missing.push(name);
        }
    }
    for entry in std::fs::read_dir(root().join("gateway/crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !text.contains(&format!("`gateway/crates/{name}`")) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}

/// The keys of a schema by their path, with the default where it is no table or list: `plugins.*.limits.cpu_ms`.
fn keys(schema: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    collect(schema, schema, "", &mut keys);
    keys
}

fn collect(root: &Value, node: &Value, at: &str, keys: &mut BTreeMap<String, BTreeSet<String>>) {
    if let Some(name) = node["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        collect(root, target, at, keys);
    }
    for alternatives in ["oneOf", "anyOf", "allOf"] {
        for alternative in node[alternatives].as_array().into_iter().flatten() {
            collect(root, alternative, at, keys);
        }
    }
    let required: Vec<&str> = node["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        let path = if at.is_empty() {
            name.clone()
        } else {
            format!("{at}.{name}")
        };
        let defaults = keys.entry(path.clone()).or_default();
        match property.get("default") {
            _ if required.contains(&name.as_str()) => drop(defaults.insert("*required*".to_owned())),
            Some(Value::Null) => drop(defaults.insert("*none*".to_owned())),
            Some(Value::Object(table)) if !table.is_empty() => {}
            Some(value) => drop(defaults.insert(format!("`{value}`"))),
            None => {}
        }
        collect(root, property, &path, keys);
    }
    if node["items"].is_object() {
        collect(root, &node["items"], &format!("{at}[]"), keys);
    }
    if node["additionalProperties"].is_object() {
        collect(root, &node["additionalProperties"], &format!("{at}.*"), keys);
    }
}

/// The rows of the reference: a key's path, with `*` for names, and the default that it tells.
fn rows(text: &str) -> BTreeMap<String, String> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let key = cells.next()?.trim_end_matches('`');
        let default = cells.nth(1)?;
        let names = |part: &str| {
            if matches!(part, "NAME" | "ID") {
                "*".to_owned()
            } else {
                part.to_owned()
            }
        };
        let path: Vec<String> = key.split('.').map(names).collect();
        Some((path.join("."), default.trim().to_owned()))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_references_have_every_key_with_its_default() {
    has_every_key("docs/configuration.md", &portcullis::config::schema());
    has_every_key("docs/edge.md", &portcullis::edge::schema());
}

fn has_every_key(page: &str, schema: &Value) {
    let text = read(page);
    let (keys, rows) = (keys(schema), rows(&text));
    let mut wrong = Vec::new();
    for (key, defaults) in &keys {
        match rows.get(key) {
            None => wrong.push(format!("`{key}` is not documented")),
            Some(told) if defaults.is_empty() || defaults.contains(told) => {}
            Some(told) => wrong.push(format!("the default of `{key}` is {defaults:?}, not {told}")),
        }
    }
    let top: BTreeSet<&str> = keys
        .keys()
        .filter_map(|key| key.split(['.', '[']).next())
        .collect();
    for row in rows.keys() {
        if row.split(['.', '[']).next().is_some_and(|key| top.contains(key)) && !keys.contains_key(row) {
            wrong.push(format!("`{row}` is documented, but there is no such key"));
        }
    }
    assert!(wrong.is_empty(), "{page}:\n{}", wrong.join("\n"));
}

#[test]
fn the_errors_page_has_every_refusal() {
    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:shop/prod/GET/pets";
    let text = read("docs/errors.md");
    let refusals = [
        Refusal::unknown_stage(),
        Refusal::misdirected(),
        Refusal::unknown_method(),
        Refusal::filtered(),
        Refusal::unauthorized(),
        Refusal::expired(),
        Refusal::denied(),
        Refusal::not_allowed(),
        Refusal::not_authorized("anonymous", ARN, false),
        Refusal::not_authorized("anonymous", ARN, true),
        Refusal::unauthenticated(
            ResponseType::InvalidSignature,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        Refusal::authorizer_failure(Blame::Plugin),
        Refusal::authorizer_configuration(),
        Refusal::bad_request(r#"{"message": "Incomplete request body"}"#),
        Refusal::bad_request(r#"{"message": "Invalid path"}"#),
        Refusal::bad_request(r#"{"message": "Invalid header value"}"#),
        Refusal::bad_request(r#"{"message": "Bad Request"}"#),
        Refusal::missing_parameters(&["x-h", "q"]),
        Refusal::invalid_body(&[]),
        Refusal::invalid_json(),
        Refusal::unsupported_media_type(),
        Refusal::configuration(Blame::Gateway),
        Refusal::too_large(),
        Refusal::timed_out(Blame::Upstream),
        Refusal::unreachable(),
        Refusal::connection_lost(),
        Refusal::integration_failure(Blame::Upstream),
        Refusal::filter_failure(),
        Refusal::overloaded(),
    ];
    for refusal in refusals {
        let kind = refusal
            .response_type
            .map_or("none".to_owned(), |kind| format!("`{}`", kind.name()));
        let end = format!("`{}` | {} | {kind} |", refusal.body, refusal.error_type);
        let status = refusal.status.as_str();
        let row = |line: &&str| line.ends_with(&end) && line.contains(&format!(" | {status}"));
        assert!(
            text.lines().any(|line| row(&line)),
            "docs/errors.md has no row for {status} … {end}"
        );
    }
    for kind in RESPONSE_TYPES {
        let row = format!("| `{}` | ", kind.name());
        assert!(
            text.lines().any(|line| line.starts_with(&row)),
            "docs/errors.md: {}",
            kind.name()
        );
    }
}

#[test]
fn the_operations_page_has_every_metric() {
    let page = read("docs/operations.md");
    let written = text::write(&Gateway::new(SystemClock::shared()), &LoadedPlugins::default()).unwrap();
    let families: Vec<(&str, &str)> = written
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .collect();
    assert!(families.len() > 10, "{written}");
    for (name, kind) in families {
        let name = match kind {
            "counter" => format!("`{name}_total`"),
            _ => format!("`{name}`"),
        };
        assert!(page.contains(&name), "docs/operations.md: {name}");
    }
    // And no other: their names are stable, so one that goes is a change of what was promised.
    for row in page
        .lines()
        .filter(|line| line.starts_with("| `portcullis_") || line.starts_with("| `apigateway_"))
    {
        let name = row.split('`').nth(1).unwrap();
        let family = format!("# TYPE {} ", name.trim_end_matches("_total"));
        assert!(
            written.contains(&family),
            "docs/operations.md: there is no {name}"
        );
    }
}

#[test]
fn security_names_tests_that_exist() {
    let page = read("SECURITY.md");
    let named: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | "))
        .flat_map(|(_, last)| last.split('`').skip(1).step_by(2))
        .filter(|name| !name.contains([' ', '.']))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        let (suite, test) = name
            .split_once("::")
            .map_or((name, None), |(suite, test)| (suite, Some(test)));
        let of_suite = |path: &PathBuf| {
            let path = path.strip_prefix("tests").unwrap().with_extension("");
            path.components().next().unwrap().as_os_str() == suite
        };
        let texts: String = files("tests", "rs")
            .iter()
            .filter(|path| of_suite(path))
            .map(read)
            .collect();
        assert!(!texts.is_empty(), "SECURITY.md: there is no suite {suite}");
        if let Some(test) = test {
            assert!(
                texts.contains(&format!("fn {test}(")),
                "SECURITY.md: there is no test {name}"
            );
        }
    }
}
