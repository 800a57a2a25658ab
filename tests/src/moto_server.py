"""moto's server on a free port. Prints where it is. Each line of its input is then a call of boto3,
`{"service", "operation", "parameters"}`, of which it prints what came back. It ends with its input."""

import base64
import datetime
import json
import logging
import sys

import boto3
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything"}


def plain(value):
    """What JSON has no word for."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return value.read().decode()
    return str(value)


def called(endpoint, call):
    client = boto3.client(call["service"], endpoint_url=endpoint, region_name=REGION, **KEYS)
    try:
        return getattr(client, call["operation"])(**call["parameters"])
    except ClientError as error:
        return {"Error": error.response["Error"]}


def main():
    logging.disable()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    print(endpoint, flush=True)
    for line in sys.stdin:
        print(json.dumps(called(endpoint, json.loads(line)), default=plain), flush=True)


main()
