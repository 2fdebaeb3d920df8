"""A request with its response, the unit of a history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

FAILED = frozenset({429, 503})
REJECTED = frozenset({403, 404, 409, 412})
SECOND = 10**9

Key = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """A request and its response. `start` and `end` are in nanoseconds since 1970."""

    method: Literal["POST", "GET", "DELETE", "PATCH", "LIST", "QUEUE"]
    user: str
    key: Key  # ("", vendorid) for a queue, ("", "") for a customer's list
    start: int
    end: int
    status: int
    sent_order: dict[str, Any] | None = None
    new_status: str | None = None
    if_match: str | None = None  # a version
    if_none_match: bool = False  # `*`
    orders: Sequence[dict[str, Any]] = ()
    message: str = ""
    retry_after: str | None = None
    executed_by: int | None = None  # the latest time of its effect, if not `end`

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
        return self.method == "GET" or self.status in REJECTED

    @property
    def deadline(self) -> int:
        """Return the latest time of its effect."""
        return self.executed_by or self.end


def coffee(order: dict[str, Any]) -> str:
    """Return the coffee of an order, which identifies it: each order has a different one."""
    return str(order["details"]["coffeetype"])
