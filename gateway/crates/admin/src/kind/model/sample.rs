//! A sample mapping template of a model: what its schema describes, with values of their types
//! (<https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html>).

use serde_json::Value;

/// How deep a template goes: models may name themselves.
const DEPTH: usize = 10;
/// How long it may grow.
const LENGTH: usize = 256 * 1024;

/// The template of a schema whose references are all to its own definitions.
pub(super) fn template(schema: &Value) -> String {
    let mut text = "#set($inputRoot = $input.path('$'))\n".to_owned();
    value(schema, schema, "$inputRoot", 0, &mut text);
    text
}

fn resolved<'s>(root: &'s Value, mut schema: &'s Value) -> &'s Value {
    for _ in 0..DEPTH {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            break;
        };
        let pointer = reference.strip_prefix('#').unwrap_or(reference);
        match root.pointer(pointer) {
            Some(found) => schema = found,
            None => break,
        }
    }
    schema
}

fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    };
    named.unwrap_or(if schema.get("items").is_some() {
        "array"
    } else {
        "object"
    })
}

fn value(root: &Value, schema: &Value, from: &str, depth: usize, text: &mut String) {
    let schema = resolved(root, schema);
    if depth >= DEPTH || text.len() > LENGTH {
        text.push_str("null");
        return;
    }
    match kind(schema) {
        "string" => text.push_str("\"foo\""),
        "integer" => text.push_str("42"),
        "number" => text.push_str("1.1"),
        "boolean" => text.push_str("true"),
        "null" => text.push_str("null"),
        "array" => array(root, schema, from, depth, text),
        _ => object(root, schema, from, depth, text),
    }
}

fn indent(depth: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

fn object(root: &Value, schema: &Value, from: &str, depth: usize, text: &mut String) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        text.push_str("{ }");
        return;
    };
    text.push('{');
    for (index, (name, property)) in properties.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        indent(depth + 1, text);
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push_str(" : ");
        value(root, property, &format!("{from}.{name}"), depth + 1, text);
    }
    indent(depth, text);
    text.push('}');
}

fn array(root: &Value, schema: &Value, from: &str, depth: usize, text: &mut String) {
    let none = Value::Object(serde_json::Map::new());
    let items = match schema.get("items") {
        Some(Value::Array(items)) => items.first().unwrap_or(&none),
        Some(items) => items,
        None => &none,
    };
    text.push('[');
    indent(depth, text);
    text.push_str("##TODO: Update this foreach loop to reference array from input json");
    indent(depth, text);
    text.push_str(&format!("#foreach($elem in {from})"));
    indent(depth + 1, text);
    value(root, items, "$elem", depth + 1, text);
    text.push_str(" \n#if($foreach.hasNext),#end");
    indent(depth, text);
    text.push_str("#end");
    indent(depth, text);
    text.push(']');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_a_value_of_each_type() {
        for (schema, expected) in [
            // The CLI reference's example of get-model-template for the model Empty.
            (json!({"type": "object"}), "{ }"),
            (
                json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": ["null", "string"]}}}),
                "{\n  \"a\" : 42,\n  \"b\" : \"foo\"\n}",
            ),
            (
                json!({"type": "array", "items": {"$ref": "#/definitions/P"}, "definitions": {"P": {"type": "boolean"}}}),
                "[\n##TODO: Update this foreach loop to reference array from input json\n#foreach($elem in $inputRoot)\n  true \n#if($foreach.hasNext),#end\n#end\n]",
            ),
        ] {
            assert_eq!(
                template(&schema),
                format!("#set($inputRoot = $input.path('$'))\n{expected}"),
                "{schema}"
            );
        }
    }

    #[test]
    fn ends_where_a_schema_names_itself() {
        let schema = json!({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}});
        assert!(template(&schema).len() < 2 * LENGTH);
    }
}
