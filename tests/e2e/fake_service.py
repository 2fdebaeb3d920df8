"""A fake service and a fake Cognito for `coffee`, which answer as a test tells them to."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import close_connection
from tests.e2e.terminal import Coffee
from tests.samples import placed_order


class FakeService:
    """Serves one order, lists and Cognito's answers at one address. `requests` has what came."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.order: dict[str, Any] = placed_order()
        self.orders: Sequence[dict[str, Any]] = [self.order]
        self.shop: dict[str, Any] | None = None
        self.cognito: tuple[int, dict[str, Any]] = (200, {})
        self.statuses: list[int] = []  # of the next answers, 200 once it is empty; 0 hangs up
        self.error = {"Code": "Error", "Message": "An error"}
        self.retry_after = "0"
        self.status_at_last: str | None = None  # of the order, once `statuses` is empty
        self.requests: list[Request] = []
        server.expect_request(re.compile("")).respond_with_handler(self._respond)

    @property
    def last_body(self) -> Any:
        """Return the JSON of the last request."""
        return json.loads(self.requests[-1].data)

    def _respond(self, request: Request) -> Response:
        self.requests.append(request)
        if request.path == "/":
            status, body = self.cognito
            return _json(body, status)
        if self.status_at_last and not self.statuses:
            self.order["status"] = self.status_at_last
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            return close_connection(request)
        if status != 200:
            return _json(self.error, status, {"Retry-After": self.retry_after})
        if request.path == "/shop":
            return self._shop(request)
        if request.path == "/orders":
            start, limit = int(request.args.get("cursor", 0)), int(request.args["limit"])
            rest = self.orders[start + limit :]
            page = {"orders": self.orders[start : start + limit]}
            return _json({**page, "cursor": str(start + limit)} if rest else page, 200)
        return _json({"order": self.order}, 200)

    def _shop(self, request: Request) -> Response:
        """Serve the shop; store what is published and changed without checking it."""
        if request.method == "PUT":
            published = json.loads(request.data)["shop"]
            self.shop = {"vendorid": "harbour", "open": True, "note": "", **published}
        if self.shop is None:
            return _json({"Code": "NotFoundError", "Message": "There is no shop"}, 404)
        if request.method == "PATCH":
            changes = json.loads(request.data)
            soldout = changes.pop("soldout", None)
            self.shop |= changes
            for coffee in self.shop["menu"]:
                if soldout is not None:
                    coffee["soldout"] = coffee["coffeetype"] in soldout
        return _json({"shop": self.shop}, 200, {"ETag": '"1"'})


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")


class FakeCoffee(Coffee):
    """A `coffee` whose service and Cognito are fake, with somebody logged in."""

    def __init__(self, folder: Path, server: HTTPServer) -> None:
        super().__init__(folder, folder)
        self.service = FakeService(server)
        self.settings_file.parent.mkdir()
        url = self.service.url
        settings = {"api_url": url, "client_id": "c", "region": "eu-west-1"}
        self.settings_file.write_text(json.dumps({**settings, "aws_endpoint_url": url}))
        login = {"username": "Ann", "id_token": "x.e30.x", "refresh_token": "y", "stale_at": 9e9}
        self.login_file.write_text(json.dumps(login))
