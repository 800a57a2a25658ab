"""Clients that write the same thing at the same time: no update is lost in silence."""

import collections
import concurrent.futures
import contextlib
import http.client
import threading

from botocore.exceptions import ClientError

from common import GATEWAY, Suite, control, fetch, main, replace

CLIENTS = 8
EACH = 12
SWAPS = 50


def at_once(work):
    """What each of the clients got: an answer, or the type of an error."""

    def told(number):
        client = control()
        try:
            return work(client, number)
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(told, range(CLIENTS)))


class Concurrency(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.of = {"restApiId": self.id}

    def test_patches_of_one_stage(self):
        self.mock(self.id, self.root, "#foreach($n in $stageVariables.keySet())$stageVariables.get($n) #end")
        self.client.create_deployment(stageName="prod", **self.of)

        def work(client, number):
            for count in range(EACH):
                patch = [replace(f"/variables/v{number}_{count}", f"{number}.{count}")]
                client.update_stage(stageName="prod", patchOperations=patch, **self.of)

        self.assertEqual([None] * CLIENTS, at_once(work))
        expected = {f"v{number}_{count}": f"{number}.{count}" for number in range(CLIENTS) for count in range(EACH)}
        self.assertEqual(expected, self.client.get_stage(stageName="prod", **self.of)["variables"])
        status, text = fetch(self.id, "prod")
        self.assertEqual((200, sorted(expected.values())), (status, sorted(text.split())), "and live")

    def test_one_of_many_creations(self):
        def create(client, _):
            return client.create_resource(parentId=self.root, pathPart="pets", **self.of)["path"]

        got = at_once(create)
        self.assertEqual(1, got.count("/pets"), got)
        self.assertEqual(CLIENTS - 1, got.count("ConflictException"), got)
        paths = [item["path"] for item in self.client.get_resources(**self.of)["items"]]
        self.assertEqual(["/", "/pets"], sorted(paths))

    def test_deployments_during_edits(self):
        self.mock(self.id, self.root, "0 0")

        def deployed(client):
            try:
                return client.create_deployment(**self.of)["id"]
            except client.exceptions.ConflictException:
                return None

        def work(client, number):
            if number % 2:
                return [deployed(client) for _ in range(EACH)]
            for count in range(EACH):
                client.update_integration_response(
                    resourceId=self.root,
                    httpMethod="GET",
                    statusCode="200",
                    patchOperations=[replace("/responseTemplates/application~1json", f"{count} {count}")],
                    **self.of,
                )
            return None

        # A deployment of what changes all the time may be refused as such, never be half of it.
        got = at_once(work)
        self.assertEqual([], [answer for answer in got if isinstance(answer, str)])
        made = [id for answer in got for id in answer or [] if id]
        self.assertTrue(made, "some were made meanwhile")
        for number, deployment in enumerate(made):
            self.client.create_stage(stageName=f"s{number}", deploymentId=deployment, **self.of)
            status, text = fetch(self.id, f"s{number}")
            self.assertEqual(200, status)
            self.assertEqual(*text.split(), "one state of it")

    def test_traffic_during_swaps(self):
        self.mock(self.id, self.root, "one")
        deployments = {"one": self.client.create_deployment(stageName="prod", **self.of)["id"]}
        self.say(self.id, self.root, "two")
        deployments["two"] = self.client.create_deployment(**self.of)["id"]
        ended, seen = threading.Event(), collections.Counter()

        def ask():
            connection = http.client.HTTPConnection(GATEWAY, timeout=30)
            with contextlib.closing(connection):
                while not ended.is_set():
                    connection.request("GET", f"/_aws/execute-api/{self.id}/prod/")
                    answer = connection.getresponse()
                    seen[answer.status, answer.read().decode()] += 1

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for text in ["two", "one"] * SWAPS:
                patch = [replace("/deploymentId", deployments[text])]
                self.client.update_stage(stageName="prod", patchOperations=patch, **self.of)
                self.assertEqual((200, text), fetch(self.id, "prod"), "acknowledged is live")
        finally:
            ended.set()
            asking.join()
        self.assertEqual({(200, "one"), (200, "two")}, set(seen), "and nothing else was answered")


if __name__ == "__main__":
    main()
