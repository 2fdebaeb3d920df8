"""Nothing leaks: what attacks leave behind in answers and logs is searched for secrets.

Every answer is searched as it comes (`Target.ask`). The logs are read here, after all else in this
room has run: conftest.py sees to the order.
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


def test_no_refusal_says_whose_an_order_is_or_what_the_inside_looks_like(
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
    for refusal in refusals:  # beside what `ask` has searched them for
        assert set(refusal.json()) == {"Code", "Message"}
        assert "\n" not in refusal.text
        assert customer.username not in refusal.text


def test_the_answers_of_the_service_are_safe_to_read_in_a_browser(
    target: Target, customer: Person
) -> None:
    for answer in (target.ask("GET", "/orders", customer), target.ask("GET", "/order")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"


def test_no_log_line_has_a_secret(target: Target, customer: Person, tried: Tried) -> None:
    """Neither a token, a password nor a `sub`; and a failure that nobody planned was logged."""
    written = target.read_log()
    lines = written.splitlines()
    assert target.answered() > 0
    # A line may have a stack trace, for operators; after all these attacks none has.
    target.expect_no_secret(written)
    assert '"level":"ERROR"' not in written
    assert customer.sub in target.secrets
    tried(_PROMISE, f"lines of the log, {target.name}", len(lines))
    tried(_PROMISE, f"answers, {target.name}", target.asked)


@pytest.mark.parametrize("which", ["id_token", "sub"])
def test_the_search_would_find_a_secret(target: Target, customer: Person, which: str) -> None:
    with pytest.raises(AssertionError, match="tells"):
        target.expect_no_secret(f"... {getattr(customer, which)} ...")


def test_the_search_would_find_a_stack_trace(make_run: Target) -> None:
    (frame,) = traceback.format_stack(limit=1)
    for told in (frame, json.dumps({"Message": frame})):
        with pytest.raises(AssertionError, match="tells"):
            make_run.expect_no_secret(told)
