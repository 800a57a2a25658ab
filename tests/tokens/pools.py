"""User pools of moto's server, on a free port. Prints where it is, and tokens of a user of each, as one line of JSON, and ends
with its input."""

import json
import logging
import sys

import boto3
from moto.server import ThreadedMotoServer

PASSWORD = "Passw0rd!1"


def client(endpoint):
    keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything"}
    return boto3.client("cognito-idp", endpoint_url=endpoint, region_name="us-east-1", **keys)


def user_pool(endpoint, name):
    """A pool with a user in two groups, and the tokens that the user gets."""
    cognito = client(endpoint)
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="shop")
    of_client = made["UserPoolClient"]["ClientId"]
    of_user = {"UserPoolId": pool, "Username": "alice"}
    cognito.admin_create_user(
        MessageAction="SUPPRESS", UserAttributes=[{"Name": "email", "Value": "alice@example.com"}], **of_user
    )
    cognito.admin_set_user_password(Password=PASSWORD, Permanent=True, **of_user)
    for group in ("Admin", "User"):
        cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(GroupName=group, **of_user)
    result = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=of_client,
        AuthFlow="ADMIN_NO_SRP_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {"pool": pool, "client": of_client, "id": result["IdToken"], "access": result["AccessToken"]}


def main():
    logging.disable()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    pools = [user_pool(endpoint, name) for name in ("one", "two")]
    print(json.dumps({"moto": endpoint, "pools": pools}), flush=True)
    sys.stdin.read()


main()
