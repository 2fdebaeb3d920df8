"""A push service for Firefox: subscriptions and pushes, as Mozilla's autopush has them.

It speaks JSON over a WebSocket, https://mozilla-push-service.readthedocs.io/en/latest/design/, and
accepts pushes (RFC 8030) by HTTP, if they name the subscription's key (RFC 8292).
"""

import contextlib
import json
import re

from pytest_httpserver import HTTPServer
from websockets.exceptions import ConnectionClosedError
from websockets.sync.server import ServerConnection
from werkzeug import Request, Response


class PushService:
    """The push service of one browser, whose HTTP side is a path of a running server."""

    def __init__(self, http: HTTPServer) -> None:
        self._http = http
        self._keys: dict[str, str] = {}  # by channel, which is a subscription
        self._browser: ServerConnection  # the one that has connected
        http.expect_request(re.compile("/wpush/.+"), "POST").respond_with_handler(self._push)

    def talk(self, browser: ServerConnection) -> None:
        """Answer a browser's messages until it leaves."""
        self._browser = browser
        with contextlib.suppress(ConnectionClosedError):
            for message in browser:
                request = json.loads(message)
                kind, channel = request.get("messageType"), request.get("channelID")
                if kind == "register":
                    self._keys[channel] = request["key"]
                if kind in {"hello", "register"}:
                    address = {"pushEndpoint": self._http.url_for(f"/wpush/{channel}")}
                    answer = {**request, "status": 200, "uaid": "0" * 32, **address}
                    browser.send(json.dumps(answer))

    def _push(self, request: Request) -> Response:
        channel = request.path.rpartition("/")[2]
        key = request.headers["Authorization"].partition("k=")[2]
        assert key == self._keys[channel].rstrip("=")
        notification = {"messageType": "notification", "channelID": channel, "version": "1"}
        self._browser.send(json.dumps(notification))
        return Response(status=201)
