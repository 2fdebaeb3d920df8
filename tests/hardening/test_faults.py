"""Histories of random traffic with an unreliable table, and with late retries, are sound."""

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FAULTS, FaultyService
from tests.hardening.history import violations
from tests.hardening.traffic import Traffic, sign_in_users

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(3) for vendorid in _VENDORS]
_WORKERS = 8


def test_acknowledged_write_is_never_lost(
    faulty_service: FaultyService, seed: int, full: bool, add_to_report: AddToReport
) -> None:
    target, table = faulty_service
    traffic = Traffic(target.api_url, sign_in_users(target, *_VENDORS), _KEYS)
    table.enabled = True
    traffic.run(seed, _WORKERS, count=10_000 if full else 200)
    table.stop_faults()
    traffic.look_up_all()

    failures = sum(request.may_fail for request in traffic.history)
    kinds = f"{len(FAULTS)} kinds of faults, {table.fault_counts.total():,} in all"
    description = f"{kinds}; {failures:,} responses were 429 or 503"
    for promise in ("No acknowledged write is lost", "No late retry undoes a change"):
        add_to_report(promise, description, len(traffic.history))
    problems = violations(traffic.history, table.writes)
    report = [f"Repeat: --seed {seed}", f"faults: {dict(table.fault_counts)}", *problems]
    assert not problems, "\n".join(report)
    if full:
        assert failures
        assert set(table.fault_counts) == set(FAULTS)
