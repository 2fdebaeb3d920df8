"""Bodies and queries: what is missing, unknown or out of bounds is named."""

import json

import pytest

from chalicelib import messages
from chalicelib.errors import BadRequestError
from chalicelib.orders import Key
from tests.samples import order, with_field, without_field
from tests.unit.sent import query, refusal, refusal_of


@pytest.mark.parametrize(
    "path", ["accountid", "vendorid", "details", "details.coffeetype", "details.coffeesize"]
)
def test_missing_fields(path: str) -> None:
    assert refusal_of(without_field(path)) == f"order.{path}: is missing"


@pytest.mark.parametrize(
    "path", ["milk", "details.milk", "status", "placed_by", "__proto__", "é`\n"]
)
def test_unknown_fields(path: str) -> None:
    assert refusal_of(with_field(path, "oat")) == f"order.{path}: is not a known field"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "order: is missing"),
        ("[]", "expected object, got array"),
        ("null", "expected object, got null"),
        ('{"order": null}', "order: expected object, got null"),
        ('{"order": {"accountid": 1}}', "order.accountid: expected str, got int"),
        ('{"order": {}, "more": 1}', "order.accountid: is missing"),
        ("", "The body is not JSON: Input data was truncated"),
        ("\ufeff{}", "The body is not JSON: JSON is malformed: invalid character (byte 0)"),
        ('{"order": NaN}', "The body is not JSON: JSON is malformed: invalid character (byte 10)"),
    ],
)
def test_invalid_bodies(body: str, message: str) -> None:
    assert refusal(body) == message


def test_invalid_utf8() -> None:
    with pytest.raises(BadRequestError, match="not UTF-8"):
        messages.parse(
            json.dumps({"order": order()}).encode().replace(b"Short", b"\xff\xfe"),
            messages.PlaceOrderRequest,
        )


def test_lone_surrogate() -> None:
    assert "not JSON" in refusal(json.dumps({"order": order(coffeetype="\ud800")}))


@pytest.mark.parametrize("bracket", ["[", '{"order":'])
def test_deeply_nested_body(bracket: str) -> None:
    deep = json.dumps({"order": order(unitprice="DEEP")}).replace('"DEEP"', bracket * 1_700)
    assert refusal(deep) == "The body is nested too deeply"


def test_a_key_has_two_ids() -> None:
    key = query({"accountid": "a0", "vendorid": "v0"}, Key)
    assert (key.accountid, key.vendorid) == ("a0", "v0")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "accountid: is missing"),
        ({"accountid": "a0"}, "vendorid: is missing"),
        ({"accountid": "", "vendorid": "v0"}, "accountid: expected str of length >= 1"),
        ({"accountid": "a0", "vendorid": "v0", "x": "1"}, "x: is not a known field"),
        (
            {"accountid": "a0", "vendorid": "v0 "},
            "vendorid: must have no control characters and no blank at either end",
        ),
    ],
)
def test_invalid_keys(fields: dict[str, str], message: str) -> None:
    with pytest.raises(BadRequestError) as error:
        query(fields, Key)
    assert str(error.value) == message


@pytest.mark.parametrize("limit", ["1", "20", "100"])
def test_valid_limits(limit: str) -> None:
    assert query({"limit": limit}, messages.ListQuery).limit == int(limit)


@pytest.mark.parametrize("limit", ["", "0", "-1", "101", "1000", "1.0", " 1", "1\n", "ten", "٣"])
def test_invalid_limits(limit: str) -> None:
    with pytest.raises(BadRequestError, match=r"^limit: must be a whole number from 1 to 100$"):
        query({"limit": limit}, messages.ListQuery)


def test_default_limit() -> None:
    assert query({}, messages.ListQuery).limit == 20


@pytest.mark.parametrize("status", ["", "brewed", "PLACED", "placed ", "null"])
def test_invalid_statuses(status: str) -> None:
    with pytest.raises(BadRequestError, match=r"^status: "):
        query({"status": status}, messages.ListQuery)
    with pytest.raises(BadRequestError, match=r"^status: "):
        messages.parse(json.dumps({"status": status}).encode(), messages.StatusUpdateRequest)


def test_vendor_named_null() -> None:
    assert query({"vendorid": "null"}, messages.ListQuery).vendorid == "null"
