"""The kinds that a definition is made of, through create, get, update, get."""

import json

from common import main, without_metadata
from trip import RoundTrip, entry, one

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*/*"}
    ],
}
ACCOUNT = "000000000000"
POOLS = [f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_{name}" for name in "ab"]
PLUGIN = "portcullis:plugin:guard"


class Apis(RoundTrip):
    def made(self, **more):
        arguments = {
            "name": "shop",
            "description": "of everything",
            "version": "7",
            "binaryMediaTypes": ["image/png", "application/*"],
            "minimumCompressionSize": 1024,
            "apiKeySource": "AUTHORIZER",
            "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "dualstack"},
            "policy": json.dumps(POLICY),
            "tags": {"team": "a b", "x:y/z": ""},
            "disableExecuteApiEndpoint": True,
            "securityPolicy": "TLS_1_2",
            "endpointAccessMode": "BASIC",
            **more,
        }
        made = self.created("create_rest_api", arguments, self.found, {"policy": escaped(POLICY)}, ["cloneFrom"])
        self.addCleanup(self.forget, made["id"])
        return made["id"]

    def found(self, answer):
        return without_metadata(self.client.get_rest_api(restApiId=answer["id"]))

    def test_api(self):
        api = self.made()
        types = ["image/png", "application/*"]
        regional = {"types": ["REGIONAL"], "ipAddressType": "dualstack"}
        other = {**POLICY, "Id": "other"}
        self.patched(
            lambda patch: self.client.update_rest_api(restApiId=api, patchOperations=patch),
            lambda: self.found({"id": api}),
            [
                one("replace", "/name", "store", name="store"),
                one("replace", "/description", "of nothing", description="of nothing"),
                one("remove", "/description", description=None),
                one("add", "/description", "again", description="again"),
                one("replace", "/version", "8", version="8"),
                one("remove", "/version", version=None),
                one("replace", "/apiKeySource", "HEADER", apiKeySource="HEADER"),
                one("replace", "/disableExecuteApiEndpoint", "false", disableExecuteApiEndpoint=False),
                one("replace", "/minimumCompressionSize", "0", minimumCompressionSize=0),
                one("replace", "/minimumCompressionSize", "", minimumCompressionSize=None),
                one("add", "/binaryMediaTypes/a~1b", binaryMediaTypes=[*types, "a/b"]),
                one("remove", "/binaryMediaTypes/image~1png", binaryMediaTypes=["application/*", "a/b"]),
                one("replace", "/binaryMediaTypes/a~1b", "c/d", binaryMediaTypes=["application/*", "c/d"]),
                one("replace", "/policy", json.dumps(other), policy=escaped(other)),
                one("replace", "/policy", "", policy=None),
                one(
                    "replace",
                    "/endpointConfiguration/types/REGIONAL",
                    "EDGE",
                    endpointConfiguration={**regional, "types": ["EDGE"]},
                ),
                one(
                    "replace",
                    "/endpointConfiguration/ipAddressType",
                    "ipv4",
                    endpointConfiguration={"types": ["EDGE"], "ipAddressType": "ipv4"},
                ),
                one(
                    "replace",
                    "/securityPolicy",
                    "SecurityPolicy_TLS13_1_3_2025_09",
                    securityPolicy="SecurityPolicy_TLS13_1_3_2025_09",
                ),
                one("replace", "/endpointAccessMode", "STRICT", endpointAccessMode="STRICT"),
                (
                    [("replace", "/name", "both"), ("replace", "/description", "at once")],
                    {"name": "both", "description": "at once"},
                ),
                ([], {}),
            ],
        )

    def test_private_api(self):
        private = {"types": ["PRIVATE"], "ipAddressType": "dualstack", "vpcEndpointIds": ["vpce-1", "vpce-2"]}
        api = self.made(endpointConfiguration=private)
        ids = "/endpointConfiguration/vpcEndpointIds"
        self.patched(
            lambda patch: self.client.update_rest_api(restApiId=api, patchOperations=patch),
            lambda: self.found({"id": api}),
            [
                one(
                    "add",
                    ids,
                    "vpce-3",
                    endpointConfiguration={**private, "vpcEndpointIds": ["vpce-1", "vpce-2", "vpce-3"]},
                ),
                one("remove", ids, "vpce-1", endpointConfiguration={**private, "vpcEndpointIds": ["vpce-2", "vpce-3"]}),
            ],
        )

    def test_clone(self):
        api, root = self.api()
        self.mock(api, root, "x")
        made = self.client.create_rest_api(name="copy", cloneFrom=api)["id"]
        self.addCleanup(self.forget, made)
        methods = [
            self.client.get_resources(restApiId=of, embed=["methods"])["items"][0]["resourceMethods"]
            for of in (api, made)
        ]
        for method in methods:
            method["GET"]["methodIntegration"].pop("cacheNamespace")
        self.assertEqual(*methods)


def escaped(policy):
    """As the service shows a policy: the inside of a JSON text, its slashes escaped."""
    text = json.dumps(policy, separators=(",", ":"))
    return json.dumps(text)[1:-1].replace("/", "\\/")


class Definitions(RoundTrip):
    def setUp(self):
        self.id, self.root = self.api()
        self.of = {"restApiId": self.id}
        for name in ("Pet", "Dog"):
            self.client.create_model(name=name, contentType="application/json", schema='{"type": "object"}', **self.of)
        self.validators = [self.client.create_request_validator(name=name, **self.of)["id"] for name in ("one", "two")]
        self.authorizers = [
            self.client.create_authorizer(
                name=name,
                type="TOKEN",
                authorizerUri=PLUGIN,
                identitySource="method.request.header.Authorization",
                **self.of,
            )["id"]
            for name in ("first", "second")
        ]

    def trip(self, kind, create, arguments, ids, patches, shown=None, without=()):
        """A round trip of a kind whose operations are called `get_KIND` and `update_KIND`."""

        def get(answer):
            return without_metadata(getattr(self.client, f"get_{kind}")(**ids(answer)))

        made = self.created(create, arguments, get, shown, without)
        self.patched(
            lambda patch: getattr(self.client, f"update_{kind}")(patchOperations=patch, **ids(made)),
            lambda: get(made),
            patches(made) if callable(patches) else patches,
        )
        getattr(self.client, f"delete_{kind}")(**ids(made))
        with self.refused("NotFoundException", 404):
            get(made)

    def test_resource(self):
        pets = self.client.create_resource(parentId=self.root, pathPart="pets", **self.of)["id"]
        self.trip(
            "resource",
            "create_resource",
            {"parentId": self.root, "pathPart": "{id}", **self.of},
            lambda made: {"resourceId": made["id"], **self.of},
            [
                one("replace", "/pathPart", "{other}", pathPart="{other}", path="/{other}"),
                one("replace", "/parentId", pets, parentId=pets, path="/pets/{other}"),
            ],
            shown={"path": "/{id}"},
        )

    def test_request_validator(self):
        self.trip(
            "request_validator",
            "create_request_validator",
            {"name": "all", "validateRequestBody": True, "validateRequestParameters": True, **self.of},
            lambda made: {"requestValidatorId": made["id"], **self.of},
            [
                one("replace", "/name", "none", name="none"),
                one("replace", "/validateRequestBody", "false", validateRequestBody=False),
                one("replace", "/validateRequestParameters", "false", validateRequestParameters=False),
            ],
        )

    def test_model(self):
        schema = json.dumps({"type": "string", "title": "é"})
        self.trip(
            "model",
            "create_model",
            {"name": "Cat", "description": "of cats", "contentType": "application/json", "schema": schema, **self.of},
            lambda _: {"modelName": "Cat", **self.of},
            [
                one("replace", "/description", "other", description="other"),
                one("replace", "/schema", '{"type": "array"}', schema='{"type": "array"}'),
            ],
        )

    def test_authorizer_of_a_plugin(self):
        source = "method.request.header.Authorization"
        self.trip(
            "authorizer",
            "create_authorizer",
            {
                "name": "guard",
                "type": "TOKEN",
                "authType": "custom",
                "authorizerUri": PLUGIN,
                "authorizerCredentials": f"arn:aws:iam::{ACCOUNT}:role/x",
                "identitySource": source,
                "identityValidationExpression": "Bearer .*",
                "authorizerResultTtlInSeconds": 0,
                **self.of,
            },
            lambda made: {"authorizerId": made["id"], **self.of},
            [
                one("replace", "/name", "other", name="other"),
                one("replace", "/authType", "x", authType="x"),
                one("replace", "/authorizerUri", PLUGIN + "2", authorizerUri=PLUGIN + "2"),
                one(
                    "replace",
                    "/authorizerCredentials",
                    f"arn:aws:iam::{ACCOUNT}:role/y",
                    authorizerCredentials=f"arn:aws:iam::{ACCOUNT}:role/y",
                ),
                one("replace", "/authorizerResultTtlInSeconds", "3600", authorizerResultTtlInSeconds=3600),
                one("replace", "/identityValidationExpression", "x+", identityValidationExpression="x+"),
                one("replace", "/identitySource", "method.request.header.X", identitySource="method.request.header.X"),
                one("replace", "/type", "REQUEST", type="REQUEST"),
            ],
            without=["providerARNs", "jwtConfiguration"],
        )

    def test_authorizer_of_user_pools(self):
        self.trip(
            "authorizer",
            "create_authorizer",
            {
                "name": "pool",
                "type": "COGNITO_USER_POOLS",
                "providerARNs": POOLS[:1],
                "identitySource": "method.request.header.Authorization",
                **self.of,
            },
            lambda made: {"authorizerId": made["id"], **self.of},
            [
                one("add", "/providerARNs", POOLS[1], providerARNs=POOLS),
                one("remove", "/providerARNs", POOLS[0], providerARNs=POOLS[1:]),
            ],
            without=[
                "authType",
                "authorizerUri",
                "authorizerCredentials",
                "identityValidationExpression",
                "authorizerResultTtlInSeconds",
                "jwtConfiguration",
            ],
        )

    def test_method(self):
        first, second = self.authorizers
        one_validator, other_validator = self.validators
        parameters = {"method.request.header.x": True, "method.request.querystring.q": False}
        models = {"application/json": "Pet"}
        self.trip(
            "method",
            "put_method",
            {
                "resourceId": self.root,
                "httpMethod": "POST",
                "authorizationType": "CUSTOM",
                "authorizerId": first,
                "apiKeyRequired": True,
                "operationName": "buy",
                "requestParameters": parameters,
                "requestModels": models,
                "requestValidatorId": one_validator,
                **self.of,
            },
            lambda _: {"resourceId": self.root, "httpMethod": "POST", **self.of},
            [
                one("replace", "/apiKeyRequired", "false", apiKeyRequired=False),
                one("replace", "/authorizerId", second, authorizerId=second),
                one("replace", "/operationName", "sell", operationName="sell"),
                one("replace", "/requestValidatorId", other_validator, requestValidatorId=other_validator),
                one(
                    "add",
                    "/requestParameters/method.request.header.y",
                    "true",
                    requestParameters={**parameters, "method.request.header.y": True},
                ),
                one(
                    "replace",
                    "/requestParameters/method.request.header.y",
                    "false",
                    requestParameters={**parameters, "method.request.header.y": False},
                ),
                one("remove", "/requestParameters/method.request.header.y", requestParameters=parameters),
                one("add", "/requestModels/text~1xml", "Dog", requestModels={**models, "text/xml": "Dog"}),
                one(
                    "replace",
                    "/requestModels/application~1json",
                    "Dog",
                    requestModels={"application/json": "Dog", "text/xml": "Dog"},
                ),
                one("remove", "/requestModels/text~1xml", requestModels={"application/json": "Dog"}),
                one("replace", "/authorizationType", "NONE", authorizationType="NONE", authorizerId=None),
                one("replace", "/authorizationType", "AWS_IAM", authorizationType="AWS_IAM"),
            ],
            shown={"httpMethod": "POST"},
            without=["authorizationScopes"],
        )

    def test_method_with_scopes(self):
        pool = self.client.create_authorizer(
            name="pool",
            type="COGNITO_USER_POOLS",
            providerARNs=POOLS,
            identitySource="method.request.header.Authorization",
            **self.of,
        )["id"]
        self.trip(
            "method",
            "put_method",
            {
                "resourceId": self.root,
                "httpMethod": "PUT",
                "authorizationType": "COGNITO_USER_POOLS",
                "authorizerId": pool,
                "authorizationScopes": ["a/read"],
                **self.of,
            },
            lambda _: {"resourceId": self.root, "httpMethod": "PUT", **self.of},
            [
                one("add", "/authorizationScopes", "b/write", authorizationScopes=["a/read", "b/write"]),
                one("remove", "/authorizationScopes", "a/read", authorizationScopes=["b/write"]),
            ],
            without=["apiKeyRequired", "operationName", "requestParameters", "requestModels", "requestValidatorId"],
        )

    def of_method(self, **more):
        return {"resourceId": self.root, "httpMethod": "GET", **self.of, **more}

    def test_method_response(self):
        self.mock(self.id, self.root, "x")
        parameters, models = {"method.response.header.a": True}, {"application/json": "Pet"}
        self.trip(
            "method_response",
            "put_method_response",
            self.of_method(statusCode="404", responseParameters=parameters, responseModels=models),
            lambda _: self.of_method(statusCode="404"),
            [
                one(
                    "add",
                    "/responseParameters/method.response.header.b",
                    "true",
                    responseParameters={**parameters, "method.response.header.b": True},
                ),
                one(
                    "replace",
                    "/responseParameters/method.response.header.b",
                    "false",
                    responseParameters={**parameters, "method.response.header.b": False},
                ),
                one("remove", "/responseParameters/method.response.header.b", responseParameters=parameters),
                *entry("responseModels", models, "text/xml", "Dog", "Pet"),
            ],
            shown={"statusCode": "404"},
        )

    def test_integration(self):
        self.client.put_method(
            authorizationType="NONE",
            requestParameters={f"method.request.header.{name}": False for name in "abc"},
            **self.of_method(),
        )
        parameters = {"integration.request.header.a": "method.request.header.a"}
        templates = {"application/json": "$input.json('$')"}
        link = self.client.create_vpc_link(
            name="link", targetArns=["arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/x/1"]
        )["id"]
        self.addCleanup(self.client.delete_vpc_link, vpcLinkId=link)
        self.trip(
            "integration",
            "put_integration",
            self.of_method(
                type="HTTP",
                integrationHttpMethod="POST",
                uri="http://backend.example/x",
                connectionType="INTERNET",
                requestParameters=parameters,
                requestTemplates=templates,
                passthroughBehavior="NEVER",
                cacheNamespace="shared",
                cacheKeyParameters=["method.request.header.a"],
                contentHandling="CONVERT_TO_TEXT",
                timeoutInMillis=5000,
                tlsConfig={"insecureSkipVerification": True},
                responseTransferMode="BUFFERED",
            ),
            lambda _: self.of_method(),
            [
                one("replace", "/httpMethod", "PUT", httpMethod="PUT"),
                one("replace", "/uri", "http://other.example/", uri="http://other.example/"),
                one("replace", "/timeoutInMillis", "29000", timeoutInMillis=29000),
                one("replace", "/passthroughBehavior", "WHEN_NO_TEMPLATES", passthroughBehavior="WHEN_NO_TEMPLATES"),
                one("replace", "/contentHandling", "CONVERT_TO_BINARY", contentHandling="CONVERT_TO_BINARY"),
                one("replace", "/contentHandling", "", contentHandling=None),
                one("replace", "/cacheNamespace", "own", cacheNamespace="own"),
                one(
                    "add",
                    "/cacheKeyParameters/method.request.header.b",
                    cacheKeyParameters=["method.request.header.a", "method.request.header.b"],
                ),
                one(
                    "remove",
                    "/cacheKeyParameters/method.request.header.a",
                    cacheKeyParameters=["method.request.header.b"],
                ),
                *entry("requestParameters", parameters, "integration.request.header.b", "'x'", "'y'"),
                *entry("requestTemplates", templates, "text/xml", "<x/>", "<y/>"),
                one(
                    "replace",
                    "/tlsConfig/insecureSkipVerification",
                    "false",
                    tlsConfig={"insecureSkipVerification": False},
                ),
                (
                    [("replace", "/connectionType", "VPC_LINK"), ("replace", "/connectionId", link)],
                    {"connectionType": "VPC_LINK", "connectionId": link},
                ),
            ],
            shown={"integrationHttpMethod": None, "httpMethod": "POST"},
            without=["connectionId", "credentials", "integrationTarget"],
        )

    def test_integration_with_a_function(self):
        self.client.put_method(authorizationType="NONE", **self.of_method())
        function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f/invocations"
        role = f"arn:aws:iam::{ACCOUNT}:role/"
        self.trip(
            "integration",
            "put_integration",
            self.of_method(
                type="AWS_PROXY",
                integrationHttpMethod="POST",
                uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}",
                credentials=role + "x",
                timeoutInMillis=29000,
            ),
            lambda _: self.of_method(),
            [one("replace", "/credentials", role + "y", credentials=role + "y")],
            shown={"integrationHttpMethod": None, "httpMethod": "POST"},
            without=[
                "connectionType",
                "connectionId",
                "requestParameters",
                "requestTemplates",
                "passthroughBehavior",
                "cacheNamespace",
                "cacheKeyParameters",
                "contentHandling",
                "tlsConfig",
                "responseTransferMode",
                "integrationTarget",
            ],
        )

    def test_integration_response(self):
        self.mock(self.id, self.root, "x")
        self.client.put_method_response(
            statusCode="400",
            responseParameters={"method.response.header.a": True, "method.response.header.b": True},
            **self.of_method(),
        )
        parameters = {"method.response.header.a": "'x'"}
        templates = {"application/json": "{}"}
        self.trip(
            "integration_response",
            "put_integration_response",
            self.of_method(
                statusCode="400",
                selectionPattern="4\\d{2}",
                responseParameters=parameters,
                responseTemplates=templates,
                contentHandling="CONVERT_TO_TEXT",
            ),
            lambda _: self.of_method(statusCode="400"),
            [
                one("replace", "/selectionPattern", "5..", selectionPattern="5.."),
                one("replace", "/contentHandling", "CONVERT_TO_BINARY", contentHandling="CONVERT_TO_BINARY"),
                *entry("responseParameters", parameters, "method.response.header.b", "'y'", "'z'"),
                *entry("responseTemplates", templates, "text/xml", "<x/>", "<y/>"),
            ],
            shown={"statusCode": "400"},
        )

    def test_gateway_response(self):
        of = {"responseType": "DEFAULT_4XX", **self.of}
        default = without_metadata(self.client.get_gateway_response(**of))
        self.assertTrue(default["defaultResponse"])

        def get(_=None):
            return without_metadata(self.client.get_gateway_response(**of))

        parameters, templates = {"gatewayresponse.header.a": "'x'"}, {"application/json": "{}"}
        self.created(
            "put_gateway_response",
            {"statusCode": "418", "responseParameters": parameters, "responseTemplates": templates, **of},
            get,
            {"responseType": "DEFAULT_4XX", "defaultResponse": False},
        )
        self.patched(
            lambda patch: self.client.update_gateway_response(patchOperations=patch, **of),
            get,
            [
                one("replace", "/statusCode", "404", statusCode="404"),
                *entry("responseParameters", parameters, "gatewayresponse.header.b", "'y'", "'z'"),
                *entry("responseTemplates", templates, "text/xml", "<x/>", "<y/>"),
            ],
        )
        self.client.delete_gateway_response(**of)
        self.assertEqual(default, get())

    def test_documentation(self):
        location = {"type": "RESPONSE", "path": "/x", "method": "GET", "statusCode": "200"}
        self.trip(
            "documentation_part",
            "create_documentation_part",
            {"location": location, "properties": '{"description": "x"}', **self.of},
            lambda made: {"documentationPartId": made["id"], **self.of},
            [one("replace", "/properties", '{"description": "y"}', properties='{"description": "y"}')],
        )
        self.client.create_documentation_part(location={"type": "API"}, properties="{}", **self.of)
        self.trip(
            "documentation_version",
            "create_documentation_version",
            {"documentationVersion": "v1", "description": "first", **self.of},
            lambda _: {"documentationVersion": "v1", **self.of},
            [one("replace", "/description", "1st", description="1st")],
            shown={"documentationVersion": None, "version": "v1"},
            without=["stageName"],
        )


if __name__ == "__main__":
    main()
