"""Capacity units, by the rules of DynamoDB's developer guide.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

import math
from collections.abc import Iterable
from typing import Any

Attributes = dict[str, dict[str, Any]]

_KIB = 1024


def size(item: Attributes) -> int:
    """Return the size in bytes of an item whose attributes are text, numbers and maps."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def read(sizes: Iterable[int], *, consistent: bool) -> float:
    """Return the read units of one request: 4 KB each, half where it may be a moment late."""
    units = max(1, math.ceil(sum(sizes) / (4 * _KIB)))
    return units if consistent else units / 2


def write(
    before: Attributes | None, after: Attributes | None, indexes: Iterable[tuple[str, ...]]
) -> float:
    """Return the write units of one change, those of its indexes included.

    An index whose key changes costs two writes: the old entry goes, a new one comes.
    """
    units = max(_units(before), _units(after), 1)
    if before == after:  # refused, or nothing changed: the indexes hear nothing of it
        return units
    for index in indexes:
        was, becomes = _entry(before, index), _entry(after, index)
        same_place = was and becomes and all(was[name] == becomes[name] for name in index)
        units += max(_units(was), _units(becomes)) if same_place else _units(was) + _units(becomes)
    return units


def _units(item: Attributes | None) -> int:
    return math.ceil(size(item) / _KIB) if item else 0


def _entry(item: Attributes | None, index: tuple[str, ...]) -> Attributes | None:
    return item if item and all(name in item for name in index) else None


def _value_size(value: dict[str, Any]) -> int:
    if "M" in value:
        return 3 + len(value["M"]) + size(value["M"])
    if "N" in value:  # two digits a byte, and one for the exponent
        return (len(value["N"].strip("-0")) + 1) // 2 + 1
    return len(value["S"].encode())
