//! A component that componentize-js makes of JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_testkit::{Files, Running};
use serde_json::Value;

/// Of WASI, for which componentize-js is made.
const VERSION: &str = "0.2.10";

/// WASI's description of itself, which the crate `wasip2` has: a folder.
fn description() -> PathBuf {
    let guests = here().join("guests/Cargo.toml");
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(guests)
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let found = packages.iter().find(|package| package["name"] == "wasip2");
    let manifest = found.expect("the crate wasip2")["manifest_path"]
        .as_str()
        .expect("a path");
    Path::new(manifest).with_file_name("wit").join("deps")
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Makes the component, as its own documentation says.
fn component(files: &Files) -> PathBuf {
    let program = here().join("../target/componentize-js/node_modules/.bin/componentize-js");
    fs::create_dir_all(files.path("wit/deps")).expect("a folder");
    assert!(program.exists(), "`cargo xtask test` installs componentize-js");
    let world = format!("package test:app;\nworld app {{ export wasi:http/incoming-handler@{VERSION}; }}\n");
    fs::write(files.path("wit/app.wit"), world).expect("a file");
    for part in fs::read_dir(description()).expect("a folder") {
        let part = part.expect("a file").path();
        let text = fs::read_to_string(&part).expect("text");
        // The crate is of a later release, which only adds to it.
        let version = text
            .split_once('@')
            .and_then(|(_, rest)| rest.split_once(';'))
            .expect("a version")
            .0
            .to_owned();
        let name = part
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let to = files.path(&format!("wit/deps/{name}"));
        fs::write(to, text.replace(&version, VERSION)).expect("a file");
    }
    let out = files.path("javascript.wasm");
    let made = Command::new(program)
        .arg(here().join("standard/javascript.js"))
        .arg("--wit")
        .arg(files.path("wit"))
        .args(["-n", "app", "-o"])
        .arg(&out)
        .output()
        .expect("componentize-js");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    out
}

#[tokio::test]
async fn javascript_answers() {
    let files = Files::default();
    component(&files);
    let toml = r#"
        {listener api}
        [plugins.javascript]
        file = "javascript.wasm"
        limits = { cpu_ms = 1000, memory_mib = 128 }
        [apis.api.stages.dev]
        [[apis.api.routes]]
        path = "/{proxy+}"
        integration = { type = "plugin", plugin = "javascript" }
    "#;
    let gateway = Running::start(toml, files).await;
    assert_eq!(gateway.get("/dev/pets/7", &[]).await.text(), "hello from /pets/7");
    let answer = gateway.send("POST", "/dev/echo", &[], b"a body").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (201, "a body"));
    assert_eq!(answer.header("x-made-by"), "javascript");
}
