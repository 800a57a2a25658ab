//! What import and export promise of every text.

use portcullis_document::{Document, Format};
use portcullis_model::RestApi;
use portcullis_openapi::{ExportOptions, ExportVersion, ImportOptions, Imported, export, import};
use serde_json::Value;

/// The versions that are written.
pub(crate) const VERSIONS: [ExportVersion; 2] = [ExportVersion::Oas30, ExportVersion::Swagger];

/// Documents that are longer are not read.
const LONGEST: usize = 8 << 20;

/// Reads a text as an API that is served and as one that is kept. Nothing panics, every problem has its place, and what
/// is kept without an error comes back from its exports.
pub(crate) fn check(text: &str) {
    let Ok(document) = Document::parse("fuzz", text, Format::detect(text)) else {
        return;
    };
    for options in [ImportOptions::serve("shop"), ImportOptions::keep("shop")] {
        let imported = import(&document, &options);
        let placed = imported.problems.iter().all(|problem| problem.position.is_some());
        assert!(placed, "a problem without its place: {:?}", imported.problems);
    }
    comes_back(text);
}

/// Reads a text that is a document as an API that is kept.
pub(crate) fn kept(text: &str, id: &str) -> Imported {
    let document = Document::parse("api", text, Format::detect(text)).expect("a right text");
    import(&document, &ImportOptions::keep(id))
}

/// What a document is as an API that is kept comes back from every export of it.
pub(crate) fn comes_back(text: &str) {
    let first = kept(text, "shop");
    if first.has_errors() {
        return;
    }
    for version in VERSIONS {
        let options = ExportOptions::whole(version);
        let document = export(&first.api, &options);
        let written = document.to_string();
        // What references lead to is written for each of them.
        if written.len() > LONGEST {
            continue;
        }
        let again = kept(&written, "shop");
        assert!(!again.has_errors(), "{:?}\n{text}\n{written}", again.problems);
        same(&again.api, &first.api, &format!("{text}\n{written}"));
        assert_eq!(export(&again.api, &options), document, "{text}");
    }
}

/// Says where two APIs differ, and shows the document between them.
pub(crate) fn same(one: &RestApi, other: &RestApi, text: &str) {
    let value = |api: &RestApi| serde_json::to_value(api.clone().without_places()).expect("plain data");
    if let Some(difference) = difference(&value(one), &value(other), "") {
        panic!("{difference}\n{text}");
    }
}

fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => one
            .iter()
            .find_map(|(key, value)| difference(value, other.get(key)?, &format!("{at}/{key}"))),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| difference(one, other, &format!("{at}/{index}")))
        }
        _ => (one != other).then(|| format!("{at}: {one} is not {other}")),
    }
}
