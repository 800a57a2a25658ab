"""Examples of schemas."""

FORMATS = {
    "date": "2026-01-02",
    "date-time": "2026-01-02T03:04:05Z",
    "email": "a@example.com",
    "ipv4": "192.0.2.1",
    "time": "03:04:05Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "01234567-89ab-4def-8123-456789abcdef",
}
# From which depth on there is only what must be.
DEEP = 8


def example(document, schema, depth=0):
    """A value of a schema; None where there is no schema."""
    if not isinstance(schema, dict):
        return None
    schema = resolved(document, schema)
    for key, value in (("const", schema.get("const")), ("enum", schema.get("enum", [None])[0])):
        if key in schema:
            return value
    if "allOf" in schema:
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [example(document, part, depth) for part in (*schema["allOf"], rest)]
        whole = [part for part in parts if part is not None]
        if all(isinstance(part, dict) for part in whole):
            return {key: value for part in whole for key, value in part.items()}
        return whole[0]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return example(document, schema[key][0], depth)
    return of_type(document, schema, depth)


def of_type(document, schema, depth):
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    if kind == "object":
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        names = [name for name in properties if name in required or depth < DEEP]
        value = {name: example(document, properties[name], depth + 1) for name in names}
        return {name: one for name, one in value.items() if one is not None or name in required}
    if kind == "array":
        count = schema.get("minItems", 1 if depth < DEEP else 0)
        return [example(document, schema.get("items"), depth + 1)] * count
    if kind == "string":
        text = FORMATS.get(schema.get("format"), "text")
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    return {"boolean": True}.get(kind)


def resolved(document, value):
    """What a value stands for where it is a reference."""
    while "$ref" in value:
        found = document
        for key in value["$ref"].removeprefix("#/").split("/"):
            found = found[key.replace("~1", "/").replace("~0", "~")]
        value = found
    return value
