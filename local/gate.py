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

# The page of a service on this machine, whatever its port, calls these operations of Cognito. They
# need no credentials: on AWS, a page of any origin may call them.
_PAGE_ORIGIN = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]+)?")
_PAGE_OPERATIONS = re.compile(
    r"AWSCognitoIdentityProviderService\.(SignUp|ConfirmSignUp|ResendConfirmationCode"
    r"|InitiateAuth|RevokeToken|ForgotPassword|ConfirmForgotPassword)"
)
# The service and its customers use Cognito and DynamoDB; the notifier signs with KMS.
_OPEN_OPERATIONS = re.compile(
    r"(AWSCognitoIdentityProviderService|DynamoDB_20120810)\.\w+|TrentService\.(GetPublicKey|Sign)"
)
_OPEN_PATHS = re.compile(r"/_ministack/(ready|ses/messages)|/[\w-]+/\.well-known/jwks\.json")


class Gate:
    """An ASGI application that forwards a request, or answers 403 with the `rejection_reason`."""

    def __init__(self, app: App, *, port: int, owner_key: str | None = None) -> None:
        """Wrap `app`, which listens on `port`.

        With an `owner_key`, only requests signed with this access key reach every service. Others
        reach what the service and its customers need.
        """
        self._app = app
        self._owner_key = owner_key
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        # MiniStack's threads check a condition and write in two steps. DynamoDB does it in one.
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif reason := self.rejection_reason(scope):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": reason.encode()})
        elif _operation(scope).startswith("DynamoDB"):
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
        # A browser sends no Origin with an image or a link.
        site = _header(scope, b"sec-fetch-site")
        if origin in {"", f"http://{host}"} and site in {"", "same-origin", "none"}:
            # The signature (SigV4) names the access key.
            is_owner = f" Credential={self._owner_key}/" in _header(scope, b"authorization")
            if self._owner_key is None or is_owner or _is_open(scope):
                return None
            return "This local cloud serves only Cognito, DynamoDB and its own mails"
        is_preflight = scope["method"] == "OPTIONS" and scope["path"] == "/"
        is_page_call = is_preflight or _PAGE_OPERATIONS.fullmatch(_operation(scope))
        if _PAGE_ORIGIN.fullmatch(origin) and is_page_call:
            return None
        return "The local cloud answers only the page of Coffee orders, for sign-up and login"


def _header(scope: Scope, name: bytes) -> str:
    """Return the value of a header; "" without one. A repeated one has no valid value."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
    return ", ".join(values)


def _operation(scope: Scope) -> str:
    """Return what a request calls in AWS's JSON protocol, such as DynamoDB_20120810.PutItem."""
    is_call = scope["method"] == "POST" and scope["path"] == "/" and not scope["query_string"]
    return _header(scope, b"x-amz-target") if is_call else ""


def _is_open(scope: Scope) -> bool:
    """Return whether the service and its customers need this request."""
    if scope["method"] == "GET":
        return bool(_OPEN_PATHS.fullmatch(scope["path"]))
    return bool(_OPEN_OPERATIONS.fullmatch(_operation(scope)))


def main() -> None:
    """Run MiniStack behind the gate, with the settings in the environment."""
    import ministack.app  # noqa: PLC0415 - it configures itself as it loads

    port = int(os.environ["GATEWAY_PORT"])
    owner_key = os.environ["AWS_ACCESS_KEY_ID"] if os.environ["SERVICES"] else None
    ministack.app.app = Gate(ministack.app.app, port=port, owner_key=owner_key)
    ministack.app.main()


if __name__ == "__main__":
    main()
