"""HTTP requests to the service: time limits, retries, tokens, and what failures mean."""

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
from coffee_client.urls import http_url, is_loopback

_TIMEOUT = (5, 30)  # seconds to connect and to wait: API Gateway gives up after 29
_LONGEST_WAIT = 3.0  # seconds between two attempts, whatever `Retry-After` says: a person waits
_MULTIPLE_CHOICES = 300  # the first status of a redirect


class _Retry(Retry):
    """A retry policy with short waits, which a malformed `Retry-After` does not break."""

    def parse_retry_after(self, retry_after: str) -> float:
        """Return the seconds to wait."""
        return min(_seconds(retry_after) or 0, _LONGEST_WAIT)


# After 429 and 503 the service has done nothing, so a look-up or the same order can be sent
# again. After no answer at all only a look-up can: an order may have been carried out.
_when_busy = partial(
    _Retry, total=3, status_forcelist=(429, 503), backoff_factor=0.2, raise_on_status=False
)
_RETRIES = {
    "GET": _when_busy(allowed_methods=("GET",)),
    "POST": _when_busy(connect=0, read=False, allowed_methods=("POST",)),
    "other": _Retry(total=0, read=False),
}


class Transport:
    """Sends requests to the API at `api_url`, the address without `/order`.

    Raises SettingsError if the address is not valid.
    """

    def __init__(self, api_url: str) -> None:
        try:
            self._api_url = http_url(api_url)
        except ValueError as error:
            raise SettingsError(f"The API's address {error}") from None
        self._http = {method: _session(retries) for method, retries in _RETRIES.items()}
        # Not by a proxy, which would look for the service on its own machine.
        self._proxies = {"no_proxy": "*"} if is_loopback(self._api_url) else None

    def send(
        self, method: str, path: str, *, token_of: Session | None = None, **arguments: Any
    ) -> requests.Response:
        """Send a request, with the IdToken of `token_of` if it is given.

        Raises OrderError if the service or its gateway rejects it, and UnreachableError if it
        gets no answer.
        """
        url = f"{self._api_url}/{path}"
        http = self._http.get(method) or self._http["other"]
        try:
            answer = http.request(
                method,
                url,
                auth=_Authorization(token_of),
                timeout=_TIMEOUT,
                # The service never redirects. A login page of a train's Wi-Fi does.
                allow_redirects=False,
                proxies=self._proxies,
                **arguments,
            )
        except requests.Timeout as error:
            raise UnreachableError(f"{url} did not answer in time") from error
        except (OSError, HTTPError, ValueError) as error:
            # ValueError and OSError: a proxy's address or a certificate file that is not valid.
            raise UnreachableError(f"{url} can't be reached{_reason(error)}") from error
        if answer.status_code >= _MULTIPLE_CHOICES:
            raise _rejection(answer)
        return answer


@contextmanager
def reading(answer: requests.Response) -> Iterator[None]:
    """Detect an answer that is not the service's, such as the login page of a train's Wi-Fi."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_the_service(answer) from error


class _Authorization(requests.auth.AuthBase):
    """Adds the token. As `auth`, not as a header, which an entry in ~/.netrc would replace."""

    def __init__(self, session: Session | None) -> None:
        self._session = session

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with a valid token in its header. Raises AccountError."""
        if self._session is not None:
            request.headers["Authorization"] = self._session.id_token()
        return request


def _session(retries: Retry) -> requests.Session:
    http = requests.Session()
    http.mount("http://", HTTPAdapter(max_retries=retries))
    http.mount("https://", HTTPAdapter(max_retries=retries))
    return http


def _rejection(answer: requests.Response) -> OrderError | UnreachableError:
    """Read the service's `Code` and `Message`, or the gateway's `message`."""
    try:
        body: Mapping[str, Any] = answer.json()
        code = str(body["Code"]) if "Code" in body else None
        message = str(body["Message"] if code else body["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        if answer.status_code < requests.codes.bad_request:
            return _not_the_service(answer)
        code, message = None, answer.reason or "no reason given"
    retry_after = answer.headers.get("Retry-After")
    return OrderError(
        answer.status_code,
        message,
        code=code,
        retry_after=_seconds(retry_after) if retry_after is not None else None,
    )


def _not_the_service(answer: requests.Response) -> UnreachableError:
    return UnreachableError(f"Something other than the service answered at {answer.url}")


def _seconds(retry_after: str) -> float | None:
    """Read `Retry-After`, a number of seconds or a date (RFC 9110, 10.2.3). None if it is neither.

    A date in the past is 0.
    """
    try:
        return Retry().parse_retry_after(retry_after)
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _reason(error: Exception) -> str:
    """Return the details of an error; none for a plain connection failure."""
    known = isinstance(error, requests.ConnectionError) and not isinstance(
        error, requests.exceptions.ProxyError | requests.exceptions.SSLError
    )
    return "" if known else f": {error}"
