"""Sends HTTP requests, with limits on their time, their attempts and the size of a response."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, ProxyError
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from coffee_client.arguments import normalize_http_url
from coffee_client.errors import CoffeeError, SettingsError, UnreachableError

_TIMEOUT = (5, 30)  # seconds to connect and between two packets: API Gateway's own limit is 29
_TOTAL_TIMEOUT = 60.0  # seconds for a request with all its attempts
_MAX_SIZE = 5_000_000  # bytes of a body, decompressed; a page of 100 orders has less than 200,000
# Why there is no answer. Other errors name a certificate, a file or an address in their message.
_REASONS: dict[type[Exception], str] = {
    requests.ConnectionError: "",
    ChunkedEncodingError: "",
    ContentDecodingError: "",
    ProxyError: " through the proxy",
}
_LOOPBACK = "127.0.0.0/8,localhost"  # no proxy can reach a service on this machine

# A look-up can always be sent again. A POST is repeated after 429 and 503: the service recognises
# an order that it has stored. It is not repeated after a lost response, so that the caller learns
# that the outcome is unknown. The other methods are never repeated.
_busy_retry = partial(
    Retry,
    total=3,
    status_forcelist=(429, 503),
    backoff_factor=0.2,
    retry_after_max=3,  # seconds, even if `Retry-After` is longer: a person is waiting
    raise_on_status=False,
)
_RETRIES = {
    "GET": _busy_retry(allowed_methods=("GET",)),
    "POST": _busy_retry(read=False, allowed_methods=("POST",)),
}


class Response(NamedTuple):
    """A complete response."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Parse the body. Raises ValueError or RecursionError."""
        # Half of a surrogate pair could not be sent back, as in a cursor; encode() raises for it.
        return json.loads(json.dumps(json.loads(self.body), ensure_ascii=False).encode())


class Connection:
    """Sends requests to the server at `url`. Raises SettingsError if the address is not valid.

    `name` is what messages call the server, such as "Cognito"; the default is the address.
    """

    def __init__(self, url: str, name: str = "") -> None:
        try:
            self._url = normalize_http_url(url)
        except ValueError as error:
            raise SettingsError(f"The address {url!r} {error}") from None
        self._name = f"{name} at {self._url}".removeprefix(" at ")
        self._sessions = {method: _http_session(retry) for method, retry in _RETRIES.items()}
        self._other_session = _http_session(Retry(total=0, read=False))

    def send(self, method: str, path: str, **options: Any) -> Response:
        """Send a request, and read the whole response, whatever its status.

        `options` are `params`, `headers` and `data`, as for requests. Raises UnreachableError if
        there is no response within a minute, or one that is too large.
        """
        session = self._sessions.get(method, self._other_session)
        no_proxy = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        request = partial(
            session.request,
            method,
            f"{self._url}/{path}",
            timeout=_TIMEOUT,
            # The service never redirects, but the login page of a train's Wi-Fi does.
            allow_redirects=False,
            proxies={"no_proxy": "*" if no_proxy == "*" else f"{_LOOPBACK},{no_proxy}"},
            stream=True,
            **options,
        )
        # requests limits the time between two packets only: a server that sends one byte a second
        # would never end. The thread that waits for it does not keep the process alive.
        result: Future[Response] = Future()
        Thread(target=self._read, args=(request, result), daemon=True).start()
        try:
            return result.result(_TOTAL_TIMEOUT)
        except (requests.Timeout, TimeoutError) as error:
            raise UnreachableError(f"{self._name} did not answer in time") from error
        except (OSError, HTTPError, ValueError) as error:
            cause = next(iter(error.args), None)  # requests wraps the errors of urllib3
            reason = _REASONS.get(type(error), f": {getattr(cause, 'reason', error)}")
            raise UnreachableError(f"{self._name} can't be reached{reason}") from error

    def _read(self, request: Callable[[], requests.Response], result: Future[Response]) -> None:
        content = bytearray()
        try:
            with request() as response:
                for chunk in response.iter_content(64 * 1024):
                    content += chunk
                    if len(content) > _MAX_SIZE:
                        raise UnreachableError(f"The answer of {self._name} is too large")
            status, reason, headers = response.status_code, response.reason, response.headers
            result.set_result(Response(status, reason, headers, bytes(content)))
        except BaseException as error:  # it is raised in the thread that waits for the result
            result.set_exception(error)


@contextmanager
def response_errors(server: str) -> Iterator[None]:
    """Raise UnreachableError if the block cannot parse a response of this server.

    It then comes from another one, such as the login page of a train's Wi-Fi.
    """
    try:
        yield
    except CoffeeError:
        raise
    except Exception as error:  # TypeError, KeyError, RecursionError and many others
        raise UnreachableError(f"Something other than {server} answered") from error


def _http_session(retry: Retry) -> requests.Session:
    session = requests.Session()
    # Without `auth`, an entry in ~/.netrc would replace the Authorization header.
    session.auth = lambda request: request
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session
