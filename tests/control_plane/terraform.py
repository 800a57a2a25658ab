"""What Terraform's AWS provider calls for `examples/control-plane/main.tf`: apply, plan, a change, destroy.

The provider reads after each write, and fails or shows a difference for ever where an answer lacks what it sent.
"""

from common import Suite, fetch, main, replace, without_metadata

LOG = "$context.requestId $context.status"


class Terraform(Suite):
    def applied(self):
        """`terraform apply`: each resource in the order of its references, read when it is made."""
        client, state = self.client, {}
        made = client.create_rest_api(
            name="shop", description="Made by Terraform", endpointConfiguration={"types": ["REGIONAL"]}
        )
        api = state["api"] = made["id"]
        self.addCleanup(self.forget, api)
        of = {"restApiId": api}
        read = client.get_rest_api(**of)
        self.assertEqual(["REGIONAL"], read["endpointConfiguration"]["types"])
        # `root_resource_id` is looked for in the list where the API does not tell it.
        pages = client.get_paginator("get_resources").paginate(**of)
        roots = [item["id"] for page in pages for item in page["items"] if item["path"] == "/"]
        self.assertEqual([read.get("rootResourceId", roots[0])], roots)
        pets = state["pets"] = client.create_resource(parentId=roots[0], pathPart="pets", **of)["id"]
        self.assertEqual("/pets", client.get_resource(resourceId=pets, **of)["path"])
        method = {"resourceId": pets, "httpMethod": "GET", **of}
        client.put_method(
            authorizationType="NONE",
            apiKeyRequired=False,
            requestParameters={"method.request.querystring.kind": False},
            requestModels={},
            **method,
        )
        client.get_method(**method)
        client.put_method_response(statusCode="200", responseParameters={}, responseModels={}, **method)
        client.get_method_response(statusCode="200", **method)
        client.put_integration(
            type="MOCK",
            requestTemplates={"application/json": '{"statusCode":200}'},
            requestParameters={},
            timeoutInMillis=29000,
            **method,
        )
        integration = client.get_integration(**method)
        self.assertEqual(("MOCK", 29000), (integration["type"], integration["timeoutInMillis"]))
        # What the plan compares, though main.tf says nothing of it.
        self.assertEqual("WHEN_NO_MATCH", integration["passthroughBehavior"])
        self.assertEqual(pets, integration["cacheNamespace"])
        client.put_integration_response(
            statusCode="200",
            responseTemplates={"application/json": "$stageVariables.greeting, $input.params('kind')"},
            responseParameters={},
            **method,
        )
        client.get_integration_response(statusCode="200", **method)
        state["deployment"] = client.create_deployment(description="", variables={}, **of)["id"]
        client.get_deployment(deploymentId=state["deployment"], **of)
        client.create_stage(
            stageName="prod",
            deploymentId=state["deployment"],
            cacheClusterEnabled=False,
            tracingEnabled=False,
            variables={"greeting": "hello"},
            tags={},
            **of,
        )
        # Access logs are no member of a creation: the provider patches them in behind it.
        client.update_stage(
            stageName="prod",
            patchOperations=[
                replace("/accessLogSettings/destinationArn", "stdout"),
                replace("/accessLogSettings/format", LOG),
            ],
            **of,
        )
        client.update_stage(
            stageName="prod",
            patchOperations=[
                replace("/*/*/metrics/enabled", "true"),
                replace("/*/*/logging/loglevel", "ERROR"),
            ],
            **of,
        )
        return state

    def everything(self, state):
        """`terraform plan`: everything is read."""
        of, client = {"restApiId": state["api"]}, self.client
        method = {"resourceId": state["pets"], "httpMethod": "GET", **of}
        answers = [
            client.get_rest_api(**of),
            client.get_resource(resourceId=state["pets"], **of),
            client.get_method(**method),
            client.get_method_response(statusCode="200", **method),
            client.get_integration(**method),
            client.get_integration_response(statusCode="200", **method),
            client.get_stage(stageName="prod", **of),
        ]
        return [without_metadata(answer) for answer in answers]

    def test_apply_plan_change_destroy(self):
        state = self.applied()
        api, of = state["api"], {"restApiId": state["api"]}
        self.assertEqual((200, "hello, cats"), fetch(api, "prod", "/pets?kind=cats"))
        stage = self.client.get_stage(stageName="prod", **of)
        self.assertEqual({"destinationArn": "stdout", "format": LOG}, stage["accessLogSettings"])
        settings = stage["methodSettings"]["*/*"]
        self.assertEqual((True, "ERROR"), (settings["metricsEnabled"], settings["loggingLevel"]))
        self.assertEqual(self.everything(state), self.everything(state), "a second plan shows no difference")

        # A change of the template: its new deployment is made before the stage leaves the old one, which is deleted then.
        method = {"resourceId": state["pets"], "httpMethod": "GET", **of}
        self.client.put_integration_response(
            statusCode="200", responseTemplates={"application/json": "changed"}, **method
        )
        new = self.client.create_deployment(description="", variables={}, **of)["id"]
        self.client.update_stage(stageName="prod", patchOperations=[replace("/deploymentId", new)], **of)
        self.client.delete_deployment(deploymentId=state["deployment"], **of)
        self.assertEqual((200, "changed"), fetch(api, "prod", "/pets"))

        # `terraform destroy`, in the reverse order.
        self.client.update_stage(stageName="prod", patchOperations=[{"op": "remove", "path": "/*/*"}], **of)
        self.client.delete_stage(stageName="prod", **of)
        self.client.delete_deployment(deploymentId=new, **of)
        self.client.delete_integration_response(statusCode="200", **method)
        self.client.delete_integration(**method)
        self.client.delete_method_response(statusCode="200", **method)
        self.client.delete_method(**method)
        self.client.delete_resource(resourceId=state["pets"], **of)
        self.client.delete_rest_api(**of)
        # The provider takes a 404 of this type, and nothing else, as gone.
        with self.refused("NotFoundException", 404):
            self.client.get_rest_api(**of)


if __name__ == "__main__":
    main()
