"""GET, PUT and PATCH /shop: publishing a menu, opening and closing."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer
from tests.samples import offered, shop_content

Ask = Callable[..., HTTPResponse]


@pytest.fixture
def barista(barista_of: Callable[[str], Customer], vendorid: str) -> Customer:
    return barista_of(vendorid)


@pytest.fixture
def publish(client: Client, barista: Customer, vendorid: str) -> Ask:
    """Return a function that publishes a shop's content as its staff."""

    def publish(content: Any = None, **headers: str) -> HTTPResponse:
        content = shop_content() if content is None else content
        return client.http.put(
            f"/shop?vendorid={vendorid}",
            headers={
                "Authorization": barista.id_token,
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            body=json.dumps({"shop": content}).encode(),
        )

    return publish


@pytest.fixture
def change(send: Send, barista: Customer, vendorid: str) -> Ask:
    """Return a function that changes a shop as its staff."""
    return lambda **changes: send("PATCH", "/shop", barista, body=changes, vendorid=vendorid)


@pytest.fixture
def look(send: Send, vendorid: str) -> Callable[[], HTTPResponse]:
    return lambda: send("GET", "/shop", vendorid=vendorid)


def test_published_shop_can_be_read_by_anybody(publish: Ask, look: Ask, vendorid: str) -> None:
    assert look().status_code == 404
    created = publish()
    assert created.status_code == 201
    assert created.json_body == {"shop": offered(vendorid)}
    found = look()
    assert (found.status_code, found.json_body) == (200, created.json_body)
    assert found.headers["ETag"] == created.headers["ETag"]
    assert "ETag" in found.headers["Access-Control-Expose-Headers"]
    again = publish()
    assert (again.status_code, again.headers["ETag"]) == (200, found.headers["ETag"])


def test_only_staff_of_the_vendor_publish_and_change(
    send: Send, publish: Ask, barista_of: Callable[[str], Customer], vendorid: str
) -> None:
    publish()
    stranger = barista_of(f"next door to {vendorid}")
    body = {"shop": shop_content(name="Mine")}
    assert send("PUT", "/shop", stranger, body=body, vendorid=vendorid).status_code == 403
    changes = {"open": False}
    assert send("PATCH", "/shop", stranger, body=changes, vendorid=vendorid).status_code == 403
    assert send("PUT", "/shop", body=body, vendorid=vendorid).status_code == 401
    assert send("PATCH", "/shop", body=changes, vendorid=vendorid).status_code == 401
    assert send("GET", "/shop", vendorid=vendorid).json_body == {"shop": offered(vendorid)}


def test_edit_keeps_open_note_and_sold_out_coffees(
    publish: Ask, change: Ask, look: Ask, vendorid: str
) -> None:
    publish()
    closed = change(open=False, note="Back at 2", soldout=["Mocha", "Flat White"])
    assert closed.json_body["shop"] == offered(
        vendorid, open=False, note="Back at 2", soldout=["Mocha", "Flat White"]
    )
    edited = shop_content(name="New name")
    edited["menu"][1]["coffeetype"] = "Espresso"  # Mocha goes
    assert publish(edited).status_code == 200
    found = look().json_body["shop"]
    assert (found["name"], found["open"], found["note"]) == ("New name", False, "Back at 2")
    assert {each["coffeetype"]: each["soldout"] for each in found["menu"]} == {
        "Flat White": True,
        "Espresso": False,
    }
    publish()  # Mocha comes back, and is not sold out
    assert {each["coffeetype"]: each["soldout"] for each in look().json_body["shop"]["menu"]} == {
        "Flat White": True,
        "Mocha": False,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"open": False}, {"open": False}),
        ({"note": "Back at 2"}, {"note": "Back at 2"}),
        ({"note": ""}, {}),
        ({"soldout": ["Mocha"]}, {"soldout": ["Mocha"]}),
        ({"soldout": []}, {}),
        ({"open": True, "note": "x" * 100, "soldout": ["Mocha"]}, None),
    ],
)
def test_change_is_one_request_and_leaves_the_rest(
    publish: Ask,
    change: Ask,
    look: Ask,
    vendorid: str,
    dynamodb_requests: list[str],
    changes: dict[str, Any],
    expected: dict[str, Any] | None,
) -> None:
    publish()
    dynamodb_requests.clear()
    changed = change(**changes)
    assert dynamodb_requests == ["UpdateItem"]
    assert changed.json_body["shop"] == offered(
        vendorid, **(changes if expected is None else expected)
    )
    found = look()
    assert (found.json_body, found.headers["ETag"]) == (
        changed.json_body,
        changed.headers["ETag"],
    )


def test_shop_without_a_menu_cannot_change(change: Ask) -> None:
    assert change(open=False).status_code == 404
    assert change(soldout=["Mocha"]).status_code == 404


