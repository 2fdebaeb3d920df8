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

_LOOPBACK_NAMES = ("127.0.0.1", "localhost")
# The service and its customers use Cognito and DynamoDB; the notifier signs with KMS.
_COGNITO = re.compile(r"AWSCognitoIdentityProviderService\.\w+")
_DYNAMODB = re.compile(r"DynamoDB_20120810\.\w+")
_KMS = re.compile(r"TrentService\.(GetPublicKey|Sign)")
_OPEN_PATHS = re.compile(r"/_ministack/(ready|ses/messages)|/[\w-]+/\.well-known/jwks\.json")
# A PUT allows the project's page on that port.
_PAGE_PATH = re.compile(r"/_gate/pages/([0-9]{1,5})")


class Gate:
    """An ASGI application that forwards a request, or answers 403 with the `rejection_reason`."""

    def __init__(self, app: App, *, port: int, owner_key: str | None = None) -> None:
        """Wrap `app`, which listens on `port`.

        With an `owner_key`, only requests signed with this access key reach every service. Others
        reach what the service and its customers need.
        """
        self._app = app
        self._owner_key = owner_key
        self._hosts = {f"{name}:{port}" for name in _LOOPBACK_NAMES}
        self._page_origins: set[str] = set()
        # MiniStack's threads check a condition and write in two steps. DynamoDB does it in one.
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif reason := self.rejection_reason(scope):
            await _respond(send, 403, reason)
        elif scope["method"] == "PUT" and (page := _PAGE_PATH.fullmatch(scope["path"])):
            self._page_origins |= {f"http://{name}:{page[1]}" for name in _LOOPBACK_NAMES}
            await _respond(send, 200, "")
        elif _DYNAMODB.fullmatch(_operation(scope)):
            async with self._one_at_a_time:
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def rejection_reason(self, scope: Scope) -> str | None:
        """Return why an HTTP request is rejected, or None if it is accepted."""
        host, origin = _header(scope, b"host"), _header(scope, b"origin")
        # With DNS rebinding, a foreign page has the same origin, but another host name.
        if host not in self._hosts:
            return "The local cloud answers only to its own address"
        if origin in self._page_origins:
            return None if _is_public_cognito(scope) else "The page may only call Cognito"
        # A browser sends no Origin with an image or a link.
        site = _header(scope, b"sec-fetch-site")
        if origin not in {"", f"http://{host}"} or site not in {"", "same-origin", "none"}:
            return "The local cloud answers only the page of Coffee orders"
        # The signature (SigV4) names the access key.
        is_owner = f" Credential={self._owner_key}/" in _header(scope, b"authorization")
        if self._owner_key is None or is_owner or _is_open(scope):
            return None
        return "This local cloud serves only Cognito, DynamoDB and its own mails"


async def _respond(send: Send, status: int, body: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


def _header(scope: Scope, name: bytes) -> str:
    """Return the value of a header; "" without one. A repeated one has no valid value."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return ", ".join(values)


def _operation(scope: Scope) -> str:
    """Return what a request calls in AWS's JSON protocol, such as DynamoDB_20120810.PutItem."""
    is_call = scope["method"] == "POST" and scope["path"] == "/" and not scope["query_string"]
    return _header(scope, b"x-amz-target") if is_call else ""


def _is_public_cognito(scope: Scope) -> bool:
    """Return whether this is a Cognito call without AWS credentials, or its preflight."""
    if scope["method"] == "OPTIONS":
        return bool(scope["path"] == "/" and not scope["query_string"])
    return bool(_COGNITO.fullmatch(_operation(scope))) and not _header(scope, b"authorization")


def _is_open(scope: Scope) -> bool:
    """Return whether the service and its customers need this request."""
    paths = {"GET": _OPEN_PATHS, "PUT": _PAGE_PATH}.get(scope["method"])
    if paths and paths.fullmatch(scope["path"]):
        return True
    return any(calls.fullmatch(_operation(scope)) for calls in (_COGNITO, _DYNAMODB, _KMS))


def main() -> None:
    """Run MiniStack behind the gate, with the settings in the environment."""
    import ministack.app  # noqa: PLC0415 - it configures itself as it loads

    port, owner_key = int(os.environ["GATEWAY_PORT"]), os.environ.get("GATE_OWNER_KEY")
    ministack.app.app = Gate(ministack.app.app, port=port, owner_key=owner_key)
    ministack.app.main()


if __name__ == "__main__":
    main()
