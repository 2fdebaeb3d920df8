"""GET, PUT and PATCH /shop: publishing a menu, opening and closing a shop."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, error
from tests.fixtures import Cloud
from tests.samples import shop_content, shop_response


def get_shop(api: Api) -> Any:
    return api.get_shop().json_body["shop"]


def soldout(api: Api) -> dict[str, bool]:
    """Return whether each coffee on the menu is sold out."""
    return {coffee["coffeetype"]: coffee["soldout"] for coffee in get_shop(api)["menu"]}


def test_published_shop_can_be_read_by_anybody(api: Api) -> None:
    assert api.get_shop().status_code == 404
    assert api.change_shop(open=False).status_code == 404
    assert api.change_shop(soldout={"Mocha": True}).status_code == 404
    first_response = api.publish()
    assert first_response.status_code == 201
    assert first_response.json_body == {"shop": shop_response(api.vendorid)}
    shop = api.get_shop()
    assert shop.status_code == 200
    assert shop.json_body == {"shop": {**first_response.json_body["shop"], "waiting": 0}}
    assert shop.headers["ETag"] == first_response.headers["ETag"]
    second_response = api.publish()
    assert second_response.status_code == 200
    assert second_response.headers["ETag"] == shop.headers["ETag"]


def test_edit_keeps_open_note_and_sold_out_coffees(api: Api) -> None:
    api.publish()
    api.change_shop(open=False, note="Back at 2", soldout={"Mocha": True, "Flat White": True})
    content = shop_content(name="New name")
    content["menu"][1]["coffeetype"] = "Espresso"  # instead of Mocha
    assert api.publish(content).status_code == 200
    shop = get_shop(api)
    assert (shop["name"], shop["open"], shop["note"]) == ("New name", False, "Back at 2")
    assert soldout(api) == {"Flat White": True, "Espresso": False}
    api.publish()  # adds Mocha again, which is not sold out any more
    assert soldout(api) == {"Flat White": True, "Mocha": False}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"open": False}, {"open": False}),
        ({"note": "Back at 2"}, {"note": "Back at 2"}),
        ({"note": ""}, {}),
        ({"soldout": {"Mocha": True}}, {"soldout": ["Mocha"]}),
        ({"soldout": {"Mocha": False}}, {}),
        ({"soldout": {}}, {}),
        ({"open": True, "note": "x" * 100}, {"note": "x" * 100}),
    ],
)
def test_change_keeps_the_rest(api: Api, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    api.publish()
    response = api.change_shop(**changes)
    assert response.json_body["shop"] == shop_response(api.vendorid, **expected)
    shop = api.get_shop()
    assert shop.json_body["shop"] == {**response.json_body["shop"], "waiting": 0}
    assert shop.headers["ETag"] == response.headers["ETag"]


def test_only_named_coffees_change(api: Api) -> None:
    api.publish()
    api.change_shop(soldout={"Mocha": True})
    api.change_shop(soldout={"Flat White": True})
    assert soldout(api) == {"Flat White": True, "Mocha": True}
    api.change_shop(soldout={"Mocha": False})
    assert soldout(api) == {"Flat White": True, "Mocha": False}


@pytest.mark.parametrize("is_soldout", [True, False])
def test_unknown_coffee_is_rejected_with_the_menu(api: Api, is_soldout: bool) -> None:
    api.publish()
    response = api.change_shop(soldout={"Mocha": True, "Moca": is_soldout}, open=False)
    assert response.status_code == 409
    assert response.json_body == {
        "Code": "NotOnMenuError",
        "Message": "soldout: Moca: the menu has Flat White, Mocha",
    }
    assert get_shop(api)["open"] is True
    assert soldout(api) == {"Flat White": False, "Mocha": False}


@pytest.fixture
def etags(api: Api) -> dict[str, str]:
    """Publish a menu and close the shop; return the ETags of both states, and two others."""
    published = api.publish().headers["ETag"]
    closed = api.change_shop(open=False).headers["ETag"]
    return {"published": published, "closed": closed, "other": '"x"', "any": "*"}


@pytest.mark.parametrize(
    ("method", "if_match", "status"),
    [
        # PUT compares the menu, not whether the shop is open.
        ("PUT", "{published}", 200),
        ("PUT", "{closed}", 200),
        ("PUT", "{any}", 200),
        ("PUT", "{other}, {closed}", 200),
        ("PUT", "{other}", 412),
        ("PUT", "W/{closed}", 412),
        ("PUT", "closed", 400),
        # PATCH compares all of the shop.
        ("PATCH", "{closed}", 200),
        ("PATCH", "{any}", 200),
        ("PATCH", "{other}, {closed}", 200),
        ("PATCH", "{published}", 412),
        ("PATCH", "{other}", 412),
        ("PATCH", "W/{closed}", 412),
        ("PATCH", "closed", 400),
    ],
)
def test_if_match_compares_the_shop(
    api: Api, etags: dict[str, str], method: str, if_match: str, status: int
) -> None:
    before = get_shop(api)
    body = {"shop": shop_content(name="New")} if method == "PUT" else {"note": "New"}
    headers: dict[str, str | None] = {"If-Match": if_match.format(**etags)}
    response = api.send(
        method, "/shop", api.barista, body=body, headers=headers, vendorid=api.vendorid
    )
    assert response.status_code == status
    assert (get_shop(api) != before) == (status == 200)


def test_second_edit_of_the_same_menu_is_rejected(api: Api) -> None:
    etag = api.publish().headers["ETag"]
    assert api.publish(shop_content(name="First"), If_Match=etag).status_code == 200
    response = api.publish(shop_content(name="Second"), If_Match=etag)
    assert (response.status_code, response.json_body["Code"]) == (412, "PreconditionFailedError")
    assert get_shop(api)["name"] == "First"


def test_preconditions_of_a_first_publication(api: Api) -> None:
    for if_match in ("*", '"x"'):
        assert api.publish(If_Match=if_match).status_code == 412
    assert api.get_shop().status_code == 404
    assert api.publish(If_None_Match="*").status_code == 201
    response = api.publish(shop_content(name="Second"), If_None_Match="*")
    assert (response.status_code, response.json_body["Code"]) == (412, "PreconditionFailedError")
    assert get_shop(api)["name"] == "Harbour Coffee"


@pytest.fixture
def before_write(api: Api, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001
    """Return a function that runs another request between the next read and write of a shop."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    update_item = dynamodb.update_item

    def before_write(request: Callable[[], Any]) -> None:
        def run_first(*arguments: Any, **expressions: Any) -> Any:
            monkeypatch.setattr(dynamodb, "update_item", update_item)
            request()
            return update_item(*arguments, **expressions)

        monkeypatch.setattr(dynamodb, "update_item", run_first)

    return before_write