def test_unknown_coffee_cannot_be_sold_out(publish: Ask, change: Ask, look: Ask) -> None:
    publish()
    refused = change(soldout=["Mocha", "Moca"], open=False)
    assert refused.status_code == 409
    assert refused.json_body == {
        "Code": "NotOnMenuError",
        "Message": "soldout: Moca is not on the menu",
    }
    assert look().json_body["shop"]["open"] is True


def test_if_match_protects_a_colleagues_edit(publish: Ask, look: Ask) -> None:
    before = publish().headers["ETag"]
    assert publish(shop_content(name="First"), If_Match=before).status_code == 200
    refused = publish(shop_content(name="Second"), If_Match=before)
    assert (refused.status_code, refused.json_body["Code"]) == (412, "PreconditionFailedError")
    assert look().json_body["shop"]["name"] == "First"
    now = look().headers["ETag"]
    assert publish(shop_content(name="Second"), If_Match=f'"x", W/{now}').status_code == 200


@pytest.mark.parametrize("tag", ['"x"', "x", "", '""', 'W/"x"', "é"])
def test_if_match_of_another_version_is_refused(publish: Ask, look: Ask, tag: str) -> None:
    publish()
    assert publish(shop_content(name="New"), If_Match=tag).status_code == 412
    assert look().json_body["shop"]["name"] == "Harbour Coffee"


def test_if_match_of_a_shop_that_does_not_exist_is_refused(publish: Ask, look: Ask) -> None:
    for tag in ("*", '"x"'):
        assert publish(If_Match=tag).status_code == 412
    assert look().status_code == 404
    publish()
    assert publish(shop_content(name="New"), If_Match="*").status_code == 200


def test_closing_does_not_stand_in_the_way_of_an_edit(publish: Ask, change: Ask, look: Ask) -> None:
    read = publish().headers["ETag"]
    assert change(open=False).headers["ETag"] != read
    assert publish(shop_content(name="New"), If_Match=read).status_code == 200
    assert look().json_body["shop"]["open"] is False


def content(**changes: Any) -> dict[str, Any]:
    return {**shop_content(), **changes}


def coffee(name: Any = "Mocha", sizes: Any = None) -> dict[str, Any]:
    small = {"coffeesize": "Small", "unitprice": "4.50"}
    return {"coffeetype": name, "sizes": [small] if sizes is None else sizes}


def size(name: Any = "Small", price: Any = "4.50") -> dict[str, Any]:
    return {"coffeesize": name, "unitprice": price}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (content(name=""), "shop.name: "),
        (content(name=" x"), "shop.name: must have no control characters"),
        (content(name="x" * 65), "shop.name: expected str of length <= 64"),
        (content(currency="eur"), "shop.currency: must be the three letters of a currency"),
        (content(currency="ABC"), "shop.currency: must be the three letters of a currency"),
        (content(currency="D A"), "shop.currency: must be the three letters of a currency"),
        (content(currency=978), "shop.currency: "),
        (content(menu=[]), "shop.menu: expected array of length >= 1"),
        (content(menu=[coffee(f"c{n}") for n in range(51)]), "shop.menu: expected array of"),
        (content(menu=[coffee(sizes=[])]), "shop.menu[0].sizes: expected array of length >= 1"),
        (
            content(menu=[coffee(sizes=[size(f"s{n}") for n in range(6)])]),
            "shop.menu[0].sizes: expected array of length <= 5",
        ),
        (content(menu=[coffee(), coffee("x\n")]), "shop.menu[1].coffeetype: must have no control"),
        (content(menu=[coffee("x" * 65)]), "shop.menu[0].coffeetype: "),
        (content(menu=[coffee(sizes=[size("")])]), "shop.menu[0].sizes[0].coffeesize: "),
        (content(menu=[coffee(sizes=[size(price="4,50")])]), "shop.menu[0].sizes[0].unitprice: "),
        (content(menu=[coffee(sizes=[size(price=-1)])]), "shop.menu[0].sizes[0].unitprice: "),
        (content(menu=[coffee(sizes=[{"coffeesize": "x"}])]), "shop.menu[0].sizes[0].unitprice: "),
        (
            content(menu=[coffee("A"), coffee("B"), coffee("A")]),
            "shop.menu[2].coffeetype: A is on the menu twice",
        ),
        (
            content(menu=[coffee(sizes=[size(), size("L"), size()])]),
            "shop.menu[0].sizes[2].coffeesize: Mocha has Small twice",
        ),
        (content(open=True), "shop.open: is not a known field"),
        (content(menu=[{**coffee(), "soldout": True}]), "shop.menu[0].soldout: is not a known"),
        ({"name": "x", "currency": "EUR"}, "shop.menu: is missing"),
        ([], "shop: expected object, got array"),
    ],
)
def test_bad_content_is_refused(publish: Ask, look: Ask, bad: Any, message: str) -> None:
    refused = publish(bad)
    assert refused.status_code == 400
    assert refused.json_body["Message"].startswith(message)
    assert look().status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "The body must have at least one of open, note and soldout"),
        ({"open": "false"}, "open: expected bool, got str"),
        ({"open": None}, "open: expected bool, got null"),
        ({"note": None}, "note: expected str, got null"),
        ({"note": "x" * 101}, "note: expected str of length <= 100"),
        ({"note": "a\nb"}, "note: must have no control characters"),
        ({"note": " "}, "note: must have no control characters"),
        ({"note": "\n"}, "note: must have no control characters"),
        ({"soldout": "Mocha"}, "soldout: expected array, got str"),
        ({"soldout": [""]}, "soldout[0]: expected str of length >= 1"),
        ({"soldout": [f"c{n}" for n in range(51)]}, "soldout: expected array of length <= 50"),
        ({"name": "x"}, "name: is not a known field"),
    ],
)
def test_bad_change_is_refused(
    publish: Ask, change: Ask, look: Ask, changes: dict[str, Any], message: str
) -> None:
    publish()
    before = look().json_body
    refused = change(**changes)
    assert refused.status_code == 400
    assert refused.json_body["Message"].startswith(message)
    assert look().json_body == before


