"""Neither responses nor logs contain secrets or signs of the service's code.

`Target.request` searches every response. The fixture `target` searches the log after its last test.
"""

from tests.conftest import AddToReport
from tests.hardening.target import Target, User

_PROMISE = "Responses and logs reveal no secrets"


def test_log_contains_no_secret(target: Target, customer: User, add_to_report: AddToReport) -> None:
    target.request("GET", "/orders", customer)  # this may be the only test of the process
    assert target.requests_handled() > 0
    add_to_report(_PROMISE, f"lines of the log, {target.name}", target.expect_safe_log())
    add_to_report(_PROMISE, f"responses, {target.name}", target.requests_sent)
