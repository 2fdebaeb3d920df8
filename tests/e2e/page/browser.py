"""A headless Chromium, and people who use the page in it by what it shows and says."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from local.emulator import LocalCloud
from tests.e2e.people import code_mailed_to
from tests.samples import PASSWORD

_NAMES = ("chromium", "chromium-browser", "google-chrome")
STATUS = {
    "placed": "Placed",
    "preparing": "Being made",
    "ready": "Ready",
    "collected": "Collected",
    "cancelled": "Cancelled",
}
_OPTIONS = [
    "--disable-background-networking",  # it would look for its maker's hosts
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the machine's Chromium, or the one that Playwright has installed."""
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, _NAMES)), None)
        path = installed or playwright.chromium.executable_path
        if not os.path.exists(path):  # noqa: PTH110 - it is a str of Playwright's
            _give_up("no Chromium is installed: `.venv/bin/playwright install chromium` brings one")
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


def _give_up(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Visitor:
    """Somebody in front of the page."""

    def __init__(self, page: Page, url: str, cloud: LocalCloud, name: str) -> None:
        self.page = page
        self.name = name
        self.email = f"{name}@example.com"
        self._url = url
        self._cloud = cloud
        self.faults: list[str] = []
        self._last_tap = 0.0
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._hear(message.text))

    def _hear(self, text: str) -> None:
        # Chromium reports here what the page's policy forbade.
        if re.search(r"Content Security Policy|TrustedHTML|TrustedScript", text):
            self.faults.append(text)

    def visit(self, part: str = "") -> None:
        self.page.goto(f"{self._url}/{part}")

    def fill(self, **fields: str) -> None:
        """Fill in fields of the form that is shown, by their labels."""
        for label, value in fields.items():
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        """Return the field with this label that can be seen."""
        return self.page.get_by_label(label.replace("_", " "), exact=True).locator("visible=true")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").click()

    def go_to(self, name: str) -> None:
        link = self.page.get_by_role("navigation").get_by_role("link", name=name)
        link.click()
        if name not in ("Sign in", "Board"):  # which may lead elsewhere, or hide the links
            expect(link).to_have_attribute("aria-current", "page")

    def says(self, text: str, timeout: float | None = None) -> None:
        """Wait until the page shows this text."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible(
            timeout=timeout
        )

    def complains(self, label: str, text: str) -> None:
        """Wait until the field with this label is marked, with these words to it."""
        field = self.field(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(text)))
        expect(self.page.locator(f"#{field.get_attribute('id')}-error")).to_be_visible()

    def sign_up(self, password: str = PASSWORD) -> None:
        self.go_to("Sign in")
        self.press("I am new here")
        self.fill(Name=self.name, **{"E-mail": self.email}, Password=password)
        self.press("Sign up")

    def confirm(self) -> None:
        self.says("We sent a code to")
        self.fill(The_code_from_the_mail=code_mailed_to(self._cloud, self.email))
        self.press("Confirm")
        self.is_signed_in()

    def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in, from any part of the page."""
        if self.page.locator("#sign-in").is_hidden():
            self.go_to("Sign in")
        self.fill(Name=self.name, Password=password)
        self.press("Sign in")
        self.is_signed_in()

    def is_signed_in(self) -> None:
        expect(self.page.locator("#username")).to_have_text(self.name)

    def order(self, coffee: str, shop: str, **fields: str) -> None:
        self.fill(Coffee=coffee, Shop=shop, **fields)
        self.press("Order")

    def card(self, coffee: str) -> Locator:
        """Return the card of the order for this coffee."""
        return self.page.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name=coffee)
        )

    def sees(self, coffee: str, status: str) -> None:
        """Wait until the customer's card of an order shows this status."""
        self.ask_now()
        words = self.card(coffee).locator(".status strong")
        expect(words).to_have_text(STATUS[status], timeout=10_000)

    def row(self, name: str, where: str) -> Locator:
        """Return the row of a name in a list of the queue: new, making or ready."""
        return self.page.locator(f"#{where} .row").filter(has_text=name)

    def has(self, name: str, where: str) -> None:
        """Wait until the queue has a name in this list, and in no other."""
        self.ask_now()
        expect(self.row(name, where)).to_have_count(1, timeout=10_000)
        expect(self.page.locator("#queue .row").filter(has_text=name)).to_have_count(1)

    def tap(self, name: str, where: str, label: str) -> None:
        """Tap a button of a row, once the page takes another tap."""
        wait = self._last_tap + 0.85 - time.monotonic()
        self.page.wait_for_timeout(max(0, wait * 1000))
        self.row(name, where).get_by_role("button", name=label).click()
        self._last_tap = time.monotonic()

    def move(self, name: str, where: str, label: str) -> None:
        """Tap a button of a row, and do not wait until the step can't be undone any more."""
        self.tap(name, where, label)
        with self.page.expect_response(lambda answer: answer.request.method == "PATCH"):
            self.page.evaluate("window.dispatchEvent(new Event('pagehide'))")

    def ask_now(self) -> None:
        """Let the page ask at once, as after a lost connection, instead of in 5 seconds."""
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def requests_to(self, path: str) -> list[Any]:
        """Return the requests to a path of the service from now on, as they happen."""
        seen: list[Any] = []
        self.page.on("request", lambda sent: seen.append(sent) if path in sent.url else None)
        return seen
