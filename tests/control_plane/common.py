"""What the suites share: a client of the control plane, requests to the data plane, and checks of refusals.

The environment says where: CONTROL (a URL) and GATEWAY (host and port). Credentials are where boto3 looks for them.
"""

import contextlib
import http.client
import json
import os
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONTROL = os.environ["CONTROL"]
GATEWAY = os.environ["GATEWAY"]
REGION = "us-east-1"


def control(**more):
    """A client of API Gateway's own protocol that repeats nothing: a 5xx must be seen."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60, **more.pop("config", {}))
    return boto3.client("apigateway", endpoint_url=CONTROL, region_name=REGION, config=config, **more)


def fetch(api, stage, path="/", method="GET", body=None, headers=None):
    """A request to a stage: status and text."""
    connection = http.client.HTTPConnection(GATEWAY, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, f"/_aws/execute-api/{api}/{stage}{path}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def raw(method, path, body=None, headers=None):
    """A request to the control listener as it stands, without boto3's checks: status, type of error, JSON."""
    connection = http.client.HTTPConnection(CONTROL.removeprefix("http://"), timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        value = json.loads(text) if text else None
        return answer.status, answer.getheader("x-amzn-errortype"), value


def replace(path, value):
    """An operation of a patch."""
    return {"op": "replace", "path": path, "value": value}


def without_metadata(answer):
    """What an operation gave, without what boto3 adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


class Suite(unittest.TestCase):
    """A client, and APIs that are deleted in the end."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.client = control()

    def api(self, name="shop", **more):
        """An API and the id of its root."""
        api = self.client.create_rest_api(name=name, **more)["id"]
        self.addCleanup(self.forget, api)
        root = self.client.get_resources(restApiId=api)["items"][0]
        self.assertEqual("/", root["path"])
        return api, root["id"]

    def forget(self, api):
        with contextlib.suppress(ClientError):
            self.client.delete_rest_api(restApiId=api)

    def mock(self, api, resource, template, verb="GET"):
        """A method that answers 200 with a template, as a console makes it."""
        of = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
        self.client.put_method(authorizationType="NONE", **of)
        self.client.put_method_response(statusCode="200", **of)
        self.client.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **of)
        self.client.put_integration_response(statusCode="200", responseTemplates={"application/json": template}, **of)

    def say(self, api, resource, template, verb="GET"):
        """Edits what such a method answers."""
        self.client.update_integration_response(
            restApiId=api,
            resourceId=resource,
            httpMethod=verb,
            statusCode="200",
            patchOperations=[replace("/responseTemplates/application~1json", template)],
        )

    @contextlib.contextmanager
    def refused(self, kind, status, message=None):
        """What is in it is refused with that type, status and message."""
        with self.assertRaises(ClientError) as caught:
            yield
        answer = caught.exception.response
        found = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
        self.assertEqual((kind, status), found, answer["Error"]["Message"])
        if message is not None:
            self.assertEqual(message, answer["Error"]["Message"])


def main():
    unittest.main(verbosity=1)
