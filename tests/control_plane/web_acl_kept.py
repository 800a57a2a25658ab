"""A stage that stays associated with a web ACL while the configuration changes: `make`, `blocks API`, `closed API`."""

import sys

from common import Suite, fetch
from web_acl import STAGE, wafv2


def make():
    suite = Suite()
    Suite.setUpClass()
    api = suite.client.create_rest_api(name="kept")["id"]
    root = suite.client.get_resources(restApiId=api)["items"][0]["id"]
    suite.mock(api, root, "hello")
    suite.client.create_deployment(restApiId=api, stageName="prod")
    waf = wafv2()
    arn = waf.list_web_acls(Scope="REGIONAL")["WebACLs"][0]["ARN"]
    waf.associate_web_acl(WebACLArn=arn, ResourceArn=STAGE.format(api, "prod"))
    print(api)


def blocks(api):
    assert fetch(api, "prod", "/?q=1234567")[0] == 403
    assert fetch(api, "prod") == (200, "hello")


def closed(api):
    status, text = fetch(api, "prod")
    assert (status, text) == (500, '{"message": "Internal server error"}'), (status, text)
    shown = wafv2().get_web_acl_for_resource(ResourceArn=STAGE.format(api, "prod"))["WebACL"]
    assert shown["Name"] == "main", shown


{"make": make, "blocks": blocks, "closed": closed}[sys.argv[1]](*sys.argv[2:])
