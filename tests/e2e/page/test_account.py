"""Signing up, confirming, signing in: what goes wrong is said where it went wrong."""

import re

import pytest
from playwright.sync_api import expect

from local.service import Service
from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.people import code_mailed_to
from tests.samples import PASSWORD


@pytest.mark.parametrize(
    ("password", "what_it_lacks"),
    [("short", "length"), ("alllowercase1$", "uppercase"), ("NoDigits$$", "numeric")],
)
def test_a_weak_password_is_refused_with_what_it_lacks(
    visitor: Visitor, password: str, what_it_lacks: str
) -> None:
    visitor.sign_up(password)
    visitor.complains("Password", "Choose a stronger password.")
    expect(visitor.field("Password")).to_have_accessible_description(
        re.compile(what_it_lacks, re.IGNORECASE)
    )
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)


def test_after_a_weak_password_a_strong_one_goes_on(visitor: Visitor) -> None:
    visitor.sign_up("short")
    visitor.complains("Password", "Choose a stronger password.")
    visitor.fill(Password=PASSWORD)
    visitor.press("Sign up")
    visitor.confirm()


def test_a_wrong_code_is_refused_and_the_right_one_still_works(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    visitor.fill(The_code_from_the_mail="000000")
    visitor.press("Confirm")
    visitor.complains("The code from the mail", "This is not the code from the mail.")
    visitor.confirm()


def test_a_new_code_is_sent_on_request(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    visitor.press("Send a new code")
    visitor.says("We sent a new code to")
    visitor.press("Send a new code")
    visitor.says("We sent a new code to")


def test_a_name_that_is_taken_is_said_at_the_name(
    visitor: Visitor, new_visitor: NewVisitor
) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    another = new_visitor()
    another.name = visitor.name
    another.sign_up()
    another.complains("Name", "This name is taken")


def test_a_wrong_password_says_neither_which_of_the_two_is_wrong(
    sign_in: NewVisitor,
) -> None:
    customer = sign_in()
    customer.press("Sign out")
    customer.go_to("Sign in")
    customer.fill(Name=customer.name, Password="Wrong$word1")
    customer.page.locator("#sign-in-form button:not([type])").click()
    customer.complains("Password", "The name or the password is wrong.")
    customer.fill(Name="nobody-of-this-name")
    customer.page.locator("#sign-in-form button:not([type])").click()
    customer.complains("Password", "The name or the password is wrong.")


def test_who_signs_in_before_confirming_is_led_to_the_code(
    visitor: Visitor,
) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    visitor.press("Back to sign in")
    visitor.fill(Name=visitor.name, Password=PASSWORD)
    visitor.page.locator("#sign-in-form button:not([type])").click()
    visitor.says("This account waits for its code")
    visitor.fill(The_code_from_the_mail="123456")
    visitor.press("Confirm")
    visitor.is_signed_in()


def test_who_forgot_the_password_sets_a_new_one_with_a_code(
    sign_in: NewVisitor, service: Service
) -> None:
    customer = sign_in()
    customer.press("Sign out")
    customer.go_to("Sign in")
    customer.fill(Name=customer.name)
    customer.press("I forgot my password")
    customer.press("Send me a code")
    customer.says("If there is an account of this name, we sent a code to")
    customer.fill(The_code_from_the_mail="000000", New_password="N3w$word")
    customer.press("Set password")
    customer.complains("The code from the mail", "This is not the code from the mail.")
    code = code_mailed_to(service.cloud, customer.email)
    customer.fill(The_code_from_the_mail=code, New_password="weak")
    customer.press("Set password")
    customer.complains("New password", "Choose a stronger password.")
    customer.fill(New_password="N3w$word")
    customer.press("Set password")
    customer.is_signed_in()


def test_asking_for_a_new_password_does_not_tell_who_has_an_account(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.press("I forgot my password")
    visitor.fill(Name="nobody-of-this-name")
    visitor.press("Send me a code")
    visitor.says("If there is an account of this name, we sent a code to")


_CONSTRAINT = (
    "1 validation error detected: Value at '{}' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: [\\S]+"
)


@pytest.mark.parametrize(
    ("message", "label", "words"),
    [
        (_CONSTRAINT.format("username"), "Name", "but no blanks"),
        (_CONSTRAINT.format("password"), "Password", "This password can’t be used"),
        ("Invalid email address format.", "E-mail", "This e-mail address can’t be used"),
    ],
)
def test_a_value_that_cognito_cannot_use_is_explained_without_a_pattern(
    visitor: Visitor, service: Service, message: str, label: str, words: str
) -> None:
    refusal = {"__type": "InvalidParameterException", "message": message}
    cors = {"Access-Control-Allow-Origin": "*"}
    visitor.page.route(
        f"{service.cloud.endpoint_url}/",
        lambda route: route.fulfill(status=400, headers=cors, json=refusal),
    )
    visitor.sign_up()
    visitor.complains(label, words)
    assert "regular expression" not in visitor.page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Cannot reset password as there is no registered/verified email", "never confirmed"),
        (_CONSTRAINT.format("username"), "but no blanks"),
    ],
)
def test_a_forgotten_password_claims_only_what_is_known(
    visitor: Visitor, service: Service, message: str, words: str
) -> None:
    refusal = {"__type": "InvalidParameterException", "message": message}
    cors = {"Access-Control-Allow-Origin": "*"}
    visitor.page.route(
        f"{service.cloud.endpoint_url}/",
        lambda route: route.fulfill(status=400, headers=cors, json=refusal),
    )
    visitor.go_to("Sign in")
    visitor.press("I forgot my password")
    visitor.fill(Name="Ann B")
    visitor.press("Send me a code")
    visitor.complains("Name", words)


@pytest.mark.parametrize("label", ["Name", "E-mail", "Password"])
def test_a_field_left_empty_is_pointed_at(visitor: Visitor, label: str) -> None:
    visitor.go_to("Sign in")
    visitor.press("I am new here")
    visitor.press("Sign up")
    visitor.complains(label, "Please fill this in.")
    expect(visitor.field("Name")).to_be_focused()


def test_an_address_that_is_none_is_pointed_at(visitor: Visitor) -> None:
    visitor.email = "nobody"
    visitor.sign_up()
    visitor.complains("E-mail", "This does not look like an e-mail address.")


def test_a_stale_token_is_renewed_before_it_is_used(customer: Visitor, shop: str) -> None:
    customer.page.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage["coffee-orders.session"]);
          sessionStorage["coffee-orders.session"] = JSON.stringify({ ...kept, staleAt: 0 });
        }"""
    )
    customer.page.reload()
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    stale_at = customer.page.evaluate("JSON.parse(sessionStorage['coffee-orders.session']).staleAt")
    assert stale_at > 0


def test_a_login_that_has_lapsed_asks_to_sign_in_and_keeps_the_order(
    customer: Visitor, shop: str
) -> None:
    customer.fill(Coffee="Mocha", Shop=shop)
    customer.page.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage["coffee-orders.session"]);
          const worthless = { ...kept, refreshToken: "worthless", staleAt: 0 };
          sessionStorage["coffee-orders.session"] = JSON.stringify(worthless);
        }"""
    )
    customer.page.reload()
    expect(customer.page.locator("#sign-in-form")).to_be_visible()
    customer.says("Your sign-in has expired")
    customer.sign_in()
    expect(customer.field("Coffee")).to_have_value("Mocha")
    expect(customer.field("Shop")).to_have_value(shop)
