"""Who may: signatures of boto3 and of its presigned URLs, and the policies of keys."""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import unittest.mock
import urllib.request

import boto3
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from common import CONTROL, REGION, Suite, control, main, raw

READ_ONLY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "apigateway:GET", "Resource": "*"}],
}


def administrator():
    return boto3.Session().get_credentials().get_frozen_credentials()


def signed(method, path, body=None):
    """A request that the administrator signed, and its answer: status, type of error, JSON."""
    request = AWSRequest(method=method, url=CONTROL + path, data=body, headers={})
    SigV4Auth(administrator(), "apigateway", REGION).add_auth(request)
    return raw(method, path, body, dict(request.headers))


def key(policy=None, name="a test's"):
    """A new access key, as `portcullis keys create` makes it."""
    body = {"name": name} | ({"policy": json.dumps(policy)} if policy else {})
    status, _, made = signed("POST", "/_portcullis/keys", json.dumps(body))
    assert status == 201, made
    return made


def with_key(made):
    return control(aws_access_key_id=made["id"], aws_secret_access_key=made["secret"])


class Access(Suite):
    def test_the_administrator_may(self):
        self.api()

    def test_nobody_else_may(self):
        status, kind, _ = raw("GET", "/restapis")
        self.assertEqual((403, "MissingAuthenticationTokenException"), (status, kind))
        good = administrator()
        with self.refused("InvalidSignatureException", 403):
            with_key({"id": good.access_key, "secret": "wrong" + good.secret_key}).get_rest_apis()
        with self.refused("UnrecognizedClientException", 403, "The security token included in the request is invalid."):
            with_key({"id": "AKIANOBODYKNOWSTHIS0", "secret": "x" * 40}).get_rest_apis()

    def test_a_disabled_key_is_unknown_at_once(self):
        made = key()
        client = with_key(made)
        client.get_rest_apis()
        for enabled in (False, True):
            status, _, _ = signed("PATCH", f"/_portcullis/keys/{made['id']}", json.dumps({"enabled": enabled}))
            self.assertEqual(200, status)
            if enabled:
                client.get_rest_apis()
            else:
                with self.refused("UnrecognizedClientException", 403):
                    client.get_rest_apis()

    def test_a_policy_that_lets_read_lets_nothing_else(self):
        api, root = self.api()
        client = with_key(key(READ_ONLY, "reader"))
        client.get_rest_api(restApiId=api)
        client.get_resources(restApiId=api)
        for call in [
            lambda: client.create_rest_api(name="x"),
            lambda: client.create_resource(restApiId=api, parentId=root, pathPart="x"),
            lambda: client.update_rest_api(restApiId=api, patchOperations=[]),
            lambda: client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE"),
            lambda: client.delete_rest_api(restApiId=api),
        ]:
            with self.refused("AccessDeniedException", 403):
                call()
        with self.refused(
            "AccessDeniedException",
            403,
            "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: apigateway:DELETE on "
            f"resource: arn:aws:apigateway:us-east-1::/restapis/{api} because no identity-based policy allows "
            "the action",
        ):
            client.delete_rest_api(restApiId=api)
        self.assertEqual(1, len(self.client.get_resources(restApiId=api)["items"]))

    def test_a_policy_names_resources(self):
        api, _ = self.api()
        other, _ = self.api("other")
        statements = [
            {"Effect": "Allow", "Action": "apigateway:*", "Resource": f"arn:aws:apigateway:*::/restapis/{api}*"},
            {
                "Effect": "Deny",
                "Action": "apigateway:DELETE",
                "Resource": f"arn:aws:apigateway:*::/restapis/{api}",
            },
        ]
        client = with_key(key({"Version": "2012-10-17", "Statement": statements}))
        client.update_rest_api(restApiId=api, patchOperations=[])
        for call in [
            lambda: client.get_rest_api(restApiId=other),
            lambda: client.get_rest_apis(),
            lambda: client.delete_rest_api(restApiId=api),
        ]:
            with self.refused("AccessDeniedException", 403):
                call()

    def test_both_protocols_are_of_the_same_resources(self):
        rules = "arn:aws:apigateway:*::/domainnames/a.example.com/routingrules"
        statement = {"Effect": "Allow", "Action": "apigateway:GET", "Resource": rules}
        made = key({"Version": "2012-10-17", "Statement": [statement]})
        second = boto3.client(
            "apigatewayv2",
            endpoint_url=CONTROL,
            region_name=REGION,
            aws_access_key_id=made["id"],
            aws_secret_access_key=made["secret"],
        )
        self.client.create_domain_name(domainName="a.example.com", endpointConfiguration={"types": ["REGIONAL"]})
        self.addCleanup(self.client.delete_domain_name, domainName="a.example.com")
        self.assertEqual([], second.list_routing_rules(DomainName="a.example.com")["RoutingRules"])
        with self.refused("AccessDeniedException", 403):
            second.list_routing_rules(DomainName="b.example.com")

    def test_a_clock_that_is_behind(self):
        late = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=16)
        with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=late.replace(tzinfo=None)):
            with self.refused("InvalidSignatureException", 403):
                self.client.get_rest_apis()

    def test_a_presigned_url(self):
        request = AWSRequest(method="GET", url=CONTROL + "/restapis?limit=1")
        SigV4QueryAuth(administrator(), "apigateway", REGION, expires=60).add_auth(request)
        with urllib.request.urlopen(request.url) as answer:
            self.assertEqual(200, answer.status)
            self.assertIn("item", json.load(answer))
        status, kind, _ = raw("GET", request.url.removeprefix(CONTROL).replace("limit=1", "limit=2"))
        self.assertEqual((403, "InvalidSignatureException"), (status, kind))

    def test_the_aws_cli_signs(self):
        cli = [str(pathlib.Path(sys.executable).with_name("aws")), "apigateway", "create-rest-api", "--name", "a b/é+c"]
        environment = {**os.environ, "AWS_ENDPOINT_URL": CONTROL, "AWS_DEFAULT_REGION": REGION}
        made = subprocess.run(cli, env=environment, capture_output=True, text=True)
        self.assertEqual(0, made.returncode, made.stderr)
        api = json.loads(made.stdout)
        self.addCleanup(self.forget, api["id"])
        self.assertEqual("a b/é+c", self.client.get_rest_api(restApiId=api["id"])["name"])

        secret = {"AWS_ACCESS_KEY_ID": administrator().access_key, "AWS_SECRET_ACCESS_KEY": "wrong"}
        refused = subprocess.run(cli, env={**environment, **secret}, capture_output=True, text=True)
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("(InvalidSignatureException)", refused.stderr)

    def test_what_was_signed_is_what_counts(self):
        request = AWSRequest(method="POST", url=CONTROL + "/restapis", data='{"name": "a"}', headers={})
        SigV4Auth(administrator(), "apigateway", REGION).add_auth(request)
        status, kind, _ = raw("POST", "/restapis", '{"name": "b"}', dict(request.headers))
        self.assertEqual((403, "InvalidSignatureException"), (status, kind))

    def test_ids_with_letters_that_are_escaped(self):
        with self.refused("NotFoundException", 404):
            self.client.get_rest_api(restApiId="a b/c%2F+é")


if __name__ == "__main__":
    main()
