"""FastAPI, made a Lambda function by Mangum."""

import os
from typing import Any

import boto3
from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum
from order_models import Id, PlaceOrderRequest

app = FastAPI(title="Orders")
app.add_middleware(CORSMiddleware, allow_origins=["*"])
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


@app.post("/order")
def post_order(request: PlaceOrderRequest) -> PlaceOrderRequest:
    table.put_item(Item=request.order.model_dump())
    return request


@app.get("/order")
def get_order(accountid: Id, vendorid: Id) -> dict[str, Any]:
    key = {"accountid": accountid, "vendorid": vendorid}
    response = table.get_item(Key=key, ConsistentRead=True)
    if "Item" not in response:
        raise HTTPException(404, "No such order")
    return {"order": response["Item"]}


handler = Mangum(app, lifespan="off")
