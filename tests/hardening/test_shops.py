"""Many members of staff change one shop at the same time, also while the table fails."""

import itertools
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FaultyService
from tests.hardening.target import Target, User, expect_status
from tests.samples import shop_content

_PROMISE = "No acknowledged write is lost, and none is partial"
_STAFF = 12
_COFFEES = [f"Coffee {number}" for number in range(_STAFF)]
_numbers = itertools.count()


def content() -> dict[str, Any]:
    sizes = [{"coffeesize": "Small", "unitprice": "4.50"}]
    return {**shop_content(), "menu": [{"coffeetype": name, "sizes": sizes} for name in _COFFEES]}


def soldout(target: Target, vendorid: str) -> dict[str, bool]:
    menu = target.request("GET", "/shop", vendorid=vendorid).json()["shop"]["menu"]
    return {coffee["coffeetype"]: coffee["soldout"] for coffee in menu}


def race(send: Callable[[int], requests.Response]) -> list[int]:
    """Send twelve requests at once; return their statuses, sorted."""
    with ThreadPoolExecutor(_STAFF) as pool:
        return sorted(response.status_code for response in pool.map(send, range(_STAFF)))


def test_one_of_12_first_publications_and_edits_wins(
    target: Target, add_to_report: AddToReport
) -> None:
    vendorid = f"race{next(_numbers)}"
    barista = target.sign_in(vendorid)

    def publish(number: int, **headers: str) -> requests.Response:
        body = {"shop": {**content(), "name": f"Shop {number}"}}
        return target.request("PUT", "/shop", barista, body, headers, vendorid=vendorid)

    one_wins = [412] * (_STAFF - 1)
    assert race(lambda number: publish(number, **{"If-None-Match": "*"})) == [201, *one_wins]
    etag = target.request("GET", "/shop", vendorid=vendorid).headers["ETag"]
    assert race(lambda number: publish(number, **{"If-Match": etag})) == [200, *one_wins]
    etag = target.request("GET", "/shop", vendorid=vendorid).headers["ETag"]

    def close(number: int) -> requests.Response:
        body, headers = {"open": False, "note": f"Note {number}"}, {"If-Match": etag}
        return target.request("PATCH", "/shop", barista, body, headers, vendorid=vendorid)

    assert race(close) == [200, *one_wins]
    attack = f"{_STAFF} members of staff with one ETag of a shop, {target.name}"
    add_to_report("Nobody changes an order that they have not seen", attack, 3 * _STAFF)


def test_changes_of_different_coffees_do_not_undo_each_other(
    faulty_service: FaultyService, seed: int, full: bool, add_to_report: AddToReport
) -> None:
    """Each coffee has one writer, who must always see what was acknowledged to them last."""
    target, table = faulty_service
    barista = target.sign_in("busy")
    target.succeed("PUT", "/shop", barista, {"shop": content()}, vendorid="busy")
    rounds = 60 if full else 6
    table.enabled = True
    with ThreadPoolExecutor(_STAFF) as pool:
        writers = [
            pool.submit(_toggle, target, barista, coffee, random.Random(f"{seed}{coffee}"), rounds)
            for coffee in _COFFEES
        ]
        possible = {
            coffee: writer.result() for coffee, writer in zip(_COFFEES, writers, strict=True)
        }
    table.stop_faults()
    for coffee, is_soldout in soldout(target, "busy").items():
        assert is_soldout in possible[coffee], (coffee, seed)
    attack = f"{_STAFF} coffees change at once while the table fails; seed {seed}"
    add_to_report(_PROMISE, attack, rounds * _STAFF)


def _toggle(
    target: Target, barista: User, coffee: str, generator: random.Random, rounds: int
) -> set[bool]:
    """Change one coffee repeatedly; return the values that it may have at the end."""
    possible = {False}
    for _ in range(rounds):
        value = generator.random() < 0.5
        body = {"soldout": {coffee: value}}
        response = target.request("PATCH", "/shop", barista, body, vendorid="busy")
        expect_status(response, 200, 429, 503)
        possible = {value} if response.ok else possible | {value}
        found = target.request("GET", "/shop", vendorid="busy")
        expect_status(found, 200, 429, 503)
        for shop in [each.json()["shop"] for each in (response, found) if each.ok]:
            (is_soldout,) = [
                each["soldout"] for each in shop["menu"] if each["coffeetype"] == coffee
            ]
            assert is_soldout in possible, coffee
    return possible
