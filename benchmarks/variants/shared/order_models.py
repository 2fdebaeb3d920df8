"""The order as pydantic models, for the programs that validate with pydantic."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

Id = Annotated[str, Field(min_length=1, max_length=128)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Details(BaseModel, extra="forbid"):
    coffeetype: Name
    coffeesize: Name
    unitprice: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=4)]
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Order(BaseModel, extra="forbid"):
    accountid: Id
    vendorid: Id
    orderdate: str
    details: Details


class PlaceOrderRequest(BaseModel, extra="forbid"):
    order: Order
