"""Signing up, confirming, signing in and setting a new password."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import COGNITO_URL
from tests.page.visitor import Visitor
from tests.samples import PASSWORD

pytestmark = pytest.mark.slow

CODE = "The code from the mail"
WRONG_CODE = "This is not the code from the mail."


@pytest.mark.parametrize(
    ("password", "missing"),
    [("short", "length"), ("alllowercase1$", "uppercase"), ("NoDigits$$", "numeric")],
)
def test_weak_password_can_be_corrected(visitor: Visitor, password: str, missing: str) -> None:
    visitor.sign_up(password)
    visitor.expect_error("Password", "Choose a stronger password.")
    description = re.compile(missing, re.IGNORECASE)
    expect(visitor.field("Password")).to_have_accessible_description(description)
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)
    visitor.fill(Password=PASSWORD)
    visitor.press("Sign up")
    visitor.confirm()


@pytest.mark.parametrize("pattern", ["{} {}", " {}-{} ", "\u200b{}\u00a0{}", "Code: {}{}."])
def test_wrong_code_can_be_corrected_by_pasting(visitor: Visitor, pattern: str) -> None:
    visitor.sign_up_and_wait_for_code()
    visitor.submit_code("000000")
    visitor.expect_error(CODE, WRONG_CODE)
    code = visitor.mailed_code()
    visitor.submit_code(pattern.format(code[:3], code[3:]))
    visitor.expect_signed_in()


def test_new_code_can_be_requested_after_a_reload(visitor: Visitor) -> None:
    visitor.sign_up_and_wait_for_code()
    visitor.page.reload()
    visitor.expect_text("We sent a code to")
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field(CODE)).to_be_focused()
    for _ in range(2):
        visitor.press("Send a new code")
        visitor.expect_text("We sent a new code to")


def test_existing_name_is_an_error(visitor: Visitor, new_visitor: NewVisitor) -> None:
    visitor.sign_up_and_wait_for_code()
    stranger = new_visitor(name=visitor.name)
    stranger.sign_up()
    stranger.expect_error("Name", "This name is taken")


def test_sign_in_error_does_not_reveal_accounts(customer: Visitor) -> None:
    customer.sign_out()
    for name in (customer.name, "nobody-of-this-name"):
        customer.name = name
        customer.submit_sign_in("Wrong$word1")
        customer.expect_error("Password", "The name or the password is wrong.")
        customer.page.reload()


def test_unconfirmed_customer_is_asked_for_the_code(visitor: Visitor) -> None:
    visitor.sign_up_and_wait_for_code()
    visitor.press("Back to sign in")
    visitor.submit_sign_in(PASSWORD)
    visitor.expect_text("This account is not confirmed yet.")
    visitor.submit_code("123456")
    visitor.expect_signed_in()


def test_forgotten_password_is_reset_with_a_code(customer: Visitor) -> None:
    def set_password(code: str, password: str) -> None:
        customer.fill(The_code_from_the_mail=code, New_password=password)
        customer.press("Set password")

    customer.request_new_password()
    set_password("000000", "N3w$word")
    customer.expect_error(CODE, WRONG_CODE)
    code = customer.mailed_code()
    set_password(code, "weak")
    customer.expect_error("New password", "Choose a stronger password.")
    set_password(f"{code[:3]} {code[3:]}", "N3w$word")
    customer.expect_signed_in()


def test_password_reset_does_not_reveal_accounts(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.name = "nobody-of-this-name"
    visitor.submit_password_reset()
    visitor.expect_text("If there is an account of this name, we sent a code to")


_CONSTRAINT = (
    "1 validation error detected: Value at '{}' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: [\\S]+"
)
_NO_EMAIL = "Cannot reset password as there is no registered/verified email"


@pytest.mark.parametrize(
    ("submit", "message", "label", "text"),
    [
        (Visitor.sign_up, _CONSTRAINT.format("username"), "Name", "but no blanks"),
        (Visitor.sign_up, _CONSTRAINT.format("password"), "Password", "This password can’t"),
        (Visitor.sign_up, "Invalid email address format.", "E-mail", "This e-mail address can’t"),
        (Visitor.submit_password_reset, _NO_EMAIL, "Name", "never confirmed"),
        (Visitor.submit_password_reset, _CONSTRAINT.format("username"), "Name", "but no blanks"),
    ],
)
def test_invalid_parameter_is_explained(
    stub_visitor: NewVisitor,
    submit: Callable[[Visitor], None],
    message: str,
    label: str,
    text: str,
) -> None:
    visitor = stub_visitor("#sign-in", username=None)
    visitor.respond(
        COGNITO_URL,
        status=400,
        headers={"Access-Control-Allow-Origin": "*"},
        json={"__type": "InvalidParameterException", "message": message},
    )
    submit(visitor)
    visitor.expect_error(label, text)
    assert "regular expression" not in visitor.page.locator("main").inner_text()


def test_empty_fields_are_reported(stub_visitor: NewVisitor) -> None:
    visitor = stub_visitor("#sign-in", username=None)
    visitor.press("I am new here")
    visitor.press("Sign up")
    for label in ("Name", "E-mail", "Password"):
        visitor.expect_error(label, "Please fill this in.")
    expect(visitor.field("Name")).to_be_focused()


def test_invalid_email_address_is_reported(stub_visitor: NewVisitor) -> None:
    visitor = stub_visitor(username=None)
    visitor.email = "nobody"
    visitor.sign_up()
    visitor.expect_error("E-mail", "This does not look like an e-mail address.")


def test_password_can_be_shown(stub_visitor: NewVisitor) -> None:
    visitor = stub_visitor("#sign-in", username=None)
    visitor.fill(Password="Secret")
    for type_ in ("text", "password"):
        visitor.press("Show")
        expect(visitor.field("Password")).to_have_attribute("type", type_)


def test_sign_up_can_stay_signed_in_after_a_reload(visitor: Visitor) -> None:
    visitor.sign_up("weak")
    visitor.expect_error("Password", "Choose a stronger password.")
    visitor.field("Stay signed in on this phone").check()
    visitor.fill(Password=PASSWORD)
    visitor.press("Sign up")
    visitor.expect_text("We sent a code to")
    visitor.page.reload()
    visitor.submit_code(visitor.mailed_code())
    visitor.expect_text("Now your password, and you are signed in.")
    expect(visitor.field("Password")).to_be_focused()
    visitor.submit_sign_in(PASSWORD)
    visitor.expect_signed_in()
    tab = visitor.page.context.new_page()
    tab.goto(visitor.page.url)
    expect(tab.locator("#username")).to_have_text(visitor.name)


def test_code_of_another_account_asks_for_its_password(
    visitor: Visitor, new_visitor: NewVisitor
) -> None:
    other = new_visitor()
    other.sign_up_and_wait_for_code()
    visitor.sign_up_and_wait_for_code()
    requests = visitor.record_requests(visitor.cognito_url)
    visitor.fill(Name=other.name)
    visitor.submit_code(other.mailed_code())
    visitor.expect_text("Now your password")
    expect(visitor.field("Password")).to_have_value("")
    assert "InitiateAuth" not in [
        request.headers["x-amz-target"].split(".")[1] for request in requests
    ]


def test_locked_account_is_explained(stub_visitor: NewVisitor) -> None:
    visitor = stub_visitor("#sign-in", None)
    locked = {"__type": "NotAuthorizedException", "message": "Password attempts exceeded"}
    visitor.respond(
        COGNITO_URL, "POST", status=400, json=locked, headers={"Access-Control-Allow-Origin": "*"}
    )
    visitor.submit_sign_in(PASSWORD)
    visitor.expect_text("this account is locked for up to 15 minutes")
