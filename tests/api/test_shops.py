"""GET, PUT and PATCH /shop: publishing a menu, opening and closing a shop."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, error
from tests.samples import shop_content, shop_response

_CHANGED = (412, "The shop has changed since you read it")
_PUBLISHED = (412, "The shop is published already")


def test_published_shop_can_be_read_by_anybody(api: Api) -> None:
    api.vendorid = f"a,vendor-b/50% ☕ {api.vendorid}"
    for response in (
        api.look_up_shop(),
        api.change_shop(open=False),
        api.change_shop(soldout={"Mocha": True}),
    ):
        assert error(response) == (404, "This vendor has published no menu")
    first_response = api.publish()
    assert first_response.status_code == 201
    assert first_response.json_body == {"shop": shop_response(api.vendorid)}
    shop = api.look_up_shop()
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
    shop = api.get_shop()
    assert (shop["name"], shop["open"], shop["note"]) == ("New name", False, "Back at 2")
    assert api.soldout() == {"Flat White": True, "Espresso": False}
    api.publish()  # adds Mocha again, which is not sold out any more
    assert api.soldout() == {"Flat White": True, "Mocha": False}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"open": False}, {"open": False}),
        ({"open": True, "note": "x" * 100}, {"note": "x" * 100}),
        ({"note": "", "soldout": {}}, {"note": ""}),
        ({"soldout": {"Flat White": True}}, {"soldout": ["Flat White", "Mocha"]}),
        ({"soldout": {"Mocha": False}}, {"soldout": []}),
        ({"soldout": {"Mocha": True}, "note": "Back at 2"}, {}),
    ],
)
def test_change_keeps_the_rest(api: Api, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    api.publish()
    etag = api.change_shop(soldout={"Mocha": True}, note="Back at 2").headers["ETag"]
    response = api.change_shop(**changes)
    before = {"soldout": ["Mocha"], "note": "Back at 2"}
    assert response.json_body["shop"] == shop_response(api.vendorid, **(before | expected))
    assert (response.headers["ETag"] != etag) == bool(expected)
    shop = api.look_up_shop()
    assert shop.json_body["shop"] == {**response.json_body["shop"], "waiting": 0}
    assert shop.headers["ETag"] == response.headers["ETag"]


def test_unknown_coffee_is_rejected_with_the_menu(api: Api) -> None:
    api.publish()
    response = api.change_shop(soldout={"Mocha": True, "Moca": False}, open=False)
    assert error(response) == (409, "soldout: Moca: the menu has Flat White, Mocha")
    assert response.json_body["Code"] == "NotOnMenuError"
    assert api.get_shop() == shop_response(api.vendorid, waiting=0)


@pytest.mark.parametrize(
    ("if_match", "status_of_put", "status_of_patch"),
    [
        ("{published}", 200, 412),  # PUT compares the menu, not whether the shop is open
        ("{closed}", 200, 200),
        ("*", 200, 200),
        ('"x", {closed}', 200, 200),
        ('"x"', 412, 412),
        ("W/{closed}", 412, 412),
        ("closed", 400, 400),
    ],
)
def test_if_match_compares_the_shop(
    api: Api, if_match: str, status_of_put: int, status_of_patch: int
) -> None:
    published = api.publish().headers["ETag"]
    closed = api.change_shop(open=False).headers["ETag"]
    before = api.get_shop()
    headers = {"If-Match": if_match.format(published=published, closed=closed)}
    assert api.change_shop(headers, note="New").status_code == status_of_patch
    assert (api.get_shop() != before) == (status_of_patch == 200)
    before = api.get_shop()
    assert api.publish(shop_content("New"), headers).status_code == status_of_put
    assert (api.get_shop() != before) == (status_of_put == 200)


def test_preconditions_of_a_first_publication(api: Api) -> None:
    for if_match in ("*", '"x"'):
        assert error(api.publish(headers={"If-Match": if_match})) == _CHANGED
    assert api.look_up_shop().status_code == 404
    assert api.publish(headers={"If-None-Match": "*"}).status_code == 201
    assert error(api.publish(shop_content("Second"), {"If-None-Match": "*"})) == _PUBLISHED
    assert api.get_shop()["name"] == "Harbour Coffee"


BeforeWrite = Callable[..., None]


@pytest.fixture
def before_write(dynamodb: ModuleType, monkeypatch: pytest.MonkeyPatch) -> BeforeWrite:
    """Return a function that runs another request between the next read and write of a shop.

    With `after_lost_response`, the SDK repeats the write, and the other request is between both.
    """
    update_item = dynamodb.update_item

    def before_write(request: Callable[[], Any], *, after_lost_response: bool = False) -> None:
        def run_first(*arguments: Any, **expressions: Any) -> Any:
            monkeypatch.setattr(dynamodb, "update_item", update_item)
            if after_lost_response:
                update_item(*arguments, **expressions)
            request()
            return update_item(*arguments, **expressions)

        monkeypatch.setattr(dynamodb, "update_item", run_first)

    return before_write


def test_later_of_two_first_publications_replaces_the_other(
    api: Api, before_write: BeforeWrite
) -> None:
    before_write(api.publish)
    assert api.publish(shop_content("Later")).status_code == 200
    assert api.get_shop()["name"] == "Later"


def test_change_during_a_publication_leaves_nothing_behind(
    api: Api, before_write: BeforeWrite
) -> None:
    api.publish()
    before_write(lambda: api.change_shop(soldout={"Mocha": True, "Flat White": True}))
    content = shop_content()
    assert api.publish({**content, "menu": content["menu"][:1]}).status_code == 200
    assert api.soldout() == {"Flat White": True}
    api.publish()
    assert api.soldout() == {"Flat White": True, "Mocha": False}


def test_change_is_made_again_after_another_and_its_precondition_checked(
    api: Api, before_write: BeforeWrite
) -> None:
    etag = api.publish().headers["ETag"]
    before_write(lambda: api.change_shop(soldout={"Mocha": True}))
    assert api.change_shop(open=False).status_code == 200
    assert api.get_shop() == shop_response(api.vendorid, ["Mocha"], open=False, waiting=0)
    api.change_shop(open=True, soldout={"Mocha": False})
    before_write(lambda: api.change_shop(open=False))
    assert error(api.change_shop({"If-Match": etag}, note="Back at 2")) == _CHANGED
    assert api.get_shop()["note"] == ""


def test_own_attempt_is_recognized_below_a_later_change(
    api: Api, before_write: BeforeWrite
) -> None:
    before_write(api.look_up_shop, after_lost_response=True)
    assert api.publish().status_code == 201
    before_write(
        lambda: api.change_shop(open=True, note="Open after all"), after_lost_response=True
    )
    assert api.change_shop(open=False).status_code == 200
    assert (api.get_shop()["open"], api.get_shop()["note"]) == (True, "Open after all")


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
    statuses = ["ready", "collected", "cancelled", "placed", "preparing", "preparing"]
    for number, status in enumerate(statuses):
        api.accountid = f"a{number}"
        api.place_with_status(status)
    api.publish()
    assert api.get_shop()["waiting"] == 3
    api.accountid = "another"
    api.place(coffeetype="Mocha", unitprice="5")
    for seconds, waiting in ((4.9, 3), (0.2, 4)):
        now += seconds
        assert api.get_shop()["waiting"] == waiting
    monkeypatch.setattr("chalicelib.order_lists.MAX_WAITING", 2)
    now += 5
    assert api.get_shop()["waiting"] == 3  # more than 2


def test_qr_code_needs_a_menu_and_is_cached_for_a_day(api: Api) -> None:
    def get_qr_code(host: str = "coffee.example") -> HTTPResponse:
        return api.send("GET", "/shop/qr.svg", headers={"Host": host}, vendorid=api.vendorid)

    assert error(get_qr_code()) == (404, "This vendor has published no menu")
    api.publish()
    response = get_qr_code()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    message = "The address of the shop's page is too long for a QR code"
    assert error(get_qr_code("x" * 3000)) == (400, message)
