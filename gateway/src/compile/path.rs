//! The syntax of a resource's path
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>).

use std::collections::HashMap;
use std::sync::Arc;

/// The names of a path's parameters, in order; an error says what is wrong with it.
pub(super) fn parameters(path: &str) -> Result<Vec<Arc<str>>, String> {
    let Some(inner) = path.strip_prefix('/') else {
        return Err(format!("the path `{path}` does not begin with /"));
    };
    if inner.is_empty() {
        return Ok(Vec::new());
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut parts = inner.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            return Err(format!("the path `{path}` has an empty part"));
        }
        let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            literal(path, part)?;
            continue;
        };
        let greedy = name.ends_with('+');
        let name = name.strip_suffix('+').unwrap_or(name);
        if greedy && parts.peek().is_some() {
            return Err(format!(
                "{{{name}+}} in `{path}` takes all that follows, so it must stand last"
            ));
        }
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
        if name.is_empty() || !name.bytes().all(good) {
            return Err(format!("`{part}` in `{path}` is not the name of a parameter"));
        }
        if names.iter().any(|known| **known == *name) {
            return Err(format!("the parameter {{{name}}} stands twice in `{path}`"));
        }
        names.push(name.into());
    }
    Ok(names)
}

fn literal(path: &str, part: &str) -> Result<(), String> {
    if part.contains(['{', '}']) {
        return Err(format!(
            "`{part}` in `{path}`: a parameter fills its whole part of the path"
        ));
    }
    if part.contains(['?', '#']) || part.chars().any(char::is_control) {
        return Err(format!(
            "`{part}` in `{path}` holds a character that a literal part cannot have"
        ));
    }
    Ok(())
}

/// The variable parts seen so far: two siblings of different names would make one path mean two resources.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    variables: HashMap<String, String>,
}

impl Shapes {
    pub(super) fn add(&mut self, path: &str) -> Result<(), String> {
        let mut parent = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if part.starts_with('{') {
                let kind = if part.ends_with("+}") { "/{+}" } else { "/{}" };
                let known = self
                    .variables
                    .entry(format!("{parent}{kind}"))
                    .or_insert_with(|| part.to_owned());
                if known != part {
                    return Err(format!(
                        "`{path}` has {part} where a sibling has {known}; only one of them can be there"
                    ));
                }
                parent.push_str(kind);
            } else {
                parent.push('/');
                parent.push_str(part);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_paths_parameters() {
        let names = |path| parameters(path).map(|names| names.join(","));
        assert_eq!(names("/").as_deref(), Ok(""));
        assert_eq!(names("/a/{b}/c/{d+}").as_deref(), Ok("b,d"));
        for bad in [
            "a", "/a/", "//a", "/{a+}/b", "/{}", "/x{a}", "/{a}/{a}", "/{a b}", "/a?b",
        ] {
            assert!(parameters(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn refuses_variable_siblings_of_different_names() {
        let mut shapes = Shapes::default();
        for good in ["/a/{x}", "/a/{x}/b", "/a/{y+}", "/b/{y}"] {
            assert_eq!(shapes.add(good), Ok(()), "{good}");
        }
        assert!(shapes.add("/a/{y}/b").is_err());
    }
}
