"""A canary from 0 to 100 %, its variables, its promotion and its end."""

import collections
import concurrent.futures
import contextlib
import http.client
import math

from common import GATEWAY, Suite, fetch, main, replace

REQUESTS = 20_000
CONNECTIONS = 4


def counted(api, stage, requests):
    """How often each answer came, over connections that are kept."""

    def some(count):
        answers = collections.Counter()
        connection = http.client.HTTPConnection(GATEWAY, timeout=30)
        with contextlib.closing(connection):
            for _ in range(count):
                connection.request("GET", f"/_aws/execute-api/{api}/{stage}/")
                answer = connection.getresponse()
                answers[answer.status, answer.read().decode()] += 1
        return answers

    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
        counts = threads.map(some, [requests // CONNECTIONS] * CONNECTIONS)
        return sum(counts, collections.Counter())


class Canary(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.mock(self.id, self.root, "base $!stageVariables.colour $!stageVariables.only")
        self.base = self.client.create_deployment(restApiId=self.id, stageName="prod", variables={"colour": "red"})[
            "id"
        ]
        self.say(self.id, self.root, "canary $!stageVariables.colour $!stageVariables.only $context.isCanaryRequest")

    def deployed(self, percent, **more):
        return self.client.create_deployment(
            restApiId=self.id,
            stageName="prod",
            canarySettings={"percentTraffic": percent, **more},
        )["id"]

    def patched(self, *operations):
        return self.client.update_stage(restApiId=self.id, stageName="prod", patchOperations=list(operations))

    def seen(self, requests=200):
        return {text for (status, text) in counted(self.id, "prod", requests)}

    def test_from_nothing_to_everything_and_promotion(self):
        canary = self.deployed(0.0, stageVariableOverrides={"colour": "blue", "only": "here"}, useStageCache=True)
        stage = self.client.get_stage(restApiId=self.id, stageName="prod")
        self.assertEqual(self.base, stage["deploymentId"])
        self.assertEqual(
            {
                "percentTraffic": 0.0,
                "deploymentId": canary,
                "stageVariableOverrides": {"colour": "blue", "only": "here"},
                "useStageCache": True,
            },
            stage["canarySettings"],
        )
        self.assertEqual({"base red"}, {text.strip() for text in self.seen()})

        self.patched(replace("/canarySettings/percentTraffic", "10.0"))
        answers = counted(self.id, "prod", REQUESTS)
        share = answers.pop((200, "canary blue here true"))
        self.assertEqual([(200, "base red ")], list(answers), "nothing but the two")
        # Five standard deviations: wrong once in 1.7 million runs.
        bound = 5 * math.sqrt(REQUESTS * 0.1 * 0.9)
        self.assertLess(abs(share - REQUESTS * 0.1), bound, f"{share} of {REQUESTS}")

        self.patched(replace("/canarySettings/percentTraffic", "100.0"))
        self.assertEqual({"canary blue here true"}, self.seen())

        # The sequence of the developer guide, "Promote a canary release".
        stage = self.patched(
            {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
            {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
            {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        )
        self.assertEqual(canary, stage["deploymentId"])
        self.assertEqual({"colour": "blue", "only": "here"}, stage["variables"])
        self.assertEqual({"canary blue here false"}, self.seen())

        stage = self.patched({"op": "remove", "path": "/canarySettings"})
        self.assertNotIn("canarySettings", stage)
        self.assertEqual({"canary blue here"}, {text.strip() for text in self.seen()})

    def test_what_is_thrown_away_leaves_the_base(self):
        canary = self.deployed(100)
        self.assertEqual({"canary red  true"}, self.seen())
        self.patched(replace("/canarySettings/stageVariableOverrides/colour", "green"))
        self.assertEqual({"canary green  true"}, self.seen(), "overrides act at once")
        with self.refused("BadRequestException", 400):
            self.client.delete_deployment(restApiId=self.id, deploymentId=canary)
        self.patched({"op": "remove", "path": "/canarySettings"})
        self.assertEqual({"base red "}, self.seen())
        self.client.delete_deployment(restApiId=self.id, deploymentId=canary)

    def test_refusals(self):
        with self.refused("BadRequestException", 400, "Promotion not available. Canary does not exist."):
            self.patched({"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"})
        with self.refused(
            "BadRequestException",
            400,
            "Invalid deployment content specified.Stage dev must already be created before making a canary "
            "release deployment",
        ):
            self.client.create_deployment(restApiId=self.id, stageName="dev", canarySettings={"percentTraffic": 10})
        before = self.client.get_stage(restApiId=self.id, stageName="prod")
        for value in ["-1", "100.1", "many", "NaN"]:
            with self.refused("BadRequestException", 400):
                self.patched(replace("/variables/x", "1"), replace("/canarySettings/percentTraffic", value))
        after = self.client.get_stage(restApiId=self.id, stageName="prod")
        before.pop("ResponseMetadata"), after.pop("ResponseMetadata")
        self.assertEqual(before, after, "a refused patch changes nothing")
        self.assertEqual((200, "base red "), fetch(self.id, "prod"))

    def test_the_first_percentage_makes_the_canary(self):
        stage = self.patched(replace("/canarySettings/percentTraffic", "25"))
        self.assertEqual(
            {"percentTraffic": 25.0, "deploymentId": self.base, "useStageCache": False},
            stage["canarySettings"],
        )


if __name__ == "__main__":
    main()
