"""The two functions of the original notebook: no validation, no logging, no framework."""

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def post_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    order = json.loads(event["body"])["order"]
    table.put_item(Item=order)
    return {"statusCode": 200, "body": json.dumps({"order": order})}


def get_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    query = event["queryStringParameters"]
    key = {"accountid": query["accountid"], "vendorid": query["vendorid"]}
    item = table.get_item(Key=key, ConsistentRead=True)["Item"]
    return {"statusCode": 200, "body": json.dumps({"order": item}, default=str)}  # Decimals
