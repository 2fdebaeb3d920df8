"""A push service for Firefox: subscriptions and pushes, as Mozilla's autopush has them.

It speaks JSON over a WebSocket, https://mozilla-push-service.readthedocs.io/en/latest/design/, and
accepts pushes (RFC 8030) by HTTP, if their VAPID token (RFC 8292) is of the subscription's key.
"""

import base64
import contextlib
import json
import re
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from websockets.exceptions import ConnectionClosedError
from websockets.sync.server import ServerConnection
from werkzeug import Request, Response


class PushService:
    """The push service of one browser, whose HTTP side is a path of a running server."""

    def __init__(self, http: HTTPServer) -> None:
        self._http = http
        self._keys: dict[str, str] = {}  # by channel, which is a subscription
        self._browser: ServerConnection | None = None
        http.expect_request(re.compile("/wpush/.+"), "POST").respond_with_handler(self._push)

    def talk(self, browser: ServerConnection) -> None:
        """Answer a browser's messages until it leaves."""
        self._browser = browser
        with contextlib.suppress(ConnectionClosedError):
            for message in browser:
                request = json.loads(message)
                if reply := self._reply(request):
                    browser.send(json.dumps({**request, "status": 200, **reply}))

    def _reply(self, request: dict[str, Any]) -> dict[str, Any] | None:
        match request.get("messageType"):
            case "hello":
                return {"uaid": "0" * 32}
            case "register":
                self._keys[request["channelID"]] = request["key"]
                return {"pushEndpoint": self._http.url_for(f"/wpush/{request['channelID']}")}
        return None  # a keepalive, or an acknowledgement

    def _push(self, request: Request) -> Response:
        channel = request.path.rpartition("/")[2]
        token = request.headers["Authorization"].removeprefix("vapid t=").partition(",")[0]
        point = base64.urlsafe_b64decode(self._keys[channel])
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        jwt.decode(token, key, algorithms=["ES256"], audience=request.host_url.rstrip("/"))
        assert self._browser
        notification = {"messageType": "notification", "channelID": channel, "version": "1"}
        self._browser.send(json.dumps(notification))
        return Response(status=201)
