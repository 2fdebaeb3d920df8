"""A request of somebody's, and the answer: what histories are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

FAILED = frozenset({429, 503})
SECOND = 10**9

Key = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """One request and its answer, between two readings of the clock in nanoseconds."""

    method: Literal["POST", "GET", "DELETE", "PATCH", "LIST", "QUEUE"]
    who: str
    key: Key  # of a list ("", vendorid), of a customer's ("", "")
    start: int
    end: int
    status: int
    sent: dict[str, Any] | None = None
    to: str | None = None
    orders: Sequence[dict[str, Any]] = ()
    message: str = ""
    retry_after: str | None = None
    done_by: int | None = None  # if that may have been after its end

    @property
    def order(self) -> dict[str, Any]:
        """Return the one order of the answer."""
        (order,) = self.orders
        return dict(order)

    @property
    def may_fail(self) -> bool:
        """Tell whether it is not known if it was carried out."""
        return self.status in FAILED

    @property
    def only_reads(self) -> bool:
        """Tell whether it has changed nothing."""
        return self.method == "GET" or self.status in {403, 404, 409}

    @property
    def until(self) -> int:
        """Return when it can have been carried out at the latest."""
        return self.done_by or self.end

    def __str__(self) -> str:
        what = name(self.sent) if self.sent else self.to or ""
        answer = [f"{name(order)} {order['status']}" for order in self.orders[:1]]
        clock = f"{self.start / SECOND % 1000:.3f}-{self.end / SECOND % 1000:.3f}"
        words = [clock, self.who, self.method, "/".join(self.key), what, "->"]
        return " ".join(filter(None, [*words, str(self.status), *answer, self.message]))


def name(order: Mapping[str, Any]) -> str:
    """Return what an order is known by: each has a coffee of its own."""
    return str(order["details"]["coffeetype"])
