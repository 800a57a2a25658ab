"""Real documents, served and called by schemathesis.

Each operation gets a MOCK integration that answers with an example of its response's schema. What is exported from the
stage is what schemathesis then holds the stage to: nothing is a fault of the server, statuses and content types are
those of the document, bodies have its schemas, and what the document does not allow is refused.
"""

import json
import os
import subprocess
import tempfile

from common import GATEWAY, Suite, main
from examples import example, pointed

DOCUMENTS = os.environ["DOCUMENTS"]
SCHEMATHESIS = os.environ["SCHEMATHESIS"]
VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
ALL = "x-amazon-apigateway-request-validator"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "missing_required_header",
    "positive_data_acceptance",
    "negative_data_rejection",
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
    body = example(document, schema(document, response))
    text = json.dumps(body).replace("#", "\\u0023").replace("$", "\\u0024")
    sent = {"application/json", *consumed(document, operation)}
    operation["x-amazon-apigateway-integration"] = {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": {kind: json.dumps({"statusCode": int(status)}) for kind in sent},
        "responses": {
            "default": {
                "statusCode": status,
                "responseTemplates": {"application/json": "" if body is None else text},
            }
        },
    }
    for status in ("400", "415"):
        error = {"schema": ERROR} if "swagger" in document else {"content": {"application/json": {"schema": ERROR}}}
        responses[status] = {"description": "not what the document wants", **error}


def schema(document, response):
    """The schema of a response's JSON."""
    while "$ref" in response:
        response = pointed(document, response["$ref"])
    if "swagger" in document:
        return response.get("schema")
    kinds = response.get("content", {})
    return next((media.get("schema") for kind, media in kinds.items() if "json" in kind), None)


def consumed(document, operation):
    if "swagger" in document:
        return operation.get("consumes", document.get("consumes", []))
    body = operation.get("requestBody", {})
    while "$ref" in body:
        body = pointed(document, body["$ref"])
    return list(body.get("content", {}))


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
        self.assertGreaterEqual(len(exported["paths"]), 1)
        return api, exported

    def holds(self, name, kind="oas30", examples=3):
        api, exported = self.exported(name, kind)
        with tempfile.TemporaryDirectory() as place:
            with open(f"{place}/exported.json", "w", encoding="utf-8") as file:
                json.dump(exported, file)
            url = f"http://{GATEWAY}/_aws/execute-api/{api}/prod"
            arguments = ["run", "exported.json", "--url", url, "--checks", ",".join(CHECKS)]
            arguments += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)]
            arguments += ["--seed", "7", "--workers", "2", "--suppress-health-check", "all"]
            done = subprocess.run([SCHEMATHESIS, *arguments], cwd=place, capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, f"{name}\n{done.stdout}\n{done.stderr}")
        print(done.stdout)

    def test_star_trek(self):
        self.holds("readme-oas-examples-8.2.2/package/3.0/json/star-trek.json")

    def test_petstore_as_swagger(self):
        self.holds("readme-oas-examples-8.2.2/package/2.0/json/petstore.json", "swagger")

    def test_train_travel(self):
        self.holds("readme-oas-examples-8.2.2/package/3.1/json/train-travel.json")

    def test_galaxy(self):
        self.holds("scalar-galaxy-0.6.12/package/dist/3.1.json")

    def test_postcodes(self):
        self.holds("ideal-postcodes-openapi-4.21.0/package/dist/openapi.json")


if __name__ == "__main__":
    main()
