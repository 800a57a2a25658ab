"""Web ACLs: what `aws wafv2`, boto3 and Terraform's aws_wafv2_web_acl_association call."""

import json
import os
import pathlib
import subprocess
import sys

import boto3
from botocore.config import Config

from access import key, with_key
from common import CONTROL, REGION, Suite, fetch, main, replace

STAGE = f"arn:aws:apigateway:{REGION}::/restapis/{{}}/stages/{{}}"


def wafv2(**more):
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return boto3.client("wafv2", endpoint_url=CONTROL, region_name=REGION, config=config, **more)


class WebAcl(Suite):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waf = wafv2()
        listed = cls.waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
        cls.arns = {acl["Name"]: acl["ARN"] for acl in listed}

    def stage(self, name="prod"):
        api, root = self.api()
        self.mock(api, root, "hello")
        self.client.create_deployment(restApiId=api, stageName=name)
        return api, STAGE.format(api, name)

    def arn_of(self, api, stage="prod"):
        return self.client.get_stage(restApiId=api, stageName=stage).get("webAclArn")

    def test_the_lists_of_the_configuration_are_listed(self):
        acls = self.waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
        self.assertEqual([("main", "the one"), ("other", "")], [(acl["Name"], acl["Description"]) for acl in acls])
        for acl in acls:
            expected = f"arn:aws:wafv2:{REGION}:000000000000:regional/webacl/{acl['Name']}/{acl['Id']}"
            self.assertEqual(expected, acl["ARN"])
        page = self.waf.list_web_acls(Scope="REGIONAL", Limit=1)
        self.assertEqual(["main"], [acl["Name"] for acl in page["WebACLs"]])
        page = self.waf.list_web_acls(Scope="REGIONAL", Limit=1, NextMarker=page["NextMarker"])
        self.assertEqual(["other"], [acl["Name"] for acl in page["WebACLs"]])
        self.assertNotIn("NextMarker", page)
        self.assertEqual([], self.waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"])

    def test_an_association_acts_at_once_and_is_shown(self):
        api, stage = self.stage()
        self.assertEqual((200, "hello"), fetch(api, "prod", "/?q=1234567"))
        self.assertIsNone(self.arn_of(api))
        self.assertNotIn("WebACL", self.waf.get_web_acl_for_resource(ResourceArn=stage))

        self.waf.associate_web_acl(WebACLArn=self.arns["main"], ResourceArn=stage)
        self.assertEqual((403, '{"message":"Forbidden"}'), fetch(api, "prod", "/?q=1234567"))
        self.assertEqual((200, "hello"), fetch(api, "prod", "/?q=1"))
        self.assertEqual(self.arns["main"], self.arn_of(api))
        shown = self.waf.get_web_acl_for_resource(ResourceArn=stage)["WebACL"]
        self.assertEqual(("main", self.arns["main"]), (shown["Name"], shown["ARN"]))
        # Again, and with another.
        self.waf.associate_web_acl(WebACLArn=self.arns["main"], ResourceArn=stage)
        self.waf.associate_web_acl(WebACLArn=self.arns["other"], ResourceArn=stage)
        self.assertEqual(self.arns["other"], self.arn_of(api))

        # It is the stage's: deployments and patches leave it alone.
        self.client.create_deployment(restApiId=api, stageName="prod")
        self.client.update_stage(restApiId=api, stageName="prod", patchOperations=[replace("/description", "x")])
        self.assertEqual(self.arns["other"], self.arn_of(api))
        self.assertEqual(403, fetch(api, "prod", "/?q=1234567")[0])

        self.waf.disassociate_web_acl(ResourceArn=stage)
        self.assertIsNone(self.arn_of(api))
        self.assertEqual((200, "hello"), fetch(api, "prod", "/?q=1234567"))
        self.waf.disassociate_web_acl(ResourceArn=stage)

    def test_a_canary_is_behind_it_too(self):
        api, stage = self.stage()
        self.client.create_deployment(restApiId=api, stageName="prod", canarySettings={"percentTraffic": 100.0})
        self.waf.associate_web_acl(WebACLArn=self.arns["main"], ResourceArn=stage)
        self.assertEqual(403, fetch(api, "prod", "/?q=1234567")[0])

    def test_what_is_not_there_is_told(self):
        api, stage = self.stage()
        main = self.arns["main"]
        for acl, resource, kind in [
            (main[:-1] + "x", stage, "WAFNonexistentItemException"),
            (main.replace("main", "absent"), stage, "WAFNonexistentItemException"),
            (main, STAGE.format(api, "absent"), "WAFNonexistentItemException"),
            (main, STAGE.format("absent", "prod"), "WAFNonexistentItemException"),
            (main, "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/x/1", "WAFInvalidParameterException"),
            (main, stage.replace(REGION, "eu-west-1"), "WAFInvalidParameterException"),
        ]:
            with self.subTest(acl=acl, resource=resource), self.refused(kind, 400):
                self.waf.associate_web_acl(WebACLArn=acl, ResourceArn=resource)
        with self.refused("WAFNonexistentItemException", 400):
            self.waf.get_web_acl_for_resource(ResourceArn=STAGE.format(api, "absent"))
        self.assertIsNone(self.arn_of(api))

    def test_what_is_not_offered_is_refused_by_name(self):
        with self.refused("WAFUnsupportedOperationException", 400) as _:
            self.waf.list_ip_sets(Scope="REGIONAL")

    def test_a_stage_of_a_file_says_it_there(self):
        self.assertEqual(self.arns["main"], self.arn_of("filed"))
        self.assertEqual(403, fetch("filed", "prod", "/?q=1234567")[0])
        stage = STAGE.format("filed", "prod")
        shown = self.waf.get_web_acl_for_resource(ResourceArn=stage)["WebACL"]
        self.assertEqual("main", shown["Name"])
        for call in [
            lambda: self.waf.associate_web_acl(WebACLArn=self.arns["other"], ResourceArn=stage),
            lambda: self.waf.disassociate_web_acl(ResourceArn=stage),
        ]:
            with self.refused("WAFInvalidOperationException", 400):
                call()

    def test_keys_need_the_action_on_both(self):
        api, stage = self.stage()
        main = self.arns["main"]

        def client(*allowed):
            statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in allowed]
            made = key({"Version": "2012-10-17", "Statement": statements}, "waf")
            return wafv2(aws_access_key_id=made["id"], aws_secret_access_key=made["secret"])

        action = "wafv2:AssociateWebACL"
        for poor in [
            client(("apigateway:*", "*")),
            client((action, main)),
            client((action, stage)),
            client(("wafv2:DisassociateWebACL", "*")),
        ]:
            with self.refused("AccessDeniedException", 403):
                poor.associate_web_acl(WebACLArn=main, ResourceArn=stage)
        self.assertIsNone(self.arn_of(api))
        client((action, main), (action, stage)).associate_web_acl(WebACLArn=main, ResourceArn=stage)
        self.assertEqual(main, self.arn_of(api))
        with self.refused("AccessDeniedException", 403):
            client((action, "*")).disassociate_web_acl(ResourceArn=stage)
        client(("wafv2:List*", "*")).list_web_acls(Scope="REGIONAL")
        # A policy of this service's is none of the other's.
        made = key({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "wafv2:*", "Resource": "*"}]})
        with self.refused("AccessDeniedException", 403):
            with_key(made).get_rest_apis()

    def test_a_wrong_signature_is_refused(self):
        good = boto3.Session().get_credentials().get_frozen_credentials()
        poor = wafv2(aws_access_key_id=good.access_key, aws_secret_access_key="wrong" + good.secret_key)
        with self.refused("InvalidSignatureException", 403):
            poor.list_web_acls(Scope="REGIONAL")

    def test_the_aws_cli(self):
        api, stage = self.stage()

        def aws(*arguments):
            program = pathlib.Path(sys.executable).with_name("aws")
            command = [program, "--endpoint-url", CONTROL, "--region", REGION, "--output", "json", "wafv2", *arguments]
            done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)
            self.assertEqual(0, done.returncode, done.stderr)
            return json.loads(done.stdout) if done.stdout.strip() else None

        arn = aws("list-web-acls", "--scope", "REGIONAL")["WebACLs"][0]["ARN"]
        aws("associate-web-acl", "--web-acl-arn", arn, "--resource-arn", stage)
        self.assertEqual(arn, aws("get-web-acl-for-resource", "--resource-arn", stage)["WebACL"]["ARN"])
        self.assertEqual(403, fetch(api, "prod", "/?q=1234567")[0])
        aws("disassociate-web-acl", "--resource-arn", stage)
        self.assertEqual(200, fetch(api, "prod", "/?q=1234567")[0])


if __name__ == "__main__":
    main()
