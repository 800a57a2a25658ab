"""What is wrong is the caller's: 4xx with a type of the service, and nothing changes."""

import json
import urllib.parse

from common import Suite, fetch, main, raw, without_metadata

# What the service's description names, the common errors of AWS's protocols, and nothing else.
TYPES = {
    "BadRequestException",
    "ConflictException",
    "LimitExceededException",
    "MissingAuthenticationTokenException",
    "NotFoundException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnauthorizedException",
    "ValidationException",
}


class Errors(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.mock(self.id, self.root, "here")
        self.deployment = self.client.create_deployment(restApiId=self.id, stageName="prod")["id"]
        self.before = self.everything()

    def everything(self):
        """All that the API has, and what its stage answers."""
        of = {"restApiId": self.id}
        answers = [
            self.client.get_rest_api(**of),
            self.client.get_resources(embed=["methods"], limit=500, **of),
            self.client.get_deployments(**of),
            self.client.get_stages(**of),
            self.client.get_request_validators(**of),
        ]
        return [without_metadata(answer) for answer in answers], fetch(self.id, "prod")

    def client_error(self, method, path, body=None, statuses=range(400, 500)):
        status, kind, value = raw(method, path, body)
        told = f"{method} {path[:120]} {str(body)[:120]}: {status} {kind} {value}"
        self.assertIn(status, statuses, told)
        self.assertIn(kind, TYPES, told)
        self.assertIsInstance(value["message"], str, told)
        self.assertLess(len(value["message"]), 4096, "an error does not repeat a huge input")
        return value["message"]

    def tearDown(self):
        self.assertEqual(self.before, self.everything(), "something changed")

    def test_unknown_ids(self):
        api, root = f"/restapis/{self.id}", f"/restapis/{self.id}/resources/{self.root}"
        for path in [
            "/restapis/nothere",
            "/restapis/nothere/resources",
            "/restapis/nothere/stages",
            "/restapis/nothere/deployments",
            f"{api}/resources/nothere",
            f"{api}/resources/nothere/methods/GET",
            f"{root}/methods/POST",
            f"{root}/methods/POST/integration",
            f"{root}/methods/GET/responses/404",
            f"{root}/methods/GET/integration/responses/404",
            f"{api}/deployments/nothere",
            f"{api}/stages/nothere",
            f"{api}/requestvalidators/nothere",
            f"{api}/models/nothere",
            f"{api}/authorizers/nothere",
            f"{api}/documentation/parts/nothere",
            f"{api}/documentation/versions/nothere",
            "/apikeys/nothere",
            "/usageplans/nothere",
            "/domainnames/nothere.example.org",
            "/vpclinks/nothere",
            "/clientcertificates/nothere",
        ]:
            for method, body in [("GET", None), ("DELETE", None), ("PATCH", '{"patchOperations": []}')]:
                with self.subTest(f"{method} {path}"):
                    statuses = (404,) if method == "GET" else range(400, 500)
                    self.client_error(method, path, body, statuses)

    def test_ids_of_all_kinds(self):
        for name in [
            "a/b",
            "../..",
            "..",
            ".",
            "%",
            "'; DROP TABLE documents; --",
            "\0",
            "\n",
            "é",
            "日本",
            "a" * 9000,
            " ",
            "*",
            "%2F",
        ]:
            quoted = urllib.parse.quote(name, safe="")
            for path in [
                f"/restapis/{quoted}",
                f"/restapis/{self.id}/resources/{quoted}",
                f"/restapis/{self.id}/resources/{self.root}/methods/{quoted}",
                f"/restapis/{self.id}/stages/{quoted}",
                f"/restapis/{self.id}/deployments/{quoted}",
                f"/restapis/{self.id}/models/{quoted}",
                f"/domainnames/{quoted}",
                f"/apikeys/{quoted}",
            ]:
                with self.subTest(path[:80]):
                    self.client_error("GET", path)
                    self.client_error("DELETE", path)

    def test_verbs_and_paths_that_there_are_not(self):
        for method, path in [
            ("GET", "/"),
            ("GET", "/nothing"),
            ("PUT", "/restapis/x/y/z"),
            ("POST", f"/restapis/{self.id}"),
            ("DELETE", "/restapis"),
            ("GET", "//restapis"),
            ("BREW", "/restapis"),
        ]:
            with self.subTest(f"{method} {path}"):
                self.client_error(method, path)

    def test_wrong_parents(self):
        other, other_root = self.api("other")
        of_both = f"/restapis/{other}/resources/{self.root}"
        for method, path, body in [
            ("PUT", f"{of_both}/methods/GET", '{"authorizationType": "NONE"}'),
            ("POST", of_both, '{"pathPart": "x"}'),
            ("DELETE", f"{of_both}/methods/GET", None),
            ("DELETE", f"/restapis/{other}/deployments/{self.deployment}", None),
            ("POST", f"/restapis/{other}/stages", json.dumps({"stageName": "x", "deploymentId": self.deployment})),
        ]:
            with self.subTest(f"{method} {path}"):
                self.client_error(method, path, body)
        self.assertEqual(1, len(self.client.get_resources(restApiId=other)["items"]))
        self.assertEqual(other_root, self.client.get_resources(restApiId=other)["items"][0]["id"])

    def test_patches_that_cannot_be(self):
        api, stage = f"/restapis/{self.id}", f"/restapis/{self.id}/stages/prod"
        method = f"{api}/resources/{self.root}/methods/GET"
        paths = [api, stage, f"{api}/deployments/{self.deployment}", f"{api}/resources/{self.root}", method]
        paths += [f"{method}/integration", f"{method}/responses/200", f"{method}/integration/responses/200"]
        for path in paths:
            for operation in [
                {"op": "replace", "path": "/id", "value": "x"},
                {"op": "replace", "path": "/nothere", "value": "x"},
                {"op": "replace", "path": "", "value": "x"},
                {"op": "replace", "path": "nothere", "value": "x"},
                {"op": "replace", "value": "x"},
                {"op": "replace", "path": "/" + "a/" * 5000, "value": "x"},
                {"op": "move", "path": "/description", "from": "/name"},
                {"op": "test", "path": "/nothere", "value": "x"},
                {"op": "invent", "path": "/description", "value": "x"},
                {"path": "/description", "value": "x"},
                {"op": 7, "path": "/description", "value": "x"},
                {"op": "replace", "path": {"a": 1}, "value": "x"},
                {"op": "remove", "path": "/nothere/~1x"},
                "replace",
                None,
                7,
            ]:
                good = {"op": "replace", "path": "/description", "value": "changed"}
                with self.subTest(path=path, operation=str(operation)[:100]):
                    self.client_error("PATCH", path, json.dumps({"patchOperations": [good, operation]}))
            for body in ['{"patchOperations": {}}', '{"patchOperations": "x"}', '{"patchOperations": 7}']:
                with self.subTest(path=path, body=body):
                    self.client_error("PATCH", path, body)

    def test_members_that_cannot_be(self):
        api = f"/restapis/{self.id}"
        method = f"{api}/resources/{self.root}/methods"
        for verb, path, body in [
            ("POST", "/restapis", {}),
            ("POST", "/restapis", {"name": ""}),
            ("POST", "/restapis", {"name": 7}),
            ("POST", "/restapis", {"name": ["x"]}),
            ("POST", "/restapis", {"name": "x", "invented": 1}),
            ("POST", "/restapis", {"name": "x", "apiKeySource": "NOWHERE"}),
            ("POST", "/restapis", {"name": "x", "endpointConfiguration": {"types": ["MOON"]}}),
            ("POST", "/restapis", {"name": "x", "endpointConfiguration": 7}),
            ("POST", "/restapis", {"name": "x", "minimumCompressionSize": -1}),
            ("POST", "/restapis", {"name": "x", "minimumCompressionSize": "x"}),
            ("POST", "/restapis", {"name": "x", "policy": "no json"}),
            ("PUT", f"{method}/GOT", {"authorizationType": "NONE"}),
            ("PUT", f"{method}/POST", {"authorizationType": "MAYBE"}),
            ("PUT", f"{method}/POST", {}),
            ("PUT", f"{method}/POST", {"authorizationType": "CUSTOM"}),
            ("PUT", f"{method}/POST", {"authorizationType": "CUSTOM", "authorizerId": "nothere"}),
            ("PUT", f"{method}/POST", {"authorizationType": "NONE", "requestParameters": {"x": True}}),
            ("PUT", f"{method}/POST", {"authorizationType": "NONE", "requestValidatorId": "nothere"}),
            ("PUT", f"{method}/GET/integration", {"type": "SOMETHING"}),
            ("PUT", f"{method}/GET/integration", {"type": "HTTP"}),
            ("PUT", f"{method}/GET/integration", {"type": "MOCK", "timeoutInMillis": 7}),
            ("PUT", f"{method}/GET/integration", {"type": "MOCK", "passthroughBehavior": "MAYBE"}),
            ("PUT", f"{method}/GET/integration", {"type": "MOCK", "contentHandling": "MAYBE"}),
            ("PUT", f"{method}/GET/responses/abc", {}),
            ("PUT", f"{method}/GET/integration/responses/201", {"contentHandling": "MAYBE"}),
            ("POST", f"{api}/stages", {}),
            ("POST", f"{api}/stages", {"stageName": "x"}),
            ("POST", f"{api}/stages", {"stageName": "x", "deploymentId": "nothere"}),
            ("POST", f"{api}/stages", {"stageName": "a/b", "deploymentId": self.deployment}),
            ("POST", f"{api}/stages", {"stageName": "prod", "deploymentId": self.deployment}),
            ("POST", f"{api}/stages", {"stageName": "x", "deploymentId": self.deployment, "variables": {"a b": "x"}}),
            ("POST", f"{api}/stages", {"stageName": "x", "deploymentId": self.deployment, "cacheClusterSize": "7"}),
            ("POST", f"{api}/deployments", {"stageName": "a b"}),
            ("POST", f"{api}/deployments", {"stageName": 7}),
            ("POST", f"{api}/deployments", {"canarySettings": {"percentTraffic": 1}}),
            ("POST", f"{api}/requestvalidators", {"validateRequestBody": "x"}),
        ]:
            with self.subTest(f"{verb} {path} {body}"):
                self.client_error(verb, path, json.dumps(body), (400, 404, 409))

    def test_bodies_that_are_nothing(self):
        deep = "[" * 10_000 + "]" * 10_000
        deep_objects = '{"a":' * 10_000 + "1" + "}" * 10_000
        ten = 10 * 1024 * 1024
        for name, body in [
            ("no JSON", "{"),
            ("a list", "[]"),
            ("a text", '"x"'),
            ("a number", "7"),
            ("no UTF-8", b'{"name": "\xff\xfe"}'),
            ("a NUL", b"\0"),
            ("a lone surrogate", '{"name": "\\ud800"}'),
            ("deep lists", deep),
            ("deep objects", deep_objects),
            ("deep, within", '{"name": "x", "tags": ' + deep_objects + "}"),
            ("a number too large", '{"name": "x", "minimumCompressionSize": 1e999}'),
            ("10 MB of a name", json.dumps({"name": "a" * (ten - 100)})),
            ("10 MB of members", json.dumps({f"m{number}": number for number in range(500_000)})),
            ("more than 10 MB", json.dumps({"name": "a" * (ten + 100)})),
        ]:
            for method, path in [
                ("POST", "/restapis"),
                ("PATCH", f"/restapis/{self.id}"),
                ("POST", f"/restapis/{self.id}/deployments"),
                ("PUT", f"/restapis/{self.id}/resources/{self.root}/methods/POST"),
            ]:
                with self.subTest(name, path=path):
                    self.client_error(method, path, body, (400, 413, 429))

    def test_pages_in_browsers(self):
        # Nobody signs here, so a page from elsewhere must not be able to call.
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"host": "evil.example"}):
            headers = {"content-type": "text/plain", **headers}
            status, kind, _ = raw("POST", f"/restapis/{self.id}/deployments", '{"stageName": "prod"}', headers)
            self.assertEqual((403, "AccessDeniedException"), (status, kind), headers)

    def test_duplicates(self):
        with self.refused("ConflictException", 409, "Stage already exists"):
            self.client.create_stage(restApiId=self.id, stageName="prod", deploymentId=self.deployment)
        with self.refused("ConflictException", 409, "Method already exists for this resource"):
            self.client.put_method(restApiId=self.id, resourceId=self.root, httpMethod="GET", authorizationType="NONE")


if __name__ == "__main__":
    main()
