"""AWS_IAM: what botocore signs is let in, and nothing that differs from it by a byte; and what policies make of it.

Words without another source are those of the crate `sigv4`, which says where it has them.
"""

import contextlib
import datetime
import http.client
import http.server
import json
import threading
import unittest.mock
import urllib.parse

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from access import administrator, key, signed
from common import GATEWAY, REGION, Suite, fetch, main, replace
from enforced import Backend

ACCOUNT = "000000000000"
WHO = "$context.identity.accessKey $context.identity.accountId $context.identity.caller $context.identity.user "
WHO += "$context.identity.userArn"
MISMATCH = "The request signature we calculated does not match the signature you provided."
UNKNOWN = "The security token included in the request is invalid."
JSON = {"content-type": "application/json"}


def statement(effect, resource, **more):
    return {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource, **more}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def credentials(made):
    return Credentials(made["id"], made["secret"])


def send(method, target, body=None, headers=None):
    """A request to the data plane, its target as it stands: status, type of error, text."""
    connection = http.client.HTTPConnection(GATEWAY, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        body = body.encode() if isinstance(body, str) else body
        for name, value in {"host": GATEWAY, "content-length": str(len(body or b"")), **(headers or {})}.items():
            # botocore signs values as UTF-8.
            connection.putheader(name, value.encode())
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("x-amzn-errortype"), answer.read().decode()


class Api(Suite):
    """An API whose every path is of AWS_IAM and says who calls."""

    def setUp(self):
        self.id, root = self.api()
        proxy = self.client.create_resource(restApiId=self.id, parentId=root, pathPart="{proxy+}")["id"]
        for resource in (root, proxy):
            self.guarded(resource)
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        self.base = f"/_aws/execute-api/{self.id}/prod"

    def guarded(self, resource, verb="ANY", kind="AWS_IAM", **more):
        self.mock(self.id, resource, WHO, verb)
        patch = [replace("/authorizationType", kind), *(replace(f"/{name}", value) for name, value in more.items())]
        self.client.update_method(
            restApiId=self.id, resourceId=resource, httpMethod=verb, patchOperations=patch
        )

    def arn(self, rest):
        return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.id}/prod/{rest}"

    def sign(self, method, path, body=None, headers=None, who=None, service="execute-api", region=REGION):
        """A request that botocore signed: method, target, body, headers."""
        url = f"http://{GATEWAY}{self.base}{path}"
        request = AWSRequest(method=method, url=url, data=body, headers={**JSON, **(headers or {})})
        SigV4Auth(who or administrator(), service, region).add_auth(request)
        return method, self.base + path, body, dict(request.headers)

    def presigned(self, path, who=None, expires=600, **more):
        request = AWSRequest(method="GET", url=f"http://{GATEWAY}{self.base}{path}")
        SigV4QueryAuth(who or administrator(), "execute-api", REGION, expires=expires).add_auth(request)
        return "GET", request.url.removeprefix(f"http://{GATEWAY}"), None, {}

    def lets(self, request):
        status, kind, text = send(*request)
        self.assertEqual((200, None), (status, kind), f"{request}: {text}")
        return text

    def refuses(self, request, kind, message, member="message"):
        status, found, text = send(*request)
        self.assertEqual((403, kind), (status, found), f"{request}: {text}")
        told = json.loads(text)[member]
        self.assertTrue(told.startswith(message), f"{request}: {told}")
        return told

    def denies(self, request, who, method, path, more=""):
        masked = f"arn:aws:execute-api:{REGION}:********{ACCOUNT[-4:]}:{self.id}/prod/{method}/{path}"
        message = f"User: {who} is not authorized to perform: execute-api:Invoke on resource: {masked}{more}"
        self.assertEqual(message, self.refuses(request, "AccessDeniedException", message, "Message"))


