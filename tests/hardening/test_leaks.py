"""Neither responses nor logs contain secrets or signs of the service's code.

`Target.request` searches every response. The fixture `target` searches the log after its last test.
"""

from tests.conftest import AddToReport
from tests.hardening.target import Target, User, expect_status
from tests.samples import order

_PROMISE = "Responses and logs reveal no secrets"


def test_errors_do_not_reveal_the_owner(target: Target, customer: User) -> None:
    key = {"accountid": "owned", "vendorid": "owned"}
    body = {"order": order(**key)}
    target.succeed("POST", "/order", customer, body)
    barista = target.sign_in("owned")
    for error in (
        target.request("POST", "/order", barista, body),
        target.request("DELETE", "/order", barista, **key),
        target.request("GET", "/orders", customer, vendorid="owned"),
    ):
        expect_status(error, 403)
        assert set(error.json()) == {"Code", "Message"}
        assert "\n" not in error.text
        assert customer.username not in error.text


def test_log_contains_no_secret(target: Target, customer: User, add_to_report: AddToReport) -> None:
    assert customer.sub in target.secrets
    target.request("GET", "/orders", customer)  # this may be the only test of the process
    assert target.requests_handled() > 0
    add_to_report(_PROMISE, f"lines of the log, {target.name}", target.expect_safe_log())
    add_to_report(_PROMISE, f"responses, {target.name}", target.requests_sent)
