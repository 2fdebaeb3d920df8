"""The routes of a shop, answered in the browser until the service has them."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import BrowserContext, Route

MENU: list[dict[str, Any]] = [
    {
        "coffeetype": "Flat White",
        "soldout": False,
        "sizes": [
            {"coffeesize": "Small", "unitprice": "4.50"},
            {"coffeesize": "Large", "unitprice": "5.60"},
        ],
    },
    {
        "coffeetype": "Short Black",
        "soldout": False,
        "sizes": [{"coffeesize": "Small", "unitprice": "3.50"}],
    },
    {
        "coffeetype": "Mocha",
        "soldout": True,
        "sizes": [{"coffeesize": "Large", "unitprice": "6.20"}],
    },
]
_QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


class ShopRoutes:
    """Published shops, by vendor id; each with the number of its edit as its tag."""

    def __init__(self) -> None:
        self.shops: dict[str, dict[str, Any]] = {}
        self._edits: dict[str, int] = {}

    def publish(self, vendorid: str, **changes: Any) -> None:
        shop = {"vendorid": vendorid, "name": f"Cafe {vendorid}", "currency": "EUR"}
        self._save(vendorid, {**shop, "open": True, "note": "", "menu": MENU, **changes})

    def answer_in(self, context: BrowserContext) -> None:
        context.route(re.compile(r"/shop\?"), self._answer)
        context.route(
            re.compile(r"/shop/qr\.svg\?"),
            lambda route: route.fulfill(body=_QR, content_type="image/svg+xml"),
        )

    def _save(self, vendorid: str, shop: dict[str, Any]) -> None:
        self.shops[vendorid] = shop
        self._edits[vendorid] = self._edits.get(vendorid, 0) + 1

    def _answer(self, route: Route) -> None:
        vendorid = parse_qs(urlparse(route.request.url).query)["vendorid"][0]
        tag = f'"{self._edits.get(vendorid)}"'
        if route.request.method == "PUT":
            if route.request.headers.get("if-match", tag) != tag:
                route.fulfill(status=412, json={"Code": "PreconditionFailedError", "Message": "x"})
                return
            self.publish(vendorid, **json.loads(route.request.post_data or "")["shop"])
        elif route.request.method == "PATCH":
            self._patch(vendorid, json.loads(route.request.post_data or ""))
        if vendorid not in self.shops:
            route.fulfill(status=404, json={"Code": "NotFoundError", "Message": "No such shop"})
            return
        headers = {"ETag": f'"{self._edits[vendorid]}"'}
        route.fulfill(headers=headers, json={"shop": self.shops[vendorid]})

    def _patch(self, vendorid: str, changes: dict[str, Any]) -> None:
        shop = dict(self.shops[vendorid])
        if "soldout" in changes:
            out = changes.pop("soldout")
            shop["menu"] = [
                {**coffee, "soldout": coffee["coffeetype"] in out} for coffee in shop["menu"]
            ]
        self._save(vendorid, shop | changes)
