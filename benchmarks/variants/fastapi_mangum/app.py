"""FastAPI, made a Lambda function by Mangum."""

import os
from decimal import Decimal
from typing import Annotated, Any

import boto3
from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum
from pydantic import BaseModel, Field

app = FastAPI(title="Orders")
app.add_middleware(CORSMiddleware, allow_origins=["*"])
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

Id = Annotated[str, Field(min_length=1, max_length=128)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


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
def get_order(accountid: Id, vendorid: Id) -> dict[str, Any]:
    """Return the order at the key of the query."""
    response = table.get_item(
        Key={"accountid": accountid, "vendorid": vendorid}, ConsistentRead=True
    )
    if "Item" not in response:
        raise HTTPException(404, "No such order")
    return {"order": response["Item"]}


handler = Mangum(app, lifespan="off")
