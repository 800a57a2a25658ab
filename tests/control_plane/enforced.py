"""What is written by the protocol acts on requests when it is deployed: nothing is kept for show."""

import base64
import contextlib
import gzip
import http.client
import http.server
import json
import os
import pathlib
import threading
import time

from common import GATEWAY, Suite, fetch, main, replace

SCHEMA = {"type": "object", "required": ["name"], "properties": {"name": {"$ref": "NAME"}}}


class Backend(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = {"method": self.command, "path": self.path, "body": body.decode(errors="replace")}
        told["headers"] = {name.lower(): value for name, value in self.headers.items()}
        text = json.dumps(told).encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class Enforced(Suite):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        cls.backend = f"http://127.0.0.1:{cls.server.server_port}"
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def setUp(self):
        self.id, self.root = self.api()
        self.of = {"restApiId": self.id}

    def deploy(self, **more):
        return self.client.create_deployment(stageName="prod", **self.of, **more)["id"]

    def get(self, path="/", **more):
        return fetch(self.id, "prod", path, **more)

    def patch_api(self, *operations):
        self.client.update_rest_api(patchOperations=list(operations), **self.of)

    def raw(self, headers):
        """Status, headers and bytes of a GET of the root."""
        connection = http.client.HTTPConnection(GATEWAY, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", f"/_aws/execute-api/{self.id}/prod/", headers=headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def test_models_and_validators(self):
        name = f"https://apigateway.amazonaws.com/restapis/{self.id}/models/Name"
        schema = json.dumps(SCHEMA).replace("NAME", name)
        self.client.create_model(name="Name", contentType="application/json", schema='{"type": "string"}', **self.of)
        self.client.create_model(name="Pet", contentType="application/json", schema=schema, **self.of)
        validator = self.client.create_request_validator(
            validateRequestBody=True, validateRequestParameters=True, **self.of
        )["id"]
        method = {"resourceId": self.root, "httpMethod": "POST", **self.of}
        self.mock(self.id, self.root, "taken", verb="POST")
        self.client.update_method(
            patchOperations=[
                replace("/requestValidatorId", validator),
                {"op": "add", "path": "/requestModels/application~1json", "value": "Pet"},
                {"op": "add", "path": "/requestParameters/method.request.querystring.q", "value": "true"},
            ],
            **method,
        )
        self.deploy()
        post = {"method": "POST", "headers": {"content-type": "application/json"}}
        self.assertEqual((200, "taken"), self.get("/?q=1", body='{"name": "x"}', **post))
        missing = '{"message": "Missing required request parameters: [q]"}'
        self.assertEqual((400, missing), self.get("/", body='{"name": "x"}', **post))
        for body in ('{"name": 7}', "{}", ""):
            self.assertEqual((400, '{"message": "Invalid request body"}'), self.get("/?q=1", body=body, **post))
        self.client.update_request_validator(
            requestValidatorId=validator, patchOperations=[replace("/validateRequestBody", "false")], **self.of
        )
        self.assertEqual(400, self.get("/?q=1", body="{}", **post)[0], "an edit is not live")
        self.deploy()
        self.assertEqual((200, "taken"), self.get("/?q=1", body="{}", **post))

    def test_gateway_responses(self):
        self.mock(self.id, self.root, "x")
        self.client.put_gateway_response(
            responseType="MISSING_AUTHENTICATION_TOKEN",
            statusCode="418",
            responseTemplates={"application/json": '{"no": "$context.error.responseType"}'},
            **self.of,
        )
        self.deploy()
        self.assertEqual((418, '{"no": "MISSING_AUTHENTICATION_TOKEN"}'), self.get("/nothing"))
        self.client.delete_gateway_response(responseType="MISSING_AUTHENTICATION_TOKEN", **self.of)
        self.deploy()
        self.assertEqual((403, '{"message":"Missing Authentication Token"}'), self.get("/nothing"))

    def test_authorizers(self):
        self.mock(self.id, self.root, "$context.authorizer.principalId")
        authorizer = self.client.create_authorizer(
            name="guard",
            type="TOKEN",
            authorizerUri="portcullis:plugin:tokens",
            identitySource="method.request.header.Authorization",
            authorizerResultTtlInSeconds=0,
            **self.of,
        )["id"]
        self.client.update_method(
            resourceId=self.root,
            httpMethod="GET",
            patchOperations=[replace("/authorizationType", "CUSTOM"), replace("/authorizerId", authorizer)],
            **self.of,
        )
        self.deploy()
        self.assertEqual((401, '{"message":"Unauthorized"}'), self.get())
        self.assertEqual(403, self.get(headers={"Authorization": "Bearer mallory-secret"})[0])
        self.assertEqual((200, "alice"), self.get(headers={"Authorization": "Bearer alice-secret"}))

    def test_an_http_integration(self):
        pets = self.client.create_resource(parentId=self.root, pathPart="{id}", **self.of)["id"]
        method = {"resourceId": pets, "httpMethod": "GET", **self.of}
        self.client.put_method(
            authorizationType="NONE",
            requestParameters={"method.request.path.id": True, "method.request.querystring.q": False},
            **method,
        )
        for status in ("200", "404"):
            self.client.put_method_response(statusCode=status, **method)
        self.client.put_integration(
            type="HTTP",
            integrationHttpMethod="POST",
            uri=self.backend + "/$" + "{stageVariables.where}/{id}",
            requestParameters={
                "integration.request.path.id": "method.request.path.id",
                "integration.request.header.x-q": "method.request.querystring.q",
                "integration.request.querystring.fixed": "'1'",
            },
            requestTemplates={"application/json": '{"asked": "$input.params(\'q\')"}'},
            **method,
        )
        self.client.put_integration_response(
            statusCode="200",
            responseTemplates={
                "application/json": "$input.path('$.path') $input.path('$.headers.x-q') $input.path('$.body')"
            },
            **method,
        )
        self.client.put_integration_response(
            statusCode="404", selectionPattern="4\\d\\d", responseTemplates={"application/json": "none"}, **method
        )
        self.deploy(variables={"where": "pets"})
        self.assertEqual((200, '/pets/7?fixed=1 a {"asked": "a"}'), self.get("/7?q=a"))
        self.assertEqual((404, "none"), self.get("/missing"))
        self.client.update_stage(stageName="prod", patchOperations=[replace("/variables/where", "dogs")], **self.of)
        self.assertEqual((200, '/dogs/7?fixed=1 a {"asked": "a"}'), self.get("/7?q=a"))

    def test_a_proxy_for_any_verb(self):
        proxy = self.client.create_resource(parentId=self.root, pathPart="{proxy+}", **self.of)["id"]
        method = {"resourceId": proxy, "httpMethod": "ANY", **self.of}
        self.client.put_method(
            authorizationType="NONE", requestParameters={"method.request.path.proxy": True}, **method
        )
        self.client.put_integration(
            type="HTTP_PROXY",
            integrationHttpMethod="ANY",
            uri=self.backend + "/v1/{proxy}",
            requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
            **method,
        )
        self.deploy()
        status, text = self.get("/a/b?c=d", method="PUT", body="hello")
        told = json.loads(text)
        self.assertEqual((200, "PUT", "/v1/a/b?c=d", "hello"), (status, told["method"], told["path"], told["body"]))

    def test_compression(self):
        self.mock(self.id, self.root, "x" * 2000)
        self.patch_api(replace("/minimumCompressionSize", "1000"))
        self.deploy()
        status, headers, body = self.raw({"accept-encoding": "gzip"})
        self.assertEqual((200, "gzip", b"x" * 2000), (status, headers.get("content-encoding"), gzip.decompress(body)))
        self.patch_api(replace("/minimumCompressionSize", ""))
        self.deploy()
        status, headers, body = self.raw({"accept-encoding": "gzip"})
        self.assertEqual((200, None, b"x" * 2000), (status, headers.get("content-encoding"), body))

    def test_binary_media_types(self):
        method = {"resourceId": self.root, "httpMethod": "POST", **self.of}
        self.client.put_method(authorizationType="NONE", **method)
        self.client.put_method_response(statusCode="200", **method)
        self.client.put_integration(
            type="HTTP",
            integrationHttpMethod="POST",
            uri=self.backend + "/",
            contentHandling="CONVERT_TO_TEXT",
            **method,
        )
        self.client.put_integration_response(statusCode="200", **method)
        self.patch_api({"op": "add", "path": "/binaryMediaTypes/image~1png"})
        self.deploy()
        sent = bytes(range(256))
        status, text = self.get(method="POST", body=sent, headers={"content-type": "image/png"})
        self.assertEqual((200, base64.b64encode(sent).decode()), (status, json.loads(text)["body"]))

    def test_access_logs(self):
        self.mock(self.id, self.root, "x")
        self.deploy()
        settings = "/accessLogSettings/"
        of = {"stageName": "prod", **self.of}
        for name in ("/tmp/not-here", "not-here", "../not-here", "file:not-here", "arn:aws:s3:::bucket"):
            with self.refused("BadRequestException", 400):
                patch = [replace(settings + "format", "x"), replace(settings + "destinationArn", name)]
                self.client.update_stage(patchOperations=patch, **of)
        arn = f"arn:aws:logs:us-east-1:000000000000:log-group:/shop/../{self.id}"
        patch = [
            replace(settings + "format", "$context.status $context.requestId"),
            replace(settings + "destinationArn", arn),
        ]
        self.client.update_stage(patchOperations=patch, **of)
        self.assertEqual(200, self.get()[0])
        log = pathlib.Path(os.environ["DATA"], "access-logs", f"_shop_.._{self.id}.log")
        for _ in range(18_000):
            if log.exists() and log.read_text():
                break
            time.sleep(0.01)
        self.assertRegex(log.read_text(), r"^200 [0-9a-f-]{36}\n$")

    def test_a_method_that_nothing_decides_about_is_closed(self):
        self.mock(self.id, self.root, "x")
        pools = self.client.create_authorizer(
            name="pools",
            type="COGNITO_USER_POOLS",
            providerARNs=["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x"],
            identitySource="method.request.header.Authorization",
            **self.of,
        )
        elsewhere = self.client.create_authorizer(
            name="elsewhere",
            type="REQUEST",
            authorizerUri="arn:aws:apigateway:us-east-1:s3:path/x",
            identitySource="method.request.header.A",
            **self.of,
        )
        for patch in (
            [replace("/authorizationType", "AWS_IAM")],
            [replace("/authorizationType", "COGNITO_USER_POOLS"), replace("/authorizerId", pools["id"])],
            [replace("/authorizationType", "CUSTOM"), replace("/authorizerId", elsewhere["id"])],
            [replace("/authorizationType", "NONE"), replace("/apiKeyRequired", "true")],
        ):
            self.client.update_method(resourceId=self.root, httpMethod="GET", patchOperations=patch, **self.of)
            with contextlib.suppress(self.client.exceptions.BadRequestException):
                self.deploy()
            self.assertIn(self.get()[0], (401, 403, 500), f"never open: {patch}")


if __name__ == "__main__":
    main()
