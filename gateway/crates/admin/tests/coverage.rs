//! Every operation and member of the service, as its description in botocore has them, is carried out or refused by name.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use common::Control;
use portcullis_admin::REFUSED;
use portcullis_admin::standing::{STANDINGS, table};
use serde_json::{Map, Value, json};

const FILE: &str = "botocore/data/apigateway/2015-07-09/service-2.json.gz";
/// Of the second protocol: routing rules are there alone.
const SECOND: &str = "botocore/data/apigatewayv2/2018-11-29/service-2.json.gz";

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).expect("the root").to_owned()
}

/// The descriptions that ship with botocore, as one: `cargo xtask test` installs them.
fn description() -> Value {
    let mut description = read(FILE, "PORTCULLIS_SERVICE_DESCRIPTION");
    let second = read(SECOND, "PORTCULLIS_SECOND_DESCRIPTION");
    for (name, operation) in second["operations"].as_object().expect("operations") {
        if name.contains("RoutingRule") {
            description["operations"][name] = with_names_of(operation);
        }
    }
    for (name, shape) in second["shapes"].as_object().expect("shapes") {
        description["shapes"][format!("2{name}")] = with_names_of(shape);
    }
    description
}

/// The second description with names of its shapes that the first has not, and with members by their names on the wire.
fn with_names_of(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let wire = |name: &str| object["members"][name]["locationName"].clone();
            let entry = |(key, value): (&String, &Value)| {
                let value = match (key.as_str(), value) {
                    ("shape", Value::String(shape)) => json!(format!("2{shape}")),
                    ("members", Value::Object(members)) => {
                        let members = members.iter().map(|(name, member)| {
                            let name = wire(name).as_str().unwrap_or(name).to_owned();
                            (name, with_names_of(member))
                        });
                        members.collect::<Map<String, Value>>().into()
                    }
                    ("required", Value::Array(names)) => {
                        names.iter().filter_map(Value::as_str).map(wire).collect()
                    }
                    (_, value) => with_names_of(value),
                };
                (key.clone(), value)
            };
            object.iter().map(entry).collect::<Map<String, Value>>().into()
        }
        Value::Array(items) => items.iter().map(with_names_of).collect(),
        other => other.clone(),
    }
}

fn read(file: &str, variable: &str) -> Value {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => {
            let python = root().join("target/python");
            installed(&python, file).unwrap_or_else(|| {
                panic!(
                    "{} has no {file}\nhint: `cargo xtask test` installs it; or name a service-2.json by {variable}",
                    python.display()
                )
            })
        }
    };
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("a compressed text");
    } else {
        text = String::from_utf8(bytes).expect("a text");
    }
    serde_json::from_str(&text).expect("JSON")
}

/// `lib/pythonX.Y/site-packages` of a virtual environment.
fn installed(python: &Path, file: &str) -> Option<PathBuf> {
    for library in ["lib", "lib64"] {
        for version in std::fs::read_dir(python.join(library)).ok()?.flatten() {
            let file = version.path().join("site-packages").join(file);
            if file.is_file() {
                return Some(file);
            }
        }
    }
    None
}

struct Service(Value);

/// One member of an input.
struct Input<'s> {
    name: &'s str,
    /// `uri`, `querystring`, `header`, or none for the body.
    location: Option<&'s str>,
    wire: &'s str,
    shape: &'s str,
    required: bool,
}

impl Service {
    fn operations(&self) -> &Map<String, Value> {
        self.0["operations"].as_object().expect("operations")
    }

    fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    fn members<'s>(&'s self, shape: &'s Value) -> Vec<Input<'s>> {
        let required: Vec<&str> = shape["required"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let members = shape["members"].as_object();
        let input = |(name, member): (&'s String, &'s Value)| Input {
            name,
            location: member["location"].as_str(),
            wire: member["locationName"].as_str().unwrap_or(name),
            shape: member["shape"].as_str().expect("a shape"),
            required: required.contains(&name.as_str()),
        };
        members.into_iter().flatten().map(input).collect()
    }

    fn input(&self, operation: &str) -> &Value {
        match self.operations()[operation]["input"]["shape"].as_str() {
            Some(name) => self.shape(name),
            None => &Value::Null,
        }
    }

    /// Values of a shape, each with one member alone at every level, by the way to it.
    fn samples(&self, shape: &str, at: &str, seen: &mut Vec<String>, into: &mut Vec<(String, Value)>) {
        let described = self.shape(shape);
        let mut inner: Vec<(String, Value)> = Vec::new();
        match described["type"].as_str().expect("a type") {
            "structure" if seen.iter().any(|known| known == shape) => {}
            "structure" => {
                seen.push(shape.to_owned());
                for member in self.members(described) {
                    let mut values = Vec::new();
                    self.samples(member.shape, &format!("{at}.{}", member.wire), seen, &mut values);
                    inner.extend(
                        values
                            .into_iter()
                            .map(|(at, value)| (at, json!({ member.wire: value }))),
                    );
                }
                seen.pop();
            }
            "list" => {
                let of = described["member"]["shape"].as_str().expect("a shape");
                self.samples(of, at, seen, &mut inner);
                inner
                    .iter_mut()
                    .for_each(|(_, value)| *value = json!([value.clone()]));
            }
            "map" => {
                let of = described["value"]["shape"].as_str().expect("a shape");
                self.samples(of, at, seen, &mut inner);
                inner
                    .iter_mut()
                    .for_each(|(_, value)| *value = json!({ "k": value.clone() }));
            }
            "boolean" => inner.push((at.to_owned(), json!(true))),
            "integer" | "long" | "double" => inner.push((at.to_owned(), json!(1))),
            _ => inner.push((at.to_owned(), json!(self.text(shape)))),
        }
        into.append(&mut inner);
    }

    /// A text that a shape allows.
    fn text(&self, shape: &str) -> String {
        if shape == "StatusCode" {
            return "200".to_owned();
        }
        let first = self.shape(shape)["enum"].get(0).and_then(Value::as_str);
        first.unwrap_or("x1").to_owned()
    }

    /// A call of an operation without a body: verb and target.
    fn target(&self, operation: &str, api: &str) -> (String, String) {
        let http = &self.operations()[operation]["http"];
        let mut target = http["requestUri"].as_str().expect("a path").to_owned();
        for member in self.members(self.input(operation)) {
            let value = match member.name {
                "restApiId" => api.to_owned(),
                "startDate" | "endDate" => "2026-01-01".to_owned(),
                _ => self.text(member.shape),
            };
            match member.location {
                Some("uri") => target = target.replace(&format!("{{{}}}", member.wire), &value),
                Some("querystring") if member.required => {
                    let join = if target.contains('?') { '&' } else { '?' };
                    target.push_str(&format!("{join}{}={value}", member.wire));
                }
                _ => {}
            }
        }
        (http["method"].as_str().expect("a verb").to_owned(), target)
    }
}

fn refused(operation: &str) -> bool {
    REFUSED.iter().any(|(known, _)| known.name() == operation)
}

#[tokio::test]
async fn every_operation_is_carried_out_or_refused_by_name() {
    let service = Service(description());
    let control = Control::new().await;
    let mut wrong = Vec::new();
    for operation in service.operations().keys() {
        let api = control.api().await;
        let (verb, target) = service.target(operation, &api);
        let answer = control.call(&verb, &target, Value::Null).await;
        let words = answer.refusal().1;
        let by_name = words.starts_with(&format!("{operation} is not supported by Portcullis: "));
        let known = answer.kind != "MissingAuthenticationTokenException"
            && answer.status < 500
            && words != format!("{operation} is not supported by Portcullis")
            && by_name == refused(operation);
        if !known {
            wrong.push(format!("{operation}: {verb} {target}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (operation, _) in REFUSED {
        assert!(
            service.operations().contains_key(&operation.name()),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn every_member_of_a_request_is_known() {
    let service = Service(description());
    let control = Control::new().await;
    let mut wrong = Vec::new();
    for operation in service.operations().keys() {
        let input = service.input(operation);
        if refused(operation) || input.get("payload").is_some() {
            continue;
        }
        let in_body = service
            .members(input)
            .into_iter()
            .filter(|member| member.location.is_none());
        let in_body: Vec<Input<'_>> = in_body.collect();
        let patch = in_body.iter().any(|member| member.name == "patchOperations");
        if in_body.is_empty() || patch {
            continue;
        }
        let (verb, target) = service.target(operation, &control.api().await);
        // That members are looked at before anything else is what makes the rest mean something.
        let nonsense = control.call(&verb, &target, json!({"nonsense": 1})).await;
        if nonsense.refusal() != (400, "Unknown member: nonsense") {
            wrong.push(format!("{operation}: nonsense: {nonsense:?}"));
        }
        for member in in_body {
            let mut samples = Vec::new();
            service.samples(member.shape, member.wire, &mut Vec::new(), &mut samples);
            for (at, value) in samples {
                let body = json!({ member.wire: value });
                let answer = control.call(&verb, &target, body).await;
                if answer.status >= 500 || answer.refusal().1.starts_with("Unknown member") {
                    wrong.push(format!("{operation}: {at}: {answer:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of every operation: identifiers that none is, and bodies that are no requests.
#[tokio::test]
async fn bad_input_is_never_the_servers_fault() {
    let service = Service(description());
    let control = Control::new().await;
    let api = control.api().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let long = "x".repeat(5_000);
    let mut wrong = Vec::new();
    for operation in service.operations().keys() {
        let (verb, target) = service.target(operation, &api);
        let ids = ["%00", "a%2Fb", "%FF", "..", long.as_str()].map(|id| target.replace("x1", id));
        for target in ids.iter().chain([&target]) {
            for body in ["", "{", "[]", "null", "\u{0}", r#"{"name":"\u0000"}"#, &deep] {
                let answer = control.send(&verb, target, body.to_owned()).await;
                if answer.status >= 500 {
                    let target: String = target.chars().take(100).collect();
                    wrong.push(format!("{operation}: {verb} {target} {:.40}: {answer:?}", body));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each text of a request as one that the store cannot have as a key, or that is very long.
#[tokio::test]
async fn odd_texts_are_never_the_servers_fault() {
    let service = Service(description());
    let control = Control::new().await;
    let mut wrong = Vec::new();
    for operation in service.operations().keys() {
        let (verb, target) = service.target(operation, &control.api().await);
        let in_body = service.members(service.input(operation)).into_iter();
        let names: Vec<&str> = in_body
            .filter(|member| member.location.is_none() && member.shape == "String")
            .map(|member| member.wire)
            .collect();
        for odd in [
            "\u{0}abcdefghijklmnopqrstuvwxyz",
            "a/b",
            &"x".repeat(5_000),
            "\u{1F600}",
            " ",
        ] {
            let all: Map<String, Value> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!(odd)))
                .collect();
            let answer = control.call(&verb, &target, Value::Object(all)).await;
            if answer.status >= 500 {
                wrong.push(format!("{operation}: {:.40}: {answer:?}", odd));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The kind that an operation is about, as the table names it.
fn kind(operation: &str, kinds: &BTreeSet<&str>) -> String {
    if operation.starts_with("TestInvoke") {
        return operation.to_owned();
    }
    if ["TagResource", "UntagResource"].contains(&operation) {
        return "Tags".to_owned();
    }
    const VERBS: [&str; 9] = [
        "Create", "Get", "Update", "Delete", "Put", "Import", "Generate", "Reject", "List",
    ];
    let noun = VERBS
        .iter()
        .find_map(|verb| operation.strip_prefix(verb))
        .unwrap_or(operation);
    let single = noun.strip_suffix('s').filter(|single| kinds.contains(single));
    single.unwrap_or(noun).to_owned()
}

/// Members by which lists are paged and documents patched, alike for all kinds.
const COMMON: [&str; 7] = [
    "items",
    "limit",
    "maxResults",
    "nextToken",
    "patchOperations",
    "position",
    "routingRules",
];

#[test]
fn every_member_has_a_standing() {
    let service = Service(description());
    let known: BTreeMap<&str, BTreeSet<&str>> = STANDINGS
        .iter()
        .map(|(kind, members)| (*kind, members.iter().map(|(name, _)| *name).collect()))
        .collect();
    let kinds: BTreeSet<&str> = known.keys().copied().collect();
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (operation, value) in service.operations() {
        for side in ["input", "output"] {
            let Some(shape) = value[side]["shape"].as_str() else {
                continue;
            };
            for member in service.members(service.shape(shape)) {
                if member.location != Some("uri") && !COMMON.contains(&member.name) {
                    let of_kind = described.entry(kind(operation, &kinds)).or_default();
                    of_kind.insert(member.name.to_owned());
                }
            }
        }
    }
    let pairs = |of: &BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
        of.iter()
            .flat_map(|(kind, members)| members.iter().map(move |member| format!("{kind}.{member}")))
            .collect()
    };
    let table: BTreeMap<String, BTreeSet<String>> = known
        .iter()
        .map(|(kind, members)| {
            (
                (*kind).to_owned(),
                members.iter().map(|name| (*name).to_owned()).collect(),
            )
        })
        .collect();
    let (described, table) = (pairs(&described), pairs(&table));
    let missing: Vec<&String> = described.difference(&table).collect();
    let invented: Vec<&String> = table.difference(&described).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing: {missing:?}\ninvented: {invented:?}"
    );
}

/// With PORTCULLIS_GENERATE the page is written anew.
#[test]
fn the_page_has_the_table() {
    const BEGIN: &str = "<!-- members: begin -->\n";
    const END: &str = "<!-- members: end -->";
    let path = root().join("docs/control-plane.md");
    let page = std::fs::read_to_string(&path).expect("docs/control-plane.md");
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (found, after) = rest.split_once(END).expect("where the table ends");
    let expected = format!("\n{}\n", table());
    if std::env::var_os("PORTCULLIS_GENERATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).expect("written");
    } else {
        assert_eq!(
            found, expected,
            "run this test with PORTCULLIS_GENERATE=1 to write the table anew"
        );
    }
}
