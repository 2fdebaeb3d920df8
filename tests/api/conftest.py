"""The app in this process, on moto's DynamoDB and Cognito, with tokens from real logins."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse

from tests.api.responses import assert_documented, assert_secure
from tests.fixtures import Customer
from tests.samples import ORDER_DATE, order, shop_content

Send = Callable[..., HTTPResponse]
Headers = Mapping[str, str | None]


@pytest.fixture(scope="session")
def send(client: Client) -> Send:
    """Return a function that sends a request.

    It checks each response against openapi.json, its security headers, and an order's ETag.
    """

    def send(
        method: str,
        path: str,
        user: Customer | None = None,
        *,
        body: Any = None,
        headers: Headers | None = None,
        **query: str,
    ) -> HTTPResponse:
        """Send `body` as JSON, or unchanged if it is bytes. A header that is None is left out."""
        all_headers = {
            "Authorization": user.id_token if user else None,
            "Content-Type": None if body is None else "application/json",
            **(headers or {}),
        }
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        response = client.http.request(
            method,
            f"{path}?{urlencode(query)}" if query else path,
            headers={name: value for name, value in all_headers.items() if value is not None},
            body=body,
        )
        assert_documented(method, path, response)
        assert_secure(path, response)
        if path == "/order" and response.status_code in {200, 201}:
            assert response.headers["ETag"] == f'"{response.json_body["order"]["version"]}"'
        return response

    return send


def error(response: HTTPResponse) -> tuple[int, str]:
    """Return the status and the message of an error."""
    return response.status_code, response.json_body["Message"]


@dataclass
class Api:
    """Sends requests for the order at `key`, as its customer or as its shop's staff."""

    send: Send
    customer: Customer
    accountid: str
    vendorid: str
    log_in_staff: Callable[[str], Customer]

    @property
    def key(self) -> dict[str, str]:
        return {"accountid": self.accountid, "vendorid": self.vendorid}

    @cached_property
    def barista(self) -> Customer:
        return self.log_in_staff(self.vendorid)

    def place(
        self,
        date: str = ORDER_DATE,
        user: Customer | None = None,
        headers: Headers | None = None,
        **details: Any,
    ) -> HTTPResponse:
        """Place an order; without a date if `date` is empty."""
        body = {"order": order(orderdate=date, **self.key, **details)}
        return self.send("POST", "/order", user or self.customer, body=body, headers=headers)

    def look_up(self, headers: Headers | None = None) -> HTTPResponse:
        return self.send("GET", "/order", headers=headers, **self.key)

    def get(self) -> Any:
        """Return the order."""
        return self.look_up().json_body["order"]

    @property
    def etag(self) -> str:
        return f'"{self.get()["version"]}"'

    def cancel(self, user: Customer | None = None, headers: Headers | None = None) -> HTTPResponse:
        return self.send("DELETE", "/order", user or self.customer, headers=headers, **self.key)

    def set_status(self, status: str, headers: Headers | None = None) -> HTTPResponse:
        body = {"status": status}
        return self.send("PATCH", "/order", self.barista, body=body, headers=headers, **self.key)

    def step_back(self, status: str) -> HTTPResponse:
        return self.set_status(status, headers={"If-Match": self.etag})

    def advance_to(self, status: str) -> None:
        """Advance a placed order to another status."""
        steps = ["placed", "preparing", "ready", "collected"]
        following = ["cancelled"] if status == "cancelled" else steps[1 : steps.index(status) + 1]
        for next_status in following:
            assert self.set_status(next_status).json_body["order"]["status"] == next_status

    def place_with_status(self, status: str) -> None:
        """Place an order and advance it to this status."""
        assert self.place().status_code == 201
        self.advance_to(status)

    def own_orders(self, **query: str) -> HTTPResponse:
        """Return a page of the customer's orders."""
        return self.send("GET", "/orders", self.customer, **query)

    def queue(self, **query: str) -> HTTPResponse:
        """Return a page of the shop's orders."""
        return self.send("GET", "/orders", self.barista, vendorid=self.vendorid, **query)

    def publish(self, content: Any = None, headers: Headers | None = None) -> HTTPResponse:
        """Publish the shop of `tests.samples`, or other content."""
        body = {"shop": shop_content() if content is None else content}
        return self._change_shop("PUT", body, headers)

    def change_shop(self, headers: Headers | None = None, **changes: Any) -> HTTPResponse:
        return self._change_shop("PATCH", changes, headers)

    def _change_shop(self, method: str, body: Any, headers: Headers | None) -> HTTPResponse:
        user, vendorid = self.barista, self.vendorid
        return self.send(method, "/shop", user, body=body, headers=headers, vendorid=vendorid)

    def look_up_shop(self) -> HTTPResponse:
        return self.send("GET", "/shop", vendorid=self.vendorid)

    def get_shop(self) -> Any:
        """Return the shop."""
        return self.look_up_shop().json_body["shop"]

    def soldout(self) -> dict[str, bool]:
        """Return whether each coffee on the menu is sold out."""
        return {coffee["coffeetype"]: coffee["soldout"] for coffee in self.get_shop()["menu"]}


@pytest.fixture
def api(
    send: Send,
    signed_in_customer: Customer,
    barista_of: Callable[[str], Customer],
    accountid: str,
    vendorid: str,
) -> Api:
    """Return the API for a key and a shop that no other test uses."""
    return Api(send, signed_in_customer, accountid, vendorid, barista_of)


@pytest.fixture
def dynamodb(client: Client) -> ModuleType:  # noqa: ARG001 - it sets the environment
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    return dynamodb


@pytest.fixture
def dynamodb_requests(dynamodb: ModuleType) -> Iterator[list[str]]:
    """Return a list to which each request to DynamoDB is added: its name and its limit."""
    operations: list[str] = []

    def append_operation(model: Any, params: Any, **_: Any) -> None:
        request = json.loads(params["body"])
        operations.append(f"{model.name} {request.get('Limit', '')}".strip())
        assert request.get("ConsistentRead") or model.name != "GetItem"  # reads its own write

    events = dynamodb.client.meta.events
    events.register("before-call.dynamodb", append_operation)
    yield operations
    events.unregister("before-call.dynamodb", append_operation)
