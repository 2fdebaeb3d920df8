"""A request with its response, the unit of a history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

FAILED = frozenset({429, 503})
SECOND = 10**9

Key = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """A request and its response. `start` and `end` are in nanoseconds since 1970."""

    method: Literal["POST", "GET", "DELETE", "PATCH", "LIST", "QUEUE"]
    who: str
    key: Key  # ("", vendorid) for a queue, ("", "") for a customer's list
    start: int
    end: int
    status: int
    sent: dict[str, Any] | None = None
    to: str | None = None
    orders: Sequence[dict[str, Any]] = ()
    message: str = ""
    retry_after: str | None = None
    done_by: int | None = None  # the latest time of its effect, if not `end`

    @property
    def order(self) -> dict[str, Any]:
        """Return the only order of the response."""
        (order,) = self.orders
        return dict(order)

    @property
    def may_fail(self) -> bool:
        """Return whether it failed, so that it may or may not have been executed."""
        return self.status in FAILED

    @property
    def only_reads(self) -> bool:
        """Return whether it changed nothing."""
        return self.method == "GET" or self.status in {403, 404, 409}

    @property
    def until(self) -> int:
        """Return the latest time of its effect."""
        return self.done_by or self.end

    def __str__(self) -> str:
        what = name(self.sent) if self.sent else self.to or ""
        response = [f"{name(order)} {order['status']}" for order in self.orders[:1]]
        clock = f"{self.start / SECOND % 1000:.3f}-{self.end / SECOND % 1000:.3f}"
        words = [clock, self.who, self.method, "/".join(self.key), what, "->"]
        return " ".join(filter(None, [*words, str(self.status), *response, self.message]))


def name(order: Mapping[str, Any]) -> str:
    """Return the coffee, which is different for each order and so names it."""
    return str(order["details"]["coffeetype"])
