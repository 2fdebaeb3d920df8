"""Errors of a body: the message names the missing, unknown or invalid field."""

import json

import pytest
from chalice import BadRequestError

from tests.samples import order, with_field, without_field
from tests.unit.parsing import body_error, order_error, request_order


@pytest.mark.parametrize(
    "path", ["accountid", "vendorid", "details", "details.coffeetype", "details.coffeesize"]
)
def test_missing_field_is_named(path: str) -> None:
    assert order_error(without_field(path)) == f"order.{path}: is missing"


@pytest.mark.parametrize(
    "path", ["milk", "details.milk", "status", "placed_by", "__proto__", "é`\n"]
)
def test_unknown_field_is_named(path: str) -> None:
    assert order_error(with_field(path, "oat")) == f"order.{path}: is not a known field"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "order: is missing"),
        ("[]", "The body must be an object, not a list"),
        ("null", "The body must be an object, not null"),
        ('{"order": null}', "order: must be an object, not null"),
        ('{"order": {"accountid": 1}}', "order.accountid: must be text, not a number"),
        ('{"order": {}, "more": 1}', "order.accountid: is missing"),
        ("", "The body is not JSON: Input data was truncated"),
        ("\ufeff{}", "The body is not JSON: JSON is malformed: invalid character (byte 0)"),
        ('{"order": NaN}', "The body is not JSON: JSON is malformed: invalid character (byte 10)"),
    ],
)
def test_invalid_body_is_explained(body: str, message: str) -> None:
    assert body_error(body) == message


def test_invalid_utf8_is_rejected() -> None:
    body = json.dumps({"order": order()}).encode().replace(b"Short", b"\xff\xfe")
    with pytest.raises(BadRequestError, match="not JSON: 'utf-8'"):
        request_order(body)


@pytest.mark.parametrize("bracket", ["[", '{"order":'])
def test_deeply_nested_body_is_rejected(bracket: str) -> None:
    body = json.dumps({"order": order(unitprice="NESTED")})
    message = body_error(body.replace('"NESTED"', bracket * 1_700))
    assert message == "The body is nested too deeply"
