"""The page of the packaged service, behind the local cloud's API Gateway."""

import pytest
import requests
from playwright.sync_api import Browser

from tests.e2e.packaged import Packaged
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


def test_page_works_below_a_stage(browser: Browser, packaged: Packaged) -> None:
    cognito_url = f"{packaged.cloud.endpoint_url}/"
    with browser.new_page() as page:
        visitor = Visitor(page, packaged.api_url, cognito_url, "Grace", packaged.cloud)
        visitor.visit()
        visitor.sign_up()
        visitor.confirm()
        visitor.place_order("Flat White", "v0")
        visitor.cancel_order("Flat White")
    assert visitor.errors == []


def test_packaged_service_answers_304_to_a_known_etag(packaged: Packaged) -> None:
    url = f"{packaged.api_url}/static/any/main.js"
    etag = requests.get(url, timeout=30).headers["ETag"]
    response = requests.get(url, headers={"If-None-Match": etag}, timeout=30)
    assert (response.status_code, response.content) == (304, b"")