class Signatures(Api):
    def test_botocore_is_let_in(self):
        id = administrator().access_key
        user = f"arn:aws:iam::{ACCOUNT}:user/administrator"
        who = f"{id} {ACCOUNT} {id} {id} {user}"
        large = b"x" * (1024 * 1024)
        for request in [
            ("GET", "/"),
            ("GET", ""),
            ("GET", "/pets"),
            ("DELETE", "/pets/1"),
            ("GET", "/pets?b=2&a=1"),
            ("GET", "/pets?a=2&a=10&a=1&A=3&empty&none="),
            ("GET", "/pets?q=%C3%A9%20%26%3D%2B%2F"),
            ("GET", "/caf%C3%A9/%E1%88%B4"),
            ("GET", "/a%20b/c%2Fd/e%3Df"),
            ("GET", "/@connections/JBDvjfGEIAMCERw%3D"),
            ("GET", "/a//b/c/d"),
            ("POST", "/pets", '{"name": "é"}'),
            ("PUT", "/pets?x=1", b"\x00\xff\r\n"),
            ("POST", "/pets", large),
            ("POST", "/pets", ""),
            ("POST", "/pets", "{}", {"x-own": "  a   b  ", "x-amz-meta": "é"}),
        ]:
            self.assertEqual(who, self.lets(self.sign(*request)), request[:2])
        for path in ["/pets", "/pets?b=2&a=1&a=0", "/caf%C3%A9?q=%C3%A9"]:
            self.assertEqual(who, self.lets(self.presigned(path)), path)

    def test_a_host_of_the_apis_own(self):
        host = f"{self.id}.execute-api.localhost:8080"
        request = AWSRequest(method="GET", url=f"http://{host}/prod/pets", headers=JSON)
        SigV4Auth(administrator(), "execute-api", REGION).add_auth(request)
        headers = dict(request.headers)
        self.lets(("GET", "/prod/pets", None, {"host": host, **headers}))
        self.refuses(("GET", "/prod/pets", None, {"host": host.upper(), **headers}), "InvalidSignatureException", MISMATCH)
        self.refuses(
            ("GET", self.base + "/pets", None, {"host": host, **headers}), "InvalidSignatureException", MISMATCH
        )

    def changed(self, text):
        """The text with each of its letters and digits changed, one at a time."""
        for index, char in enumerate(text):
            if char.isascii() and char.isalnum():
                yield text[:index] + ("b" if char == "a" else "a" if char.isalpha() else str(9 - int(char))) + text[index + 1 :]

    def test_nothing_that_differs_by_a_byte_is_let_in(self):
        headers = {"x-own": "value", "x-amz-meta": "a b"}
        method, target, body, headers = self.sign("POST", "/pets/7?a=1&b=two", '{"name": "x"}', headers)
        self.lets((method, target, body, headers))
        for other in ("GET", "PUT", "DELETE", "PATCH"):
            self.refuses((other, target, body, headers), "InvalidSignatureException", MISMATCH)
        for rest in self.changed("/pets/7?a=1&b=two"):
            self.refuses((method, self.base + rest, body, headers), "InvalidSignatureException", MISMATCH)
        for rest in ["/pets/7?a=1&b=two&c=3", "/pets/7?a=1", "/pets/7?a=1&a=1&b=two", "/pets/7/?a=1&b=two"]:
            self.refuses((method, self.base + rest, body, headers), "InvalidSignatureException", MISMATCH)
        for other in [*self.changed(body), body + " ", "", None]:
            self.refuses((method, target, other, headers), "InvalidSignatureException", MISMATCH)
        for name, value in headers.items():
            if name.lower() in ("authorization", "x-amz-date"):
                continue
            for other in [*self.changed(value), value + "x", ""]:
                self.refuses((method, target, body, {**headers, name: other}), "InvalidSignatureException", MISMATCH)
        kinds = {"InvalidSignatureException", "IncompleteSignatureException", "UnrecognizedClientException"}
        for name in ("X-Amz-Date", "Authorization"):
            for other in self.changed(headers[name]):
                status, kind, text = send(method, target, body, {**headers, name: other})
                self.assertEqual((403, True), (status, kind in kinds), f"{other}: {kind} {text}")
        missing = {name: value for name, value in headers.items() if name != "x-own"}
        self.refuses((method, target, body, missing), "InvalidSignatureException", MISMATCH)

    def test_nothing_of_a_presigned_url_may_change(self):
        method, target, body, headers = self.presigned("/pets?a=1")
        self.lets((method, target, body, headers))
        self.refuses(("PUT", target, body, headers), "InvalidSignatureException", MISMATCH)
        self.refuses((method, target, "x", headers), "InvalidSignatureException", MISMATCH)
        path, _, query = target.partition("?")
        for other in self.changed(query):
            status, kind, text = send(method, f"{path}?{other}", body, headers)
            self.assertEqual(403, status, f"{other}: {kind} {text}")
        for other in self.changed("/pets"):
            self.refuses(
                (method, f"{self.base}{other}?{query}", body, headers), "InvalidSignatureException", MISMATCH
            )

    def test_what_is_wrong_is_said(self):
        good = administrator()
        forged = Credentials(good.access_key, "wrong" + good.secret_key)
        nobody = Credentials("AKIANOBODYKNOWSTHIS0", "x" * 40)
        temporary = Credentials(good.access_key, good.secret_key, "a-session-token")
        unsigned = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
        plain = (self.base + "/pets", None)
        for kind, message, request in [
            ("MissingAuthenticationTokenException", "Missing Authentication Token", ("GET", *plain, JSON)),
            (
                "IncompleteSignatureException",
                "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'.",
                ("GET", *plain, {"authorization": "Bearer x"}),
            ),
            ("InvalidSignatureException", MISMATCH, self.sign("GET", "/pets", who=forged)),
            ("UnrecognizedClientException", UNKNOWN, self.sign("GET", "/pets", who=nobody)),
            ("UnrecognizedClientException", UNKNOWN, self.sign("GET", "/pets", who=temporary)),
            ("UnrecognizedClientException", UNKNOWN, self.presigned("/pets", who=temporary)),
            # Only S3 takes a body that is not signed: "Create a signed AWS API request", step 1.
            ("InvalidSignatureException", MISMATCH, self.sign("POST", "/pets", "{}", unsigned)),
            (
                "InvalidSignatureException",
                "Credential should be scoped to a valid region, not 'eu-west-1'.",
                self.sign("GET", "/pets", region="eu-west-1"),
            ),
            (
                "InvalidSignatureException",
                "Credential should be scoped to correct service: 'execute-api'.",
                self.sign("GET", "/pets", service="apigateway"),
            ),
        ]:
            self.refuses(request, kind, message)
        self.refuses(
            ("GET", self.presigned("/pets")[1], None, {"authorization": "x"}),
            "InvalidSignatureException",
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
        )

    def test_clocks(self):
        for minutes, expected in [
            (-6, "Signature expired: "),
            (-4, None),
            (4, None),
            (6, "Signature not yet current: "),
        ]:
            time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=time.replace(tzinfo=None)):
                request = self.sign("GET", "/pets")
                presigned = self.presigned("/pets", expires=60), self.presigned("/pets", expires=600)
            if expected is None:
                self.lets(request)
            else:
                self.refuses(request, "InvalidSignatureException", expected)
            if minutes < 0:
                self.refuses(presigned[0], "InvalidSignatureException", "Signature expired: ")
                self.lets(presigned[1])

    def test_a_disabled_key_is_unknown_at_once(self):
        made = key()
        for enabled in (True, False, True):
            status, _, _ = signed("PATCH", f"/_portcullis/keys/{made['id']}", json.dumps({"enabled": enabled}))
            self.assertEqual(200, status)
            request = self.sign("GET", "/pets", who=credentials(made))
            if enabled:
                self.lets(request)
            else:
                self.refuses(request, "UnrecognizedClientException", UNKNOWN)

    def test_a_body_that_is_too_large(self):
        status, kind, text = send(*self.sign("POST", "/pets", b"x" * (10 * 1024 * 1024 + 1)))
        told = (413, "RequestEntityTooLargeException", '{"message":"Request Too Long"}')
        self.assertEqual(told, (status, kind, text))
        # Who is not known has his body refused unread.
        nobody = Credentials("AKIANOBODYKNOWSTHIS0", "x" * 40)
        method, target, _, headers = self.sign("POST", "/pets", b"x", who=nobody)
        self.refuses((method, target, b"", headers), "UnrecognizedClientException", UNKNOWN)

    def test_no_method_and_no_signature(self):
        api, root = self.api()
        self.mock(api, root, "open")
        self.client.create_deployment(restApiId=api, stageName="prod")
        target = f"/_aws/execute-api/{api}/prod/nothing"
        self.refuses(
            ("GET", target, None, {"authorization": "Bearer x"}),
            "IncompleteSignatureException",
            "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'.",
        )
        self.refuses(
            ("GET", target, None, {"authorization": "AWS4-HMAC-SHA256 Signature=x"}),
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' "
            "parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
        self.refuses(
            ("GET", target, None, {}), "MissingAuthenticationTokenException", "Missing Authentication Token"
        )
        # A method is called with it all the same.
        self.assertEqual((200, "open"), fetch(api, "prod", headers={"authorization": "Bearer x"}))

    def test_gateway_responses(self):
        for number, kind in enumerate(["INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN", "ACCESS_DENIED"]):
            self.client.put_gateway_response(
                restApiId=self.id,
                responseType=kind,
                statusCode=str(420 + number),
                responseTemplates={"application/json": '{"user": "$context.identity.userArn"}'},
            )
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        weak = key(document(statement("Deny", "*")), "weak")
        forged = Credentials(weak["id"], "x")
        expected = f'{{"user": "arn:aws:iam::{ACCOUNT}:user/weak"}}'
        for request, status, text in [
            (self.sign("GET", "/", who=forged), 420, '{"user": ""}'),
            (("GET", self.base + "/", None, {}), 421, '{"user": ""}'),
            (self.sign("GET", "/", who=credentials(weak)), 422, expected),
        ]:
            answer = send(*request)
            self.assertEqual((status, text), (answer[0], answer[2]))

    def test_a_backend_gets_the_body_and_no_signature(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        root = self.client.get_rest_api(restApiId=self.id)["rootResourceId"]
        uri = f"http://127.0.0.1:{server.server_port}/"
        of = {"restApiId": self.id, "resourceId": root, "httpMethod": "ANY"}
        self.client.put_integration(type="HTTP_PROXY", integrationHttpMethod="POST", uri=uri, **of)
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        told = json.loads(self.lets(self.sign("POST", "/", '{"a": 1}', {"x-own": "b"})))
        self.assertEqual('{"a": 1}', told["body"])
        self.assertEqual("b", told["headers"]["x-own"])
        self.assertNotIn("authorization", told["headers"])


class KeysPolicies(Api):
    def test_what_a_policy_allows(self):
        weak = key(document(statement("Allow", self.arn("GET/pets"))), "weak")
        user = f"arn:aws:iam::{ACCOUNT}:user/weak"
        who = credentials(weak)
        self.lets(self.sign("GET", "/pets", who=who))
        self.lets(self.sign("GET", "/%70ets?x=1", who=who))
        self.denies(self.sign("POST", "/pets", "{}", who=who), user, "POST", "pets")
        self.denies(self.sign("GET", "/dogs", who=who), user, "GET", "dogs")
        self.denies(self.sign("GET", "/pets%2Fx", who=who), user, "GET", "pets%2Fx")
        self.denies(self.sign("GET", "/", who=who), user, "GET", "")

    def test_a_deny_wins(self):
        made = key(document(statement("Allow", "*"), statement("Deny", self.arn("*/admin/*"))), "most")
        user = f"arn:aws:iam::{ACCOUNT}:user/most"
        self.lets(self.sign("GET", "/pets", who=credentials(made)))
        for path in ["/admin/users", "/%61dmin/users", "//admin/users"]:
            spelt = "admin/users"
            request = self.sign("GET", path, who=credentials(made))
            self.denies(request, user, "GET", spelt, " with an explicit deny")

    def test_other_actions_allow_nothing(self):
        made = key(document({"Effect": "Allow", "Action": "apigateway:*", "Resource": "*"}), "manager")
        user = f"arn:aws:iam::{ACCOUNT}:user/manager"
        self.denies(self.sign("GET", "/pets", who=credentials(made)), user, "GET", "pets")

    def test_conditions_and_variables(self):
        for index, (allowed, condition) in enumerate([
            (True, {"StringEquals": {"aws:username": "NAME"}}),
            (False, {"StringEquals": {"aws:username": "other"}}),
            (True, {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}),
            (True, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalType": "User"}}),
            (False, {"StringEquals": {"aws:PrincipalAccount": "111111111111"}}),
            (True, {"StringLike": {"aws:userid": "PK*"}}),
            (True, {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
            (False, {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            (True, {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
            (True, {"StringEquals": {"aws:UserAgent": "tests/1"}}),
            (True, {"Null": {"aws:TokenIssueTime": "true", "aws:SourceVpce": "true"}}),
            (False, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ]):
            name = f"conditions-{index}"
            condition = json.loads(json.dumps(condition).replace("NAME", name))
            who = credentials(key(document(statement("Allow", "*", Condition=condition)), name))
            request = self.sign("GET", "/pets", headers={"user-agent": "tests/1"}, who=who)
            if allowed:
                self.lets(request)
            else:
                self.denies(request, f"arn:aws:iam::{ACCOUNT}:user/{name}", "GET", "pets")
        who = credentials(key(document(statement("Allow", self.arn("GET/home/${aws:username}/*"))), "ann"))
        self.lets(self.sign("GET", "/home/ann/x", who=who))
        self.denies(self.sign("GET", "/home/bob/x", who=who), f"arn:aws:iam::{ACCOUNT}:user/ann", "GET", "home/bob/x")


class ResourcePolicies(Api):
    """Of "How API Gateway resource policies affect authorization workflow" what needs keys: the others are in
    `resource_policies.rs`."""

    def set(self, *statements, deploy=True):
        policy = json.dumps(document(*statements)) if statements else ""
        self.client.update_rest_api(restApiId=self.id, patchOperations=[replace("/policy", policy)])
        if deploy:
            self.client.create_deployment(restApiId=self.id, stageName="prod")

    def test_table_a(self):
        keys = {
            name: credentials(key(document(*statements), name))
            for name, statements in {
                "allowed": [statement("Allow", self.arn("*"))],
                "neither": [statement("Allow", self.arn("GET/other"))],
                "denied": [statement("Deny", self.arn("*"))],
            }.items()
        }
        rows = {
            "Allow": {"allowed": True, "neither": True, "denied": False},
            None: {"allowed": True, "neither": False, "denied": False},
            "Deny": {"allowed": False, "neither": False, "denied": False},
        }
        for effect, expected in rows.items():
            resource = "execute-api:/prod/GET/pets" if effect else "execute-api:/prod/GET/other"
            self.set(statement(effect or "Allow", resource, Principal="*"))
            for name, allowed in expected.items():
                request = self.sign("GET", "/pets", who=keys[name])
                if allowed:
                    self.lets(request)
                else:
                    explicitly = " with an explicit deny" if effect == "Deny" or name == "denied" else ""
                    self.denies(request, f"arn:aws:iam::{ACCOUNT}:user/{name}", "GET", "pets", explicitly)

    def test_principals(self):
        known = credentials(key(document(statement("Allow", self.arn("GET/nothing"))), "known"))
        user = f"arn:aws:iam::{ACCOUNT}:user/known"
        for principal, allowed in [
            ("*", True),
            ({"AWS": "*"}, True),
            ({"AWS": user}, True),
            ({"AWS": ACCOUNT}, True),
            ({"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}, True),
            ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"}, False),
            ({"AWS": "111111111111"}, False),
            ({"Service": "apigateway.amazonaws.com"}, False),
        ]:
            self.set(statement("Allow", "execute-api:/*", Principal=principal))
            request = self.sign("GET", "/pets", who=known)
            if allowed:
                self.lets(request)
            else:
                self.denies(request, user, "GET", "pets")
        # Whoever has not signed is nobody, whomever the policy lets.
        self.set(statement("Allow", "execute-api:/*", Principal="*"))
        self.refuses(
            ("GET", self.base + "/pets", None, {}),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )

    def test_a_policy_is_of_a_deployment(self):
        self.lets(self.sign("GET", "/pets"))
        self.set(statement("Deny", "execute-api:/*", Principal="*"), deploy=False)
        self.lets(self.sign("GET", "/pets"))
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        user = f"arn:aws:iam::{ACCOUNT}:user/administrator"
        self.denies(self.sign("GET", "/pets"), user, "GET", "pets", " with an explicit deny")
        self.set(deploy=False)
        self.denies(self.sign("GET", "/pets"), user, "GET", "pets", " with an explicit deny")
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        self.lets(self.sign("GET", "/pets"))

    def test_users_of_a_method_without_authorization_are_anonymous(self):
        root = self.client.get_rest_api(restApiId=self.id)["rootResourceId"]
        self.client.update_method(
            restApiId=self.id,
            resourceId=root,
            httpMethod="ANY",
            patchOperations=[replace("/authorizationType", "NONE")],
        )
        user = f"arn:aws:iam::{ACCOUNT}:user/administrator"
        self.set(statement("Allow", "execute-api:/*", Principal={"AWS": user}))
        # "You must use AWS_IAM authorization for every method in your API": "Create and attach an API Gateway resource
        # policy to an API".
        self.denies(self.sign("GET", "/"), "anonymous", "GET", "")
        self.lets(self.sign("GET", "/pets"))

    def test_bad_policies_are_refused(self):
        said = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
        for policy in ["{", "[]", "{}", json.dumps(document(statement("Allow", "execute-api:/*")))]:
            with self.assertRaises(self.client.exceptions.BadRequestException) as caught:
                self.client.update_rest_api(restApiId=self.id, patchOperations=[replace("/policy", policy)])
            self.assertTrue(caught.exception.response["Error"]["Message"].startswith(said))


if __name__ == "__main__":
    main()
