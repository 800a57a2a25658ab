"""The kinds around definitions, through create, get, update, get: stages, keys, plans, domain names and the account."""

from common import main, without_metadata
from trip import RoundTrip, one

ACCOUNT = "000000000000"
NEWER = "SecurityPolicy_TLS13_1_2_PQ_2025_09"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/00000000-0000-4000-8000-00000000000"
LINK = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/x/1"
TAGS = {"team": "a", "x:y/z": "b c"}
FILLED = {
    "metricsEnabled": False,
    "dataTraceEnabled": False,
    "throttlingBurstLimit": 5000,
    "throttlingRateLimit": 10000.0,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}


class Stages(RoundTrip):
    def setUp(self):
        self.id, root = self.api()
        self.of = {"restApiId": self.id}
        self.mock(self.id, root, "x")
        self.deployments = [self.client.create_deployment(**self.of)["id"] for _ in "ab"]
        for version in ("v1", "v2"):
            self.client.create_documentation_version(documentationVersion=version, **self.of)

    def test_deployment(self):
        def get(answer):
            return without_metadata(self.client.get_deployment(deploymentId=answer["id"], **self.of))

        gone = {
            name: None
            for name in (
                "stageName",
                "stageDescription",
                "cacheClusterEnabled",
                "cacheClusterSize",
                "variables",
                "tracingEnabled",
            )
        }
        made = self.created(
            "create_deployment",
            {
                "stageName": "made",
                "stageDescription": "of a deployment",
                "description": "first",
                "cacheClusterEnabled": True,
                "cacheClusterSize": "1.6",
                "variables": {"a": "b"},
                "tracingEnabled": True,
                **self.of,
            },
            get,
            shown=gone,
            without=["canarySettings"],
        )
        stage = self.client.get_stage(stageName="made", **self.of)
        expected = {
            "deploymentId": made["id"],
            "description": "of a deployment",
            "cacheClusterEnabled": True,
            "cacheClusterSize": "1.6",
            "variables": {"a": "b"},
            "tracingEnabled": True,
        }
        self.assertEqual(expected, {name: stage.get(name) for name in expected})
        self.patched(
            lambda patch: self.client.update_deployment(deploymentId=made["id"], patchOperations=patch, **self.of),
            lambda: get(made),
            [one("replace", "/description", "1st", description="1st")],
        )

    def test_stage(self):
        first, second = self.deployments
        certificate = self.client.generate_client_certificate()["clientCertificateId"]
        of = {"stageName": "prod", **self.of}

        def get(_=None):
            return without_metadata(self.client.get_stage(**of))

        canary = {
            "percentTraffic": 12.5,
            "deploymentId": second,
            "stageVariableOverrides": {"a": "c"},
            "useStageCache": True,
        }
        self.created(
            "create_stage",
            {
                "deploymentId": first,
                "description": "production",
                "cacheClusterEnabled": True,
                "cacheClusterSize": "0.5",
                "variables": {"a": "b"},
                "documentationVersion": "v1",
                "canarySettings": canary,
                "tracingEnabled": True,
                "tags": TAGS,
                **of,
            },
            get,
        )
        log = {"destinationArn": "stdout", "format": "$context.requestId"}
        self.patched(
            lambda patch: self.client.update_stage(patchOperations=patch, **of),
            get,
            [
                one("replace", "/description", "other", description="other"),
                one("replace", "/deploymentId", second, deploymentId=second),
                one("replace", "/documentationVersion", "v2", documentationVersion="v2"),
                one("replace", "/tracingEnabled", "false", tracingEnabled=False),
                one("replace", "/clientCertificateId", certificate, clientCertificateId=certificate),
                one("remove", "/clientCertificateId", clientCertificateId=None),
                one("replace", "/cacheClusterSize", "1.6", cacheClusterSize="1.6"),
                one("add", "/variables/n", "1", variables={"a": "b", "n": "1"}),
                one("replace", "/variables/n", "2", variables={"a": "b", "n": "2"}),
                one("remove", "/variables/n", variables={"a": "b"}),
                (
                    [
                        ("replace", "/accessLogSettings/destinationArn", "stdout"),
                        ("replace", "/accessLogSettings/format", "$context.requestId"),
                    ],
                    {"accessLogSettings": log},
                ),
                one("remove", "/accessLogSettings", accessLogSettings=None),
                one(
                    "replace", "/canarySettings/percentTraffic", "50", canarySettings={**canary, "percentTraffic": 50.0}
                ),
                one(
                    "replace",
                    "/canarySettings/useStageCache",
                    "false",
                    canarySettings={**canary, "percentTraffic": 50.0, "useStageCache": False},
                ),
                one(
                    "replace",
                    "/canarySettings/deploymentId",
                    first,
                    canarySettings={**canary, "percentTraffic": 50.0, "useStageCache": False, "deploymentId": first},
                ),
                one("remove", "/canarySettings", canarySettings=None),
            ],
        )

    def test_method_settings(self):
        of = {"stageName": "prod", **self.of}
        self.client.create_stage(deploymentId=self.deployments[0], **of)
        values = [
            ("logging/loglevel", "INFO", "loggingLevel", "INFO"),
            ("logging/dataTrace", "true", "dataTraceEnabled", True),
            ("metrics/enabled", "true", "metricsEnabled", True),
            ("throttling/rateLimit", "12.5", "throttlingRateLimit", 12.5),
            ("throttling/burstLimit", "7", "throttlingBurstLimit", 7),
            ("caching/enabled", "true", "cachingEnabled", True),
            ("caching/ttlInSeconds", "60", "cacheTtlInSeconds", 60),
            ("caching/dataEncrypted", "true", "cacheDataEncrypted", True),
            ("caching/requireAuthorizationForCacheControl", "false", "requireAuthorizationForCacheControl", False),
            (
                "caching/unauthorizedCacheControlHeaderStrategy",
                "FAIL_WITH_403",
                "unauthorizedCacheControlHeaderStrategy",
                "FAIL_WITH_403",
            ),
        ]
        settings, patches = {}, []
        for key in ("*/*", "~1pets~1{id}/GET", "~1/POST"):
            expected = FILLED
            for path, text, member, value in values:
                expected = {**expected, member: value}
                settings = {**settings, key: expected}
                patches.append(one("replace", f"/{key}/{path}", text, methodSettings=settings))
        settings = {key: value for key, value in settings.items() if key != "*/*"}
        patches.append(one("remove", "/*/*", methodSettings=settings))
        self.patched(
            lambda patch: self.client.update_stage(patchOperations=patch, **of),
            lambda: without_metadata(self.client.get_stage(**of)),
            patches,
        )
        with self.refused(
            "BadRequestException",
            400,
            "Cannot remove method setting */* because there is no method setting for this method ",
        ):
            self.client.update_stage(patchOperations=[{"op": "remove", "path": "/*/*"}], **of)

    def test_documentation_of_a_stage(self):
        of = {"stageName": "prod", **self.of}
        self.client.create_stage(deploymentId=self.deployments[0], **of)
        self.client.create_documentation_version(documentationVersion="v3", **of)
        self.assertEqual("v3", self.client.get_stage(**of)["documentationVersion"])

    def test_keys_and_plans(self):
        for name in ("prod", "dev"):
            self.client.create_stage(deploymentId=self.deployments[0], stageName=name, **self.of)
        prod, dev = (f"{self.id}/{name}" for name in ("prod", "dev"))
        key = self.created(
            "create_api_key",
            {
                "name": "ann",
                "description": "of Ann",
                "enabled": True,
                "generateDistinctId": True,
                "value": "0123456789012345678901",
                "stageKeys": [{"restApiId": self.id, "stageName": "prod"}],
                "customerId": "c1",
                "tags": TAGS,
            },
            lambda made: without_metadata(self.client.get_api_key(apiKey=made["id"], includeValue=True)),
            shown={"stageKeys": [prod], "generateDistinctId": None},
        )["id"]
        self.addCleanup(self.client.delete_api_key, apiKey=key)
        self.patched(
            lambda patch: self.client.update_api_key(apiKey=key, patchOperations=patch),
            lambda: without_metadata(self.client.get_api_key(apiKey=key)),
            [
                one("replace", "/name", "bob", name="bob"),
                one("replace", "/description", "of Bob", description="of Bob"),
                one("replace", "/enabled", "false", enabled=False),
                one("replace", "/customerId", "c2", customerId="c2"),
                one("add", "/stages", dev, stageKeys=[prod, dev]),
                one("remove", "/stages", prod, stageKeys=[dev]),
            ],
        )
        throttle = {"/x/GET": {"burstLimit": 1, "rateLimit": 1.0}}
        plan = self.created(
            "create_usage_plan",
            {
                "name": "gold",
                "description": "for all",
                "apiStages": [{"apiId": self.id, "stage": "prod", "throttle": throttle}],
                "throttle": {"burstLimit": 10, "rateLimit": 5.5},
                "quota": {"limit": 100, "offset": 0, "period": "DAY"},
                "tags": TAGS,
            },
            lambda made: without_metadata(self.client.get_usage_plan(usagePlanId=made["id"])),
        )["id"]
        of_prod, path = {"apiId": self.id, "stage": "prod"}, f"/apiStages/{self.id}:prod/throttle"
        limits = {"burstLimit": 2, "rateLimit": 1.0}
        self.patched(
            lambda patch: self.client.update_usage_plan(usagePlanId=plan, patchOperations=patch),
            lambda: without_metadata(self.client.get_usage_plan(usagePlanId=plan)),
            [
                one("replace", "/name", "silver", name="silver"),
                one("replace", "/description", "for some", description="for some"),
                one("add", "/productCode", "p1", productCode="p1"),
                one("remove", "/productCode", productCode=None),
                one("replace", "/throttle/rateLimit", "7", throttle={"burstLimit": 10, "rateLimit": 7.0}),
                one("replace", "/throttle/burstLimit", "8", throttle={"burstLimit": 8, "rateLimit": 7.0}),
                one("replace", "/quota/limit", "9", quota={"limit": 9, "offset": 0, "period": "DAY"}),
                (
                    [("replace", "/quota/period", "WEEK"), ("replace", "/quota/offset", "2")],
                    {"quota": {"limit": 9, "offset": 2, "period": "WEEK"}},
                ),
                one(
                    "replace",
                    f"{path}/~1x~1GET/burstLimit",
                    "2",
                    apiStages=[{**of_prod, "throttle": {"/x/GET": limits}}],
                ),
                one(
                    "add",
                    "/apiStages",
                    f"{self.id}:dev",
                    apiStages=[{**of_prod, "throttle": {"/x/GET": limits}}, {"apiId": self.id, "stage": "dev"}],
                ),
                one("remove", "/apiStages", f"{self.id}:dev", apiStages=[{**of_prod, "throttle": {"/x/GET": limits}}]),
                one("remove", "/throttle", throttle=None),
            ],
        )
        self.created(
            "create_usage_plan_key",
            {"usagePlanId": plan, "keyId": key, "keyType": "API_KEY"},
            lambda made: without_metadata(self.client.get_usage_plan_key(usagePlanId=plan, keyId=made["id"])),
            shown={"keyId": None, "keyType": None, "id": key, "type": "API_KEY"},
        )
        listed = self.client.get_usage_plan_keys(usagePlanId=plan)["items"]
        self.assertEqual([key], [item["id"] for item in listed])
        usage = {"usagePlanId": plan, "keyId": key}
        self.client.update_usage(patchOperations=[{"op": "replace", "path": "/remaining", "value": "3"}], **usage)
        self.client.delete_usage_plan_key(**usage)
        self.client.update_usage_plan(
            usagePlanId=plan,
            patchOperations=[{"op": "remove", "path": "/apiStages", "value": f"{self.id}:prod"}],
        )
        self.client.delete_usage_plan(usagePlanId=plan)
        with self.refused("NotFoundException", 404):
            self.client.get_usage_plan(usagePlanId=plan)

    def test_base_path_mappings(self):
        for name in ("prod", "dev"):
            self.client.create_stage(deploymentId=self.deployments[0], stageName=name, **self.of)
        other, root = self.api("other")
        self.mock(other, root, "x")
        self.client.create_deployment(restApiId=other, stageName="dev")
        domain = "mapped.example.org"
        self.client.create_domain_name(domainName=domain, certificateArn=CERTIFICATE + "1")
        self.addCleanup(self.client.delete_domain_name, domainName=domain)
        self.created(
            "create_base_path_mapping",
            {"domainName": domain, "basePath": "v1", "restApiId": self.id, "stage": "prod"},
            lambda _: without_metadata(self.client.get_base_path_mapping(domainName=domain, basePath="v1")),
            without=["domainNameId"],
        )
        self.patched(
            lambda patch: self.client.update_base_path_mapping(domainName=domain, basePath="v1", patchOperations=patch),
            lambda: without_metadata(self.client.get_base_path_mapping(domainName=domain, basePath="v1")),
            [
                one("replace", "/stage", "dev", stage="dev"),
                one("replace", "/restapiId", other, restApiId=other),
            ],
        )
        self.client.update_base_path_mapping(
            domainName=domain,
            basePath="v1",
            patchOperations=[{"op": "replace", "path": "/basePath", "value": "v2"}],
        )
        self.assertEqual("v2", self.client.get_base_path_mapping(domainName=domain, basePath="v2")["basePath"])
        self.client.delete_base_path_mapping(domainName=domain, basePath="v2")


