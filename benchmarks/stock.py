"""Stored orders, any number of them, of which a tenth are one customer's and a tenth one shop's.

So the two lists that are asked for grow with the table. A third shop, `busy`, has ten open
orders, which stand behind ten thousand collected ones.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.capacity import Attributes
from benchmarks.events import ITEM, SUB

COLLECTED, OPEN = 10_000, 10
_START = datetime(2026, 1, 1, tzinfo=UTC)


def orders(first: int, last: int) -> Iterator[Attributes]:
    """Return the orders of these numbers; negative ones are the busy shop's."""
    for number in range(first, last):
        if number < 0:
            queue = "open" if number >= -OPEN else "collected"
            yield _order(number, "busy", queue, f"customer{number}")
        else:
            shop = "v0" if number % 10 == 0 else f"shop{number // 1000}"
            customer = SUB if number % 10 == 1 else f"customer{number // 100}"
            yield _order(number, shop, "open", customer)


def _order(number: int, vendorid: str, queue: str, placed_by: str) -> Attributes:
    placed_at = (_START + timedelta(seconds=number)).isoformat(timespec="microseconds")
    return {
        **ITEM,
        "accountid": {"S": f"account{number}"},
        "vendorid": {"S": vendorid},
        "status": {"S": "placed" if queue == "open" else queue},
        "placed_by": {"S": placed_by},
        "placed_at": {"S": placed_at},
        "shop_queue": {"S": f"{queue}:{vendorid}"},
    }
