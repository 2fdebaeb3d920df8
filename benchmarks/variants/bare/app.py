"""The seed's two bare functions: no validation, no logging, no framework."""

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def post_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Store the order of the body."""
    order = json.loads(event["body"])["order"]
    table.put_item(Item=order)
    return {
        "statusCode": 200,
        "headers": {"Access-Control-Allow-Origin": "*"},
        "body": json.dumps({"order": order}),
    }


def get_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the order at the key of the query."""
    query = event["queryStringParameters"]
    response = table.get_item(
        Key={"accountid": query["accountid"], "vendorid": query["vendorid"]}, ConsistentRead=True
    )
    return {
        "statusCode": 200,
        "headers": {"Access-Control-Allow-Origin": "*"},
        "body": json.dumps({"order": response["Item"]}, default=str),  # boto3 reads Decimals
    }
