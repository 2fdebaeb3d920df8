"""The QR code of a shop has the URL of its page, at the address of the request."""

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import page


def request(path: str, domain: str | None) -> Any:
    context = {"path": path} if domain is None else {"path": path, "domainName": domain}
    return SimpleNamespace(context=context, headers={"host": "127.0.0.1:8000"})


@pytest.mark.parametrize(
    ("path", "domain", "url"),
    [
        ("/shop/qr.svg", None, "http://127.0.0.1:8000/#order?shop=harbour"),
        ("/shop/qr.svg/", None, "http://127.0.0.1:8000/#order?shop=harbour"),
        (
            "/prod/shop/qr.svg",
            "x.execute-api.eu-west-1.amazonaws.com",
            "https://x.execute-api.eu-west-1.amazonaws.com/prod/#order?shop=harbour",
        ),
        ("/shop/qr.svg", "coffee.example", "https://coffee.example/#order?shop=harbour"),
        ("/cafe/v1/shop/qr.svg", "example.com", "https://example.com/cafe/v1/#order?shop=harbour"),
    ],
)
def test_url_of_the_page(path: str, domain: str | None, url: str) -> None:
    assert page.shop_url(request(path, domain), "harbour") == url


def test_vendor_id_is_encoded() -> None:
    url = page.shop_url(request("/shop/qr.svg", None), "a b/é&#?")
    assert url.endswith("/#order?shop=a%20b%2F%C3%A9%26%23%3F")


@pytest.mark.parametrize("vendorid", ["v", "é" * 128])
def test_code_is_drawn(vendorid: str) -> None:
    image = page.qr_code(request("/shop/qr.svg", "x" * 60 + ".example"), vendorid).content
    assert image.startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in image
    assert image.rstrip().endswith("</svg>")
