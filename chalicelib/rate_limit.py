"""How many orders a customer may place in a minute, so that nobody can close a shop by ordering.

Each instance of the function counts by itself, so the limit is approximate.
"""

import math
import time
from collections import deque

from chalicelib import settings

_PERIOD = 60.0  # seconds
_MAX_CUSTOMERS = 10_000
_LIMIT = settings.orders_per_minute()

# When each customer, by their `sub`, placed the last orders. The customer who ordered last is last.
_orders: dict[str, deque[float]] = {}


def count_order(sub: str) -> int:
    """Count a customer's order; return 0, or in how many seconds the customer may order again."""
    now = time.monotonic()
    times = _orders.pop(sub, None) or deque(maxlen=_LIMIT)
    _orders[sub] = times
    if len(times) == _LIMIT and now - times[0] < _PERIOD:
        return math.ceil(_PERIOD - (now - times[0]))
    times.append(now)
    while len(_orders) > _MAX_CUSTOMERS:
        _orders.pop(next(iter(_orders), ""), None)
    return 0
