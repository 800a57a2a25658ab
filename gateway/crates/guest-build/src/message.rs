//! What the inner cargo says about what it built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Guest;

/// What was built, and out of which packages on this disk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) components: Vec<Guest>,
    /// Manifests of the packages that are no one else's: the guests and their path dependencies.
    pub(crate) manifests: BTreeSet<PathBuf>,
    /// Root source files of those packages.
    pub(crate) roots: BTreeSet<PathBuf>,
}

impl Built {
    /// Reads cargo's messages, one JSON object a line; what is not about an artifact is skipped.
    pub(crate) fn parse(messages: &str) -> Self {
        let mut built = Self::default();
        let artifacts = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| text(message, "/reason") == Some("compiler-artifact"));
        for artifact in artifacts {
            built.add(&artifact);
        }
        built
    }

    fn add(&mut self, artifact: &Value) {
        if !text(artifact, "/package_id").is_some_and(|id| id.starts_with("path+")) {
            return;
        }
        self.manifests
            .extend(text(artifact, "/manifest_path").map(PathBuf::from));
        self.roots
            .extend(text(artifact, "/target/src_path").map(PathBuf::from));
        if strings(artifact, "/target/kind").any(|kind| kind == "cdylib") {
            self.components.extend(component(artifact));
        }
    }
}

fn component(artifact: &Value) -> Option<Guest> {
    let name = text(artifact, "/target/name")?.replace('_', "-");
    let path = strings(artifact, "/filenames")
        .find(|file| Path::new(file).extension().is_some_and(|e| e == "wasm"))?;
    Some(Guest {
        name,
        path: path.into(),
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn strings<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"
{"reason":"compiler-artifact","package_id":"registry+https://github.com/rust-lang/crates.io-index#serde@1.0.0","manifest_path":"/r/serde/Cargo.toml","target":{"kind":["lib"],"name":"serde","src_path":"/r/serde/src/lib.rs"},"filenames":["/t/libserde.rlib"],"fresh":true}
{"reason":"compiler-artifact","package_id":"path+file:///w/plugin-sdk/rust#portcullis-plugin@0.1.0","manifest_path":"/w/plugin-sdk/rust/Cargo.toml","target":{"kind":["lib"],"name":"portcullis_plugin","src_path":"/w/plugin-sdk/rust/src/lib.rs"},"filenames":["/t/libportcullis_plugin.rlib"]}
not json
{"reason":"compiler-artifact","package_id":"path+file:///w/plugins/bearer-token#0.1.0","manifest_path":"/w/plugins/bearer-token/Cargo.toml","target":{"kind":["cdylib","rlib"],"name":"bearer_token","src_path":"/w/plugins/bearer-token/src/lib.rs"},"filenames":["/t/libbearer_token.rlib","/t/bearer_token.wasm"]}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn reads_components_and_path_packages() {
        let built = Built::parse(MESSAGES);
        assert_eq!(
            built.components,
            [Guest {
                name: "bearer-token".into(),
                path: "/t/bearer_token.wasm".into()
            }]
        );
        let manifests = [
            "/w/plugin-sdk/rust/Cargo.toml",
            "/w/plugins/bearer-token/Cargo.toml",
        ];
        assert_eq!(built.manifests, manifests.map(PathBuf::from).into());
        let roots = [
            "/w/plugin-sdk/rust/src/lib.rs",
            "/w/plugins/bearer-token/src/lib.rs",
        ];
        assert_eq!(built.roots, roots.map(PathBuf::from).into());
    }
}
