"""The app in this process, on moto's DynamoDB and Cognito, with tokens from real logins."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse
from jsonschema import Draft202012Validator

from deploy.project import PROJECT
from tests.fixtures import Customer

OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())


Send = Callable[..., HTTPResponse]


@pytest.fixture(scope="session")
def send(client: Client) -> Send:
    """Return a function that sends a request; `who` signs it."""

    def send(
        method: str,
        path: str,
        who: Customer | None = None,
        *,
        body: Any = None,
        **query: str,
    ) -> HTTPResponse:
        headers = {"Authorization": who.id_token} if who else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = client.http.request(
            method,
            f"{path}?{urlencode(query)}" if query else path,
            headers=headers,
            body=json.dumps(body).encode() if body is not None else b"",
        )
        return as_documented(method, path, answer)

    return send


def as_documented(method: str, path: str, answer: HTTPResponse) -> HTTPResponse:
    """Return the answer, after a look whether openapi.json says that it may be so."""
    route = re.sub("^/static/.*", "/static/{version}/{name}", path)
    documented = OPENAPI["paths"][route][method.lower()]["responses"]
    if answer.status_code != 500:  # the one answer that nobody plans
        described = documented[str(answer.status_code)]
        media = answer.headers.get("Content-Type", "application/json").partition(";")[0]
        if media == "application/json":
            schema = described["content"][media]["schema"]
            whole = {**schema, "components": OPENAPI["components"]}
            Draft202012Validator(whole).validate(answer.json_body)
        else:
            assert media in described["content"] if answer.body else "content" not in described
        assert set(described.get("headers", ())) <= set(answer.headers)
    return answer


PostOrder = Callable[..., HTTPResponse]
GetOrder = Callable[..., HTTPResponse]


@pytest.fixture(scope="session")
def post_order(client: Client, signed_in_customer: Customer) -> PostOrder:
    """Return a function that POSTs an order, as the signed-in customer unless told otherwise."""

    def post(
        order: Any = None,
        *,
        body: bytes | None = None,
        authorization: str | None = signed_in_customer.id_token,
        content_type: str | None = "application/json",
    ) -> HTTPResponse:
        headers = {"Content-Type": content_type, "Authorization": authorization}
        answer = client.http.post(
            "/order",
            headers={name: value for name, value in headers.items() if value is not None},
            body=body if body is not None else json.dumps({"order": order}).encode(),
        )
        return as_documented("POST", "/order", answer)

    return post


@pytest.fixture(scope="session")
def get_order(client: Client) -> GetOrder:
    """Return a function that GETs an order with this query, and no token."""

    def get(query: str) -> HTTPResponse:
        answer = client.http.get(f"/order?{query}" if query else "/order")
        return as_documented("GET", "/order", answer)

    return get


@pytest.fixture
def dynamodb_requests(client: Client) -> Iterator[list[str]]:  # noqa: ARG001 - sets the environment
    """Return the operations that the service asks of DynamoDB from now on, as they happen."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    seen: list[str] = []

    def note(model: Any, **_: Any) -> None:
        seen.append(model.name)

    events = dynamodb.client.meta.events
    events.register("before-call.dynamodb", note)
    yield seen
    events.unregister("before-call.dynamodb", note)
