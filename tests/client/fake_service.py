"""A fake service and a fake Cognito at one address, whose responses a test chooses."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import close_connection
from tests.samples import placed_order, shop_response


class FakeService:
    """Serves one order, lists of orders, one shop and Cognito's responses. Records `requests`."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.order: dict[str, Any] = placed_order()
        self.outcome = "placed"
        self.orders: Sequence[dict[str, Any]] = [self.order]
        self.shop = shop_response("harbour")  # whatever is published or changed
        self.cognito: tuple[int, dict[str, Any]] = (200, {})
        self.statuses: list[int] = []  # of the next responses, then 200; 0 drops the connection
        self.error = {"Code": "Error", "Message": "An error"}
        self.retry_after = "0"
        self.final_status: str | None = None  # of the order, once `statuses` is empty
        self.response: Callable[[], Response] | None = None  # to every request
        self.requests: list[Request] = []
        server.expect_request(re.compile("")).respond_with_handler(self._respond)

    @property
    def last_body(self) -> Any:
        return json.loads(self.requests[-1].data)

    def tokens(self, id_token: str) -> None:
        """Let Cognito return tokens for the next login or refresh."""
        tokens = {"IdToken": id_token, "ExpiresIn": 3600, "RefreshToken": "y"}
        self.cognito = (200, {"AuthenticationResult": tokens})

    def _respond(self, request: Request) -> Response:
        self.requests.append(request)
        if self.response or request.path == "/":
            status, body = self.cognito
            return self.response() if self.response else _json(body, status)
        if self.final_status and not self.statuses:
            self.order["status"] = self.final_status
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            return close_connection(request)
        if status >= 400:
            return _json(self.error, status, {"Retry-After": self.retry_after})
        if request.path == "/shop":
            return _json({"shop": self.shop}, headers={"ETag": '"1"'})
        if request.path == "/orders":
            start, limit = int(request.args.get("cursor", 0)), int(request.args["limit"])
            page: dict[str, Any] = {"orders": self.orders[start : start + limit]}
            if start + limit < len(self.orders):
                page["cursor"] = str(start + limit)
            return _json(page)
        headers = {"Order-Outcome": self.outcome} if request.method == "POST" else {}
        return _json({"order": self.order}, status, headers)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")
