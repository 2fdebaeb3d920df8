"""GET, PUT and PATCH /shop: publishing a menu, opening and closing a shop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api
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
    assert api.change_shop(soldout=["Mocha"]).status_code == 404
    first_response = api.publish()
    assert first_response.status_code == 201
    assert first_response.json_body == {"shop": shop_response(api.vendorid)}
    shop = api.get_shop()
    assert (shop.status_code, shop.json_body) == (200, first_response.json_body)
    assert shop.headers["ETag"] == first_response.headers["ETag"]
    second_response = api.publish()
    assert second_response.status_code == 200
    assert second_response.headers["ETag"] == shop.headers["ETag"]


def test_edit_keeps_open_note_and_sold_out_coffees(api: Api) -> None:
    api.publish()
    changes: dict[str, Any] = {
        "open": False,
        "note": "Back at 2",
        "soldout": ["Mocha", "Flat White"],
    }
    assert api.change_shop(**changes).json_body["shop"] == shop_response(api.vendorid, **changes)
    content = shop_content(name="New name")
    content["menu"][1]["coffeetype"] = "Espresso"  # instead of Mocha
    assert api.publish(content).status_code == 200
    shop = get_shop(api)
    assert (shop["name"], shop["open"], shop["note"]) == ("New name", False, "Back at 2")
    assert soldout(api) == {"Flat White": True, "Espresso": False}
    api.publish()  # adds Mocha again, which is not sold out any more
    assert soldout(api) == {"Flat White": True, "Mocha": False}


@pytest.mark.parametrize(
    "changes",
    [
        {"open": False},
        {"note": "Back at 2"},
        {"note": ""},
        {"soldout": ["Mocha"]},
        {"soldout": []},
        {"open": True, "note": "x" * 100, "soldout": ["Mocha"]},
    ],
)
def test_change_keeps_the_rest(api: Api, changes: dict[str, Any]) -> None:
    api.publish()
    response = api.change_shop(**changes)
    assert response.json_body["shop"] == shop_response(api.vendorid, **changes)
    shop = api.get_shop()
    assert shop.json_body == response.json_body
    assert shop.headers["ETag"] == response.headers["ETag"]


def test_unknown_coffee_cannot_be_sold_out(api: Api) -> None:
    api.publish()
    response = api.change_shop(soldout=["Mocha", "Moca"], open=False)
    assert response.status_code == 409
    assert response.json_body == {
        "Code": "NotOnMenuError",
        "Message": "soldout: Moca is not on the menu",
    }
    assert get_shop(api)["open"] is True


def test_if_match_protects_another_edit(api: Api) -> None:
    etag = api.publish().headers["ETag"]
    first, second = shop_content(name="First"), shop_content(name="Second")
    assert api.publish(first, If_Match=etag).status_code == 200
    response = api.publish(second, If_Match=etag)
    assert (response.status_code, response.json_body["Code"]) == (412, "PreconditionFailedError")
    assert get_shop(api)["name"] == "First"
    now = api.get_shop().headers["ETag"]
    assert api.publish(second, If_Match=f'"x", W/{now}').status_code == 200


@pytest.mark.parametrize("if_match", ['"x"', "x", "", '""', 'W/"x"', "é"])
def test_if_match_of_another_version_is_rejected(api: Api, if_match: str) -> None:
    api.publish()
    assert api.publish(shop_content(name="New"), If_Match=if_match).status_code == 412
    assert get_shop(api)["name"] == "Harbour Coffee"


def test_if_match_needs_an_existing_shop(api: Api) -> None:
    for if_match in ("*", '"x"'):
        assert api.publish(If_Match=if_match).status_code == 412
    assert api.get_shop().status_code == 404
    api.publish()
    assert api.publish(If_Match="*").status_code == 200


def test_if_match_ignores_that_a_shop_was_closed(api: Api) -> None:
    etag = api.publish().headers["ETag"]
    assert api.change_shop(open=False).headers["ETag"] != etag
    assert api.publish(shop_content(name="New"), If_Match=etag).status_code == 200
    assert get_shop(api)["open"] is False


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a,vendor-b", "Zoë", "☕"])
def test_unusual_vendor_id_is_accepted(api: Api, name: str) -> None:
    api.vendorid = f"{name}{api.vendorid}"
    assert api.publish().status_code == 201
    assert get_shop(api)["vendorid"] == api.vendorid


def test_delayed_change_does_not_undo_a_later_one(cloud: Cloud, api: Api) -> None:
    """A server whose clock is ahead stores the later change."""
    api.publish()
    api.change_shop(open=False)

    def set_changed_at(time: datetime) -> None:
        cloud.dynamodb.update_item(
            TableName="shops",
            Key={"vendorid": {"S": api.vendorid}},
            UpdateExpression="SET changed_at = :time",
            ExpressionAttributeValues={":time": {"S": time.isoformat(timespec="microseconds")}},
        )

    set_changed_at(datetime.now(UTC) + timedelta(hours=1))
    response = api.change_shop(open=True)
    assert (response.status_code, response.json_body["Code"]) == (409, "ConflictError")
    set_changed_at(datetime.now(UTC) - timedelta(microseconds=1))
    assert api.change_shop(open=True).json_body["shop"]["open"] is True


def test_slow_table_is_503_before_the_function_times_out(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.publish()
    monkeypatch.setattr("chalicelib.shops_table._LATEST_WRITE", -1.0)
    for response in (api.publish(), api.change_shop(open=False), api.place()):
        assert response.status_code == 503
