"""An API from nothing: made, deployed, called, edited, deployed again, rolled back, deleted."""

from common import Suite, fetch, main, replace


class Lifecycle(Suite):
    def test_what_is_edited_is_live_when_it_is_deployed(self):
        api, root = self.api()
        pets = self.client.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
        self.mock(api, pets, "one")
        self.assertEqual((403, '{"message":"Forbidden"}'), fetch(api, "prod", "/pets"))

        first = self.client.create_deployment(restApiId=api, stageName="prod", description="one")["id"]
        self.assertEqual((200, "one"), fetch(api, "prod", "/pets"))

        self.say(api, pets, "two")
        self.client.create_resource(restApiId=api, parentId=root, pathPart="dogs")
        self.assertEqual((200, "one"), fetch(api, "prod", "/pets"), "an edit is not live")

        second = self.client.create_deployment(restApiId=api, stageName="prod")["id"]
        self.assertEqual((200, "two"), fetch(api, "prod", "/pets"))
        self.assertNotEqual(first, second)

        self.point(api, "prod", first)
        self.assertEqual((200, "one"), fetch(api, "prod", "/pets"), "rolled back")
        self.assertEqual(first, self.client.get_stage(restApiId=api, stageName="prod")["deploymentId"])
        self.point(api, "prod", second)
        self.assertEqual((200, "two"), fetch(api, "prod", "/pets"), "and forth again")

        self.client.delete_rest_api(restApiId=api)
        self.assertEqual((403, '{"message":"Forbidden"}'), fetch(api, "prod", "/pets"))
        with self.refused("NotFoundException", 404):
            self.client.get_rest_api(restApiId=api)

    def test_a_deployment_outlives_what_it_was_made_of(self):
        api, root = self.api()
        pets = self.client.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
        self.mock(api, pets, "here")
        self.client.create_deployment(restApiId=api, stageName="prod")
        self.client.delete_resource(restApiId=api, resourceId=pets)
        self.assertEqual((200, "here"), fetch(api, "prod", "/pets"))
        self.mock(api, root, "root")
        self.client.create_deployment(restApiId=api, stageName="prod")
        self.assertEqual(403, fetch(api, "prod", "/pets")[0])
        self.assertEqual((200, "root"), fetch(api, "prod", "/"))

    def test_stages_stand_apart(self):
        api, root = self.api()
        self.mock(api, root, "$stageVariables.colour")
        deployment = self.client.create_deployment(restApiId=api)["id"]
        for stage, colour in [("dev", "blue"), ("prod", "red")]:
            self.client.create_stage(
                restApiId=api, stageName=stage, deploymentId=deployment, variables={"colour": colour}
            )
        self.assertEqual((200, "blue"), fetch(api, "dev"))
        self.assertEqual((200, "red"), fetch(api, "prod"))
        self.client.update_stage(
            restApiId=api, stageName="dev", patchOperations=[replace("/variables/colour", "green")]
        )
        self.assertEqual((200, "green"), fetch(api, "dev"), "settings act at once")
        self.assertEqual((200, "red"), fetch(api, "prod"))
        self.client.delete_stage(restApiId=api, stageName="dev")
        self.assertEqual((403, '{"message":"Forbidden"}'), fetch(api, "dev"))
        self.assertEqual((200, "red"), fetch(api, "prod"))
        with self.refused(
            "BadRequestException", 400, "Active stages pointing to this deployment must be moved or deleted"
        ):
            self.client.delete_deployment(restApiId=api, deploymentId=deployment)

    def test_an_api_without_methods_cannot_be_deployed(self):
        api, root = self.api()
        with self.refused("BadRequestException", 400, "The REST API doesn't contain any methods"):
            self.client.create_deployment(restApiId=api, stageName="prod")
        self.client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        with self.refused("BadRequestException", 400, "No integration defined for method"):
            self.client.create_deployment(restApiId=api, stageName="prod")
        self.assertEqual([], self.client.get_deployments(restApiId=api)["items"], "nothing is left of it")
        self.assertEqual([], self.client.get_stages(restApiId=api)["item"])

    def test_the_summary_of_a_deployment(self):
        api, root = self.api()
        self.mock(api, root, "x", verb="POST")
        deployment = self.client.create_deployment(restApiId=api)["id"]
        shown = self.client.get_deployment(restApiId=api, deploymentId=deployment, embed=["apisummary"])
        expected = {"/": {"POST": {"authorizationType": "NONE", "apiKeyRequired": False}}}
        self.assertEqual(expected, shown["apiSummary"])

    def point(self, api, stage, deployment):
        self.client.update_stage(restApiId=api, stageName=stage, patchOperations=[replace("/deploymentId", deployment)])


if __name__ == "__main__":
    main()
