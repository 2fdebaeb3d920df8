"""The service's HTTP API: place an order, look it up, follow it, and brew it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from coffee_client.accounts import Session
from coffee_client.errors import OrderError, UnreachableError

_TIMEOUT = (5, 30)  # seconds to connect, and to wait: API Gateway gives up after 29

# Who was told to come back later (429, 503 with Retry-After) may ask again for what does no
# harm twice: a look-up, and placing the same order. Whether a request that got no answer was
# carried out is not known, so only a look-up is sent again then.
_later = partial(
    Retry, total=3, status_forcelist=(429, 503), backoff_factor=0.2, raise_on_status=False
)
_RETRIES = {
    "GET": _later(allowed_methods=("GET",)),
    "POST": _later(connect=0, read=False, allowed_methods=("POST",)),
    "other": Retry(total=0, read=False),
}


@dataclass(frozen=True)
class Details:
    """What to brew. Price and quantity are decimal strings, as the service answers them."""

    coffeetype: str
    coffeesize: str
    unitprice: str
    quantity: str


@dataclass(frozen=True)
class Order:
    """An order. Its `orderdate` (ISO 8601) is when it is made here, unless told otherwise.

    By its date the service knows an order again that comes twice, or late: to place one Order
    again does no harm, and a new coffee is a new Order. `status` is the service's to say:
    placed, preparing, ready, collected or cancelled.
    """

    accountid: str
    vendorid: str
    details: Details
    orderdate: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    status: str | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Order":
        """Read the `order` object of an answer."""
        return cls(
            accountid=fields["accountid"],
            vendorid=fields["vendorid"],
            orderdate=fields["orderdate"],
            details=Details(**fields["details"]),
            status=fields["status"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return the `order` object of a request; it has no status."""
        ids = {"accountid": self.accountid, "vendorid": self.vendorid}
        return {**ids, "orderdate": self.orderdate, "details": asdict(self.details)}


@dataclass(frozen=True)
class Placed:
    """An order as it was stored; `is_new` unless it replaced the customer's earlier one."""

    order: Order
    is_new: bool


class CoffeeClient:
    """The API at `api_url`, the address that ends before `/order`.

    Looking up needs no session, everything else does. Every method raises OrderError
    where the service refuses and UnreachableError where it does not answer.
    """

    def __init__(self, api_url: str, customer: Session | None = None) -> None:
        self._api_url = api_url.rstrip("/")
        self._customer = customer
        self._http = {method: _patient(retries) for method, retries in _RETRIES.items()}

    def place(self, order: Order) -> Placed:
        """Place an order, or replace the customer's own earlier one at the same key."""
        body = {"order": order.to_json()}
        answer = self._request("POST", json=body, auth=self._authorize)
        is_new = answer.status_code == requests.codes.created
        return Placed(_order_in(answer), is_new)

    def get(self, accountid: str, vendorid: str) -> Order:
        """Look an order up by its key."""
        return self._order("GET", accountid, vendorid)

    def cancel(self, accountid: str, vendorid: str) -> Order:
        """Cancel one's own order, while the shop has not begun with it."""
        return self._order("DELETE", accountid, vendorid)

    def advance(self, accountid: str, vendorid: str, status: str) -> Order:
        """Move an order on to its next status, as staff of its vendor."""
        return self._order("PATCH", accountid, vendorid, json={"status": status})

    def orders(self, *, status: str | None = None) -> Iterator[Order]:
        """Go through all of the customer's own orders, newest first, page by page."""
        return self._list(status=status)

    def queue(self, vendorid: str, *, status: str | None = None) -> Iterator[Order]:
        """Go through a shop's open orders, oldest first, as its staff."""
        return self._list(vendorid=vendorid, status=status)

    def _order(self, method: str, accountid: str, vendorid: str, **arguments: Any) -> Order:
        key = {"accountid": accountid, "vendorid": vendorid}
        answer = self._request(method, params=key, auth=self._authorize, **arguments)
        return _order_in(answer)

    def _list(self, **query: str | None) -> Iterator[Order]:
        cursor: str | None = None
        while True:
            asked = {**query, "cursor": cursor, "limit": "100"}
            answer = self._request("GET", "orders", params=asked, auth=self._authorize)
            with _understood(answer):
                page = answer.json()
                found = [Order.from_json(each) for each in page["orders"]]
                cursor = page.get("cursor")
            yield from found
            if cursor is None:
                return

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As `auth`, not as a header: a header would give way to an entry in ~/.netrc.
        if self._customer:
            request.headers["Authorization"] = self._customer.id_token()
        return request

    def _request(self, method: str, path: str = "order", **arguments: Any) -> requests.Response:
        url = f"{self._api_url}/{path}"
        try:
            http = self._http.get(method) or self._http["other"]
            answer = http.request(method, url, timeout=_TIMEOUT, **arguments)
        except requests.Timeout as error:
            raise UnreachableError(f"{url} did not answer in time") from error
        except requests.RequestException as error:
            raise UnreachableError(f"{url} can't be reached") from error
        if not answer.ok:
            raise _refusal(answer)
        return answer


@contextmanager
def _understood(answer: requests.Response) -> Iterator[None]:
    """Tell apart the service from whoever else may answer, such as a train's login page."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OrderError(answer.status_code, "this is no answer of the service's") from error


def _order_in(answer: requests.Response) -> Order:
    with _understood(answer):
        return Order.from_json(answer.json()["order"])


def _patient(retries: Retry) -> requests.Session:
    http = requests.Session()
    http.mount("http://", HTTPAdapter(max_retries=retries))
    http.mount("https://", HTTPAdapter(max_retries=retries))
    return http


def _refusal(answer: requests.Response) -> OrderError:
    """Read the service's `Message`, or the gateway's `message`."""
    try:
        said = answer.json()
        message = str(said.get("Message") or said["message"])
    except (ValueError, KeyError, AttributeError):
        message = answer.reason
    retry_after = answer.headers.get("Retry-After", "")
    return OrderError(
        answer.status_code, message, float(retry_after) if retry_after.isdigit() else None
    )