def test_later_of_two_first_publications_replaces_the_other(api: Api, before_write: Any) -> None:
    before_write(api.publish)
    assert api.publish(shop_content(name="Later")).status_code == 200
    assert get_shop(api)["name"] == "Later"


def test_one_of_two_first_publications_wins_with_if_none_match(api: Api, before_write: Any) -> None:
    before_write(api.publish)
    assert api.publish(If_None_Match="*").status_code == 412


def test_change_during_a_publication_leaves_nothing_behind(api: Api, before_write: Any) -> None:
    api.publish()
    before_write(lambda: api.change_shop(soldout={"Mocha": True, "Flat White": True}))
    content = shop_content()
    without_mocha = {**content, "menu": content["menu"][:1]}
    assert api.publish(without_mocha).status_code == 200
    assert soldout(api) == {"Flat White": True}
    api.publish()
    assert soldout(api) == {"Flat White": True, "Mocha": False}


def test_two_changes_at_the_same_moment_both_count(api: Api, before_write: Any) -> None:
    api.publish()
    before_write(lambda: api.change_shop(soldout={"Mocha": True}))
    assert api.change_shop(open=False).status_code == 200
    assert get_shop(api)["open"] is False
    assert soldout(api) == {"Flat White": False, "Mocha": True}


def test_if_match_is_checked_against_a_change_at_the_same_time(api: Api, before_write: Any) -> None:
    etag = api.publish().headers["ETag"]
    before_write(lambda: api.change_shop(open=False))
    response = api.send(
        "PATCH",
        "/shop",
        api.barista,
        body={"note": "Back at 2"},
        headers={"If-Match": etag},
        vendorid=api.vendorid,
    )
    assert response.status_code == 412
    assert get_shop(api)["note"] == ""


