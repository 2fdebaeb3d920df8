"""The QR code of a shop has the URL of its page, at the address of the request."""

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import page

_AWS = "x.execute-api.eu-west-1.amazonaws.com"


def request(path: str, domain: str | None) -> Any:
    context = {"path": path} if domain is None else {"path": path, "domainName": domain}
    return SimpleNamespace(context=context, headers={"host": "127.0.0.1:8000"})


@pytest.mark.parametrize(
    ("path", "domain", "url"),
    [
        ("/shop/qr.svg", None, "http://127.0.0.1:8000/"),
        ("/shop/qr.svg/", None, "http://127.0.0.1:8000/"),
        ("/prod/shop/qr.svg", _AWS, f"https://{_AWS}/prod/"),
        ("/cafe/v1/shop/qr.svg", "example.com", "https://example.com/cafe/v1/"),
    ],
)
def test_url_of_the_page(path: str, domain: str | None, url: str) -> None:
    shop_url = page.shop_url(request(path, domain), "a b/é&#?")
    assert shop_url == f"{url}#order?shop=a%20b%2F%C3%A9%26%23%3F"
