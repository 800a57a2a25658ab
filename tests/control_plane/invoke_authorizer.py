"""Test invocations of authorizers: each is asked as it is edited, and what it decides is told."""

from common import main, replace
from told import Told


class Ask(Told):
    def ask(self, authorizer, **more):
        return self.client.test_invoke_authorizer(authorizerId=authorizer, **self.of, **more)

    def test_an_authorizer(self):
        guard = self.guard(identityValidationExpression="Bearer .*")
        answer = self.ask(guard, headers={"Authorization": "Bearer alice-secret"})
        self.assertEqual((0, "alice"), (answer["clientStatus"], answer["principalId"]))
        self.assertIsInstance(answer["latency"], int)
        self.assertEqual(
            ["Starting authorizer: guard for request: ID", "Successfully completed authorizer execution"],
            self.lines(answer),
        )
        self.assertNotIn("alice-secret", answer["log"])
        denied = self.ask(guard, multiValueHeaders={"Authorization": ["Bearer mallory-secret"]})
        self.assertEqual((403, "mallory"), (denied["clientStatus"], denied["principalId"]))
        for headers in ({}, {"Authorization": "Basic alice-secret"}, {"Authorization": ""}):
            refused = self.ask(guard, headers=headers)
            self.assertEqual(401, refused["clientStatus"])
            told = ["Starting authorizer: guard for request: ID", "Unauthorized request: ID"]
            self.assertEqual(told, self.lines(refused))
        self.client.update_authorizer(
            authorizerId=guard, patchOperations=[replace("/authorizerUri", "portcullis:plugin:nothere")], **self.of
        )
        broken = self.ask(guard, headers={"Authorization": "Bearer alice-secret"})
        self.assertEqual(500, broken["clientStatus"])
        self.assertIn("there is no plugin `nothere`", broken["log"])

    def test_an_authorizer_finds_who_calls_everywhere(self):
        sources = ["method.request.header.H", "method.request.querystring.q", "stageVariables.v", "context.c"]
        echo = {"type": "REQUEST", "authorizerUri": "portcullis:plugin:echo", "authorizerResultTtlInSeconds": 60}
        guard = self.guard(", ".join(sources), **echo)
        whole = {
            "headers": {"H": "1"},
            "pathWithQueryString": "/any/path?q=1",
            "stageVariables": {"v": "1"},
            "additionalContext": {"c": "1"},
            "body": "b",
        }
        answer = self.ask(guard, **whole)
        self.assertEqual((0, "caller"), (answer["clientStatus"], answer["principalId"]))
        arn = f"arn:aws:execute-api:us-east-1:000000000000:{self.id}/test-invoke-stage/GET/any/path"
        told = {"methodArn": [arn], "method": ["GET"], "path": ["/any/path"]}
        self.assertEqual(told, {name: answer["authorization"][name] for name in told})
        for lacking in ("pathWithQueryString", "stageVariables", "additionalContext", "headers"):
            rest = {name: value for name, value in whole.items() if name != lacking}
            self.assertEqual(401, self.ask(guard, **rest)["clientStatus"], lacking)

    def test_an_authorizer_that_fails(self):
        guard = self.guard(authorizerUri="portcullis:plugin:faults")
        for token, status, told in [
            ("ok", 0, "Successfully completed authorizer execution"),
            ("trap", 500, "AUTHORIZER_FAILURE"),
            ("bad-context", 500, "the authorizer's answer cannot be used: `a` in its context is neither"),
            ("bad-policy", 500, "the authorizer's answer cannot be used: its policy is no policy: "),
        ]:
            answer = self.ask(guard, headers={"Authorization": token})
            self.assertEqual(status, answer["clientStatus"], token)
            self.assertIn(told, answer["log"])
            self.assertEqual("{" if token == "bad-policy" else None, answer.get("policy"))

    def test_authorizers_that_verify_tokens(self):
        pool = self.client.create_authorizer(
            name="pool",
            type="COGNITO_USER_POOLS",
            providerARNs=["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x"],
            identitySource="method.request.header.Authorization",
            **self.of,
        )["id"]
        for headers, told in [
            ({}, "the token is absent, empty, or there several times"),
            ({"Authorization": "Bearer x"}, "the token is refused: it is no signed token in compact form"),
        ]:
            answer = self.ask(pool, headers=headers)
            self.assertEqual(401, answer["clientStatus"])
            self.assertIn(f"Unauthorized by authorizer pool: {told}", answer["log"])
            self.assertNotIn("claims", answer)

    def test_authorizers_that_cannot_be_asked(self):
        with self.refused("NotFoundException", 404, "Invalid Authorizer identifier specified"):
            self.ask("nothere")


if __name__ == "__main__":
    main()
