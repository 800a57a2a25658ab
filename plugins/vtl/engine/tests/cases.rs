//! The tables in `cases/`, one row a rendering: what Velocity 1.7 and the rules of the real service give, byte for byte.
//!
//! The rows were recorded by `plugins/vtl/oracle`; no Java is needed to run them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a table that can't be read fails the test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use portcullis_vtl::aws::Request;
use portcullis_vtl::{Options, Profile, Template};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Rows whose mismatch is printed in full; the rest is counted.
const SHOWN: usize = 200;

#[derive(Deserialize)]
struct Case {
    id: String,
    profile: String,
    template: String,
    #[serde(default)]
    context: Context,
    expected: Expected,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Context {
    body: String,
    params: Params,
    context: Map<String, Value>,
    stage_variables: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Params {
    path: Map<String, Value>,
    querystring: Map<String, Value>,
    header: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Output(String),
    Error(#[expect(dead_code, reason = "always true")] bool),
}

#[test]
fn every_table() {
    let mut mismatches = Vec::new();
    let mut counts = BTreeMap::new();
    for table in tables() {
        let name = table.file_stem().unwrap().to_string_lossy().into_owned();
        let cases = read(&table);
        let found: Vec<String> = cases.iter().filter_map(mismatch).collect();
        counts.insert(name, (cases.len() - found.len(), cases.len()));
        mismatches.extend(found);
    }
    assert!(!counts.is_empty(), "there are no tables");
    assert!(mismatches.is_empty(), "{}", report(&mismatches, &counts));
}

fn tables() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut tables: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    tables.sort();
    tables
}

fn read(table: &Path) -> Vec<Case> {
    let text = fs::read_to_string(table).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}")))
        .collect()
}

fn mismatch(case: &Case) -> Option<String> {
    let got = render(case);
    let agrees = match (&case.expected, &got) {
        (Expected::Output(expected), Ok(text)) => expected == text,
        (Expected::Error(_), Err(_)) => true,
        _ => false,
    };
    if agrees {
        return None;
    }
    let expected = match &case.expected {
        Expected::Output(text) => format!("{text:?}"),
        Expected::Error(_) => "an error".to_owned(),
    };
    let got = got.map_or_else(|error| format!("the error {error}"), |text| format!("{text:?}"));
    Some(format!(
        "{}: {:?}\n  expected {expected}\n  got      {got}",
        case.id, case.template
    ))
}

fn render(case: &Case) -> Result<String, String> {
    let profile = if case.profile == "velocity" {
        Profile::Velocity
    } else {
        Profile::Aws
    };
    let options = Options {
        profile,
        ..Options::default()
    };
    let template = Template::compile(&case.template, &options).map_err(|error| error.to_string())?;
    let rendered = template
        .render(Rc::new(request(&case.context)))
        .map_err(|error| error.to_string())?;
    Ok(rendered.text)
}

fn request(context: &Context) -> Request {
    Request {
        body: context.body.as_str().into(),
        headers: pairs(&context.params.header),
        query: pairs(&context.params.querystring),
        path: pairs(&context.params.path),
        stage_variables: pairs(&context.stage_variables),
        context: Value::Object(context.context.clone()).to_string().into(),
    }
}

fn pairs(map: &Map<String, Value>) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn report(mismatches: &[String], counts: &BTreeMap<String, (usize, usize)>) -> String {
    let mut report = String::from("\n");
    for mismatch in mismatches.iter().take(SHOWN) {
        let _ = writeln!(report, "{mismatch}");
    }
    for (table, (agreeing, all)) in counts {
        let _ = writeln!(report, "{table}: {agreeing} of {all}");
    }
    let _ = writeln!(report, "{} rows disagree", mismatches.len());
    report
}