class Account(RoundTrip):
    def test_domain_name(self):
        domain = "api.example.org"

        def get(_=None):
            return without_metadata(self.client.get_domain_name(domainName=domain))

        mutual = {"truststoreUri": "s3://bucket/bundle.pem", "truststoreVersion": "1"}
        regional = {"types": ["REGIONAL"], "ipAddressType": "ipv4"}
        self.created(
            "create_domain_name",
            {
                "domainName": domain,
                "regionalCertificateName": "mine",
                "regionalCertificateArn": CERTIFICATE + "1",
                "endpointConfiguration": regional,
                "tags": TAGS,
                "securityPolicy": "TLS_1_2",
                "endpointAccessMode": "BASIC",
                "mutualTlsAuthentication": mutual,
                "ownershipVerificationCertificateArn": CERTIFICATE + "2",
                "routingMode": "BASE_PATH_MAPPING_ONLY",
            },
            get,
            shown={"domainName": domain},
            without=[
                "certificateName",
                "certificateArn",
                "certificateBody",
                "certificatePrivateKey",
                "certificateChain",
                "policy",
            ],
        )
        self.addCleanup(self.client.delete_domain_name, domainName=domain)
        self.patched(
            lambda patch: self.client.update_domain_name(domainName=domain, patchOperations=patch),
            get,
            [
                one("replace", "/regionalCertificateName", "other", regionalCertificateName="other"),
                one("replace", "/regionalCertificateArn", CERTIFICATE + "3", regionalCertificateArn=CERTIFICATE + "3"),
                one(
                    "replace",
                    "/ownershipVerificationCertificateArn",
                    CERTIFICATE + "4",
                    ownershipVerificationCertificateArn=CERTIFICATE + "4",
                ),
                one(
                    "replace",
                    "/mutualTlsAuthentication/truststoreVersion",
                    "2",
                    mutualTlsAuthentication={**mutual, "truststoreVersion": "2"},
                ),
                one(
                    "replace",
                    "/mutualTlsAuthentication/truststoreUri",
                    "s3://b/c.pem",
                    mutualTlsAuthentication={"truststoreUri": "s3://b/c.pem", "truststoreVersion": "2"},
                ),
                one("replace", "/mutualTlsAuthentication/truststoreUri", "", mutualTlsAuthentication=None),
                one("replace", "/securityPolicy", NEWER, securityPolicy=NEWER),
                one(
                    "replace",
                    "/endpointConfiguration/ipAddressType",
                    "dualstack",
                    endpointConfiguration={**regional, "ipAddressType": "dualstack"},
                ),
                one("replace", "/routingMode", "ROUTING_RULE_ONLY", routingMode="ROUTING_RULE_ONLY"),
            ],
        )

    def test_edge_domain_name(self):
        domain = "edge.example.org"

        def get(_=None):
            return without_metadata(self.client.get_domain_name(domainName=domain))

        made = self.client.create_domain_name(
            domainName=domain, certificateName="mine", certificateArn=CERTIFICATE + "1", tags=TAGS
        )
        self.addCleanup(self.client.delete_domain_name, domainName=domain)
        self.assertEqual(without_metadata(made), get())
        self.patched(
            lambda patch: self.client.update_domain_name(domainName=domain, patchOperations=patch),
            get,
            [one("replace", "/certificateName", "other", certificateName="other")],
        )
        self.client.update_domain_name(
            domainName=domain,
            patchOperations=[{"op": "replace", "path": "/certificateArn", "value": CERTIFICATE + "2"}],
        )
        self.assertEqual(CERTIFICATE + "2", get()["certificateArn"])

    def test_private_domain_name(self):
        client, tags = self.client, {"a": "b"}
        made = client.create_domain_name(
            domainName="private.example.org",
            certificateArn=CERTIFICATE + "1",
            endpointConfiguration={"types": ["PRIVATE"]},
            policy='{"Version": "2012-10-17", "Statement": []}',
        )
        name = {"domainName": "private.example.org", "domainNameId": made["domainNameId"]}
        found = client.get_domain_name(**name)
        self.assertEqual(without_metadata(made), without_metadata(found))
        policy = '{"Version": "2012-10-17"}'
        self.patched(
            lambda patch: client.update_domain_name(patchOperations=patch, **name),
            lambda: without_metadata(client.get_domain_name(**name)),
            [
                one("replace", "/policy", policy, policy=policy),
                one("replace", "/managementPolicy", policy, managementPolicy=policy),
            ],
        )
        association = client.create_domain_name_access_association(
            domainNameArn=made["domainNameArn"],
            accessAssociationSourceType="VPCE",
            accessAssociationSource="vpce-0123456789abcdef0",
            tags=tags,
        )
        listed = client.get_domain_name_access_associations()["items"]
        self.assertEqual([without_metadata(association)], listed)
        self.assertEqual(tags, listed[0]["tags"])
        client.delete_domain_name_access_association(
            domainNameAccessAssociationArn=association["domainNameAccessAssociationArn"]
        )
        self.assertEqual([], client.get_domain_name_access_associations()["items"])
        client.delete_domain_name(**name)

    def test_vpc_link(self):
        def get(made):
            return without_metadata(self.client.get_vpc_link(vpcLinkId=made["id"]))

        made = self.created(
            "create_vpc_link",
            {"name": "link", "description": "to the shop", "targetArns": [LINK], "tags": TAGS},
            get,
            settles=["status", "statusMessage"],
        )
        self.assertEqual(("PENDING", "AVAILABLE"), (made["status"], get(made)["status"]))
        self.patched(
            lambda patch: self.client.update_vpc_link(vpcLinkId=made["id"], patchOperations=patch),
            lambda: get(made),
            [
                one("replace", "/name", "other", name="other"),
                one("replace", "/description", "of another", description="of another"),
            ],
        )
        self.client.delete_vpc_link(vpcLinkId=made["id"])

    def test_client_certificate(self):
        def get(made):
            certificate = made["clientCertificateId"]
            return without_metadata(self.client.get_client_certificate(clientCertificateId=certificate))

        made = self.created("generate_client_certificate", {"description": "mine", "tags": TAGS}, get)
        self.assertTrue(made["pemEncodedCertificate"].startswith("-----BEGIN CERTIFICATE-----\n"))
        self.assertEqual(365, (made["expirationDate"] - made["createdDate"]).days)
        of = {"clientCertificateId": made["clientCertificateId"]}
        self.patched(
            lambda patch: self.client.update_client_certificate(patchOperations=patch, **of),
            lambda: get(made),
            [one("replace", "/description", "yours", description="yours")],
        )
        self.client.delete_client_certificate(**of)

    def test_account(self):
        role = f"arn:aws:iam::{ACCOUNT}:role/logs"
        self.patched(
            lambda patch: self.client.update_account(patchOperations=patch),
            lambda: without_metadata(self.client.get_account()),
            [
                one("replace", "/cloudwatchRoleArn", role, cloudwatchRoleArn=role),
                one("replace", "/cloudwatchRoleArn", "", cloudwatchRoleArn=None),
            ],
        )

    def test_tags(self):
        api, root = self.api(tags={"a": "1"})
        self.mock(api, root, "x")
        self.client.create_deployment(restApiId=api, stageName="prod")
        for arn in (f"/restapis/{api}", f"/restapis/{api}/stages/prod"):
            arn = f"arn:aws:apigateway:us-east-1::{arn}"
            self.client.tag_resource(resourceArn=arn, tags={"a": "2", "b/c": "3"})
            self.assertEqual({"a": "2", "b/c": "3"}, self.client.get_tags(resourceArn=arn)["tags"])
            self.client.untag_resource(resourceArn=arn, tagKeys=["a"])
            self.assertEqual({"b/c": "3"}, self.client.get_tags(resourceArn=arn)["tags"])
        self.assertEqual({"b/c": "3"}, self.client.get_rest_api(restApiId=api)["tags"])
        self.assertEqual({"b/c": "3"}, self.client.get_stage(restApiId=api, stageName="prod")["tags"])


if __name__ == "__main__":
    main()
