"""The service's HTTP API: place an order, get an order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import requests

from coffee_client.accounts import Session
from coffee_client.errors import OrderError, UnreachableError

_TIMEOUT = (5, 30)  # seconds to connect, and to wait: API Gateway gives up after 29


@dataclass(frozen=True)
class Details:
    """What to brew. Price and quantity are decimal strings, as the service answers them."""

    coffeetype: str
    coffeesize: str
    unitprice: str
    quantity: str


@dataclass(frozen=True)
class Order:
    """An order. Without an `orderdate` (ISO 8601) the service writes its own, in UTC.

    `status` is the service's to say: placed, preparing, ready, collected or cancelled.
    """

    accountid: str
    vendorid: str
    details: Details
    orderdate: str | None = None
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
        date = {} if self.orderdate is None else {"orderdate": self.orderdate}
        ids = {"accountid": self.accountid, "vendorid": self.vendorid}
        return {**ids, **date, "details": asdict(self.details)}


@dataclass(frozen=True)
class Placed:
    """An order as it was stored; `is_new` unless it replaced the customer's earlier one."""

    order: Order
    is_new: bool


class Shop:
    """The API at `api_url`, the address that ends before `/order`.

    Placing needs a customer's session, looking up does not. Every method raises OrderError
    where the service refuses and UnreachableError where it does not answer.
    """

    def __init__(self, api_url: str, customer: Session | None = None) -> None:
        self._url = f"{api_url.rstrip('/')}/order"
        self._customer = customer
        self._http = requests.Session()

    def place(self, order: Order) -> Placed:
        """Place an order, or replace the customer's own earlier one at the same key."""
        answer = self._request("POST", json={"order": order.to_json()}, auth=self._authorize)
        is_new = answer.status_code == requests.codes.created
        return Placed(Order.from_json(answer.json()["order"]), is_new)

    def get(self, accountid: str, vendorid: str) -> Order:
        """Look an order up by its key."""
        key = {"accountid": accountid, "vendorid": vendorid}
        return Order.from_json(self._request("GET", params=key).json()["order"])

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As `auth`, not as a header: a header would give way to an entry in ~/.netrc.
        if self._customer:
            request.headers["Authorization"] = self._customer.id_token()
        return request

    def _request(self, method: str, **arguments: Any) -> requests.Response:
        try:
            answer = self._http.request(method, self._url, timeout=_TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise UnreachableError(f"{self._url} can't be reached: {error}") from None
        if not answer.ok:
            raise _refusal(answer)
        return answer


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
