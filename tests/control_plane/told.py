"""What the suites of test invocations share: an API of each test's own, an authorizer, and logs as they stay."""

import re

from common import Suite

DATE = r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} : "


class Told(Suite):
    def setUp(self):
        self.id, self.root = self.api()
        self.of = {"restApiId": self.id}

    def guard(self, source="method.request.header.Authorization", **more):
        return self.client.create_authorizer(
            **{
                "name": "guard",
                "type": "TOKEN",
                "authorizerUri": "portcullis:plugin:tokens",
                "identitySource": source,
                **more,
            },
            **self.of,
        )["id"]

    def lines(self, answer):
        """The log's lines without dates and the request's id; the first line names it."""
        first, *lines = answer["log"].splitlines()
        request = re.fullmatch("Execution log for request ([0-9a-f-]{36})", first)
        self.assertIsNotNone(request, first)
        for line in lines:
            self.assertRegex(line, f"^{DATE}")
        text = re.sub(f"(?m)^{DATE}", "", "\n".join(lines))
        text = re.sub(r"Integration latency: \d+ ms", "Integration latency: N ms", text)
        text = re.sub(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", "ROOT", text)
        return text.replace(request[1], "ID").splitlines()
