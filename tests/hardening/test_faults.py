"""With an unreliable table and late retries, no acknowledged write is lost."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FAULTS, FaultyTable
from tests.hardening.history import violations
from tests.hardening.target import Target, User, expect_status
from tests.hardening.traffic import Traffic
from tests.samples import shop_content

_PROMISE = "No acknowledged write is lost, and none is partial"
_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(3) for vendorid in _VENDORS]
_COFFEES = [f"Coffee {number}" for number in range(12)]


def test_histories_of_random_traffic_are_sound(
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


def test_changes_of_different_coffees_do_not_undo_each_other(
    faulty_target: Target,
    faulty_table: FaultyTable,
    seed: int,
    full: bool,
    add_to_report: AddToReport,
) -> None:
    """Each coffee has one writer, who must always see what was acknowledged to them last."""
    barista = faulty_target.sign_in("busy")
    sizes = [{"coffeesize": "Small", "unitprice": "4.50"}]
    menu = [{"coffeetype": coffee, "sizes": sizes} for coffee in _COFFEES]
    body = {"shop": shop_content() | {"menu": menu}}
    faulty_target.succeed("PUT", "/shop", barista, body, vendorid="busy")
    rounds = 60 if full else 6
    faulty_table.enabled = True
    toggle = partial(_toggle, faulty_target, barista, seed, rounds)
    with ThreadPoolExecutor(len(_COFFEES)) as pool:
        possible = dict(zip(_COFFEES, pool.map(toggle, _COFFEES), strict=True))
    faulty_table.stop_faults()
    shop = faulty_target.request("GET", "/shop", vendorid="busy").json()["shop"]
    for coffee in shop["menu"]:
        assert coffee["soldout"] in possible[coffee["coffeetype"]], (coffee, seed)
    attack = f"{len(_COFFEES)} coffees change at once while the table fails; seed {seed}"
    add_to_report(_PROMISE, attack, rounds * len(_COFFEES))


def _toggle(target: Target, barista: User, seed: int, rounds: int, coffee: str) -> set[bool]:
    """Change one coffee repeatedly; return the values that it may have at the end."""
    generator, possible = random.Random(f"{seed}{coffee}"), {False}
    for _ in range(rounds):
        value = generator.random() < 0.5
        body = {"soldout": {coffee: value}}
        response = target.request("PATCH", "/shop", barista, body, vendorid="busy")
        possible = {value} if response.ok else possible | {value}
        found = target.request("GET", "/shop", vendorid="busy")
        for answer in (response, found):
            expect_status(answer, 200, 429, 503)
            menu = answer.json()["shop"]["menu"] if answer.ok else []
            assert {each["soldout"] for each in menu if each["coffeetype"] == coffee} <= possible
    return possible
