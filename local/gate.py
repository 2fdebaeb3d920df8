"""The gate in front of the local cloud: a request passes only if its sender may send it.

MiniStack verifies no signatures, and a CloudFormation template can make it run code. Every web
page that the developer visits can send requests to this machine, so the gate checks the headers
that a page cannot choose: `Host`, `Origin` and `Sec-Fetch-Site`.
https://www.w3.org/TR/fetch-metadata/

Run as a program, this file starts MiniStack behind the gate; MiniStack itself is unchanged.
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

# The environment variable that `main` reads, beside MiniStack's own GATEWAY_PORT.
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
    """An ASGI application that hands on what `refusal` allows, and answers 403 to the rest."""

    def __init__(self, app: App, *, port: int, owner_key: str | None = None) -> None:
        """Stand in front of `app`, which listens on `port`.

        With an `owner_key`, others than the owner reach only what the service and its customers
        need.
        """
        self._app = app
        self._hosts = {f"{name}:{port}" for name in _LOOPBACK_NAMES}
        self._own_origins = {f"http://{host}" for host in self._hosts}
        self._page_origins: set[str] = set()
        self._owner_key = owner_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        reason = self.refusal(scope) if scope["type"] != "lifespan" else None
        if reason is None and (page := _page_to_allow(scope)):
            self._page_origins |= {f"http://{name}:{page}" for name in _LOOPBACK_NAMES}
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

    def refusal(self, scope: Scope) -> str | None:
        """Return why a request is refused, or None if it may pass."""
        request = _Request(scope)
        hosts, origins = request.values("host"), request.values("origin")
        # After DNS rebinding, a foreign page is of the same origin; its host name is still foreign.
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "The local cloud answers only to its own address"
        if len(origins) == 1 and origins[0] in self._page_origins:
            return None if request.is_public_cognito else "The page may only call Cognito"
        if any(origin not in self._own_origins for origin in origins):
            return "The local cloud answers only the page of Coffee orders"
        # A browser sends no Origin with an image or a link.
        if any(site not in {"same-origin", "none"} for site in request.values("sec-fetch-site")):
            return "The local cloud answers only the page of Coffee orders"
        if self._owner_key is None or self._is_owner(request) or request.is_open:
            return None
        return "This local cloud serves only Cognito, DynamoDB and its own mails"

    def _is_owner(self, request: "_Request") -> bool:
        keys = request.values(OWNER_KEY_HEADER)
        return len(keys) == 1 and hmac.compare_digest(keys[0], str(self._owner_key))


def _page_to_allow(scope: Scope) -> int | None:
    path = _PAGE_PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
    return int(path[1]) if path else None


class _Request:
    """The parts of an ASGI scope that the gate looks at."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def values(self, name: str) -> list[str]:
        """Return the values of a header, one for each time that it was sent."""
        wanted = name.encode()
        return [
            value.decode("latin-1")
            for sent, value in self._scope["headers"]
            if sent.lower() == wanted
        ]

    @property
    def is_public_cognito(self) -> bool:
        """Whether this is a call of Cognito that needs no AWS credentials, or its preflight."""
        if self._method == "OPTIONS":
            return self._is_at_root
        return self._calls(_COGNITO) and not self.values("authorization")

    @property
    def is_open(self) -> bool:
        """Whether the service and its customers need this request."""
        if self._method == "GET":
            return bool(_OPEN_PATHS.fullmatch(self._scope["path"]))
        return bool(_page_to_allow(self._scope)) or self._calls(*_OPEN_TARGETS)

    @property
    def _method(self) -> str | None:
        method: str | None = self._scope.get("method")  # a WebSocket has none
        return method

    @property
    def _is_at_root(self) -> bool:
        return self._scope["path"] == "/" and not self._scope.get("query_string")

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
