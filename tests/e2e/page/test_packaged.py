"""The page of the packaged service, behind the local cloud's API Gateway and below its stage."""

import requests
from playwright.sync_api import Browser

from tests.e2e.packaged import Packaged
from tests.e2e.page.browser import Visitor


def test_a_customer_orders_where_the_address_has_a_prefix(
    packaged: Packaged, browser: Browser
) -> None:
    visitor = Visitor(browser.new_page(), packaged.api_url, packaged.cloud, "Grace")
    visitor.visit()
    visitor.sign_up()
    visitor.confirm()
    visitor.order("Flat White", "v0")
    visitor.sees("Flat White", "placed")
    visitor.press("Cancel 1 × Regular Flat White")
    visitor.sees("Flat White", "cancelled")
    visitor.page.close()
    assert visitor.faults == []


def test_a_file_is_known_by_its_tag_behind_the_gateway_too(packaged: Packaged) -> None:
    url = f"{packaged.api_url}/static/any/main.js"
    tag = requests.get(url, timeout=30).headers["ETag"]
    answer = requests.get(url, headers={"If-None-Match": tag}, timeout=30)
    assert (answer.status_code, answer.content) == (304, b"")
