"""Signing up, confirming, signing in and setting a new password, with each answer of Cognito."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import COGNITO_URL
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(stub_visitor: NewVisitor) -> Visitor:
    return stub_visitor("#sign-in", None)


def confirm(visitor: Visitor) -> None:
    visitor.press("I have a code")
    visitor.fill(Name=visitor.name)
    visitor.submit_code("123456")


def forget(visitor: Visitor) -> None:
    visitor.press("I forgot my password")
    visitor.fill(Name=visitor.name)
    visitor.press("Send me a code")


_PATTERN = "1 validation error detected: Value at 'username' failed … regular expression [\\S]+"
_NO_EMAIL = "Cannot reset password as there is no registered/verified email"
_WEAK = "Password did not conform with policy: Password must have uppercase characters"
_INVALID = "InvalidParameterException"
_REJECTED = "NotAuthorizedException"


@pytest.mark.parametrize(
    ("submit", "code", "message", "text"),
    [
        (Visitor.sign_up, "UsernameExistsException", "", "This name is taken"),
        (Visitor.sign_up, "InvalidPasswordException", _WEAK, "Password must have uppercase"),
        (Visitor.sign_up, _INVALID, _PATTERN, "but no blanks"),
        (Visitor.sign_up, _INVALID, "Invalid email address.", "This e-mail address can’t be used"),
        (Visitor.sign_in, _REJECTED, "", "The name or the password is wrong."),
        # The same text does not reveal which names exist.
        (Visitor.sign_in, "UserNotFoundException", "", "The name or the password is wrong."),
        (Visitor.sign_in, _REJECTED, "Password attempts exceeded", "locked for up to 15 minutes"),
        (Visitor.sign_in, "UserNotConfirmedException", "", "This account is not confirmed yet."),
        (confirm, _REJECTED, "", "This account is confirmed already"),
        (forget, _INVALID, _NO_EMAIL, "This account’s address was never confirmed"),
    ],
)
def test_rejection_is_explained(
    visitor: Visitor, submit: Callable[[Visitor], None], code: str, message: str, text: str
) -> None:
    answer = {"__type": code, "message": message}
    visitor.respond(COGNITO_URL, "POST", status=400, json=answer)
    submit(visitor)
    visitor.expect_text(text)


def test_incomplete_fields_are_reported(visitor: Visitor) -> None:
    visitor.expect_accessible("sign-in")
    visitor.press("Show")
    expect(visitor.field("Password")).to_have_attribute("type", "text")
    visitor.email = "nobody"
    visitor.sign_up("")
    visitor.expect_error("E-mail", "This does not look like an e-mail address.")
    visitor.expect_error("Password", "Please fill this in.")
    expect(visitor.field("E-mail")).to_be_focused()
    visitor.expect_accessible("sign-up-errors")


def test_sign_up_survives_a_reload_and_stays_signed_in(visitor: Visitor) -> None:
    visitor.press("I am new here")
    visitor.field("Stay signed in on this phone").check()
    visitor.press("I have an account")
    visitor.sign_up()
    visitor.expect_text("We sent a code to")
    visitor.page.reload()
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field("The code from the mail")).to_be_focused()
    visitor.expect_accessible("confirmation")
    requests = visitor.record_requests(COGNITO_URL)
    visitor.submit_code("Code: 123-456.")
    visitor.expect_text("Now your password, and you are signed in.")
    assert '"123456"' in str(requests[-1].post_data)
    visitor.sign_in()
    visitor.expect_signed_in()
    assert visitor.page.evaluate("'coffee-orders.session' in localStorage")


def test_code_of_another_account_asks_for_its_password(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.expect_text("We sent a code to")
    requests = visitor.record_requests(COGNITO_URL)
    visitor.fill(Name="Ben")
    visitor.submit_code("123456")
    visitor.expect_text("Now your password")
    expect(visitor.field("Password")).to_have_value("")
    assert not any("InitiateAuth" in request.headers["x-amz-target"] for request in requests)
