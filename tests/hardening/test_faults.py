"""Histories of random traffic with an unreliable table, and with late retries, are sound."""

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FAULTS, FaultyTable
from tests.hardening.history import violations
from tests.hardening.target import Target
from tests.hardening.traffic import Traffic

_KEYS = [(f"a{number}", vendorid) for number in range(3) for vendorid in ("v0", "v1")]


def test_acknowledged_write_is_never_lost(
    faulty_target: Target,
    faulty_table: FaultyTable,
    seed: int,
    full: bool,
    add_to_report: AddToReport,
) -> None:
    traffic = Traffic(faulty_target, _KEYS)
    faulty_table.enabled = True
    traffic.run(seed, count=10_000 if full else 200)
    faulty_table.stop_faults()
    traffic.look_up_all()

    counts = faulty_table.fault_counts
    failures = sum(request.may_fail for request in traffic.history)
    description = f"{len(FAULTS)} kinds of faults, {counts.total():,} in all"
    description += f"; {failures:,} responses were 429 or 503"
    for promise in (
        "No acknowledged write is lost, and none is partial",
        "No late retry undoes a change",
    ):
        add_to_report(promise, description, len(traffic.history))
    problems = violations(traffic.history, faulty_table.writes)
    assert not problems, "\n".join([f"Repeat: --seed {seed}", f"faults: {dict(counts)}", *problems])
    if full:
        assert failures
        assert set(counts) == set(FAULTS)