def test_largest_menu(publish: Ask, look: Ask, change: Ask) -> None:
    names = [f"{at:02}{'c' * 62}" for at in range(50)]
    menu = [coffee(name, [size(f"s{n}") for n in range(5)]) for name in names]
    assert publish(content(menu=menu)).status_code == 201
    assert [each["coffeetype"] for each in look().json_body["shop"]["menu"]] == names
    changed = change(soldout=names)
    assert all(each["soldout"] for each in changed.json_body["shop"]["menu"])
    assert publish().status_code == 200  # all of them go, with their marks


def test_content_larger_than_16_kib_is_refused(publish: Ask) -> None:
    menu = [
        coffee(f"{at:02}{'c' * 62}", [size("s" * 60 + str(n)) for n in range(5)])
        for at in range(50)
    ]
    assert publish(content(menu=menu)).status_code == 413


def test_prices_are_returned_as_they_were_sent(publish: Ask, look: Ask) -> None:
    body = content(menu=[coffee(sizes=[size("A", 4.5), size("B", "4.50"), size("C", 0)])])
    publish(copy.deepcopy(body))
    sizes = look().json_body["shop"]["menu"][0]["sizes"]
    assert [each["unitprice"] for each in sizes] == ["4.5", "4.50", "0"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
@pytest.mark.parametrize("query", ["", "vendorid=", "vendorid=a&vendorid=b", "vendorid=a&x=1"])
def test_query_names_one_vendor(client: Client, barista: Customer, method: str, query: str) -> None:
    headers = {"Authorization": barista.id_token, "Content-Type": "application/json"}
    answer = client.http.request(method, f"/shop?{query}", headers=headers, body=b"{}")
    assert answer.status_code == 400
    assert "vendorid: " in answer.json_body["Message"] or "x: " in answer.json_body["Message"]


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a,vendor-b", "Zoë", "☕"])
def test_vendor_of_any_name_has_a_shop(
    send: Send, barista_of: Callable[[str], Customer], vendorid: str, name: str
) -> None:
    key = f"{name}{vendorid}"
    body = {"shop": shop_content()}
    assert send("PUT", "/shop", barista_of(key), body=body, vendorid=key).status_code == 201
    assert send("GET", "/shop", vendorid=key).json_body["shop"]["vendorid"] == key


def test_requests_to_dynamodb(publish: Ask, look: Ask, dynamodb_requests: list[str]) -> None:
    publish()
    assert dynamodb_requests == ["GetItem", "UpdateItem"]
    dynamodb_requests.clear()
    look()
    assert dynamodb_requests == ["GetItem"]


def test_change_that_was_delayed_does_not_undo_a_later_one(
    cloud: Cloud, publish: Ask, change: Ask, vendorid: str
) -> None:
    """A colleague's change, by a server whose clock is ahead, is stored as the later one."""
    publish()
    change(open=False)

    def store(changed_at: datetime) -> None:
        cloud.dynamodb.update_item(
            TableName="shops",
            Key={"vendorid": {"S": vendorid}},
            UpdateExpression="SET changed_at = :changed_at",
            ExpressionAttributeValues={
                ":changed_at": {"S": changed_at.isoformat(timespec="microseconds")}
            },
        )

    store(datetime.now(UTC) + timedelta(hours=1))
    refused = change(open=True)
    assert (refused.status_code, refused.json_body["Code"]) == (409, "ConflictError")
    store(datetime.now(UTC) - timedelta(microseconds=1))
    assert change(open=True).json_body["shop"]["open"] is True
