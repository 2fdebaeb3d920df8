"""Neither responses nor logs contain secrets or signs of the service's code.

`Target.request` searches every response. The fixture `target` searches the log after its last test.
"""

import json
import traceback

import pytest

from tests.conftest import AddToReport
from tests.hardening import nasty
from tests.hardening.target import Target, User
from tests.samples import order

_PROMISE = "Responses and logs reveal no secrets"


def test_errors_do_not_reveal_the_owner(target: Target, customer: User, barista: User) -> None:
    body = {"order": order("owned")}
    assert target.request("POST", "/order", customer, body).status_code == 201
    errors = [
        target.request("POST", "/order", barista, body),
        target.request("DELETE", "/order?accountid=owned&vendorid=v0", barista),
        target.request("GET", "/orders?vendorid=v0", customer),
        target.request("POST", "/order", customer, nasty.BODIES["__proto__"][0]),
    ]
    assert [error.status_code for error in errors] == [403, 403, 403, 400]
    for error in errors:
        assert set(error.json()) == {"Code", "Message"}
        assert "\n" not in error.text
        assert customer.username not in error.text


def test_responses_have_security_headers(target: Target, customer: User) -> None:
    for response in (target.request("GET", "/orders", customer), target.request("GET", "/order")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Type"] == "application/json"


def test_log_contains_no_secret(target: Target, customer: User, add_to_report: AddToReport) -> None:
    assert customer.sub in target.secrets
    target.request("GET", "/orders", customer)  # this may be the only test of the process
    assert target.requests_handled() > 0
    add_to_report(_PROMISE, f"lines of the log, {target.name}", target.expect_safe_log())
    add_to_report(_PROMISE, f"responses, {target.name}", target.requests_sent)


def test_search_finds_secrets_and_stack_traces(target: Target, customer: User) -> None:
    (frame,) = traceback.format_stack(limit=1)
    for text in (customer.id_token, customer.sub, frame, json.dumps({"Message": frame})):
        with pytest.raises(AssertionError, match="leaks"):
            target.expect_no_secret(f"... {text} ...")
