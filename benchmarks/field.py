"""Who is compared: each program of the field, and how to load it."""

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
VARIANTS = HERE / "variants"


class Program(NamedTuple):
    """One way to serve POST and GET. `name` is its folder's, and its name in the raw figures."""

    name: str
    label: str
    get_handler: str
    post_handler: str
    # What makes the SDK's client.
    client: str | None
    # Which requests it has an answer of its own for, and with which status.
    answers: dict[str, int]


OURS = Program(
    "ours",
    "Coffee orders",
    "app.app",
    "app.app",
    "botocore.session:Session.create_client",
    {"get": 200, "post": 201, "invalid": 400, "stranger": 401},
)
BARE = Program(
    "bare",
    "(a) two bare functions",
    "app.get_order",
    "app.post_order",
    "boto3:resource",
    {"get": 200, "post": 200},
)
CHALICE = Program(
    "chalice_sample",
    "(b) Chalice, as its samples",
    "app.app",
    "app.app",
    "boto3:resource",
    {"get": 200, "post": 200},
)
POWERTOOLS = Program(
    "powertools",
    "(c) Powertools and pydantic",
    "app.lambda_handler",
    "app.lambda_handler",
    "boto3:resource",
    {"get": 200, "post": 200, "invalid": 422},
)
FASTAPI = Program(
    "fastapi_mangum",
    "(d) FastAPI and Mangum",
    "app.handler",
    "app.handler",
    "boto3:resource",
    {"get": 200, "post": 200, "invalid": 422},
)
FLOOR = Program(
    "floor",
    "(e) the floor: no SDK",
    "app.get_order",
    "app.post_order",
    None,
    {"get": 200, "post": 200},
)

FIELD = (OURS, BARE, CHALICE, POWERTOOLS, FASTAPI, FLOOR)
