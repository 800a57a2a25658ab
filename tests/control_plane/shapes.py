"""Every member of every operation, as the service's description has them, with values that it does not hold: whatever is
answered, it is never a fault of the server."""

import collections
import json
import urllib.parse

from common import Suite, main, raw

VALUES = [
    None,
    True,
    -1,
    7,
    1e308,
    "",
    "x",
    "é\0/..~1",
    [],
    ["x"],
    [None],
    [[7]],
    {},
    {"a": 1},
    {"a": None},
    {"a": {"b": []}},
]
TEXT = "x" * 20


class Shapes(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.mock(self.id, self.root, "x")
        deployment = self.client.create_deployment(restApiId=self.id, stageName="prod")["id"]
        validator = self.client.create_request_validator(restApiId=self.id)["id"]
        plan = self.client.create_usage_plan(name="p")["id"]
        key = self.client.create_api_key(name="k")["id"]
        self.client.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
        self.client.create_model(restApiId=self.id, name="Pet", contentType="application/json", schema="{}")
        self.known = {
            "restApiId": self.id,
            "resourceId": self.root,
            "parentId": self.root,
            "httpMethod": "GET",
            "statusCode": "200",
            "stageName": "prod",
            "deploymentId": deployment,
            "requestValidatorId": validator,
            "usagePlanId": plan,
            "keyId": key,
            "apiKey": key,
            "modelName": "Pet",
            "responseType": "DEFAULT_4XX",
            "resourceArn": f"arn:aws:apigateway:us-east-1::/restapis/{self.id}",
        }

    def call(self, operation, members, body, query=()):
        """A call with known identifiers in its path, and what was answered."""
        path, _, fixed = operation.http["requestUri"].partition("?")
        query = list(query) + urllib.parse.parse_qsl(fixed)
        for name, shape in members.items():
            if shape.serialization.get("location") == "uri":
                value = urllib.parse.quote(self.known.get(name, TEXT), safe="")
                path = path.replace("{" + shape.serialization["name"] + "}", value)
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return raw(operation.http["method"], path, body)

    def test_every_member_of_every_operation(self):
        model, answers = self.client.meta.service_model, collections.Counter()
        for name in model.operation_names:
            if name.startswith("Delete"):
                continue
            operation = model.operation_model(name)
            members = operation.input_shape.members
            in_body = [member for member, shape in members.items() if "location" not in shape.serialization]
            required = {
                member: self.known.get(member, TEXT)
                for member in operation.input_shape.required_members
                if member in in_body
            }
            for member in in_body:
                for value in VALUES:
                    with self.subTest(name, member=member, value=value):
                        status, kind, _ = self.call(operation, members, json.dumps({**required, member: value}))
                        answers[status] += 1
                        self.assertLess(status, 500)
                        self.assertEqual(status >= 400, kind is not None)
            in_query = [
                shape.serialization.get("name", member)
                for member, shape in members.items()
                if shape.serialization.get("location") == "querystring"
            ]
            for parameter in in_query:
                for value in ["", "x", "-1", "é\0", "9" * 40, "a" * 5000, "../%2F"]:
                    with self.subTest(name, query=parameter, value=value[:20]):
                        status, _, _ = self.call(operation, members, None, [(parameter, value)])
                        answers[status] += 1
                        self.assertLess(status, 500)
        self.assertGreater(answers[400], 1000, "most of it is refused")
        self.assertEqual("shop", self.client.get_rest_api(restApiId=self.id)["name"], "and the API is still there")


if __name__ == "__main__":
    main()
