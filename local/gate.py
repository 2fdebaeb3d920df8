"""The gate: ASGI middleware that rejects requests of web pages that must not use MiniStack.

MiniStack verifies no signatures, and it runs code from CloudFormation templates. Any web page that
the developer visits can send requests to this machine. The gate checks the headers that a page
cannot set: `Host`, `Origin` and `Sec-Fetch-Site`.
https://www.w3.org/TR/fetch-metadata/

Run as a program, this file starts MiniStack behind the gate.
"""

import hmac
import json
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OWNER_KEY_VARIABLE = "GATE_OWNER_KEY"
# A request with the owner's key in this header may use every service.
OWNER_KEY_HEADER = "x-local-cloud-owner"

_LOOPBACK_NAMES = ("127.0.0.1", "localhost")
_COGNITO = "AWSCognitoIdentityProviderService."
_OPEN_TARGETS = (_COGNITO, "DynamoDB_20120810.")
_OPEN_PATHS = re.compile(
    r"/_ministack/(ready|health|ses/messages)|/[\w-]+/\.well-known/(jwks\.json|openid-configuration)"
)
# A PUT allows the project's page on that port.
_PAGE_PATH = re.compile(r"/_gate/pages/([0-9]{1,5})")


class Gate:
    """An ASGI application that forwards a request, or answers 403 with the `rejection_reason`."""

    def __init__(self, app: App, *, port: int, owner_key: str | None = None) -> None:
        """Wrap `app`, which listens on `port`.

        With an `owner_key`, requests without it reach only what the service and its customers need.
        """
        self._app = app
        self._hosts = {f"{name}:{port}" for name in _LOOPBACK_NAMES}
        self._own_origins = {f"http://{host}" for host in self._hosts}
        self._page_origins: set[str] = set()
        self._owner_key = owner_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        reason = self.rejection_reason(scope) if scope["type"] != "lifespan" else None
        if reason is None and (port := _requested_page_port(scope)):
            self._page_origins |= {f"http://{name}:{port}" for name in _LOOPBACK_NAMES}
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})
        elif reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            body = json.dumps({"message": reason}).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def rejection_reason(self, scope: Scope) -> str | None:
        """Return why a request is rejected, or None if it is accepted."""
        request = _Request(scope)
        hosts, origins = request.values("host"), request.values("origin")
        # With DNS rebinding, a foreign page has the same origin, but another host name.
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "The local cloud answers only to its own address"
        if len(origins) == 1 and origins[0] in self._page_origins:
            return None if request.is_public_cognito else "The page may only call Cognito"
        if any(origin not in self._own_origins for origin in origins):
            return "The local cloud answers only the page of Coffee orders"
        # A browser sends no Origin with an image or a link.
        if any(site not in {"same-origin", "none"} for site in request.values("sec-fetch-site")):
            return "The local cloud answers only the page of Coffee orders"
        keys = request.values(OWNER_KEY_HEADER)
        if (
            self._owner_key is None
            or request.is_open
            or (len(keys) == 1 and hmac.compare_digest(keys[0], self._owner_key))
        ):
            return None
        return "This local cloud serves only Cognito, DynamoDB and its own mails"


def _requested_page_port(scope: Scope) -> int | None:
    path = _PAGE_PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
    return int(path[1]) if path else None


class _Request:
    """The parts of an ASGI scope that the gate looks at."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._method: str | None = scope.get("method")  # a WebSocket has none
        self._is_at_root = scope["path"] == "/" and not scope.get("query_string")

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        headers = self._scope["headers"]
        return [value.decode("latin-1") for key, value in headers if key.lower() == name.encode()]

    @property
    def is_public_cognito(self) -> bool:
        """Whether this is a Cognito call without AWS credentials, or its preflight."""
        if self._method == "OPTIONS":
            return self._is_at_root
        return self._calls(_COGNITO) and not self.values("authorization")

    @property
    def is_open(self) -> bool:
        """Whether the service and its customers need this request."""
        if self._method == "GET":
            return bool(_OPEN_PATHS.fullmatch(self._scope["path"]))
        return bool(_requested_page_port(self._scope)) or self._calls(*_OPEN_TARGETS)

    def _calls(self, *services: str) -> bool:
        targets = self.values("x-amz-target")
        return (
            self._method == "POST"
            and self._is_at_root
            and len(targets) == 1
            and targets[0].startswith(services)
        )


def main() -> None:
    """Run MiniStack behind the gate, with the settings in the environment."""
    import ministack.app  # noqa: PLC0415 - it configures itself as it loads

    ministack.app.app = Gate(
        ministack.app.app,
        port=int(os.environ["GATEWAY_PORT"]),
        owner_key=os.environ.pop(OWNER_KEY_VARIABLE, None),
    )
    ministack.app.main()


if __name__ == "__main__":
    main()
