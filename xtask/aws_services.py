"""Writes gateway/src/aws/services.tsv, from the descriptions of AWS's services that botocore ships:

    target/python/bin/python xtask/aws_services.py > gateway/src/aws/services.tsv

`--check` prints nothing, and fails where the file is another."""

import gzip
import json
import pathlib
import sys

import botocore

DATA = pathlib.Path(botocore.__file__).parent / "data"
FILE = pathlib.Path(__file__).parent.parent / "gateway/src/aws/services.tsv"

# The protocols, those first that API Gateway's tutorials use of a service that has several.
PROTOCOLS = ["query", "ec2", "json", "rest-json", "rest-xml"]
# SQS is called by the query protocol in AWS's tutorials, and understands it; botocore has known JSON alone since 2023.
SPOKEN = {"sqs": "query"}
# Of several descriptions of one endpoint, the one that counts.
CHOSEN = {
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "kinesisanalytics": "kinesisanalyticsv2",
    "lambda": "lambda",
    "rds": "rds",
    "sdb": "sdb",
}


def descriptions():
    for service in sorted(DATA.iterdir()):
        versions = sorted(service.glob("*/service-2.json.gz")) if service.is_dir() else []
        if versions:
            yield service.name, json.loads(gzip.open(versions[-1]).read())


def global_endpoints():
    """Hosts and regions of services that have one for all regions."""
    services = json.loads((DATA / "endpoints.json").read_bytes())["partitions"][0]["services"]
    for name, service in services.items():
        if service.get("isRegionalized", True):
            continue
        endpoint = service["endpoints"].get(service.get("partitionEndpoint"), {})
        region = endpoint.get("credentialScope", {}).get("region")
        if region and "hostname" in endpoint:
            yield name, (endpoint["hostname"], region)


def prefixes(operations):
    """What stands before the host for some operations: `StartSyncExecution=sync-`."""
    found = ((name, operation.get("endpoint", {}).get("hostPrefix", "")) for name, operation in operations.items())
    return ",".join(f"{name}={prefix}" for name, prefix in sorted(found) if prefix and "{" not in prefix)


def row(description, everywhere):
    metadata = description["metadata"]
    endpoint = metadata["endpointPrefix"]
    known = metadata.get("protocols", [metadata["protocol"]])
    spoken = SPOKEN.get(endpoint) or next((name for name in PROTOCOLS if name in known), "other")
    json_only = spoken == "json"
    return [
        endpoint,
        metadata.get("signingName", endpoint),
        metadata["serviceId"].upper().replace(" ", "_").replace("-", "_"),
        spoken,
        metadata["apiVersion"],
        metadata.get("jsonVersion", "1.0") if json_only else "-",
        metadata.get("targetPrefix", "-") if json_only else "-",
        *everywhere.get(endpoint, ("-", "-")),
        (spoken in ("query", "ec2", "json") and prefixes(description["operations"])) or "-",
    ]


def table():
    everywhere = dict(global_endpoints())
    rows = {}
    for name, description in descriptions():
        endpoint = description["metadata"]["endpointPrefix"]
        if CHOSEN.get(endpoint, name) == name and endpoint not in rows:
            rows[endpoint] = row(description, everywhere)
    head = [
        f"# AWS's services, as botocore {botocore.__version__} describes them; made by xtask/aws_services.py.",
        "# endpoint\tsigning name\tid in AWS_ENDPOINT_URL_\tprotocol\tversion\tJSON\ttarget\tglobal host\tglobal region\thost prefixes",
    ]
    return "\n".join(head + ["\t".join(rows[endpoint]) for endpoint in sorted(rows)]) + "\n"


if sys.argv[1:] == ["--check"]:
    sys.exit(FILE.read_text() != table())
sys.stdout.write(table())
