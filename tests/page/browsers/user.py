"""A user of the page, in words that hold for every engine."""

import time
from collections.abc import Callable

from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.samples import PASSWORD

_TIMEOUT = 20.0  # seconds that an expected event may take on a busy machine


class User:
    """Uses the page at `url` by what it shows. The browser knows nothing of earlier users."""

    def __init__(self, driver: WebDriver, url: str, name: str) -> None:
        self.name = name
        self._driver = driver
        self._url = url
        self.visit("static/0/icon.svg")  # has the page's storage, and no script that writes to it
        driver.execute_script("localStorage.clear(); sessionStorage.clear()")

    def visit(self, address: str) -> None:
        self._driver.get(f"{self._url}/{address}")

    def leave(self) -> None:
        """Leave the page, as by another address in the same tab."""
        self._driver.get("about:blank")

    def press(self, name: str) -> None:
        """Press the visible button or link with this text or label."""
        label = _quoted(name)
        named = f"[normalize-space()={label} or @aria-label={label}]"
        self._find(f"//button{named} | //a{named}").click()

    def fill(self, label: str, text: str) -> None:
        """Replace the text of the visible field with this label."""
        field = self._find(f"//*[@id=//label[normalize-space()={_quoted(label)}]/@for]")
        field.clear()
        field.send_keys(text)

    def submit(self) -> None:
        """Press the button that sends the visible form."""
        self._find("//form//button[not(@type)]").click()

    def choose(self, label: str) -> None:
        """Choose the visible radio button with this label."""
        self._find(f"//input[@id=//label[normalize-space()={_quoted(label)}]/@for]").click()

    def sees(self, text: str) -> None:
        """Wait until the page shows this text."""
        self._wait_until(lambda: text in self.visible_text(), f"{text!r} is shown")

    def visible_text(self) -> str:
        """Return the text of the page that can be seen."""
        return str(self._driver.execute_script("return document.body.innerText"))

    def sign_in(self) -> None:
        """Fill in the sign-in form, which is open."""
        self.fill("Name", self.name)
        self.fill("Password", PASSWORD)
        self.submit()
        self.sees("Sign out")

    def _find(self, xpath: str) -> WebElement:
        """Wait for the first visible element."""
        found: list[WebElement] = []

        def is_shown() -> bool:
            elements = self._driver.find_elements("xpath", xpath)
            found[:] = [each for each in elements if each.is_displayed()]
            return bool(found)

        self._wait_until(is_shown, f"{xpath} is visible")
        return found[0]

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, f"not within {_TIMEOUT} s: {what}"
            time.sleep(0.05)


def _quoted(text: str) -> str:
    """Quote a text for XPath 1.0, which has no escapes."""
    return f'"{text}"'
