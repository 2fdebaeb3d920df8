"""Chalice as its samples use it: a resource made on first use, views that return a dict."""

import os
from typing import Any

import boto3
from chalice import Chalice, CognitoUserPoolAuthorizer, NotFoundError

app = Chalice(app_name="orders-sample")
authorizer = CognitoUserPoolAuthorizer("Customers", provider_arns=[os.environ["USER_POOL_ARN"]])
_TABLE: Any = None


def get_table() -> Any:
    global _TABLE  # noqa: PLW0603 - as the samples do it
    if _TABLE is None:
        _TABLE = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    return _TABLE


@app.route("/order", methods=["POST"], authorizer=authorizer, cors=True)
def post_order() -> dict[str, Any]:
    order = app.current_request.json_body["order"]
    get_table().put_item(Item=order)
    return {"order": order}


@app.route("/order", methods=["GET"], cors=True)
def get_order() -> dict[str, Any]:
    query = app.current_request.query_params
    key = {"accountid": query["accountid"], "vendorid": query["vendorid"]}
    response = get_table().get_item(Key=key, ConsistentRead=True)
    if "Item" not in response:
        raise NotFoundError("No such order")
    return {"order": response["Item"]}
