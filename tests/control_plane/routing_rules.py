"""Routing rules of domain names, by the second protocol (apigatewayv2) beside the first, as Terraform's provider calls it."""

import boto3
from botocore.config import Config
from common import CONTROL, REGION, control, main, raw, replace, without_metadata
from trip import RoundTrip

NAME = "rules.example.com"


def second():
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return boto3.client("apigatewayv2", endpoint_url=CONTROL, region_name=REGION, config=config)


def header(name="x-version", value="beta*"):
    return {"MatchHeaders": {"AnyOf": [{"Header": name, "ValueGlob": value}]}}


def paths(*names):
    return {"MatchBasePaths": {"AnyOf": list(names)}}


class RoutingRules(RoundTrip):
    def setUp(self):
        self.second = second()
        self.id, root = self.api()
        self.mock(self.id, root, "x")
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        self.client.create_domain_name(domainName=NAME, endpointConfiguration={"types": ["REGIONAL"]})
        self.addCleanup(self.client.delete_domain_name, domainName=NAME)

    def rule(self, priority=10, conditions=(), **invoke):
        return {
            "DomainName": NAME,
            "Priority": priority,
            "Conditions": list(conditions),
            "Actions": [{"InvokeApi": {"ApiId": self.id, "Stage": "prod", "StripBasePath": False, **invoke}}],
        }

    def test_round_trip(self):
        def get(answer):
            rule = {"DomainName": NAME, "RoutingRuleId": answer["RoutingRuleId"]}
            return without_metadata(self.second.get_routing_rule(**rule))

        asked = self.rule(10, [header(), header("hello", "World"), paths("users", "a/b")], StripBasePath=True)
        made = without_metadata(self.second.create_routing_rule(**asked))
        self.assertEqual(made, get(made))
        self.assertEqual({**asked, "DomainName": None}, {"DomainName": None} | {k: made[k] for k in asked if k in made})
        self.assertEqual(
            f"arn:aws:apigateway:{REGION}:000000000000:/domainnames/{NAME}/routingrules/{made['RoutingRuleId']}",
            made["RoutingRuleArn"],
        )
        changed = self.second.put_routing_rule(RoutingRuleId=made["RoutingRuleId"], **self.rule(20))
        self.assertEqual(without_metadata(changed), get(made))
        self.assertEqual((20, []), (changed["Priority"], changed["Conditions"]))
        gone = {"DomainName": NAME, "RoutingRuleId": made["RoutingRuleId"]}
        self.assertEqual(204, self.second.delete_routing_rule(**gone)["ResponseMetadata"]["HTTPStatusCode"])
        with self.assertRaises(self.second.exceptions.NotFoundException):
            self.second.get_routing_rule(**gone)
        with self.assertRaises(self.second.exceptions.NotFoundException):
            self.second.delete_routing_rule(**gone)

    def test_lists_are_in_the_order_of_priorities(self):
        for priority in (30, 10, 20):
            self.second.create_routing_rule(**self.rule(priority))
        pages = self.second.get_paginator("list_routing_rules").paginate(
            DomainName=NAME, PaginationConfig={"PageSize": 2}
        )
        found = [[rule["Priority"] for rule in page["RoutingRules"]] for page in pages]
        self.assertEqual([[10, 20], [30]], found)

    def test_a_priority_is_one_rules(self):
        first = self.second.create_routing_rule(**self.rule(10))
        other = self.second.create_routing_rule(**self.rule(11))
        with self.assertRaises(self.second.exceptions.ConflictException):
            self.second.create_routing_rule(**self.rule(10))
        with self.assertRaises(self.second.exceptions.ConflictException):
            self.second.put_routing_rule(RoutingRuleId=other["RoutingRuleId"], **self.rule(10))
        self.second.put_routing_rule(RoutingRuleId=first["RoutingRuleId"], **self.rule(10, [header()]))

    def test_bad_ones(self):
        for what, asked, words in [
            ("no such API", self.rule(ApiId="nope"), "Invalid REST API identifier specified"),
            ("no such stage", self.rule(Stage="nope"), "Invalid stage identifier specified"),
            ("an asterisk inside", self.rule(conditions=[header(value="a*b")]), "Invalid header value glob"),
            ("a long value", self.rule(conditions=[header(value="x" * 129)]), "Invalid header value glob"),
            ("a long name", self.rule(conditions=[header("x" * 41)]), "Invalid header name"),
            ("three headers", self.rule(conditions=[header()] * 3), "at most 2 matchHeaders"),
            ("two paths", self.rule(conditions=[paths("a"), paths("b")]), "one matchBasePaths"),
            ("a slash", self.rule(conditions=[paths("/a")]), "Invalid base path"),
            ("both in one", self.rule(conditions=[header() | paths("a")]), "exactly one of"),
            ("no alternatives", self.rule(conditions=[paths()]), "anyOf must have"),
            ("nothing to strip", self.rule(StripBasePath=True), "stripBasePath requires"),
            ("no action", {**self.rule(), "Actions": []}, "exactly one action"),
        ]:
            with self.subTest(what), self.assertRaises(self.second.exceptions.BadRequestException) as raised:
                self.second.create_routing_rule(**asked)
            self.assertIn(words, raised.exception.response["Error"]["Message"])
        target = f"/v2/domainnames/{NAME}/routingrules"
        for body in ["{", '{"priority": 0, "conditions": [], "actions": []}', '{"priority": 1}', '{"x": 1}']:
            self.assertEqual(400, raw("POST", target, body)[0], body)
        for query in ["maxResults=0", "maxResults=101", "maxResults=x", "nextToken=x"]:
            self.assertEqual(400, raw("GET", f"{target}?{query}")[0], query)
        self.assertEqual((404, "NotFoundException"), raw("GET", "/v2/domainnames/no.example.com/routingrules")[:2])
        self.assertEqual([], self.second.list_routing_rules(DomainName=NAME)["RoutingRules"])

    def test_names_lead_to_apis_of_their_kind(self):
        private = self.client.create_domain_name(
            domainName=NAME, endpointConfiguration={"types": ["PRIVATE"]}
        )["domainNameId"]
        self.addCleanup(self.client.delete_domain_name, domainName=NAME, domainNameId=private)
        of = {"DomainNameId": private}
        with self.assertRaises(self.second.exceptions.BadRequestException):
            self.second.create_routing_rule(**self.rule(), **of)
        self.client.update_rest_api(
            restApiId=self.id, patchOperations=[replace("/endpointConfiguration/types/0", "PRIVATE")]
        )
        with self.assertRaises(self.second.exceptions.BadRequestException):
            self.second.create_routing_rule(**self.rule())
        with self.assertRaises(control().exceptions.BadRequestException):
            self.client.create_base_path_mapping(domainName=NAME, restApiId=self.id)
        made = self.second.create_routing_rule(**self.rule(), **of)
        listed = self.second.list_routing_rules(DomainName=NAME, **of)["RoutingRules"]
        self.assertEqual([made["RoutingRuleId"]], [rule["RoutingRuleId"] for rule in listed])
        self.assertEqual([], self.second.list_routing_rules(DomainName=NAME)["RoutingRules"])
        self.second.delete_routing_rule(DomainName=NAME, RoutingRuleId=made["RoutingRuleId"], **of)


if __name__ == "__main__":
    main()
