"""The two bare functions with this project's trimmed client: no boto3, little SDK data.

The difference from `bare` is the SDK's share of a cold start. The difference from Coffee orders
is the share of the framework and of everything the service does beside the DynamoDB request.
"""

import json
import os
from pathlib import Path
from typing import Any

import botocore.session
from attribute_values import decode, encode
from botocore.config import Config
from botocore.loaders import Loader


class _TrimmedData(Loader):
    def list_available_services(self, type_name: str) -> list[str]:
        return ["dynamodb"] if type_name == "service-2" else []


_session = botocore.session.get_session()
_session.register_component("data_loader", _TrimmedData([str(Path(__file__).with_name("sdk"))]))
_client: Any = _session.create_client(
    "dynamodb", config=Config(parameter_validation=False, user_agent="orders")
)
_TABLE = os.environ["ORDERS_TABLE"]


def post_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    order = json.loads(event["body"])["order"]
    _client.put_item(TableName=_TABLE, Item=encode(order))
    return {"statusCode": 200, "body": json.dumps({"order": order})}


def get_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    query = event["queryStringParameters"]
    key = {name: {"S": query[name]} for name in ("accountid", "vendorid")}
    item = _client.get_item(TableName=_TABLE, Key=key, ConsistentRead=True)["Item"]
    return {"statusCode": 200, "body": json.dumps({"order": decode(item)})}
