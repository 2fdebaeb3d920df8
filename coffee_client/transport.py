"""Requests to the service with tokens and preconditions, and its errors."""

from collections.abc import Mapping
from typing import Any

from coffee_client.accounts import Session
from coffee_client.arguments import check_etag, check_text, encode_json
from coffee_client.connection import Connection, Response
from coffee_client.errors import OrderError, UnreachableError

SERVICE = "the service"

_REDIRECT, _ERROR, _UNAUTHORIZED = 300, 400, 401


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
        *,
        params: Mapping[str, str | None] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request. A parameter that is None is not sent.

        Raises ArgumentError if an argument cannot be sent, OrderError if the service or its
        gateway rejects the request, AccountError if the login has expired, and UnreachableError if
        there is no response.
        """
        query = {
            name: check_text(name, str(value)) for name, value in (params or {}).items() if value
        }
        body = None if json is None else encode_json(json)

        def attempt(token: str | None) -> Response:
            authorization = {"Authorization": f"Bearer {token}"} if token else {}
            content_type = {"Content-Type": "application/json"} if body else {}
            all_headers = {**(headers or {}), **authorization, **content_type}
            return self._connection.send(method, path, params=query, headers=all_headers, body=body)

        token = self._session.id_token() if self._session else None
        response = attempt(token)
        # The clock of this machine may be wrong, or the token may have been revoked.
        if self._session and response.status == _UNAUTHORIZED:
            response = attempt(self._session.id_token(rejected=token))
        if response.status >= _REDIRECT:
            raise _rejection(response)
        return response


def preconditions(if_match: str | None, if_none_match: str | None = None) -> dict[str, str]:
    """Return the headers for these values. Raises ArgumentError if one is not an ETag or `*`."""
    headers = {}
    if if_match is not None:
        headers["If-Match"] = check_etag("if_match", if_match)
    if if_none_match is not None:
        headers["If-None-Match"] = check_etag("if_none_match", if_none_match)
    return headers


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
    return OrderError(response.status, message, code=code, retry_after=retry_after)
