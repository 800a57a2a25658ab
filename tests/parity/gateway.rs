//! One gateway for all cases.

use std::net::SocketAddr;

use portcullis::node::{Node, Options};
use portcullis_testkit::Files;
use toml::{Table, Value};

use crate::Failures;
use crate::backend::Backend;
use crate::case::Case;

/// A gateway that runs, with its files.
#[derive(Debug)]
pub(crate) struct Started {
    _files: Files,
    _node: Node,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Starts a gateway with the API of every case. A case whose API it does not take becomes a failure and is left out.
pub(crate) async fn start(cases: &mut Vec<(Case, Backend)>, failures: &mut Failures) -> Option<Started> {
    let files = Files::default();
    while !cases.is_empty() {
        for (case, _) in cases.iter() {
            if let Some(openapi) = &case.openapi {
                files.write(&format!("{}.yaml", case.id), openapi);
            }
        }
        let config = config(cases.iter().map(|(case, _)| case));
        let path = files.write("gateway.toml", config.to_string());
        match Node::start(path, Options::default()).await {
            Ok((node, _)) => {
                let address = *node.addresses().first().expect("a listener");
                return Some(Started {
                    _files: files,
                    _node: node,
                    address,
                });
            }
            Err(problems) => {
                let before = cases.len();
                for problem in &problems {
                    let text = problem.to_string();
                    if text.contains(": warning: ") {
                        continue;
                    }
                    let mine = |case: &Case| is_about(case, &problem.file, &problem.pointer);
                    for (case, _) in cases.iter().filter(|(case, _)| mine(case)) {
                        failures.entry(case.file.clone()).or_default().push(text.clone());
                    }
                }
                cases.retain(|(case, _)| !failures.contains_key(&case.file));
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                assert!(
                    cases.len() < before,
                    "the gateway does not start, and no case is to blame:\n{}",
                    told.join("\n")
                );
            }
        }
    }
    None
}

/// Whether a problem there is about what the case brought.
fn is_about(case: &Case, file: &str, pointer: &str) -> bool {
    let document = format!("{}.yaml", case.id);
    let below = |place: String| {
        let rest = pointer.strip_prefix(&place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let brought = case.gateway.iter().flat_map(|(table, entries)| {
        let names = entries.as_table().into_iter().flat_map(Table::keys);
        names.map(move |name| format!("/{table}/{name}"))
    });
    file.rsplit('/').next() == Some(&document)
        || below(format!("/apis/{}", case.id))
        || brought.into_iter().any(below)
}

fn config<'a>(cases: impl Iterator<Item = &'a Case>) -> Table {
    let mut apis = Table::new();
    let mut config = Table::new();
    for case in cases {
        let mut api = case.api.clone();
        if case.openapi.is_some() {
            api.insert("openapi".into(), Value::String(format!("{}.yaml", case.id)));
        }
        let stages = Table::from_iter([(case.stage_name.clone(), Value::Table(case.stage.clone()))]);
        api.insert("stages".into(), Value::Table(stages));
        apis.insert(case.id.clone(), Value::Table(api));
        for (name, entries) in &case.gateway {
            let known = config.entry(name).or_insert_with(|| Value::Table(Table::new()));
            let (known, entries) = (known.as_table_mut(), entries.as_table());
            let (known, entries) = known.zip(entries).expect("tables");
            let twice = entries.keys().find(|entry| known.contains_key(*entry));
            assert!(twice.is_none(), "two cases have a [gateway.{name}.{twice:?}]");
            known.extend(entries.clone());
        }
    }
    let listener = Table::from_iter([("address".to_owned(), Value::String("127.0.0.1:0".into()))]);
    config.insert("listeners".into(), Value::Array(vec![Value::Table(listener)]));
    config.insert("apis".into(), Value::Table(apis));
    config
}
