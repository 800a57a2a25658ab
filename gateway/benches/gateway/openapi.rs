//! Import and export of a large OpenAPI document.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use portcullis_document::{Document, Format};
use portcullis_openapi::{ExportOptions, ExportVersion, ImportOptions, export, import, yaml};

const PATHS: usize = 2_000;
const BYTES: usize = 5_400_000;
const ROUNDS: usize = 5;

pub(crate) fn run() {
    let json = document();
    let api = kept(&json, Format::Json).0;
    let whole = ExportOptions::whole(ExportVersion::Oas30);
    let exported = export(&api, &whole);
    let text = yaml(&exported).unwrap();
    println!(
        "{PATHS} paths in {} bytes of JSON, exported as {} of YAML",
        json.len(),
        text.len()
    );
    for (name, text, format) in [("JSON", &json, Format::Json), ("YAML", &text, Format::Yaml)] {
        forget_peak();
        let before = peak();
        let mut times: Vec<Duration> = (0..ROUNDS).map(|_| kept(text, format).1).collect();
        times.sort();
        println!(
            "import of {name}: {:?} (median of {ROUNDS}), {} MiB more at the most",
            times[ROUNDS / 2],
            (peak() - before) >> 20
        );
    }
    let begun = Instant::now();
    let bytes = export(&api, &whole).to_string().len();
    println!("export: {:?} for {bytes} bytes of JSON", begun.elapsed());
}

fn kept(text: &str, format: Format) -> (portcullis_model::RestApi, Duration) {
    let begun = Instant::now();
    let document = Document::parse("large", text, format).unwrap();
    let imported = import(&document, &ImportOptions::keep("large"));
    assert!(!imported.has_errors(), "{:?}", imported.problems.first());
    (imported.api, begun.elapsed())
}

/// Each path with a variable, two methods, a template, models and what is said for people.
fn document() -> String {
    let mut text =
        r#"{"openapi": "3.0.1", "info": {"title": "large", "version": "1"}, "paths": {"#.to_owned();
    let integration = |index: usize| {
        format!(
            r#"{{"type": "http", "httpMethod": "POST", "uri": "https://backend.example.com/r{index}/{{id}}", "passthroughBehavior": "when_no_templates",
            "requestParameters": {{"integration.request.path.id": "method.request.path.id", "integration.request.header.X-Trace": "context.requestId"}},
            "requestTemplates": {{"application/json": "{{\"id\": \"$input.params('id')\", \"body\": $input.json('$')}}"}},
            "responses": {{"default": {{"statusCode": "200", "responseParameters": {{"method.response.header.X-A": "integration.response.header.A"}}}}, "4\\d{{2}}": {{"statusCode": "400"}}}}}}"#
        )
    };
    let operation = |verb: &str, index: usize| {
        format!(
            r##""{verb}": {{"operationId": "{verb}{index}", "summary": "Does {verb}", "description": "{}", "tags": ["t{}"],
            "parameters": [{{"name": "q", "in": "query", "description": "what is looked for", "schema": {{"type": "integer"}}}}],
            "requestBody": {{"content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/M{index}"}}}}}}}},
            "responses": {{"200": {{"description": "it is done", "headers": {{"X-A": {{"schema": {{"type": "string"}}}}}}, "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/M{index}"}}}}}}}}, "400": {{"description": "it is not"}}}},
            "x-amazon-apigateway-integration": {}}}"##,
            "words ".repeat(20),
            index % 50,
            integration(index)
        )
    };
    for index in 0..PATHS {
        let comma = if index == 0 { "" } else { "," };
        let parameters =
            r#""parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]"#;
        write!(
            text,
            r#"{comma}"/r{index}/{{id}}": {{{parameters}, {}"#,
            operation("get", index)
        )
        .unwrap();
        // As much as the document is to have.
        if text.len() < (BYTES - 600 * PATHS) * (index + 1) / PATHS {
            write!(text, ", {}", operation("put", index)).unwrap();
        }
        text.push('}');
    }
    text.push_str(r#"}, "components": {"schemas": {"#);
    for index in 0..PATHS {
        let comma = if index == 0 { "" } else { "," };
        let other = (index + 1) % PATHS;
        write!(
            text,
            r##"{comma}"M{index}": {{"type": "object", "required": ["id"], "properties": {{"id": {{"type": "string", "maxLength": 40}}, "count": {{"type": "integer", "minimum": 0}}, "next": {{"$ref": "#/components/schemas/M{other}"}}, "tags": {{"type": "array", "items": {{"type": "string"}}}}}}, "description": "{}"}}"##,
            "words ".repeat(30)
        )
        .unwrap();
    }
    text.push_str("}}}");
    text
}

/// Lets the greatest resident size begin anew.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The greatest resident size, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}
