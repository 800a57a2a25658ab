//! Export and import are each other's inverse.
#![allow(clippy::indexing_slicing)]

use portcullis_model::{RestApi, generated};
use proptest::prelude::*;
use serde_json::Value;

use check::{VERSIONS, same};

use crate::{ExportOptions, ExportVersion, export, yaml};

pub(super) use check::{comes_back, kept};

#[path = "../../tests/fuzz/check.rs"]
#[allow(dead_code, reason = "the fuzzer's part")]
mod check;

/// Import of the export is the API, and export of that the document.
fn round_trips(api: &RestApi) {
    for version in VERSIONS {
        let options = ExportOptions::whole(version);
        let document = export(api, &options);
        for text in [document.to_string(), yaml(&document).expect("YAML")] {
            let again = kept(&text, &api.id);
            assert!(!again.has_errors(), "{:?}\n{text}", again.problems);
            same(&again.api, api, &text);
            assert_eq!(export(&again.api, &options), document);
        }
    }
}

proptest! {


    #[test]
    fn every_api_comes_back(seed in any::<u64>()) {
        round_trips(&generated(seed));
    }

    /// Whatever a document says in wrong places: it is refused, or an API that comes back.
    #[test]
    fn what_is_wrong_is_refused_or_comes_back(
        seed in any::<u64>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize), 1..4),
        swagger in any::<bool>(),
    ) {
        let version = if swagger { ExportVersion::Swagger } else { ExportVersion::Oas30 };
        let mut document = export(&generated(seed), &ExportOptions::whole(version));
        for (place, kind) in places {
            let count = count(&document);
            replace(&mut document, &mut place.index(count), kind);
        }
        super::read(&document.to_string());
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

/// How many values there are.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(values) => values.iter().map(count).sum(),
        _ => 0,
    }
}

/// Makes something else of the value that is `at` places on.
fn replace(value: &mut Value, at: &mut usize, kind: usize) {
    if *at == 0 {
        *value = match kind {
            0 => Value::Null,
            1 => Value::from(7),
            2 => Value::from("odd"),
            3 => Value::from(vec![Value::from("odd")]),
            4 => serde_json::json!({"odd": 1, "x-odd": [1.50]}),
            5 => serde_json::json!({"$ref": "#/paths"}),
            6 => Value::from(true),
            _ => serde_json::json!({}),
        };
    }
    *at = at.wrapping_sub(1);
    let inner: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(values) => values.iter_mut().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        if *at != usize::MAX {
            replace(value, at, kind);
        }
    }
}
