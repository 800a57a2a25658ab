"""The cache of a stage: its cluster, the settings of methods, keys of integrations, and who may have a response made anew."""

import http.server
import itertools
import json
import threading

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from access import administrator, key
from common import GATEWAY, REGION, Suite, main, replace
from invoke_iam import send

SIZES = ["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"]


class Counting(http.server.BaseHTTPRequestHandler):
    """Never answers the same twice."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count(1)

    def do_GET(self):
        text = f"{next(self.numbers)} {self.path}".encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Cache(Suite):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
        cls.backend = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)

    def setUp(self):
        self.id, root = self.api()
        self.of = {"restApiId": self.id}
        self.pet = self.client.create_resource(restApiId=self.id, parentId=root, pathPart="pets")["id"]
        self.method = {**self.of, "resourceId": self.pet, "httpMethod": "GET"}

    def made(self, authorization="NONE", keys=("method.request.querystring.q",), **more):
        self.client.put_method(
            authorizationType=authorization,
            requestParameters={"method.request.querystring.q": False, "method.request.header.X-H": False},
            **self.method,
        )
        self.client.put_integration(
            type="HTTP_PROXY",
            integrationHttpMethod="GET",
            uri=f"{self.backend}/pets",
            cacheKeyParameters=list(keys),
            **self.method,
            **more,
        )

    def deployed(self, **settings):
        self.client.create_deployment(
            stageName="prod", cacheClusterEnabled=True, cacheClusterSize="0.5", **self.of
        )
        return self.patched(**({"enabled": "true"} | settings))

    def patched(self, **settings):
        operations = [replace(f"/*/*/caching/{name}", value) for name, value in settings.items()]
        return self.client.update_stage(stageName="prod", patchOperations=operations, **self.of)

    def get(self, path="/pets", headers=None, who=None):
        target = f"/_aws/execute-api/{self.id}/prod{path}"
        headers = dict(headers or {})
        if who:
            request = AWSRequest(method="GET", url=f"http://{GATEWAY}{target}", headers=headers)
            SigV4Auth(who, "execute-api", REGION).add_auth(request)
            headers = dict(request.headers)
        return send("GET", target, None, headers)

    def ok(self, *arguments, **more):
        status, _, text = self.get(*arguments, **more)
        self.assertEqual(200, status, text)
        return text

    def test_a_cluster_is_there_at_once(self):
        self.made()
        stage = self.deployed()
        self.assertEqual((True, "0.5", "AVAILABLE"), tuple(
            stage[name] for name in ("cacheClusterEnabled", "cacheClusterSize", "cacheClusterStatus")
        ))
        first = self.ok()
        self.assertEqual(first, self.ok())
        for size in SIZES:
            patch = [replace("/cacheClusterSize", size)]
            stage = self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
            self.assertEqual(size, stage["cacheClusterSize"])
            self.assertEqual(first, self.ok(), size)
        patch = [replace("/cacheClusterEnabled", "false")]
        stage = self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
        self.assertEqual("NOT_AVAILABLE", stage["cacheClusterStatus"])
        self.assertNotEqual(first, self.ok())

    def test_keys_of_an_integration_tell_responses_apart(self):
        self.made()
        self.deployed()
        answers = [self.ok(f"/pets?q={q}") for q in ("1", "2", "1", "2")]
        self.assertEqual(answers[:2], answers[2:])
        self.assertNotEqual(answers[0], answers[1])
        self.assertEqual(answers[0], self.ok("/pets?q=1", headers={"x-h": "a"}))
        operations = [{"op": "add", "path": "/cacheKeyParameters/method.request.header.X-H", "value": ""}]
        integration = self.client.update_integration(patchOperations=operations, **self.method)
        keys = ["method.request.querystring.q", "method.request.header.X-H"]
        self.assertEqual(sorted(keys), sorted(integration["cacheKeyParameters"]))
        self.assertEqual(answers[0], self.ok("/pets?q=1", headers={"x-h": "a"}), "it acts by deployment")
        self.client.create_deployment(stageName="prod", **self.of)
        self.assertNotEqual(self.ok("/pets?q=1", headers={"x-h": "a"}), self.ok("/pets?q=1", headers={"x-h": "b"}))
        with self.refused("BadRequestException", 400, "Invalid cache key parameter specified"):
            operations = [{"op": "add", "path": "/cacheKeyParameters/method.request.header.Nope", "value": ""}]
            self.client.update_integration(patchOperations=operations, **self.method)

    def test_settings_of_methods(self):
        self.made()
        settings = self.deployed(ttlInSeconds="60", dataEncrypted="true")["methodSettings"]["*/*"]
        self.assertEqual((True, 60, True), tuple(
            settings[name] for name in ("cachingEnabled", "cacheTtlInSeconds", "cacheDataEncrypted")
        ))
        first = self.ok()
        self.assertEqual(first, self.ok())
        self.patched(dataEncrypted="false")
        self.assertNotEqual(first, self.ok(), "what was encrypted is not found where nothing is")
        for name, value in [("ttlInSeconds", "3601"), ("ttlInSeconds", "-1")]:
            with self.refused("BadRequestException", 400):
                self.patched(**{name: value})
        with self.refused("BadRequestException", 400):
            self.patched(unauthorizedCacheControlHeaderStrategy="FAIL")
        for size in ("0.6", "0", "238"):
            with self.refused("BadRequestException", 400):
                patch = [replace("/cacheClusterSize", size)]
                self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
            with self.refused("ValidationException", 400):
                self.client.create_deployment(stageName="more", cacheClusterSize=size, **self.of)

    def test_a_flush(self):
        self.made()
        self.deployed()
        first = self.ok()
        self.assertEqual(first, self.ok())
        self.client.flush_stage_cache(stageName="prod", **self.of)
        self.assertNotEqual(first, self.ok())

    def test_those_who_may_not_renew(self):
        self.made()
        self.deployed()
        renew = {"cache-control": "max-age=0"}
        first = self.ok()
        self.assertEqual(first, self.ok(headers=renew))
        self.patched(unauthorizedCacheControlHeaderStrategy="FAIL_WITH_403")
        status, kind, _ = self.get(headers=renew)
        self.assertEqual((403, "AccessDeniedException"), (status, kind))
        self.patched(requireAuthorizationForCacheControl="false")
        self.assertNotEqual(first, self.ok(headers=renew))

    def test_a_keys_policy_lets_renew(self):
        self.made(authorization="AWS_IAM", keys=())
        self.deployed(unauthorizedCacheControlHeaderStrategy="FAIL_WITH_403")

        def who(*actions):
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            made = key({"Version": "2012-10-17", "Statement": [statement]})
            return Credentials(made["id"], made["secret"])

        renew = {"cache-control": "max-age=0"}
        caller, renewer = who("execute-api:Invoke"), who("execute-api:Invoke", "execute-api:InvalidateCache")
        first = self.ok(who=caller)
        self.assertEqual(first, self.ok(who=renewer), "whose it is is no key")
        status, kind, text = self.get(headers=renew, who=caller)
        self.assertEqual((403, "AccessDeniedException"), (status, kind))
        self.assertIn("execute-api:InvalidateCache", json.loads(text)["Message"])
        second = self.ok(headers=renew, who=renewer)
        self.assertNotEqual(first, second)
        self.assertEqual(second, self.ok(who=caller))
        self.assertNotEqual(second, self.ok(headers=renew, who=administrator()))

    def test_a_canary_with_other_variables_is_told_and_shares(self):
        self.made()
        self.deployed()
        first = self.ok()
        patch = [
            replace("/canarySettings/percentTraffic", "100.0"),
            replace("/canarySettings/useStageCache", "true"),
            {"op": "replace", "path": "/canarySettings/stageVariableOverrides/colour", "value": "red"},
        ]
        self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
        self.assertEqual(first, self.ok())
        patch = [replace("/canarySettings/useStageCache", "false")]
        self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
        self.assertNotEqual(self.ok(), self.ok())


if __name__ == "__main__":
    main()
