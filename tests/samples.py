"""An order as the notebook sends it, and bent versions of it."""

import copy
from typing import Any

PASSWORD = "Pa$$word1"  # the notebook's own


def order(accountid: str = "a0", vendorid: str = "v0", **details: Any) -> dict[str, Any]:
    """Return a good order; `details` overrides its details."""
    return {
        "accountid": accountid,
        "vendorid": vendorid,
        "orderdate": "2026-03-01 08:30:00.123456",
        "details": {
            "coffeetype": "Short Black",
            "coffeesize": "Small",
            "unitprice": "4.5",
            "quantity": "1",
            **details,
        },
    }


def placed(accountid: str = "a0", vendorid: str = "v0", **details: Any) -> dict[str, Any]:
    """Return the same order as it is answered once it is placed."""
    return {**order(accountid, vendorid, **details), "status": "placed"}


def with_field(path: str, value: Any) -> dict[str, Any]:
    """Return a good order in which the field at `path` has another value."""
    bent, inner, name = _find(path)
    inner[name] = value
    return bent


def without_field(path: str) -> dict[str, Any]:
    """Return a good order without the field at `path`."""
    bent, inner, name = _find(path)
    del inner[name]
    return bent


def _find(path: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    bent = inner = copy.deepcopy(order())
    *outer, name = path.split(".")
    for step in outer:
        inner = inner[step]
    return bent, inner, name
