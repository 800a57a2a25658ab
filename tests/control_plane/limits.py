"""Usage plans and throttles by boto3: what is set is what passes, and what passes is what is told."""

import datetime

from botocore.exceptions import ClientError

from common import Suite, fetch, main, replace

MOCK = {"application/json": '{"statusCode": 200}'}


class Limits(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        method = {"restApiId": self.id, "resourceId": self.root, "httpMethod": "GET"}
        self.client.put_method(authorizationType="NONE", apiKeyRequired=True, **method)
        self.client.put_integration(type="MOCK", requestTemplates=MOCK, **method)
        self.client.put_method_response(statusCode="200", **method)
        self.client.put_integration_response(statusCode="200", **method)
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        self.key = self.client.create_api_key(name="k", enabled=True)
        self.addCleanup(self.client.delete_api_key, apiKey=self.key["id"])

    def plan(self, **settings):
        stages = [{"apiId": self.id, "stage": "prod"}]
        plan = self.client.create_usage_plan(name="p", apiStages=stages, **settings)["id"]
        self.client.create_usage_plan_key(usagePlanId=plan, keyId=self.key["id"], keyType="API_KEY")
        return plan

    def pass_(self, calls):
        headers = {"x-api-key": self.key["value"]}
        return [fetch(self.id, "prod", headers=headers) for _ in range(calls)]

    def usage(self, plan):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        days = {"startDate": str(today - datetime.timedelta(days=1)), "endDate": str(today)}
        return self.client.get_usage(usagePlanId=plan, **days)["items"][self.key["id"]][-1]

    def test_usage_is_what_was_served(self):
        # A month, so that midnight takes nothing back.
        plan = self.plan(quota={"limit": 5, "period": "MONTH", "offset": 0})
        answers = self.pass_(7)
        self.assertEqual([status for status, _ in answers], [200] * 5 + [429] * 2)
        self.assertEqual(answers[-1][1], '{"message":"Limit Exceeded"}')
        self.assertEqual(self.usage(plan), [5, 0])
        rest = [replace("/remaining", "3")]
        granted = self.client.update_usage(usagePlanId=plan, keyId=self.key["id"], patchOperations=rest)
        self.assertEqual(granted["items"][self.key["id"]], [[5, 3]])
        self.assertEqual([status for status, _ in self.pass_(4)], [200] * 3 + [429])
        self.assertEqual(self.usage(plan), [8, 0])

    def test_a_throttle_holds(self):
        plan = self.plan(throttle={"rateLimit": 0.001, "burstLimit": 2})
        answers = self.pass_(4)
        self.assertEqual([status for status, _ in answers], [200, 200, 429, 429])
        self.assertEqual(answers[-1][1], '{"message":"Too Many Requests"}')
        self.client.update_usage_plan(usagePlanId=plan, patchOperations=[{"op": "remove", "path": "/throttle"}])
        self.assertEqual([status for status, _ in self.pass_(9)], [200] * 9)
        settings = [replace("/*/*/throttling/rateLimit", "0.001"), replace("/*/*/throttling/burstLimit", "1")]
        self.client.update_stage(restApiId=self.id, stageName="prod", patchOperations=settings)
        self.assertEqual([status for status, _ in self.pass_(3)], [200, 429, 429])

    def test_what_is_no_limit_is_refused(self):
        for settings, message in [
            ({"throttle": {"rateLimit": -1.0}}, "rate limit must not be negative"),
            ({"throttle": {"burstLimit": -1}}, "burst limit must not be negative"),
            ({"quota": {"limit": 5}}, "quota must have a period"),
            ({"quota": {"limit": 0, "period": "DAY"}}, "quota must have a positive limit"),
            ({"quota": {"limit": 1, "period": "DAY", "offset": 1}}, "quota offset must be between 0 and 0"),
        ]:
            with self.assertRaises(ClientError) as refused:
                self.client.create_usage_plan(name="p", **settings)
            self.assertIn(message, refused.exception.response["Error"]["Message"])


if __name__ == "__main__":
    main()
