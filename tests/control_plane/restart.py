"""Before a restart: makes things and prints what they are. After it: finds them as they were, and live."""

import json
import sys

from common import Suite, control, fetch, without_metadata


class Kept(Suite):
    """Not a suite: its helpers make the API, which is not deleted."""

    client = control()

    def addCleanup(self, *_):
        pass


def told(client, api):
    """All that is kept of the API, as JSON."""
    of = {"restApiId": api}
    answers = [
        client.get_rest_api(**of),
        client.get_resources(embed=["methods"], **of),
        client.get_deployments(**of),
        client.get_stages(**of),
    ]
    return json.loads(json.dumps([without_metadata(answer) for answer in answers], default=str))


def make():
    suite = Kept()
    api, root = suite.api("kept", description="whole", binaryMediaTypes=["image/png"], tags={"a": "b"})
    suite.mock(api, root, "one $stageVariables.colour")
    first = suite.client.create_deployment(restApiId=api, stageName="prod", variables={"colour": "red"})["id"]
    suite.say(api, root, "two $stageVariables.colour")
    suite.client.create_deployment(
        restApiId=api,
        stageName="prod",
        canarySettings={"percentTraffic": 100, "stageVariableOverrides": {"colour": "blue"}},
    )
    suite.client.create_stage(restApiId=api, stageName="old", deploymentId=first, variables={"colour": "green"})
    suite.say(api, root, "edited, not deployed")
    print(json.dumps({"api": api, "told": told(suite.client, api)}))


def find(made):
    client = control()
    api = made["api"]
    assert made["told"] == told(client, api), (made["told"], told(client, api))
    found = [fetch(api, "prod"), fetch(api, "old")]
    assert found == [(200, "two blue"), (200, "one green")], found


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make()
    else:
        find(json.loads(sys.argv[2]))
