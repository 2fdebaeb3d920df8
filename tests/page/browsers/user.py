"""A user of the page, in words that hold for every engine."""

from collections.abc import Callable

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

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
        self._wait = WebDriverWait(driver, _TIMEOUT, 0.05, [WebDriverException])
        self.visit("static/0/icon.svg")  # has the page's storage, and no script that writes to it
        driver.execute_script("localStorage.clear(); sessionStorage.clear()")

    def visit(self, address: str) -> None:
        self._driver.get(f"{self._url}/{address}")

    def reload(self) -> None:
        self._driver.execute_script("location.reload()")

    def leave(self) -> None:
        """Leave the page, which then cannot poll."""
        self._driver.get("about:blank")

    def press(self, name: str) -> None:
        """Press the button with this text or label, once its row of the queue accepts taps."""
        named = f'[normalize-space()="{name}" or @aria-label="{name}"]'
        still = '[not(ancestor::*[contains(@class, "settling")])]'
        self._use(f"//button{named}{still}", WebElement.click)

    def choose(self, label: str) -> None:
        """Choose the radio button with this label."""
        self._use(_labelled(label), WebElement.click)

    def fill(self, label: str, text: str) -> None:
        """Replace the text of the field with this label."""
        self._use(_labelled(label), WebElement.clear)
        self._use(_labelled(label), lambda field: field.send_keys(text))

    def submit(self) -> None:
        """Press the button that sends the form."""
        self._use("//form//button[not(@type)]", WebElement.click)

    def sees(self, text: str) -> None:
        """Wait until the page shows this text."""
        self.wait_until(lambda: text in self._visible_text(), f"not shown: {text}")

    def sign_in(self) -> None:
        """Fill in the sign-in form, which is open."""
        self.fill("Name", self.name)
        self.fill("Password", PASSWORD)
        self.submit()
        self.wait_until(lambda: "Password" not in self._visible_text(), "not signed in")

    def press_notification(self, title: str) -> None:
        """Wait for a notification, press it, and go to the tab that this opens. Firefox only."""
        driver, tabs = self._driver, set(self._driver.window_handles)
        driver.execute("SET_CONTEXT", {"value": "chrome"})
        self.wait_until(lambda: driver.execute_script(_PRESS_NOTIFICATION, title), "not told")
        driver.execute("SET_CONTEXT", {"value": "content"})
        self.wait_until(lambda: set(driver.window_handles) > tabs, "no tab was opened")
        (opened,) = set(driver.window_handles) - tabs
        driver.switch_to.window(opened)

    def wait_until(self, condition: Callable[[], object], error: str = "") -> None:
        """Wait until a condition is true. Fails with `error` if it never is."""
        self._wait.until(lambda _: condition(), error)

    def _visible_text(self) -> str:
        return str(self._driver.execute_script("return document.body?.innerText ?? ''"))

    def _use(self, xpath: str, action: Callable[[WebElement], None]) -> None:
        """Use the first visible element, as soon as there is one that the page keeps."""

        def use(driver: WebDriver) -> bool:
            elements = driver.find_elements("xpath", xpath)
            visible = next((each for each in elements if each.is_displayed()), None)
            if visible:
                action(visible)
            return visible is not None

        self._wait.until(use, f"not usable: {xpath}")


def _labelled(label: str) -> str:
    return f'//*[@id=//label[normalize-space()="{label}"]/@for]'