def test_own_attempt_is_recognized_below_a_later_change(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK repeats a write whose response was lost, after a colleague has changed the shop."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    api.publish()
    write = dynamodb.update_item

    def lose_response(*arguments: Any, **expressions: Any) -> Any:
        monkeypatch.setattr(dynamodb, "update_item", write)
        write(*arguments, **expressions)
        api.change_shop(open=True, note="Open after all")
        return write(*arguments, **expressions)

    monkeypatch.setattr(dynamodb, "update_item", lose_response)
    assert api.change_shop(open=False).status_code == 200
    assert (get_shop(api)["open"], get_shop(api)["note"]) == (True, "Open after all")


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a,vendor-b", "Zoë", "☕"])
def test_unusual_vendor_id_is_accepted(api: Api, name: str) -> None:
    api.vendorid = f"{name}{api.vendorid}"
    assert api.publish().status_code == 201
    assert get_shop(api)["vendorid"] == api.vendorid


def test_slow_table_is_503_before_the_function_times_out(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.publish()
    monkeypatch.setattr("chalicelib.shops_table._LATEST_WRITE", -1.0)
    for response in (api.publish(), api.change_shop(open=False), api.place()):
        assert response.status_code == 503


def test_lookup_counts_the_orders_that_the_shop_has_to_make(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    statuses = ["placed", "preparing", "preparing", "ready", "collected", "cancelled"]
    for number, status in enumerate(statuses):
        api.accountid = f"a{number}"
        api.place_with_status(status)
    api.publish()
    assert get_shop(api)["waiting"] == 3
    api.accountid = "another"
    api.place(coffeetype="Mocha", unitprice="5")
    now += 4.9
    assert get_shop(api)["waiting"] == 3
    now += 0.2
    assert get_shop(api)["waiting"] == 4


def test_waiting_orders_are_counted_up_to_100(api: Api, cloud: Cloud) -> None:
    api.publish()
    for number in range(102):
        item = {"accountid": f"a{number}", "vendorid": api.vendorid, "status": "placed"}
        item |= {"shop_queue": f"open:{api.vendorid}", "placed_at": f"{number:04}"}
        attributes = {name: {"S": value} for name, value in item.items()}
        cloud.dynamodb.put_item(TableName="orders", Item=attributes)
    assert get_shop(api)["waiting"] == 101


def test_qr_code_needs_a_menu(api: Api) -> None:
    def get_qr_code(host: str = "coffee.example") -> HTTPResponse:
        headers: dict[str, str | None] = {"Host": host}
        return api.send("GET", "/shop/qr.svg", headers=headers, vendorid=api.vendorid)

    assert error(get_qr_code()) == (404, "This vendor has published no menu")
    api.publish()
    response = get_qr_code()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    message = "The address of the shop's page is too long for a QR code"
    assert error(get_qr_code("x" * 3000)) == (400, message)


@pytest.mark.parametrize(
    "changes", [{"open": False}, {"note": "Back at 2"}, {"soldout": {"Mocha": True}}]
)
def test_each_change_renews_the_etag(api: Api, changes: dict[str, Any]) -> None:
    etag = api.publish().headers["ETag"]
    assert api.change_shop(**changes).headers["ETag"] != etag
