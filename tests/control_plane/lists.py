"""Lists: whatever was made is in the list of its kind, once, page by page; and the operations beside those of a kind."""

from common import Suite, main, without_metadata

ACCOUNT = "000000000000"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000001"
LINK = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/x/1"
COUNT = 5


class Lists(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.of = {"restApiId": self.id}
        self.mock(self.id, self.root, "x")

    def listed(self, operation, key, made, get=None, **arguments):
        """All pages of two have what was made, each as `get` gives it."""
        pages, position = [], None
        while position or not pages:
            more = {"position": position} if position else {}
            page = getattr(self.client, operation)(limit=2, **arguments, **more)
            self.assertLessEqual(len(page["items"]), 2)
            pages += page["items"]
            position = page.get("position")
        found = [item[key] for item in pages]
        self.assertEqual(len(found), len(set(found)), f"{operation}: nothing twice")
        self.assertEqual([], sorted(set(made) - set(found)), operation)
        for item in pages if get else []:
            self.assertEqual(without_metadata(get(item)), item, operation)

    def test_of_an_api(self):
        client, of, names = self.client, self.of, [f"n{number}" for number in range(COUNT)]
        ids = [client.create_deployment(**of)["id"] for _ in names]
        self.listed(
            "get_deployments", "id", ids, lambda item: client.get_deployment(deploymentId=item["id"], **of), **of
        )
        for name in names:
            client.create_model(name=name, contentType="application/json", schema="{}", **of)
            client.create_documentation_part(
                location={"type": "MODEL", "name": name}, properties='{"description": "x"}', **of
            )
            client.create_stage(stageName=name, deploymentId=ids[0], **of)
        self.listed("get_models", "name", names, lambda item: client.get_model(modelName=item["name"], **of), **of)
        ids = [client.create_request_validator(name=name, **of)["id"] for name in names]
        self.listed(
            "get_request_validators",
            "id",
            ids,
            lambda item: client.get_request_validator(requestValidatorId=item["id"], **of),
            **of,
        )
        ids = [
            client.create_authorizer(
                name=name,
                type="REQUEST",
                authorizerUri="portcullis:plugin:guard",
                identitySource="method.request.header.a,method.request.querystring.b",
                **of,
            )["id"]
            for name in names
        ]
        self.listed(
            "get_authorizers", "id", ids, lambda item: client.get_authorizer(authorizerId=item["id"], **of), **of
        )
        parts = client.get_documentation_parts(**of)["items"]
        self.assertEqual(COUNT, len(parts))
        self.listed(
            "get_documentation_parts",
            "id",
            [part["id"] for part in parts],
            lambda item: client.get_documentation_part(documentationPartId=item["id"], **of),
            **of,
        )
        named = client.get_documentation_parts(type="MODEL", nameQuery="n1", **of)["items"]
        self.assertEqual(["n1"], [part["location"]["name"] for part in named])
        for name in names:
            client.create_documentation_version(documentationVersion=name, **of)
        self.listed("get_documentation_versions", "version", names, **of)
        self.listed(
            "get_gateway_responses",
            "responseType",
            ["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "WAF_FILTERED"],
            lambda item: client.get_gateway_response(responseType=item["responseType"], **of),
            **of,
        )
        stages = client.get_stages(**of)["item"]
        self.assertEqual(names, sorted(stage["stageName"] for stage in stages))
        chosen = client.get_stages(deploymentId=stages[0]["deploymentId"], **of)["item"]
        self.assertEqual(COUNT, len(chosen))

    def test_of_the_account(self):
        client, names = self.client, [f"n{number}" for number in range(COUNT)]
        ids = [self.api(name)[0] for name in names]
        self.listed("get_rest_apis", "id", ids, lambda item: client.get_rest_api(restApiId=item["id"]))
        keys = [client.create_api_key(name=name, enabled=True)["id"] for name in names]
        self.listed("get_api_keys", "id", keys, lambda item: client.get_api_key(apiKey=item["id"]))
        self.assertEqual([keys[1]], [key["id"] for key in client.get_api_keys(nameQuery="n1")["items"]])
        self.assertNotIn("value", client.get_api_keys()["items"][0])
        self.assertIn("value", client.get_api_keys(includeValues=True)["items"][0])
        plans = [client.create_usage_plan(name=name)["id"] for name in names]
        self.listed("get_usage_plans", "id", plans, lambda item: client.get_usage_plan(usagePlanId=item["id"]))
        for key in keys:
            client.create_usage_plan_key(usagePlanId=plans[0], keyId=key, keyType="API_KEY")
        self.listed("get_usage_plan_keys", "id", keys, usagePlanId=plans[0])
        self.listed("get_usage_plans", "id", plans[:1], keyId=keys[0])
        usage = client.get_usage(usagePlanId=plans[0], startDate="2026-01-01", endDate="2026-01-02")
        self.assertEqual(("2026-01-01", "2026-01-02"), (usage["startDate"], usage["endDate"]))
        links = [client.create_vpc_link(name=name, targetArns=[LINK], tags={"a": "b"})["id"] for name in names]
        self.listed("get_vpc_links", "id", links, lambda item: client.get_vpc_link(vpcLinkId=item["id"]))
        certificates = [client.generate_client_certificate()["clientCertificateId"] for _ in names]
        self.listed(
            "get_client_certificates",
            "clientCertificateId",
            certificates,
            lambda item: client.get_client_certificate(clientCertificateId=item["clientCertificateId"]),
        )
        domains = [f"{name}.example.org" for name in names]
        for domain in domains:
            client.create_domain_name(domainName=domain, certificateArn=CERTIFICATE)
        self.listed(
            "get_domain_names",
            "domainName",
            domains,
            lambda item: client.get_domain_name(domainName=item["domainName"]),
        )
        client.create_deployment(stageName="prod", **self.of)
        for name in names:
            client.create_base_path_mapping(domainName=domains[0], basePath=name, stage="prod", **self.of)
        self.listed("get_base_path_mappings", "basePath", names, domainName=domains[0])

    def test_keys_of_a_file(self):
        rows = (
            "Name,key,description,Enabled\nann,0123456789012345678901,of Ann,TRUE\nbob,abcdefghijklmnopqrstuv,,false\n"
        )
        answer = self.client.import_api_keys(body=rows, format="csv", failOnWarnings=True)
        self.assertEqual([], answer["warnings"])
        keys = [self.client.get_api_key(apiKey=key, includeValue=True) for key in answer["ids"]]
        found = [(key["name"], key["value"], key["enabled"]) for key in keys]
        self.assertEqual([("ann", "0123456789012345678901", True), ("bob", "abcdefghijklmnopqrstuv", False)], found)

    def test_models(self):
        of = {"contentType": "application/json", **self.of}
        self.client.create_model(
            name="Pet", schema='{"type": "object", "properties": {"name": {"type": "string"}}}', **of
        )
        self.assertIn("name", self.client.get_model_template(modelName="Pet", **self.of)["value"])
        reference = f"https://apigateway.amazonaws.com/restapis/{self.id}/models/Pet"
        self.client.create_model(name="Pets", schema=f'{{"type": "array", "items": {{"$ref": "{reference}"}}}}', **of)
        self.assertIn(reference, self.client.get_model(modelName="Pets", **self.of)["schema"])
        flat = self.client.get_model(modelName="Pets", flatten=True, **self.of)["schema"]
        self.assertIn('"name"', flat)
        with self.refused("ConflictException", 409):
            self.client.delete_model(modelName="Pet", **self.of)

    def test_caches_are_flushed(self):
        self.client.create_deployment(stageName="prod", **self.of)
        of = {"stageName": "prod", **self.of}
        self.assertEqual(202, self.client.flush_stage_cache(**of)["ResponseMetadata"]["HTTPStatusCode"])
        self.assertEqual(202, self.client.flush_stage_authorizers_cache(**of)["ResponseMetadata"]["HTTPStatusCode"])
        of["stageName"] = "nothere"
        with self.refused("NotFoundException", 404, "Invalid stage identifier specified"):
            self.client.flush_stage_cache(**of)

    def test_what_is_not_offered_says_so(self):
        self.client.create_deployment(stageName="prod", **self.of)
        for operation, arguments in [
            ("get_sdk_types", {}),
            ("get_sdk", {"stageName": "prod", "sdkType": "java", **self.of}),
        ]:
            with self.assertRaises(self.client.exceptions.BadRequestException) as caught:
                getattr(self.client, operation)(**arguments)
            self.assertIn("is not offered", str(caught.exception))


if __name__ == "__main__":
    main()
