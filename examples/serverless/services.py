#!/usr/bin/env python3
"""AWS's services on this machine, by moto: `python3 services.py [PORT]`, on 127.0.0.1, port 5000 by default (0 takes a free one).

It needs `pip install 'moto[server]'`. Nothing is kept: everything is made anew at each start."""

import json
import logging
import sys
import threading

import boto3
from moto.server import ThreadedMotoServer

ACCOUNT = "123456789012"
MACHINE = {
    "StartAt": "Charge",
    "States": {
        "Charge": {"Type": "Pass", "Result": "charged", "ResultPath": "$.payment", "Next": "Ship"},
        "Ship": {"Type": "Pass", "End": True},
    },
}


def client(service, endpoint):
    keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything"}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **keys)


def make(endpoint):
    """A table, a queue, a topic that feeds another queue, and a state machine."""
    client("dynamodb", endpoint).create_table(
        TableName="Comments",
        KeySchema=[{"AttributeName": "commentId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("commentId", "pageId")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "pageId-index",
                "KeySchema": [{"AttributeName": "pageId", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    queues, topics = client("sqs", endpoint), client("sns", endpoint)
    queues.create_queue(QueueName="orders")
    queues.create_queue(QueueName="subscriber")
    topics.create_topic(Name="news")
    topics.subscribe(
        TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:news",
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:subscriber",
        Attributes={"RawMessageDelivery": "true"},
    )
    client("stepfunctions", endpoint).create_state_machine(
        name="checkout", definition=json.dumps(MACHINE), roleArn=f"arn:aws:iam::{ACCOUNT}:role/checkout"
    )


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    logging.disable()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    make(f"http://{host}:{port}")
    print(f"services on http://{host}:{port}", flush=True)
    threading.Event().wait()


main()
