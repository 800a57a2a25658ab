//! Export and import are each other's inverse.
#![allow(clippy::indexing_slicing)]

use portcullis_document::{Document, Format};
use portcullis_model::{RestApi, generated};
use proptest::prelude::*;
use serde_json::Value;

use crate::{ExportOptions, ExportVersion, ImportOptions, Imported, export, import, yaml};

const VERSIONS: [ExportVersion; 2] = [ExportVersion::Oas30, ExportVersion::Swagger];

pub(super) fn kept(text: &str, id: &str) -> Imported {
    let document = Document::parse("api", text, Format::detect(text)).expect("a right text");
    import(&document, &ImportOptions::keep(id))
}

fn errors(imported: &Imported) -> Vec<String> {
    let errors = imported.problems.iter().filter(|problem| problem.is_error());
    errors.map(ToString::to_string).collect()
}

/// Import of the export is the API, and export of that the document.
fn round_trips(api: &RestApi) {
    for version in VERSIONS {
        let options = ExportOptions::whole(version);
        let document = export(api, &options);
        for text in [document.to_string(), yaml(&document).expect("YAML")] {
            let again = kept(&text, &api.id);
            assert_eq!(errors(&again), Vec::<String>::new(), "{text}");
            same(&again.api, api, &text);
            assert_eq!(export(&again.api, &options), document);
        }
    }
}

/// What a document is as an API that is kept comes back from every export of it.
pub(super) fn comes_back(text: &str) {
    let first = kept(text, "shop");
    if first.has_errors() {
        return;
    }
    for version in VERSIONS {
        let options = ExportOptions::whole(version);
        let document = export(&first.api, &options);
        // What references lead to is written for each of them.
        if document.to_string().len() > 8 << 20 {
            continue;
        }
        let again = kept(&document.to_string(), "shop");
        assert_eq!(errors(&again), Vec::<String>::new(), "{text}\n{document}");
        same(&again.api, &first.api, &format!("{text}\n{document}"));
        assert_eq!(export(&again.api, &options), document, "{text}");
    }
}

/// Says where two APIs differ, and shows the document between them.
fn same(one: &RestApi, other: &RestApi, text: &str) {
    let value = |api: &RestApi| serde_json::to_value(api.clone().without_places()).expect("plain data");
    if let Some(difference) = difference(&value(one), &value(other), "") {
        panic!("{difference}\n{text}");
    }
}

fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .find_map(|(key, value)| difference(value, &other[key], &format!("{at}/{key}"))),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| difference(one, other, &format!("{at}/{index}")))
        }
        _ => (one != other).then(|| format!("{at}: {one} is not {other}")),
    }
}

proptest! {


    #[test]
    fn every_api_comes_back(seed in any::<u64>()) {
        round_trips(&generated(seed));
    }
}

#[test]
fn examples_come_back() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../examples");
    let mut found = 0;
    let mut directories = vec![std::path::PathBuf::from(directory)];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules") {
                directories.push(path);
            } else if name.ends_with(".yaml") || name.ends_with(".json") {
                let text = std::fs::read_to_string(&path).expect("a text");
                if text.contains("openapi") || text.contains("swagger") {
                    comes_back(&text);
                    found += 1;
                }
            }
        }
    }
    assert!(found > 0, "no example has a document");
}
