"""Nothing leaks: neither answers nor logs contain secrets or signs of the service's code.

`Target.ask` searches every answer. The fixture `target` searches the log after the last attack.
"""

import json
import traceback

import pytest

from tests.conftest import Tried
from tests.hardening import nasty
from tests.hardening.target import Person, Target
from tests.samples import order

_PROMISE = "Nothing leaks"
_JSON = {"Content-Type": "application/json"}


def test_a_refusal_does_not_say_whose_the_order_is(
    target: Target, customer: Person, barista: Person
) -> None:
    body = json.dumps({"order": order("whose")}).encode()
    assert target.ask("POST", "/order", customer, body=body, headers=_JSON).status_code == 201
    refusals = [
        target.ask("POST", "/order", barista, body=body, headers=_JSON),
        target.ask("DELETE", "/order?accountid=whose&vendorid=v0", barista),
        target.ask("GET", "/orders?vendorid=v0", customer),
        target.ask("POST", "/order", customer, body=nasty.BODIES["__proto__"][0], headers=_JSON),
    ]
    assert [refusal.status_code for refusal in refusals] == [403, 403, 403, 400]
    for refusal in refusals:
        assert set(refusal.json()) == {"Code", "Message"}
        assert "\n" not in refusal.text
        assert customer.username not in refusal.text


def test_answers_have_security_headers(target: Target, customer: Person) -> None:
    for answer in (target.ask("GET", "/orders", customer), target.ask("GET", "/order")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"


def test_the_log_tells_no_secret(target: Target, customer: Person, tried: Tried) -> None:
    """See also the fixture `target`, which repeats this after its last test."""
    assert customer.sub in target.secrets
    assert target.answered() > 0
    tried(_PROMISE, f"lines of the log, {target.name}", target.expect_safe_log())
    tried(_PROMISE, f"answers, {target.name}", target.asked)


@pytest.mark.parametrize("kind", ["id_token", "sub"])
def test_the_search_finds_secrets(target: Target, customer: Person, kind: str) -> None:
    with pytest.raises(AssertionError, match="tells"):
        target.expect_no_secret(f"... {getattr(customer, kind)} ...")


def test_the_search_finds_stack_traces(target: Target) -> None:
    (frame,) = traceback.format_stack(limit=1)
    for text in (frame, json.dumps({"Message": frame})):
        with pytest.raises(AssertionError, match="tells"):
            target.expect_no_secret(text)
