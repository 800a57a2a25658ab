"""Test invocations: what is edited is run as a deployment of it would be, told step by step, and nothing is live."""

import base64
import http.server
import json
import re
import threading
import urllib.request

from common import CONTROL, fetch, main, raw, replace
from told import DATE, Told

LARGEST = 1024 * 1024


class Backend(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked; some paths answer in ways of their own."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = {"method": self.command, "path": self.path, "body": body.decode(errors="replace")}
        told["headers"] = {name.lower(): self.headers.get_all(name) for name in self.headers}
        text = {
            "/bytes": b"\xff\x00\xfe",
            "/large": b"x" * (LARGEST + 1),
            "/largest": b"x" * LARGEST,
        }.get(self.path, json.dumps(told).encode())
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.send_header("set-cookie", "session=secret")
        self.send_header("x-many", "1")
        self.send_header("x-many", "2")
        self.end_headers()
        if self.path == "/drips":
            self.wfile.write(text[:1])
            self.wfile.flush()
            type(self).hold.wait(60)
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_HEAD = answer
    hold = threading.Event()

    def log_message(self, *_):
        pass


class Invoke(Told):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        cls.backend = f"http://127.0.0.1:{cls.server.server_port}"
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.addClassCleanup(Backend.hold.set)

    def resource(self, *parts):
        at = self.root
        for part in parts:
            at = self.client.create_resource(parentId=at, pathPart=part, **self.of)["id"]
        return at

    def method(self, resource, verb, integration, responses=None, **more):
        """A method with an integration; responses by status, each with its members."""
        of = {"resourceId": resource, "httpMethod": verb, **self.of}
        self.client.put_method(**{"authorizationType": "NONE", **more}, **of)
        self.client.put_integration(**integration, **of)
        for status, response in (responses or {}).items():
            headers = {f"method.response.header.{name}": False for name in response.pop("headers", [])}
            self.client.put_method_response(statusCode=status, responseParameters=headers, **of)
            self.client.put_integration_response(statusCode=status, **response, **of)

    def http(self, path="", verb="GET", kind="HTTP", **more):
        return {"type": kind, "uri": f"{self.backend}{path}", "integrationHttpMethod": verb, **more}

    def invoke(self, resource, verb="GET", **more):
        return self.client.test_invoke_method(resourceId=resource, httpMethod=verb, **self.of, **more)

    def test_an_http_integration_with_templates(self):
        pet = self.resource("pets", "{id}")
        self.method(
            pet,
            "POST",
            self.http(
                "/{id}",
                "PUT",
                requestParameters={
                    "integration.request.path.id": "method.request.path.id",
                    "integration.request.querystring.q": "method.request.querystring.q",
                    "integration.request.header.x-secret": "method.request.header.x-secret",
                },
                requestTemplates={
                    "application/json": '{"who": $input.json("$.name"), "color": "$stageVariables.color"}'
                },
            ),
            {
                "200": {"responseTemplates": {"application/json": 'rendered $input.path("$.path")'}},
                "404": {
                    "headers": ["x-told"],
                    "selectionPattern": "404",
                    "responseParameters": {"method.response.header.x-told": "'gone'"},
                    "responseTemplates": {"application/json": "no such pet in $context.stage"},
                },
            },
            requestParameters={
                "method.request.querystring.q": False,
                "method.request.path.id": True,
                "method.request.header.x-secret": False,
            },
        )
        asked = {"stageVariables": {"color": "blue"}, "body": '{"name": "rex"}'}
        answer = self.invoke(
            pet,
            "POST",
            pathWithQueryString="/pets/a%20b?q=1%262",
            headers={"Authorization": "Bearer 0123456789abcdef", "X-B": "b"},
            **asked,
        )
        self.assertEqual((200, "rendered /a%20b?q=1%262"), (answer["status"], answer["body"]))
        self.assertIsInstance(answer["latency"], int)
        self.assertEqual("application/json", answer["headers"]["content-type"])
        self.assertEqual(["application/json"], answer["multiValueHeaders"]["content-type"])
        self.assertNotIn("x-amzn-requestid", answer["headers"])
        uri = f"{self.backend}/a%20b?q=1%262"
        expected = [
            "Starting execution for request: ID",
            "HTTP Method: POST, Resource Path: /pets/{id}",
            "Method request path: {id=a%20b}",
            "Method request query string: {q=1&2}",
            "Method request headers: {authorization=*******************cdef, x-b=b}",
            'Method request body before transformations: {"name": "rex"}',
            f"Endpoint request URI: {uri}",
            "Endpoint request headers: {content-type=application/json, ...",
            'Endpoint request body after transformations: {"who": "rex", "color": "blue"}',
            f"Sending request to {uri}",
            "Received response. Status: 200, Integration latency: N ms",
            "Endpoint response headers: {server=...",
            'Endpoint response body before transformations: {"method": "PUT", "path": "/a%20b?q=1%262", ...',
            "Method response body after transformations: rendered /a%20b?q=1%262",
            "Method response headers: {content-type=application/json, x-amzn-trace-id=ROOT}",
            "Successfully completed execution",
            "Method completed with status: 200",
        ]
        lines = self.lines(answer)
        self.assertIn("set-cookie=**************", lines[11])
        cut = [
            begin if begin.endswith("...") and line.startswith(begin[:-3]) else line
            for line, begin in zip(lines, expected)
        ]
        self.assertEqual(expected, cut + lines[len(expected) :])
        answer = self.invoke(pet, "POST", pathWithQueryString="/pets/missing", **asked)
        self.assertEqual((404, "no such pet in test-invoke-stage"), (answer["status"], answer["body"]))
        self.assertEqual("gone", answer["headers"]["x-told"])

    def test_stations_are_told_beside(self):
        self.method(
            self.root,
            "POST",
            self.http("/x", "POST", requestTemplates={"application/json": "request #if(true)rendered#end"}),
            {"200": {"responseTemplates": {"application/json": "response #if(true)rendered#end"}}},
        )
        status, _, answer = raw("POST", f"/restapis/{self.id}/resources/{self.root}/methods/POST", "{}")
        self.assertEqual(200, status)
        stations = answer["portcullis:stations"]
        names = ["route", "validate", "integration request", "integrate", "integration response", "respond"]
        self.assertEqual(names, [station["name"] for station in stations])
        rendered = {station["name"]: station["rendered"] for station in stations if station["rendered"]}
        told = {"integration request": ["request rendered"], "integration response": ["response rendered"]}
        self.assertEqual(told, rendered)
        for station in stations:
            self.assertIsInstance(station["microseconds"], int)
        lines = [line for station in stations for line in station["lines"]]
        logged = [re.sub(f"^{DATE}", "", line) for line in answer["log"].splitlines()[1:]]
        self.assertEqual(logged, lines)

    def test_what_is_edited_is_run_and_nothing_becomes_live(self):
        self.mock(self.id, self.root, "one $stageVariables.v")
        self.client.create_deployment(stageName="prod", variables={"v": "live"}, **self.of)
        self.say(self.id, self.root, "two $stageVariables.v")
        answer = self.invoke(self.root, stageVariables={"v": "tried"})
        self.assertEqual((200, "two tried"), (answer["status"], answer["body"]))
        self.assertEqual((200, "two "), (self.invoke(self.root)["status"], self.invoke(self.root)["body"]))
        self.assertEqual((200, "one live"), fetch(self.id, "prod"))
        self.assertEqual(403, fetch(self.id, "test-invoke-stage")[0])
        self.assertEqual(["prod"], [stage["stageName"] for stage in self.client.get_stages(**self.of)["item"]])
        lines = self.lines(self.invoke(self.root, pathWithQueryString="/?a=b"))
        self.assertEqual(
            [
                "Starting execution for request: ID",
                "HTTP Method: GET, Resource Path: /",
                "Method request path: {}",
                "Method request query string: {a=b}",
                "Method request headers: {}",
                "Method request body before transformations: ",
                "Method response body after transformations: two ",
                "Method response headers: {content-type=application/json}",
                "Successfully completed execution",
                "Method completed with status: 200",
            ],
            lines,
        )

    def test_nothing_is_counted_for_a_stage_of_that_name(self):
        self.mock(self.id, self.root, "x")
        self.client.create_deployment(stageName="test-invoke-stage", **self.of)
        fetch(self.id, "test-invoke-stage")
        before = self.counted()
        self.assertTrue(before)
        self.assertEqual(200, self.invoke(self.root)["status"])
        self.assertEqual(before, self.counted())

    def counted(self):
        with urllib.request.urlopen(f"{CONTROL}/_portcullis/metrics") as answer:
            metrics = answer.read().decode()
        return [line for line in metrics.splitlines() if "test-invoke-stage" in line and self.id in line]

    def test_the_rest_of_the_api_may_be_broken(self):
        self.mock(self.id, self.root, "whole")
        other = self.resource("other")
        self.client.put_method(resourceId=other, httpMethod="GET", authorizationType="NONE", **self.of)
        self.assertEqual("whole", self.invoke(self.root)["body"])
        answer = self.invoke(other)
        self.assertEqual((500, {"message": "Internal server error"}), (answer["status"], json.loads(answer["body"])))
        self.assertIn("Execution failed due to configuration error: ", answer["log"])
        self.assertIn("nothing answers this method: it has no integration", answer["log"])

    def test_templates_that_fail(self):
        self.mock(self.id, self.root, "#if(")
        answer = self.invoke(self.root)
        self.assertEqual(500, answer["status"])
        self.assertRegex(answer["log"], "Execution failed due to configuration error: .*template")
        self.assertTrue(answer["log"].endswith("Method completed with status: 500\n"), answer["log"])
        self.say(self.id, self.root, "#set($context.responseOverride.header.content-length = '1')x")
        self.client.put_gateway_response(
            responseType="API_CONFIGURATION_ERROR", responseTemplates={"application/json": "our words"}, **self.of
        )
        self.client.update_integration(
            resourceId=self.root,
            httpMethod="GET",
            patchOperations=[replace("/requestTemplates/application~1json", '{"statusCode": none}')],
            **self.of,
        )
        answer = self.invoke(self.root)
        self.assertEqual((500, "our words"), (answer["status"], answer["body"]))
        self.assertIn(
            "Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is "
            "defined in the request template.",
            self.lines(answer),
        )
        self.client.update_integration(
            resourceId=self.root,
            httpMethod="GET",
            patchOperations=[replace("/requestTemplates/application~1json", "#set($l = [1, 2])$l[2]")],
            **self.of,
        )
        answer = self.invoke(self.root)
        self.assertEqual(500, answer["status"])
        self.assertIn("Execution failed due to configuration error: the template cannot be rendered: ", answer["log"])

    def test_validators_gateway_responses_and_what_is_not_run_here(self):
        validator = self.client.create_request_validator(
            validateRequestBody=False, validateRequestParameters=True, **self.of
        )["id"]
        self.mock(self.id, self.root, "x")
        operations = [
            replace("/requestValidatorId", validator),
            {"op": "add", "path": "/requestParameters/method.request.querystring.q", "value": "true"},
        ]
        of = {"resourceId": self.root, "httpMethod": "GET", **self.of}
        self.client.update_method(patchOperations=operations, **of)
        answer = self.invoke(self.root)
        missing = {"message": "Missing required request parameters: [q]"}
        self.assertEqual((400, missing), (answer["status"], json.loads(answer["body"])))
        self.assertEqual(200, self.invoke(self.root, pathWithQueryString="?q=1")["status"])
        function = "arn:aws:lambda:us-east-1:1:function:f"
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
        lambdas = self.resource("lambda")
        self.method(lambdas, "GET", {"type": "AWS_PROXY", "uri": uri, "integrationHttpMethod": "POST"})
        answer = self.invoke(lambdas)
        self.assertEqual((500, {"message": "Internal server error"}), (answer["status"], json.loads(answer["body"])))
        self.assertIn("nothing runs the function `f`", answer["log"])

    def test_nobody_is_asked_whether_he_may(self):
        guard = self.guard("method.request.header.X-Token")
        self.method(
            self.root,
            "GET",
            self.http("/", kind="HTTP_PROXY"),
            authorizationType="CUSTOM",
            authorizerId=guard,
            apiKeyRequired=True,
        )
        answer = self.invoke(self.root, headers={"X-Token": "a-secret-of-someone"})
        self.assertEqual(200, answer["status"])
        self.assertNotIn("authorizer", answer["log"])
        self.assertIn("Method request headers: {x-token=***************eone}", self.lines(answer))

    def test_a_proxy_passes_headers_and_bytes(self):
        for path in ("bytes", "large", "largest", "echo", "drips"):
            self.method(self.resource(path), "ANY", self.http(f"/{path}", "ANY", kind="HTTP_PROXY"))
        items = self.client.get_resources(**self.of)["items"]
        of = {item["path"]: item["id"] for item in items}
        answer = self.invoke(
            of["/echo"],
            "PUT",
            body="é",
            headers={"x-one": "1", "X-Several": "0", "content-length": "99"},
            multiValueHeaders={"x-several": ["a", "b"]},
        )
        told = json.loads(answer["body"])
        self.assertEqual(("PUT", "é"), (told["method"], told["body"]))
        self.assertEqual(["a", "b"], told["headers"]["x-several"])
        self.assertEqual((["1"], ["2"]), (told["headers"]["x-one"], told["headers"]["content-length"]))
        self.assertEqual(["1", "2"], answer["multiValueHeaders"]["x-many"])
        self.assertEqual("2", answer["headers"]["x-many"])
        self.assertEqual("", self.invoke(of["/echo"], "HEAD")["body"])
        status, _, answer = raw("POST", f"/restapis/{self.id}/resources/{of['/bytes']}/methods/GET")
        self.assertEqual((200, True), (status, answer["portcullis:isBase64Encoded"]))
        self.assertEqual(b"\xff\x00\xfe", base64.b64decode(answer["body"]))
        self.assertEqual(LARGEST, len(self.invoke(of["/largest"], "GET")["body"]))
        with self.refused("BadRequestException", 400):
            self.invoke(of["/large"], "GET")
        drips = {"resourceId": of["/drips"], "httpMethod": "ANY", **self.of}
        self.client.update_integration(patchOperations=[replace("/timeoutInMillis", "50")], **drips)
        answer = self.invoke(of["/drips"], "GET")
        late = {"message": "Endpoint request timed out"}
        self.assertEqual((504, late), (answer["status"], json.loads(answer["body"])))
        self.assertIn("Execution failed due to a timeout error", self.lines(answer))

    def test_an_endpoint_that_is_not_there(self):
        nowhere = {"type": "HTTP_PROXY", "uri": "http://127.0.0.1:1/", "integrationHttpMethod": "GET"}
        self.method(self.root, "GET", nowhere)
        answer = self.invoke(self.root)
        self.assertEqual(503, answer["status"])
        self.assertIn("Sending request to http://127.0.0.1:1/", self.lines(answer))

    def test_a_variable_that_is_not_given(self):
        self.method(
            self.root,
            "GET",
            {"type": "HTTP_PROXY", "uri": "http://${stageVariables.host}/x", "integrationHttpMethod": "GET"},
        )
        answer = self.invoke(self.root)
        self.assertEqual(500, answer["status"])
        self.assertIn("the stage test-invoke-stage has no variable `host`", answer["log"])
        host = self.backend.removeprefix("http://")
        answer = self.invoke(self.root, stageVariables={"host": host})
        self.assertEqual("/x", json.loads(answer["body"])["path"])

    def test_greedy_paths_and_paths_of_others(self):
        files = self.resource("files", "{proxy+}")
        self.method(
            files,
            "ANY",
            self.http(
                "/f/{proxy}",
                "ANY",
                kind="HTTP_PROXY",
                requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
            ),
            requestParameters={"method.request.path.proxy": True},
        )
        answer = self.invoke(files, pathWithQueryString="/files/a/b?c=d")
        self.assertEqual("/f/a/b?c=d", json.loads(answer["body"])["path"])
        for path in ("/elsewhere", "files/a", "/files", "/files/\n", "http://h/files/a", "*"):
            with self.subTest(path), self.refused("BadRequestException", 400):
                self.invoke(files, pathWithQueryString=path)

    def test_what_is_wrong_is_the_callers(self):
        self.mock(self.id, self.root, "x")
        with self.refused("NotFoundException", 404, "Invalid Method identifier specified"):
            self.invoke(self.root, "POST")
        with self.refused("NotFoundException", 404, "Invalid Resource identifier specified"):
            self.invoke("nothere")
        with self.refused("NotFoundException", 404, "Invalid Client Certificate identifier specified"):
            self.invoke(self.root, clientCertificateId="nothere")
        for headers in ({"a b": "1"}, {"a": "1\r\nb: 2"}, {f"x-{n}": "1" for n in range(101)}):
            with self.refused("BadRequestException", 400):
                self.invoke(self.root, headers=headers)
        path = f"/restapis/{self.id}/resources/{self.root}/methods/GET"
        for body, kind in [
            ('{"nonsense": 1}', "BadRequestException"),
            ('{"headers": {"a": 1}}', "SerializationException"),
            ('{"multiValueHeaders": {"a": "b"}}', "BadRequestException"),
            ('{"body": {}}', "BadRequestException"),
            ("[]", "SerializationException"),
        ]:
            status, found, _ = raw("POST", path, body)
            self.assertEqual((400, kind), (status, found), body)

    def test_a_client_certificate(self):
        certificate = self.client.generate_client_certificate()["clientCertificateId"]
        self.addCleanup(self.client.delete_client_certificate, clientCertificateId=certificate)
        self.method(self.root, "GET", {"type": "HTTP", "uri": "https://127.0.0.1:1/", "integrationHttpMethod": "GET"})
        with_it, without = self.invoke(self.root, clientCertificateId=certificate), self.invoke(self.root)
        self.assertEqual(without["status"], with_it["status"], "nobody is there")
        self.assertNotIn("client certificate", with_it["log"])


if __name__ == "__main__":
    main()
