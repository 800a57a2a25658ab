use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::{Document, Format, schema};

/// The shapes that configuration structs use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Config {
    /// A list with a default.
    #[serde(default)]
    listeners: Vec<Listener>,
    /// A map.
    #[serde(default)]
    apis: BTreeMap<String, Api>,
    log: Option<Log>,
    free: Option<serde_json::Value>,
    pair: Option<(u8, String)>,
    names: Option<std::collections::BTreeSet<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code)]
struct Listener {
    address: std::net::SocketAddr,
    port: u16,
    #[serde(default)]
    max_connections: Option<std::num::NonZeroU32>,
    rate: Option<f64>,
    default_api: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Api {
    source: Source,
    /// One or many.
    hosts: Option<OneOrMany>,
    on_error: Option<OnError>,
    route: Option<Vec<Target>>,
    grant: Option<Grant>,
}

/// Internally tagged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
#[allow(dead_code)]
enum Source {
    File { path: String },
    Inline { routes: u32 },
    Empty,
}

/// Internally tagged around structs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code)]
enum Target {
    Http(Http),
    Mock(Mock),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Http {
    uri: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Mock {
    status: u16,
}

/// Externally tagged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Grant {
    All,
    Hosts(Vec<String>),
    Env { names: Vec<String> },
}

/// Untagged.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Documented variants are a `oneOf` of `const`s.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum OnError {
    /// The request fails.
    Fail,
    /// The plugin is passed over.
    Skip,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Log {
    Human,
    Json,
}

fn problems(text: &str) -> Vec<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Config)).expect("a schema");
    let document = Document::parse("f", text, Format::Toml).expect("right");
    let found: Vec<String> = schema::check(&document, &schema)
        .iter()
        .map(|problem| {
            format!(
                "{} {}",
                problem.pointer,
                problem.to_string().replacen("f:", "", 1)
            )
        })
        .collect();
    // What passes is what serde takes.
    let read = serde_json::from_value::<Config>(document.to_json());
    if found.is_empty() {
        assert!(
            read.is_ok(),
            "serde refuses what the schema takes: {read:?}\n{text}"
        );
    } else {
        assert!(
            read.is_err(),
            "serde takes what the schema refuses: {found:?}\n{text}"
        );
    }
    found
}

#[test]
fn takes_what_is_right() {
    let text = r#"
log = "json"
free = { anything = [1, "x"] }
pair = [1, "x"]
names = ["a", "b"]
[[listeners]]
address = "127.0.0.1:80"
port = 80
max-connections = 5
rate = 1
[apis.one]
source = { type = "file", path = "x" }
hosts = "a"
on_error = "skip"
grant = "all"
[apis.two]
source = { type = "inline", routes = 3 }
hosts = ["a"]
route = [{ kind = "http", uri = "x" }, { kind = "mock", status = 200 }]
grant = { env = { names = ["A"] } }
[apis.three]
source.type = "empty"
grant = { hosts = ["h"] }
"#;
    assert_eq!(problems(text), Vec::<String>::new());
    assert_eq!(problems(""), Vec::<String>::new());
}

