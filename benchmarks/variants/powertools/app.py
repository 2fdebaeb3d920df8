"""Powertools' REST resolver, whose routes pydantic validates, with its logger around them."""

import os
from decimal import Decimal
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger(service="orders")
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig())
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

Id = Annotated[str, Field(min_length=1, max_length=128)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Asked = Annotated[Id, Query()]


class Details(BaseModel, extra="forbid"):
    """What to brew, and for how much."""

    coffeetype: Name
    coffeesize: Name
    unitprice: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=4)]
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Order(BaseModel, extra="forbid"):
    """A coffee order."""

    accountid: Id
    vendorid: Id
    orderdate: str
    details: Details


class Placing(BaseModel, extra="forbid"):
    """The body of a POST."""

    order: Order


@app.post("/order")
def post_order(placing: Placing) -> Placing:
    """Store the order of the body."""
    table.put_item(Item=placing.order.model_dump())
    return placing


@app.get("/order")
def get_order(accountid: Asked, vendorid: Asked) -> dict[str, Any]:
    """Return the order at the key of the query."""
    response = table.get_item(
        Key={"accountid": accountid, "vendorid": vendorid}, ConsistentRead=True
    )
    if "Item" not in response:
        raise NotFoundError("No such order")
    return {"order": response["Item"]}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer API Gateway."""
    return app.resolve(event, context)
