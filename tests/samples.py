"""The notebook's order with variations, and other values that several tests use."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from deploy.project import service_environment
from local.state import LocalStack

PASSWORD = "Pa$$word1"  # from the notebook
ORDER_DATE = "2026-03-01 08:30:00.123456"
LOCAL_STACK = LocalStack(
    api_url="http://127.0.0.1:8000",
    region="ap-southeast-2",
    aws_endpoint_url="http://127.0.0.1:4566",
    user_pool_id="pool",
    user_pool_arn="arn",
    client_id="client",
    orders_table="table",
    shops_table="shops",
)

# The headers of API Gateway's own errors, by gateway response type, as its API names them.
_ON_EVERY_ERROR = {
    "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
    "gatewayresponse.header.Cache-Control": "'no-store'",
    "gatewayresponse.header.Strict-Transport-Security": "'max-age=63072000'",
    "gatewayresponse.header.X-Content-Type-Options": "'nosniff'",
}
REFUSALS = {
    "DEFAULT_4XX": _ON_EVERY_ERROR,
    "DEFAULT_5XX": _ON_EVERY_ERROR,
    "THROTTLED": {
        **_ON_EVERY_ERROR,
        "gatewayresponse.header.Access-Control-Expose-Headers": "'Retry-After'",
        "gatewayresponse.header.Retry-After": "'1'",
    },
}


def order(accountid: str = "a0", vendorid: str = "v0", **details: Any) -> dict[str, Any]:
    """Return a valid order; `details` overrides its details."""
    return {
        "accountid": accountid,
        "vendorid": vendorid,
        "orderdate": ORDER_DATE,
        "details": {
            "coffeetype": "Short Black",
            "coffeesize": "Small",
            "unitprice": "4.5",
            "quantity": "1",
            **details,
        },
    }


class AnyTime(str):
    """Equals every time that the server writes: ISO 8601 in UTC, with microseconds."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"
        return isinstance(other, str) and bool(re.fullmatch(pattern, other))

    __hash__ = str.__hash__


def order_response(sent: dict[str, Any], status: str = "placed") -> dict[str, Any]:
    """Return an order as the service returns it."""
    return {**sent, "status": status, "since": AnyTime("2026-03-01T08:30:01.234567+00:00")}


def placed_order(accountid: str = "a0", vendorid: str = "v0", **details: Any) -> dict[str, Any]:
    """Return a valid order as the service returns it when it is placed."""
    return order_response(order(accountid, vendorid, **details))


def shop_content(name: str = "Harbour Coffee") -> dict[str, Any]:
    """Return the content of a shop, as its staff publish it."""
    small, large = ({"coffeesize": each, "unitprice": ""} for each in ("Small", "Large"))
    flat_white = [{**small, "unitprice": "4.50"}, {**large, "unitprice": "5.20"}]
    return {
        "name": name,
        "currency": "EUR",
        "menu": [
            {"coffeetype": "Flat White", "sizes": flat_white},
            {"coffeetype": "Mocha", "sizes": [{**small, "unitprice": "5"}]},
        ],
    }


def shop_response(vendorid: str, soldout: Collection[str] = (), **changes: Any) -> dict[str, Any]:
    """Return this shop as the service returns it."""
    content = shop_content()
    menu = [{**each, "soldout": each["coffeetype"] in soldout} for each in content["menu"]]
    shop = {**content, "vendorid": vendorid, "open": True, "note": "", "menu": menu}
    return {**shop, **changes}


def dated_order(date: str, accountid: str = "a0", vendorid: str = "v0", **details: Any) -> Any:
    """Return a valid order with this date; without a date if it is empty."""
    dated = {**order(accountid, vendorid, **details), "orderdate": date}
    return {name: value for name, value in dated.items() if value != ""}


def record_deployed_stage(project: Path) -> None:
    """Write the files that `make deploy STAGE=dev` writes into a project."""
    chalice = project / ".chalice"
    (chalice / "deployed").mkdir(parents=True)
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x"
    environment = service_environment("table", "shops", pool, "the-client")
    config = {"stages": {"dev": {"environment_variables": environment}}}
    (chalice / "config.json").write_text(json.dumps(config))
    api = {"name": "rest_api", "rest_api_url": "https://x.example/dev/"}
    (chalice / "deployed/dev.json").write_text(json.dumps({"resources": [api]}))


def with_field(path: str, value: Any) -> dict[str, Any]:
    """Return a valid order, except for this value of the field at `path`."""
    changed = order()
    *outer, name = path.split(".")
    (changed[outer[0]] if outer else changed)[name] = value
    return changed


def without_field(path: str) -> dict[str, Any]:
    """Return a valid order without the field at `path`."""
    changed = order()
    *outer, name = path.split(".")
    del (changed[outer[0]] if outer else changed)[name]
    return changed
