"""OpenAPI documents in and out: what comes in is served, and what goes out comes in again."""

import json

from botocore.exceptions import ClientError

from common import Suite, fetch, main, without_metadata

MOCK = {
    "type": "mock",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "pets"}}},
}


def operation(text, **more):
    """A method that answers with a text."""
    responses = {"default": {"statusCode": "200", "responseTemplates": {"application/json": text}}}
    integration = {**MOCK, "responses": responses}
    return {"responses": {"200": {"description": "yes"}}, "x-amazon-apigateway-integration": integration, **more}


def document(paths, **more):
    return {"openapi": "3.0.1", "info": {"title": "shop", "version": "7"}, "paths": paths, **more}


PETS = document(
    {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": operation("a pet", operationId="getPet", tags=["pets"]),
            "post": operation(
                "made",
                requestBody={"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                **{"x-amazon-apigateway-request-validator": "all"},
            ),
        },
    },
    **{
        "components": {"schemas": {"Pet": {"type": "object", "required": ["name"]}}},
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-acme-owner": {"team": "pets"},
    },
)


class Imports(Suite):
    def imported(self, body, **more):
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        api = self.client.import_rest_api(body=body, **more)
        self.addCleanup(self.forget, api["id"])
        return api

    def deploy(self, api):
        self.client.create_deployment(restApiId=api, stageName="prod")

    def paths(self, api):
        items = self.client.get_resources(restApiId=api, embed=["methods"])["items"]
        return {item["path"]: sorted(item.get("resourceMethods", {})) for item in items}

    def export(self, api, kind="oas30", accepts="application/json", **parameters):
        answer = self.client.get_export(
            restApiId=api, stageName="prod", exportType=kind, accepts=accepts, parameters=parameters
        )
        ending = "yaml" if "yaml" in accepts else "json"
        self.assertIn(f'filename="{kind}_', answer["contentDisposition"])
        self.assertTrue(answer["contentDisposition"].endswith(f'.{ending}"'))
        return answer["body"].read().decode()

    def test_an_import_is_an_api_that_can_be_deployed(self):
        api = self.imported(PETS)
        self.assertEqual(("shop", "7"), (api["name"], api["version"]))
        self.assertEqual({"/": [], "/pets": [], "/pets/{id}": ["GET", "POST"]}, self.paths(api["id"]))
        self.assertEqual("Pet", self.client.get_models(restApiId=api["id"])["items"][0]["name"])
        self.deploy(api["id"])
        self.assertEqual((200, "a pet"), fetch(api["id"], "prod", "/pets/3"))
        status, _ = fetch(api["id"], "prod", "/pets/3", "POST", "{}", {"content-type": "application/json"})
        self.assertEqual(400, status, "the model holds")
        # What came in can be edited like any other.
        roots = self.client.get_resources(restApiId=api["id"])["items"]
        root = next(item["id"] for item in roots if item["path"] == "/")
        self.assertEqual(api["rootResourceId"], root)
        self.client.create_resource(restApiId=api["id"], parentId=root, pathPart="more")

    def test_what_comes_out_comes_in_again(self):
        api = self.imported(PETS)["id"]
        self.deploy(api)
        for kind in ("oas30", "swagger"):
            for accepts in ("application/json", "application/yaml"):
                with self.subTest(kind=kind, accepts=accepts):
                    text = self.export(api, kind, accepts, extensions="integrations,authorizers,documentation")
                    self.assertEqual("{" == text[0], accepts == "application/json")
                    again = self.imported(text)["id"]
                    self.assertEqual(self.paths(api), self.paths(again))
                    self.deploy(again)
                    self.assertEqual((200, "a pet"), fetch(again, "prod", "/pets/3"))
                    status, _ = fetch(again, "prod", "/pets/3", "POST", "{}", {"content-type": "application/json"})
                    self.assertEqual(400, status)

    def test_an_export_is_of_what_the_stage_serves(self):
        api = self.imported(PETS)["id"]
        self.deploy(api)
        self.client.put_rest_api(restApiId=api, mode="merge", body=json.dumps(document({"/more": {"get": operation("m")}})))
        exported = json.loads(self.export(api, extensions="integrations"))
        self.assertEqual(["/pets/{id}"], list(exported["paths"]), "what is edited is not deployed")
        self.assertEqual({"team": "pets"}, exported["x-acme-owner"], "what nobody knows comes back")
        get = exported["paths"]["/pets/{id}"]["get"]
        self.assertEqual("getPet", get["operationId"])
        self.assertEqual("mock", get["x-amazon-apigateway-integration"]["type"])
        server = exported["servers"][0]
        self.assertIn(f"{api}.execute-api.localhost:", server["url"])
        self.assertEqual("prod", server["variables"]["basePath"]["default"])
        bare = json.loads(self.export(api))
        self.assertNotIn("x-amazon-apigateway-integration", bare["paths"]["/pets/{id}"]["get"])
        swagger = json.loads(self.export(api, "swagger"))
        self.assertEqual(("2.0", "/prod"), (swagger["swagger"], swagger["basePath"]))

    def test_merging_adds_and_overwriting_replaces(self):
        api = self.imported(PETS)
        before = {item["path"]: item["id"] for item in self.client.get_resources(restApiId=api["id"])["items"]}
        more = document({"/pets/{id}": {"get": operation("another")}, "/more": {"get": operation("more")}})
        of = {"restApiId": api["id"], "body": json.dumps(more)}
        self.client.put_rest_api(mode="merge", **of)
        both = {"/": [], "/pets": [], "/pets/{id}": ["GET", "POST"], "/more": ["GET"]}
        self.assertEqual(both, self.paths(api["id"]))
        self.deploy(api["id"])
        self.assertEqual((200, "another"), fetch(api["id"], "prod", "/pets/3"), "the newer one")
        self.assertEqual((200, "more"), fetch(api["id"], "prod", "/more"))
        self.assertEqual(1, len(self.client.get_models(restApiId=api["id"])["items"]), "of before")

        put = without_metadata(self.client.put_rest_api(mode="overwrite", **of))
        self.assertEqual({"/": [], "/pets": [], "/pets/{id}": ["GET"], "/more": ["GET"]}, self.paths(api["id"]))
        self.assertEqual([], self.client.get_models(restApiId=api["id"])["items"])
        for name in ("id", "rootResourceId", "createdDate"):
            self.assertEqual(api[name], put[name], name)
        after = {item["path"]: item["id"] for item in self.client.get_resources(restApiId=api["id"])["items"]}
        self.assertEqual(before["/pets/{id}"], after["/pets/{id}"], "what is there again is the same resource")
        self.assertEqual((200, "another"), fetch(api["id"], "prod", "/pets/3"), "what is deployed stays")
        self.assertEqual(1, len(self.client.get_stages(restApiId=api["id"])["item"]))

    def test_an_api_that_was_made_by_hand_takes_a_document(self):
        api, root = self.api()
        self.mock(api, root, "root")
        self.client.put_rest_api(restApiId=api, mode="merge", body=json.dumps(PETS))
        self.assertEqual({"/": ["GET"], "/pets": [], "/pets/{id}": ["GET", "POST"]}, self.paths(api))
        self.assertEqual(root, self.client.get_rest_api(restApiId=api)["rootResourceId"])
        self.deploy(api)
        self.assertEqual((200, "root"), fetch(api, "prod"))
        self.assertEqual((200, "a pet"), fetch(api, "prod", "/pets/1"))

    def test_policies_and_tags(self):
        statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        api = self.imported({**PETS, "x-amazon-apigateway-policy": policy})
        found = self.client.get_rest_api(restApiId=api["id"])["policy"]
        self.assertEqual(policy, json.loads(found.replace("\\", "")), "as a call's is kept")
        self.client.tag_resource(resourceArn=f"arn:aws:apigateway:us-east-1::/restapis/{api['id']}", tags={"a": "b"})
        for mode in ("merge", "overwrite"):
            body = json.dumps({**PETS, "x-amazon-apigateway-policy": policy} if mode == "overwrite" else PETS)
            put = self.client.put_rest_api(restApiId=api["id"], mode=mode, body=body)
            self.assertEqual((found, {"a": "b"}), (put["policy"], put["tags"]), mode)
        self.deploy(api["id"])
        exported = json.loads(self.export(api["id"], extensions="apigateway"))
        self.assertEqual(policy, exported["x-amazon-apigateway-policy"])

    def test_base_paths(self):
        swagger = {"swagger": "2.0", "info": {"title": "x"}, "basePath": "/v1/shop", "paths": {"/a": {"get": operation("a")}}}
        for how, path in (("ignore", "/a"), ("prepend", "/v1/shop/a"), ("split", "/shop/a")):
            with self.subTest(how=how):
                api = self.imported(swagger, parameters={"basepath": how})["id"]
                self.assertEqual(["GET"], self.paths(api)[path])

    def test_what_is_said_beside_it(self):
        api = self.imported(PETS, parameters={"endpointConfigurationTypes": "REGIONAL"})
        self.assertEqual(["REGIONAL"], api["endpointConfiguration"]["types"])
        api = self.client.get_rest_api(restApiId=api["id"])
        self.assertEqual(["REGIONAL"], api["endpointConfiguration"]["types"])

    def test_authorizers_and_methods_that_want_somebody(self):
        scheme = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "token",
                "authorizerUri": "portcullis:plugin:nosuch",
                "authorizerResultTtlInSeconds": 60,
            },
        }
        pool = {
            **scheme,
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc"],
            },
        }
        key = {"type": "apiKey", "name": "x-api-key", "in": "header"}
        iam = {**scheme, "x-amazon-apigateway-authtype": "awsSigv4"}
        del iam["x-amazon-apigateway-authorizer"]
        paths = {
            f"/{name}": {"get": operation("open", security=[{name: []}])} for name in ("guard", "pool", "key", "iam")
        }
        schemes = {"guard": scheme, "pool": pool, "key": key, "iam": iam}
        api = self.imported(document(paths, components={"securitySchemes": schemes}))["id"]
        authorizers = {item["name"]: item for item in self.client.get_authorizers(restApiId=api)["items"]}
        self.assertEqual({"guard", "pool"}, set(authorizers))
        self.assertEqual(("TOKEN", 60), (authorizers["guard"]["type"], authorizers["guard"]["authorizerResultTtlInSeconds"]))
        self.assertEqual("COGNITO_USER_POOLS", authorizers["pool"]["type"])
        methods = {
            item["path"]: item["resourceMethods"]["GET"]
            for item in self.client.get_resources(restApiId=api, embed=["methods"])["items"]
            if item["path"] != "/"
        }
        kinds = {path: method["authorizationType"] for path, method in methods.items()}
        self.assertEqual({"/guard": "CUSTOM", "/pool": "COGNITO_USER_POOLS", "/key": "NONE", "/iam": "AWS_IAM"}, kinds)
        self.assertTrue(methods["/key"]["apiKeyRequired"])
        self.assertEqual(authorizers["pool"]["id"], methods["/pool"]["authorizerId"])

    def test_documentation_parts(self):
        api, _ = self.api()
        parts = [
            {"location": {"type": "API"}, "properties": {"description": "a shop", "x": 1}},
            {"location": {"type": "METHOD", "path": "/", "method": "GET"}, "properties": {"summary": "says hello"}},
        ]
        body = document({}, **{"x-amazon-apigateway-documentation": {"version": "1", "documentationParts": parts}})
        of = {"restApiId": api, "body": json.dumps(body)}
        ids = self.client.import_documentation_parts(mode="merge", **of)["ids"]
        self.assertEqual(2, len(ids))
        found = {part["id"]: part for part in self.client.get_documentation_parts(restApiId=api)["items"]}
        self.assertEqual(set(ids), set(found))
        whole = next(part for part in found.values() if part["location"]["type"] == "API")
        self.assertEqual({"description": "a shop", "x": 1}, json.loads(whole["properties"]))
        parts[0]["properties"] = {"description": "the shop"}
        of["body"] = json.dumps(body)
        for mode, expected in (
            ("merge", {"description": "the shop", "x": 1}),
            ("overwrite", {"description": "the shop"}),
        ):
            self.assertEqual(sorted(ids), sorted(self.client.import_documentation_parts(mode=mode, **of)["ids"]))
            part = self.client.get_documentation_part(restApiId=api, documentationPartId=whole["id"])
            self.assertEqual(expected, json.loads(part["properties"]), mode)

    def test_the_documentation_of_an_export_is_the_stages_version(self):
        api = self.imported(document({"/": {"get": operation("x", summary="says x")}}))["id"]
        self.deploy(api)
        parts = self.client.get_documentation_parts(restApiId=api)["items"]
        self.assertEqual(["METHOD", "RESPONSE"], sorted(part["location"]["type"] for part in parts))
        exported = json.loads(self.export(api, extensions="documentation"))
        self.assertNotIn("summary", exported["paths"]["/"]["get"])
        self.client.create_documentation_version(restApiId=api, documentationVersion="1", stageName="prod")
        exported = json.loads(self.export(api, extensions="documentation"))
        self.assertEqual("says x", exported["paths"]["/"]["get"]["summary"])

    def test_bad_documents_change_nothing(self):
        api = self.imported(PETS)["id"]
        before, count = self.paths(api), len(self.client.get_rest_apis(limit=500)["items"])
        wrong = document({"/a": {"get": {"x-amazon-apigateway-integration": {"type": "nonsense"}}}})
        circle = {"$ref": "#/components/parameters/a"}
        for name, body, words in (
            ("nothing", " ", "is empty"),
            ("no text", b"\xff\xfe", "UTF-8"),
            ("no document", "[1]", "object"),
            ("a slip", wrong, "/paths/~1a/get/x-amazon-apigateway-integration/type"),
            ("JSON that ends early", '{"openapi": "3.0.1"', "line 1, column"),
            ("YAML", "openapi: [", "line 2, column 1"),
            ("a remote reference", document({"/a": {"$ref": "https://example.com/x.yaml"}}), "example.com"),
            ("a circle", document({"/a": {"parameters": [circle]}}, components={"parameters": {"a": circle}}), "ref"),
        ):
            with self.subTest(name):
                body = body if isinstance(body, (str, bytes)) else json.dumps(body)
                for call, more in (
                    (self.client.import_rest_api, {}),
                    (self.client.put_rest_api, {"restApiId": api, "mode": "overwrite"}),
                ):
                    with self.assertRaises(ClientError) as raised:
                        call(body=body, **more)
                    error = raised.exception.response["Error"]
                    self.assertEqual("BadRequestException", error["Code"], error)
                    self.assertIn(words, error["Message"])
        self.assertEqual(before, self.paths(api))
        self.assertEqual(count, len(self.client.get_rest_apis(limit=500)["items"]))

    def test_warnings_are_told_and_can_fail(self):
        body = json.dumps({**PETS, "x-amazon-apigateway-nonsense": 1, "servres": []})
        api = self.imported(body)
        self.assertTrue(api["warnings"], api)
        with self.assertRaises(ClientError) as raised:
            self.client.import_rest_api(body=body, failOnWarnings=True)
        self.assertEqual("BadRequestException", raised.exception.response["Error"]["Code"])

    def test_bad_parameters(self):
        api = self.imported(PETS)["id"]
        self.deploy(api)
        body = json.dumps(PETS)
        for call in (
            lambda: self.client.put_rest_api(restApiId="nosuch", body=body),
            lambda: self.client.get_export(restApiId=api, stageName="nosuch", exportType="oas30"),
        ):
            with self.assertRaises(self.client.exceptions.NotFoundException):
                call()
        for call in (
            lambda: self.client.import_rest_api(body=body, parameters={"basepath": "upside-down"}),
            lambda: self.client.import_rest_api(body=body, parameters={"nonsense": "1"}),
            lambda: self.client.get_export(restApiId=api, stageName="prod", exportType="raml"),
            lambda: self.client.get_export(restApiId=api, stageName="prod", exportType="oas30", accepts="text/html"),
            lambda: self.client.get_export(
                restApiId=api, stageName="prod", exportType="oas30", parameters={"extensions": "nonsense"}
            ),
        ):
            with self.assertRaises(ClientError) as raised:
                call()
            self.assertEqual(400, raised.exception.response["ResponseMetadata"]["HTTPStatusCode"])


if __name__ == "__main__":
    main()
