//! From the configuration's text to an instance.

use serde_path_to_error::Segment;

use crate::{Plugin, Problem};

/// Reads the configuration and makes an instance, as the gateway does for each.
pub(crate) fn load<P: Plugin>(config_json: &str) -> Result<P, Vec<Problem>> {
    let config = serde_json::from_str(config_json).map_err(|_| vec![place::<P::Config>(config_json)])?;
    P::new(config)
}

/// Reads it again with a look at the path, which costs too much to do it each time.
#[cold]
fn place<C: serde::de::DeserializeOwned>(config_json: &str) -> Problem {
    let mut json = serde_json::Deserializer::from_str(config_json);
    match serde_path_to_error::deserialize::<_, C>(&mut json) {
        Err(error) => Problem::new(pointer(error.path()), message(&error.inner().to_string())),
        Ok(_) => Problem::new("", "text after the configuration"),
    }
}

/// Without the line: the text is none that the user wrote.
fn message(error: &str) -> &str {
    error
        .rsplit_once(" at line ")
        .map_or(error, |(message, _)| message)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            // Where a value was read ahead of its type, the place inside of it is lost.
            Segment::Unknown => break,
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    use super::*;
    use crate::NoConfig;

    #[derive(Debug)]
    struct Anything;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        #[expect(dead_code, reason = "only read")]
        rules: Vec<Rule>,
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        by_path: BTreeMap<String, u8>,
    }

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        #[expect(dead_code, reason = "only read")]
        address: IpAddr,
    }

    impl Plugin for Anything {
        type Config = Config;

        fn new(_: Config) -> Result<Self, Vec<Problem>> {
            Ok(Self)
        }
    }

    #[test]
    fn points_at_what_does_not_fit() {
        for (config, pointer, message) in [
            ("{}", "", "missing field `rules`"),
            (
                r#"{"rules":5}"#,
                "/rules",
                "invalid type: integer `5`, expected a sequence",
            ),
            (r#"{"rules":[{}]}"#, "/rules/0", "missing field `address`"),
            (
                r#"{"rules":[{"address":"::1"},{"address":"x"}]}"#,
                "/rules/1/address",
                "invalid IP address syntax",
            ),
            (
                r#"{"rules":[],"ruls":[]}"#,
                "/ruls",
                "unknown field `ruls`, expected `rules` or `by_path`",
            ),
            (
                r#"{"rules":[],"by_path":{"/a~b":-1}}"#,
                "/by_path/~1a~0b",
                "invalid value: integer `-1`, expected u8",
            ),
            (r#"{"rules":[]} x"#, "", "text after the configuration"),
            ("[", "", "EOF while parsing a list"),
        ] {
            let problems = load::<Anything>(config).unwrap_err();
            assert_eq!(problems, [Problem::new(pointer, message)], "{config}");
        }
        load::<Anything>(r#"{"rules":[{"address":"::1"}]}"#).unwrap();
    }

    #[test]
    fn no_config_takes_no_key() {
        #[derive(Debug)]
        struct None;

        impl Plugin for None {
            type Config = NoConfig;

            fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
                Ok(Self)
            }
        }

        load::<None>("{}").unwrap();
        assert_eq!(load::<None>(r#"{"a":1}"#).unwrap_err()[0].pointer, "/a");
    }
}
