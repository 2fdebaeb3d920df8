"""Requests to the service with tokens and preconditions, and its errors."""

from collections.abc import Mapping
from typing import Any

from coffee_client.accounts import Session
from coffee_client.arguments import check_etag, check_text, encode_json
from coffee_client.connection import Connection, Response
from coffee_client.errors import OrderError, PreconditionFailedError, UnreachableError

SERVICE = "the service"

_REDIRECT, _ERROR, _UNAUTHORIZED, _PRECONDITION_FAILED = 300, 400, 401, 412


class Transport:
    """Sends requests to the API at `api_url`, the address without `/order`.

    With a session, each request has its IdToken. Raises SettingsError if the address is not valid.
    """

    def __init__(self, api_url: str, session: Session | None = None) -> None:
        self._connection = Connection(api_url)
        self._session = session

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | None],
        *,
        json: Mapping[str, Any] | None = None,
        **preconditions: str | None,
    ) -> Response:
        """Send a request, with `if_match` and `if_none_match` as preconditions.

        A parameter that is None is not sent. Raises ArgumentError if an argument cannot be sent,
        OrderError if the service or its gateway rejects the request, AccountError if the login has
        expired, and UnreachableError if there is no response.
        """
        headers = {
            name.replace("_", "-").title(): check_etag(name, tag)
            for name, tag in preconditions.items()
            if tag is not None
        }
        options: dict[str, Any] = {
            "params": {name: check_text(name, str(text)) for name, text in params.items() if text}
        }
        if json is not None:
            headers["Content-Type"] = "application/json"
            options["data"] = encode_json(json)
        if self._session:
            token = self._session.id_token()
            headers["Authorization"] = f"Bearer {token}"
        response = self._connection.send(method, path, headers=headers, **options)
        if self._session and response.status == _UNAUTHORIZED:
            # The clock of this machine may be wrong, or the token may have been revoked.
            headers["Authorization"] = f"Bearer {self._session.id_token(rejected=token)}"
            response = self._connection.send(method, path, headers=headers, **options)
        if response.status >= _REDIRECT:
            raise _rejection(response)
        return response


def _rejection(response: Response) -> OrderError | UnreachableError:
    """Return the error for the service's `Code` and `Message`, or the gateway's `message`."""
    try:
        body: Mapping[str, Any] = response.json()
        code = str(body["Code"]) if "Code" in body else None
        message = str(body["Message"] if code else body["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        if response.status < _ERROR:
            return UnreachableError(f"Something other than {SERVICE} answered")
        code, message = None, response.reason or "no reason given"
    seconds = response.headers.get("Retry-After", "")
    retry_after = float(seconds) if seconds.isdecimal() else None
    is_changed = response.status == _PRECONDITION_FAILED
    error = PreconditionFailedError if is_changed else OrderError
    return error(response.status, message, code=code, retry_after=retry_after)
