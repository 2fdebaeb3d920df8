"""A user of the page, in words that hold for every engine."""

import contextlib
import time
from collections.abc import Callable

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.samples import PASSWORD

_TIMEOUT = 20.0  # seconds that an expected event may take on a busy machine
# A notification is a window of Firefox. Its own page has no other sign of it.
_PRESS_NOTIFICATION = """
  for (const { document } of Services.wm.getEnumerator("alert:alert")) {
    if (document.getElementById("alertTitleLabel")?.value !== arguments[0]) continue;
    document.getElementById("alertNotification").click();
    return true;
  }
  return false;
"""


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

    def reload(self) -> None:
        self._driver.execute_script("location.reload()")

    def press(self, name: str) -> None:
        """Press the button with this text or label, once its row of the queue accepts taps."""
        named = f'[normalize-space()="{name}" or @aria-label="{name}"]'
        still = '[not(ancestor::*[contains(@class, "settling")])]'
        self._use(f"//button{named}{still}", lambda button: button.click())

    def fill(self, label: str, text: str) -> None:
        """Replace the text of the field with this label."""

        def replace(field: WebElement) -> None:
            field.clear()
            field.send_keys(text)

        self._use(_labelled(label), replace)

    def choose(self, label: str) -> None:
        """Choose the radio button with this label."""
        self._use(_labelled(label), lambda button: button.click())

    def submit(self) -> None:
        """Press the button that sends the form."""
        self._use("//form//button[not(@type)]", lambda button: button.click())

    def sees(self, text: str) -> None:
        """Wait until the page shows this text."""
        self.wait_until(lambda: text in self._visible_text(), f"not shown: {text}")

    def sign_in(self) -> None:
        """Fill in the sign-in form, which is open."""
        self.fill("Name", self.name)
        self.fill("Password", PASSWORD)
        self.submit()
        self.wait_until(lambda: "Password" not in self._visible_text(), "not signed in")

    def leave(self) -> None:
        """Leave the page, which then cannot poll."""
        self._driver.get("about:blank")

    def press_notification(self, title: str) -> None:
        """Wait for a notification, press it, and go to the tab that this opens. Firefox only."""
        tabs = set(self._driver.window_handles)
        self._driver.execute("SET_CONTEXT", {"value": "chrome"})
        try:
            script = _PRESS_NOTIFICATION
            self.wait_until(
                lambda: self._driver.execute_script(script, title), f"not told: {title}"
            )
        finally:
            self._driver.execute("SET_CONTEXT", {"value": "content"})
        self.wait_until(lambda: set(self._driver.window_handles) > tabs, "no tab was opened")
        (opened,) = set(self._driver.window_handles) - tabs
        self._driver.switch_to.window(opened)

    @staticmethod
    def wait_until(condition: Callable[[], bool], error: str = "") -> None:
        """Wait until a condition is true. Fails with `error` if it never is."""
        deadline = time.monotonic() + _TIMEOUT
        while not condition():
            assert time.monotonic() < deadline, error
            time.sleep(0.05)

    def _visible_text(self) -> str:
        return str(self._driver.execute_script("return document.body?.innerText ?? ''"))

    def _use(self, xpath: str, action: Callable[[WebElement], None]) -> None:
        self.wait_until(lambda: self._try(xpath, action), f"not usable: {xpath}")

    def _try(self, xpath: str, action: Callable[[WebElement], None]) -> bool:
        """Use the first visible element; return whether there is one that the page kept."""
        for element in self._driver.find_elements("xpath", xpath):
            with contextlib.suppress(WebDriverException):
                if element.is_displayed():
                    action(element)
                    return True
        return False


def _labelled(label: str) -> str:
    return f'//*[@id=//label[normalize-space()="{label}"]/@for]'
