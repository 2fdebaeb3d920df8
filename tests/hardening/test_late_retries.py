"""A repeated order never undoes a change, however late it arrives."""

from tests.conftest import Tried
from tests.hardening.history import violations
from tests.hardening.target import Target
from tests.hardening.traffic import DATES, Traffic, sign_in_users


def test_late_retries_undo_nothing(make_run: Target, seed: int, full: bool, tried: Tried) -> None:
    users = sign_in_users(make_run, "late")
    traffic = Traffic(make_run.api_url, users, [(f"of {kind}", "late") for kind in DATES])
    traffic.weights["repeat_order"] = 40
    traffic.run(seed, 1, count=15_000 if full else 500)
    traffic.look_up_all()
    description = f"late duplicates of {len(DATES)} customers' POSTs among newer ones and changes"
    tried("No late retry undoes a change", description, len(traffic.history))
    problems = violations(traffic.history)
    assert not problems, "\n".join([f"Repeat: --seed {seed}", *problems])
