//! What a template is rendered with, as `portcullis render` reads it.

use portcullis_plugin_host::{Field, Reads, Selection, TemplateInput};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request, as far as a template can see it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Input {
    body: String,
    params: Params,
    context: Map<String, Value>,
    stage_variables: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Params {
    path: Map<String, Value>,
    querystring: Map<String, Value>,
    header: Map<String, Value>,
}

type Pairs = Vec<(String, String)>;

/// An [`Input`] cut down to what a template reads, as the gateway passes it.
#[derive(Debug)]
pub(super) struct Limited<'a> {
    body: Option<&'a str>,
    headers: Pairs,
    query: Pairs,
    path: Pairs,
    stage_variables: Pairs,
    context: String,
}

impl Input {
    pub(super) fn limited(&self, reads: &Reads) -> Limited<'_> {
        let params = &self.params;
        Limited {
            body: reads.body.then_some(&*self.body),
            headers: chosen(&params.header, &reads.headers, true),
            query: chosen(&params.querystring, &reads.query, false),
            path: chosen(&params.path, &reads.path_parameters, false),
            stage_variables: chosen(&self.stage_variables, &reads.stage_variables, false),
            context: context(&self.context, &reads.context),
        }
    }
}

impl Limited<'_> {
    pub(super) fn borrowed(&self) -> Borrowed<'_> {
        Borrowed {
            body: self.body,
            headers: fields(&self.headers),
            query: fields(&self.query),
            path: pairs(&self.path),
            stage_variables: pairs(&self.stage_variables),
            context: &self.context,
        }
    }
}

/// The lists that a [`TemplateInput`] borrows.
#[derive(Debug)]
pub(super) struct Borrowed<'a> {
    body: Option<&'a str>,
    headers: Vec<Field<'a>>,
    query: Vec<Field<'a>>,
    path: Vec<(&'a str, &'a str)>,
    stage_variables: Vec<(&'a str, &'a str)>,
    context: &'a str,
}

impl Borrowed<'_> {
    pub(super) fn input(&self) -> TemplateInput<'_> {
        TemplateInput {
            body: self.body,
            headers: &self.headers,
            query: &self.query,
            path_parameters: &self.path,
            stage_variables: &self.stage_variables,
            context_json: self.context,
        }
    }
}

fn fields(of: &Pairs) -> Vec<Field<'_>> {
    of.iter().map(|(name, value)| Field { name, value }).collect()
}

fn pairs(of: &Pairs) -> Vec<(&str, &str)> {
    of.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn chosen(from: &Map<String, Value>, selection: &Selection, any_case: bool) -> Pairs {
    let is_chosen = |name: &str| match selection {
        Selection::None => false,
        Selection::All => true,
        Selection::Only(names) if any_case => names.iter().any(|chosen| chosen.eq_ignore_ascii_case(name)),
        Selection::Only(names) => names.iter().any(|chosen| chosen == name),
    };
    from.iter()
        .filter(|(name, _)| is_chosen(name))
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// A string as it is, anything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The chosen parts of `$context`, nested as they are.
fn context(from: &Map<String, Value>, selection: &Selection) -> String {
    let chosen = match selection {
        Selection::None => return String::new(),
        Selection::All => return Value::Object(from.clone()).to_string(),
        Selection::Only(names) => names.iter().fold(Map::new(), |mut into, name| {
            copy(from, name, &mut into);
            into
        }),
    };
    Value::Object(chosen).to_string()
}

/// Copies what a dotted name stands for. A key may have dots of its own.
fn copy(from: &Map<String, Value>, name: &str, into: &mut Map<String, Value>) {
    if let Some(value) = from.get(name) {
        into.insert(name.to_owned(), value.clone());
        return;
    }
    for (at, _) in name.match_indices('.') {
        let (key, rest) = (
            name.get(..at).unwrap_or_default(),
            name.get(at + 1..).unwrap_or_default(),
        );
        if let Some(Value::Object(inner)) = from.get(key) {
            let entry = into
                .entry(key.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(entry) = entry {
                copy(inner, rest, entry);
            }
            return;
        }
        if let Some(value) = from.get(key) {
            into.insert(key.to_owned(), value.clone());
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dotted_name_chooses_its_part_of_the_context() {
        let from =
            json!({"identity": {"sourceIp": "1.2.3.4", "user": "u"}, "stage": "s", "a": {"b": {"c": 1}}});
        let Value::Object(from) = from else {
            unreachable!("an object")
        };
        for (names, expected) in [
            (
                vec!["identity.sourceIp"],
                json!({"identity": {"sourceIp": "1.2.3.4"}}),
            ),
            (
                vec!["identity"],
                json!({"identity": {"sourceIp": "1.2.3.4", "user": "u"}}),
            ),
            (vec!["stage", "a.b"], json!({"stage": "s", "a": {"b": {"c": 1}}})),
            (vec!["stage.x", "no.thing"], json!({"stage": "s"})),
        ] {
            let names = names.into_iter().map(str::to_owned).collect();
            assert_eq!(context(&from, &Selection::Only(names)), expected.to_string());
        }
    }
}
