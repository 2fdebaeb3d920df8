"""Signing up, confirming, signing in and setting a new password."""

import re

import pytest
from playwright.sync_api import expect

from local.service import Service
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.visitor import Visitor
from tests.samples import PASSWORD


@pytest.mark.parametrize(
    ("password", "what_it_lacks"),
    [("short", "length"), ("alllowercase1$", "uppercase"), ("NoDigits$$", "numeric")],
)
def test_weak_password_can_be_corrected(
    visitor: Visitor, password: str, what_it_lacks: str
) -> None:
    visitor.sign_up(password)
    visitor.expect_error("Password", "Choose a stronger password.")
    expect(visitor.field("Password")).to_have_accessible_description(
        re.compile(what_it_lacks, re.IGNORECASE)
    )
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)
    visitor.fill(Password=PASSWORD)
    visitor.press("Sign up")
    visitor.confirm()


def test_wrong_code_can_be_corrected(visitor: Visitor) -> None:
    visitor.sign_up_and_wait_for_code()
    visitor.fill(The_code_from_the_mail="000000")
    visitor.press("Confirm")
    visitor.expect_error("The code from the mail", "This is not the code from the mail.")
    visitor.confirm()


def test_new_code_can_be_requested(visitor: Visitor) -> None:
    visitor.sign_up_and_wait_for_code()
    for _ in range(2):
        visitor.press("Send a new code")
        visitor.expect_text("We sent a new code to")


def test_existing_name_is_an_error(visitor: Visitor, new_visitor: NewVisitor) -> None:
    visitor.sign_up_and_wait_for_code()
    another = new_visitor(name=visitor.name)
    another.sign_up()
    another.expect_error("Name", "This name is taken")


def test_sign_in_error_does_not_reveal_accounts(customer: Visitor) -> None:
    customer.sign_out()
    customer.submit_sign_in("Wrong$word1")
    customer.expect_error("Password", "The name or the password is wrong.")
    customer.name = "nobody-of-this-name"
    customer.submit_sign_in("Wrong$word1")
    customer.expect_error("Password", "The name or the password is wrong.")


def test_unconfirmed_customer_is_asked_for_the_code(visitor: Visitor) -> None:
    visitor.sign_up_and_wait_for_code()
    visitor.press("Back to sign in")
    visitor.submit_sign_in(PASSWORD)
    visitor.expect_text("This account waits for its code")
    visitor.fill(The_code_from_the_mail="123456")
    visitor.press("Confirm")
    visitor.expect_signed_in()


def test_forgotten_password_is_reset_with_a_code(customer: Visitor) -> None:
    customer.request_new_password()
    customer.fill(The_code_from_the_mail="000000", New_password="N3w$word")
    customer.press("Set password")
    customer.expect_error("The code from the mail", "This is not the code from the mail.")
    customer.fill(The_code_from_the_mail=customer.mailed_code(), New_password="weak")
    customer.press("Set password")
    customer.expect_error("New password", "Choose a stronger password.")
    customer.fill(New_password="N3w$word")
    customer.press("Set password")
    customer.expect_signed_in()


def test_password_reset_does_not_reveal_accounts(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.press("I forgot my password")
    visitor.fill(Name="nobody-of-this-name")
    visitor.press("Send me a code")
    visitor.expect_text("If there is an account of this name, we sent a code to")


@pytest.mark.parametrize("pattern", ["{} {}", " {}-{} ", "\u200b{}\u00a0{}", "Code: {}{}."])
def test_pasted_code_is_cleaned(visitor: Visitor, pattern: str) -> None:
    visitor.sign_up_and_wait_for_code()
    code = visitor.mailed_code()
    visitor.fill(The_code_from_the_mail=pattern.format(code[:3], code[3:]))
    visitor.press("Confirm")
    visitor.expect_signed_in()


def test_pasted_code_for_a_new_password_is_cleaned(customer: Visitor) -> None:
    customer.request_new_password()
    code = customer.mailed_code()
    spaced = f"{code[:3]} {code[3:]}"
    customer.fill(The_code_from_the_mail=spaced, New_password="N3w$word")
    customer.press("Set password")
    customer.expect_signed_in()


_CONSTRAINT = (
    "1 validation error detected: Value at '{}' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: [\\S]+"
)


def reject_parameter(visitor: Visitor, service: Service, message: str) -> None:
    """Let Cognito reject each request with this message."""
    visitor.respond(
        f"{service.cloud.endpoint_url}/",
        status=400,
        headers={"Access-Control-Allow-Origin": "*"},
        json={"__type": "InvalidParameterException", "message": message},
    )


@pytest.mark.parametrize(
    ("message", "label", "text"),
    [
        (_CONSTRAINT.format("username"), "Name", "but no blanks"),
        (_CONSTRAINT.format("password"), "Password", "This password can’t be used"),
        ("Invalid email address format.", "E-mail", "This e-mail address can’t be used"),
    ],
)
def test_invalid_parameter_of_sign_up_is_explained(
    visitor: Visitor, service: Service, message: str, label: str, text: str
) -> None:
    reject_parameter(visitor, service, message)
    visitor.sign_up()
    visitor.expect_error(label, text)
    assert "regular expression" not in visitor.page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Cannot reset password as there is no registered/verified email", "never confirmed"),
        (_CONSTRAINT.format("username"), "but no blanks"),
    ],
)
def test_invalid_parameter_of_password_reset_is_explained(
    visitor: Visitor, service: Service, message: str, text: str
) -> None:
    reject_parameter(visitor, service, message)
    visitor.go_to("Sign in")
    visitor.press("I forgot my password")
    visitor.fill(Name="Ann B")
    visitor.press("Send me a code")
    visitor.expect_error("Name", text)


def test_empty_fields_are_reported(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.press("I am new here")
    visitor.press("Sign up")
    for label in ("Name", "E-mail", "Password"):
        visitor.expect_error(label, "Please fill this in.")
    expect(visitor.field("Name")).to_be_focused()


def test_invalid_email_address_is_reported(visitor: Visitor) -> None:
    visitor.email = "nobody"
    visitor.sign_up()
    visitor.expect_error("E-mail", "This does not look like an e-mail address.")


def test_password_can_be_shown(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.fill(Password="Secret")
    for kind in ("text", "password"):
        visitor.press("Show")
        expect(visitor.field("Password")).to_have_attribute("type", kind)
