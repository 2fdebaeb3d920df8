"""Errors of a body: the message names the missing, unknown or invalid field."""

import json

import pytest

from tests.samples import order, with_field, without_field
from tests.unit.parsing import error_of


@pytest.mark.parametrize(
    "path", ["accountid", "vendorid", "details", "details.coffeetype", "details.coffeesize"]
)
def test_missing_field_is_named(path: str) -> None:
    assert error_of(without_field(path)) == f"order.{path}: is missing"


@pytest.mark.parametrize(
    "path", ["milk", "details.milk", "status", "placed_by", "__proto__", "é`\n"]
)
def test_unknown_field_is_named(path: str) -> None:
    assert error_of(with_field(path, "oat")) == f"order.{path}: is not a known field"


_BODY = json.dumps({"order": order(unitprice="?")})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "order: is missing"),
        ("[]", "The body must be an object, not a list"),
        ("null", "The body must be an object, not null"),
        ('{"order": null}', "order: must be an object, not null"),
        ('{"order": {"accountid": 1}}', "order.accountid: must be text, not a number"),
        ("", "The body is not JSON: Input data was truncated"),
        ("\ufeff{}", "The body is not JSON: JSON is malformed: invalid character (byte 0)"),
        ('{"order": NaN}', "The body is not JSON: JSON is malformed: invalid character (byte 10)"),
        (_BODY.encode().replace(b"?", b"\xff"), "The body is not JSON: 'utf-8' codec can't"),
        *[
            (_BODY.replace('"?"', bracket * 1_700), "The body is nested too deeply")
            for bracket in ("[", '{"order":')
        ],
    ],
)
def test_invalid_body_is_explained(body: str | bytes, message: str) -> None:
    assert error_of(body).startswith(message)
