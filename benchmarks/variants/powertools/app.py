"""Powertools' REST resolver with pydantic's validation and Powertools' logger."""

import os
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from order_models import Id, PlaceOrderRequest

logger = Logger(service="orders")
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig())
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

QueryId = Annotated[Id, Query()]


@app.post("/order")
def post_order(request: PlaceOrderRequest) -> PlaceOrderRequest:
    table.put_item(Item=request.order.model_dump())
    return request


@app.get("/order")
def get_order(accountid: QueryId, vendorid: QueryId) -> dict[str, Any]:
    key = {"accountid": accountid, "vendorid": vendorid}
    response = table.get_item(Key=key, ConsistentRead=True)
    if "Item" not in response:
        raise NotFoundError("No such order")
    return {"order": response["Item"]}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