#[test]
fn reports_what_is_wrong() {
    let rows: [(&str, &str, &[&str]); 24] = [
        (
            "unknown key",
            "listners = []",
            &["/listners 1:1: error: unknown key \"listners\"\n  hint: did you mean \"listeners\"?"],
        ),
        (
            "unknown key like nothing",
            "completely = 1",
            &[
                "/completely 1:1: error: unknown key \"completely\"\n  hint: the keys here are apis, free, listeners, log, names, pair",
            ],
        ),
        (
            "wrong type",
            "listeners = 3",
            &["/listeners 1:13: error: expected an array, found the number 3"],
        ),
        (
            "wrong type of a table",
            "apis = \"x\"",
            &["/apis 1:8: error: expected a table, found the string \"x\""],
        ),
        (
            "table for a value",
            "log = {}",
            &["/log 1:7: error: expected a string, found a table"],
        ),
        (
            "wrong choice",
            "log = \"jsno\"",
            &[
                "/log 1:7: error: expected \"human\" or \"json\", found the string \"jsno\"\n  hint: did you mean \"json\"?",
            ],
        ),
        (
            "missing keys",
            "[[listeners]]\nport = 1",
            &["/listeners/0 1:1: error: missing required key \"address\""],
        ),
        (
            "number that is too large",
            "[[listeners]]\naddress = \"127.0.0.1:1\"\nport = 65536",
            &[
                "/listeners/0/port 3:8: error: expected a number that is at most 65535, found the number 65536",
            ],
        ),
        (
            "number that is too small",
            "[[listeners]]\naddress = \"127.0.0.1:1\"\nport = -1\nmax-connections = 0",
            &[
                "/listeners/0/port 3:8: error: expected a number that is at least 0, found the number -1",
                "/listeners/0/max-connections 4:19: error: expected a number that is at least 1, found the number 0",
            ],
        ),
        (
            "fraction for a whole number",
            "[[listeners]]\naddress = \"127.0.0.1:1\"\nport = 1.5\nrate = \"x\"",
            &[
                "/listeners/0/port 3:8: error: expected a whole number, found the number 1.5",
                "/listeners/0/rate 4:8: error: expected a number, found the string \"x\"",
            ],
        ),
        (
            "option",
            "[[listeners]]\naddress = \"127.0.0.1:1\"\nport = 1\ndefault-api = true",
            &["/listeners/0/default-api 4:15: error: expected a string, found true"],
        ),
        (
            "several at once",
            "x = 1\n[[listeners]]\nadress = 1\nport = \"80\"",
            &[
                "/x 1:1: error: unknown key \"x\"\n  hint: the keys here are apis, free, listeners, log, names, pair",
                "/listeners/0 2:1: error: missing required key \"address\"",
                "/listeners/0/adress 3:1: error: unknown key \"adress\"\n  hint: did you mean \"address\"?",
                "/listeners/0/port 4:8: error: expected a whole number, found the string \"80\"",
            ],
        ),
        (
            "no tag",
            "[apis.a.source]\npath = \"x\"",
            &[
                "/apis/a/source 1:1: error: missing required key \"type\", which is \"file\", \"inline\" or \"empty\"",
            ],
        ),
        (
            "wrong tag",
            "apis.a.source.type = \"fil\"",
            &[
                "/apis/a/source/type 1:22: error: expected \"file\", \"inline\" or \"empty\", found the string \"fil\"\n  hint: did you mean \"file\"?",
            ],
        ),
        (
            "within the branch of the tag",
            "apis.a.source = { type = \"file\", routes = 1 }",
            &[
                "/apis/a/source 1:17: error: missing required key \"path\"",
                "/apis/a/source/routes 1:34: error: unknown key \"routes\"\n  hint: the keys here are path, type",
            ],
        ),
        (
            "no object for a tag",
            "apis.a.source = \"x\"",
            &["/apis/a/source 1:17: error: expected a table, found the string \"x\""],
        ),
        (
            "through a reference of a branch",
            "apis.a = { source = {type = \"empty\"}, route = [{ kind = \"http\", uri = 1 }, { kind = \"mock\" }] }",
            &[
                "/apis/a/route/0/uri 1:71: error: expected a string, found the number 1",
                "/apis/a/route/1 1:76: error: missing required key \"status\"",
            ],
        ),
        (
            "untagged",
            "apis.a = { source = {type = \"empty\"}, hosts = 1 }",
            &["/apis/a/hosts 1:47: error: expected a string or an array, found the number 1"],
        ),
        (
            "within an untagged branch",
            "apis.a = { source = {type = \"empty\"}, hosts = [1] }",
            &["/apis/a/hosts/0 1:48: error: expected a string, found the number 1"],
        ),
        (
            "documented choice",
            "apis.a = { source = {type = \"empty\"}, on_error = \"skp\" }",
            &[
                "/apis/a/on_error 1:50: error: expected \"fail\" or \"skip\", found the string \"skp\"\n  hint: did you mean \"skip\"?",
            ],
        ),
        (
            "externally tagged, wrong value",
            "apis.a = { source = {type = \"empty\"}, grant = \"al\" }",
            &[
                "/apis/a/grant 1:47: error: expected \"all\", found the string \"al\"\n  hint: did you mean \"all\"?",
            ],
        ),
        (
            "externally tagged, unknown key",
            "apis.a = { source = {type = \"empty\"}, grant = { host = [] } }",
            &["/apis/a/grant 1:47: error: expected one of the keys \"hosts\" or \"env\""],
        ),
        (
            "externally tagged, within",
            "apis.a = { source = {type = \"empty\"}, grant = { env = {} } }",
            &["/apis/a/grant/env 1:55: error: missing required key \"names\""],
        ),
        (
            "tuple and set",
            "pair = [300, 1, 2]\nnames = [\"a\", 2]",
            &[
                "/pair 1:8: error: expected at most 2 elements, found 3",
                "/pair/0 1:9: error: expected a number that is at most 255, found the number 300",
                "/pair/1 1:14: error: expected a string, found the number 1",
                "/names/1 2:15: error: expected a string, found the number 2",
            ],
        ),
    ];
    for (name, text, expected) in rows {
        assert_eq!(problems(text), expected, "{name}");
    }
}

#[test]
fn a_keyword_that_is_not_checked_is_an_error() {
    let document = Document::parse("f", "a: x", Format::Yaml).expect("right");
    let check = |schema| -> Vec<String> {
        schema::check(&document, &schema)
            .iter()
            .map(|problem| problem.message.clone())
            .collect()
    };
    let known = json!({"title": "t", "type": "object", "properties": {"a": {"format": "uri", "x-note": 1, "examples": [1]}}});
    assert_eq!(check(known), Vec::<String>::new());
    let unknown = json!({"properties": {"a": {"pattern": "y"}}});
    assert_eq!(
        check(unknown),
        ["the schema's keyword \"pattern\" is not one that is checked"]
    );
    assert_eq!(
        check(json!({"$ref": "#/$defs/None"})),
        ["the schema has no \"#/$defs/None\""]
    );
    assert_eq!(check(json!({"$ref": "#"})), ["the schema leads in a circle"]);
    assert_eq!(
        check(json!({"properties": {"a": false}})),
        ["nothing is allowed here"]
    );
    assert_eq!(
        check(json!({"additionalProperties": {"minLength": 2}})),
        ["expected at least 2 characters, found 1"]
    );
    assert_eq!(
        check(json!({"minProperties": 2})),
        ["expected at least 2 keys, found 1"]
    );
}
