"""An order as DynamoDB's attribute values, for the programs without boto3's resource."""

from typing import Any


def encode(order: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {name: {"S": order[name]} for name in order if name != "details"}
    item["details"] = {"M": {name: {"S": value} for name, value in order["details"].items()}}
    return item


def decode(item: dict[str, Any]) -> dict[str, Any]:
    order = {name: next(iter(value.values())) for name, value in item.items()}
    order["details"] = {name: value["S"] for name, value in item["details"]["M"].items()}
    return order
