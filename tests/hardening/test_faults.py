"""Histories of random traffic with an unreliable table, and with late retries, are sound."""

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FAULTS, FaultyTable
from tests.hardening.history import violations
from tests.hardening.target import Target, expect_status
from tests.hardening.traffic import Traffic
from tests.samples import shop_content

_PROMISE = "No acknowledged write is lost, and none is partial"
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
    for promise in (_PROMISE, "No late retry undoes a change"):
        add_to_report(promise, description, len(traffic.history))
    problems = violations(traffic.history, faulty_table.writes)
    assert not problems, "\n".join([f"Repeat: --seed {seed}", f"faults: {dict(counts)}", *problems])
    if full:
        assert failures
        assert set(counts) == set(FAULTS)


def test_colleagues_keep_each_others_marks(
    faulty_target: Target, faulty_table: FaultyTable, full: bool, add_to_report: AddToReport
) -> None:
    """Twelve colleagues mark a coffee each, and mark it again until it is acknowledged."""
    target, rounds, query = faulty_target, 60 if full else 6, {"vendorid": "busy"}
    barista, coffees = target.sign_in("busy"), [f"Coffee {number}" for number in range(12)]
    sizes = [{"coffeesize": "Small", "unitprice": "4.50"}]
    menu = [{"coffeetype": name, "sizes": sizes} for name in coffees]
    target.succeed("PUT", "/shop", barista, {"shop": {**shop_content(), "menu": menu}}, **query)

    def mark(number: int) -> None:
        for round_ in range(number, number + rounds):
            body = {"soldout": {coffees[number]: round_ % 2 == 1}}
            while not (response := target.request("PATCH", "/shop", barista, body, **query)).ok:
                expect_status(response, 429, 503)
            stored = response.json()["shop"]["menu"][number]
            assert stored["soldout"] == (round_ % 2 == 1), stored

    faulty_table.enabled = True
    with ThreadPoolExecutor(len(coffees)) as pool:
        list(pool.map(mark, range(len(coffees))))
    faulty_table.stop_faults()
    menu = target.request("GET", "/shop", **query).json()["shop"]["menu"]
    assert [coffee["soldout"] for coffee in menu] == 6 * [True, False]
    attack = "changes of twelve coffees at once, while the table fails"
    add_to_report(_PROMISE, attack, rounds * len(coffees))
