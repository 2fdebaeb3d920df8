"""The gate: ASGI middleware that rejects requests of web pages that must not use MiniStack.

MiniStack verifies no signatures, and CloudFormation would run a template's code. Any web page that
the developer visits can send requests to this machine. The gate checks the headers that a page
cannot set: `Host`, `Origin` and `Sec-Fetch-Site`. https://www.w3.org/TR/fetch-metadata/

Run as a program, this file starts MiniStack behind the gate.
"""

import asyncio
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
_DYNAMODB = "DynamoDB_20120810."
# The service and its customers use Cognito and DynamoDB; the notifier signs with KMS.
_OPEN_TARGETS = (
    *(_COGNITO, _DYNAMODB),
    *("TrentService.GetPublicKey", "TrentService.Sign"),
)
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
        self._owner_key = owner_key
        self._hosts = {f"{name}:{port}" for name in _LOOPBACK_NAMES}
        self._own_origins = {f"http://{host}" for host in self._hosts}
        self._page_origins: set[str] = set()
        # MiniStack's threads check a condition and write in two steps. DynamoDB does it in one.
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        reason = self.rejection_reason(scope) if scope["type"] != "lifespan" else None
        page = _PAGE_PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
        if reason is None and page:
            self._page_origins |= {f"http://{name}:{page[1]}" for name in _LOOPBACK_NAMES}
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})
        elif reason is None and scope["type"] == "http" and _calls(scope, _DYNAMODB):
            async with self._one_at_a_time:
                await self._app(scope, receive, send)
        elif reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            headers = [(b"content-length", str(len(reason)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": reason.encode()})

    def rejection_reason(self, scope: Scope) -> str | None:
        """Return why a request is rejected, or None if it is accepted."""
        hosts, origins = _values(scope, "host"), _values(scope, "origin")
        # With DNS rebinding, a foreign page has the same origin, but another host name.
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "The local cloud answers only to its own address"
        if len(origins) == 1 and origins[0] in self._page_origins:
            return None if _is_public_cognito(scope) else "The page may only call Cognito"
        # A browser sends no Origin with an image or a link.
        sites = _values(scope, "sec-fetch-site")
        if {*origins} - self._own_origins or {*sites} - {"same-origin", "none"}:
            return "The local cloud answers only the page of Coffee orders"
        keys = _values(scope, OWNER_KEY_HEADER)
        if self._owner_key is None or keys == [self._owner_key] or _is_open(scope):
            return None
        return "This local cloud serves only Cognito, DynamoDB and its own mails"


def _values(scope: Scope, name: str) -> list[str]:
    headers = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key.lower() == name.encode()]


def _is_public_cognito(scope: Scope) -> bool:
    """Return whether this is a Cognito call without AWS credentials, or its preflight."""
    if scope.get("method") == "OPTIONS":
        return bool(scope["path"] == "/" and not scope.get("query_string"))
    return _calls(scope, _COGNITO) and not _values(scope, "authorization")


def _is_open(scope: Scope) -> bool:
    """Return whether the service and its customers need this request."""
    if scope.get("method") == "GET":
        return bool(_OPEN_PATHS.fullmatch(scope["path"]))
    is_page = scope.get("method") == "PUT" and bool(_PAGE_PATH.fullmatch(scope["path"]))
    return is_page or _calls(scope, *_OPEN_TARGETS)


def _calls(scope: Scope, *services: str) -> bool:
    targets = _values(scope, "x-amz-target")
    is_at_root = scope["path"] == "/" and not scope.get("query_string")
    is_call = scope.get("method") == "POST" and is_at_root and len(targets) == 1
    return is_call and targets[0].startswith(services)


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
