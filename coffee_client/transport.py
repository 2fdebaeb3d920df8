"""HTTP requests to the service: timeouts, retries, tokens and errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from coffee_client.accounts import Session
from coffee_client.errors import OrderError, SettingsError, UnreachableError
from coffee_client.urls import is_loopback, normalize_http_url

_TIMEOUT = (5, 30)  # seconds to connect and to read: API Gateway's own limit is 29
_MAX_RETRY_DELAY = 3.0  # seconds, even if `Retry-After` is longer: a person is waiting


class _Retry(Retry):
    """A retry policy that limits `Retry-After`, and ignores it if it is malformed."""

    def parse_retry_after(self, retry_after: str) -> float:
        """Return the seconds to wait."""
        return min(_parse_retry_after(retry_after) or 0, _MAX_RETRY_DELAY)


# A 429 or 503 changed nothing, so a look-up or the same order can be sent again. After a lost
# response only a look-up can: the service may have stored the order.
_busy_retry = partial(
    _Retry, total=3, status_forcelist=(429, 503), backoff_factor=0.2, raise_on_status=False
)
_RETRIES = {
    "GET": _busy_retry(allowed_methods=("GET",)),
    "POST": _busy_retry(connect=0, read=False, allowed_methods=("POST",)),
    "other": _Retry(total=0, read=False),
}


class Transport:
    """Sends requests to the API at `api_url`, the address without `/order`.

    Raises SettingsError if the address is not valid.
    """

    def __init__(self, api_url: str) -> None:
        try:
            self._api_url = normalize_http_url(api_url)
        except ValueError as error:
            raise SettingsError(f"The API's address {error}") from None
        self._sessions = {method: _http_session(retry) for method, retry in _RETRIES.items()}
        # A proxy cannot reach a service on this machine.
        self._proxies = {"no_proxy": "*"} if is_loopback(self._api_url) else None

    def send(
        self, method: str, path: str, *, session: Session | None = None, **arguments: Any
    ) -> requests.Response:
        """Send a request, with the session's IdToken if there is a session.

        Raises OrderError if the service or its gateway rejects it, and UnreachableError if there
        is no response.
        """
        url = f"{self._api_url}/{path}"
        http = self._sessions.get(method) or self._sessions["other"]
        try:
            response = http.request(
                method,
                url,
                # An entry in ~/.netrc would replace a header, but not `auth`.
                auth=partial(_add_token, session),
                timeout=_TIMEOUT,
                # The service never redirects, but the login page of a train's Wi-Fi does.
                allow_redirects=False,
                proxies=self._proxies,
                **arguments,
            )
        except requests.Timeout as error:
            raise UnreachableError(f"{url} did not answer in time") from error
        except (OSError, HTTPError, ValueError) as error:
            # ValueError and OSError: the proxy's address or the certificate file is not valid.
            raise UnreachableError(f"{url} can't be reached{_reason(error)}") from error
        if response.status_code >= requests.codes.multiple_choices:
            raise _rejection(response)
        return response


@contextmanager
def response_errors(response: requests.Response) -> Iterator[None]:
    """Raise UnreachableError if the block cannot parse the response.

    It then comes from another server, such as the login page of a train's Wi-Fi.
    """
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_the_service(response) from error


def _add_token(
    session: Session | None, request: requests.PreparedRequest
) -> requests.PreparedRequest:
    if session is not None:
        request.headers["Authorization"] = session.id_token()
    return request


def _http_session(retry: Retry) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _rejection(response: requests.Response) -> OrderError | UnreachableError:
    """Return the error for the service's `Code` and `Message`, or the gateway's `message`."""
    try:
        body: Mapping[str, Any] = response.json()
        code = str(body["Code"]) if "Code" in body else None
        message = str(body["Message"] if code else body["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        if response.status_code < requests.codes.bad_request:
            return _not_the_service(response)
        code, message = None, response.reason or "no reason given"
    retry_after = _parse_retry_after(response.headers.get("Retry-After", ""))
    return OrderError(response.status_code, message, code=code, retry_after=retry_after)


def _not_the_service(response: requests.Response) -> UnreachableError:
    return UnreachableError(f"Something other than the service answered at {response.url}")


def _parse_retry_after(header: str) -> float | None:
    """Return the seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3), or None.

    A date in the past is 0.
    """
    try:
        return Retry().parse_retry_after(header)
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    """Return the details of an error, or nothing if the connection failed."""
    has_details = isinstance(error, requests.exceptions.ProxyError | requests.exceptions.SSLError)
    if isinstance(error, requests.ConnectionError) and not has_details:
        return ""
    return f": {error}"
