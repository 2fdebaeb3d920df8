"""The rules of an order and of its body: valid and invalid values, and the error messages."""

import json

import pytest

from tests.samples import order, with_field
from tests.unit.parsing import error_of, parse


def test_valid_order_is_returned_as_sent() -> None:
    for note in ("x", "oat milk, extra hot", "☕" * 100):
        assert parse(order(note=note)) == order(note=note)
    assert parse(order()) == order()


@pytest.mark.parametrize("field", ["accountid", "vendorid"])
@pytest.mark.parametrize("value", ["a", "a" * 128, "a b", "Zoë & Söhne", "☕", "a/b?c=%20#+"])
def test_valid_id_is_accepted(field: str, value: str) -> None:
    assert parse(with_field(field, value))[field] == value


_BAD_TEXTS = ["", " ", " a", "a ", "a\n", "\ta", "a\x00b", "a\x7fb", "a\x85b", "\u2003a", "a\u2028"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[(field, text) for field in ("accountid", "vendorid") for text in _BAD_TEXTS],
        *[("accountid", "a" * 129), ("vendorid", "a" * 129)],
        *[
            (f"details.{name}", text)
            for name in ("coffeetype", "coffeesize")
            for text in _BAD_TEXTS
        ],
        *[("details.coffeetype", "x" * 65), ("details.coffeesize", "x" * 65)],
        *[("details.note", note) for note in (*_BAD_TEXTS, "x" * 101, None, 5, ["oat milk"])],
    ],
)
def test_invalid_text_is_rejected(field: str, value: object) -> None:
    assert error_of(with_field(field, value)).startswith(f"order.{field}: ")


@pytest.mark.parametrize("field", ["coffeetype", "coffeesize"])
def test_coffee_names_have_at_most_64_characters(field: str) -> None:
    assert parse(order(**{field: "x" * 64}))["details"][field] == "x" * 64


def order_with_number(field: str, number: str) -> str:
    """Return a body in which the field has this JSON, which `json.dumps` may not write."""
    return json.dumps({"order": order(**{field: "NUMBER"})}).replace('"NUMBER"', number)


@pytest.mark.parametrize(
    ("field", "number", "text"),
    [
        *[("unitprice", f'"{text}"', text) for text in ("4.50", "0.0001")],
        # As a binary float, 99999.9999 would be returned as 99999.99989999999.
        *[("unitprice", text, text) for text in ("4.50", "0", "0.1", "99999999.9999")],
        ("unitprice", "100000000.0000", "100000000.0000"),
        *[("unitprice", "1e2", "100"), ("unitprice", "4.5E-1", "0.45")],
        *[("unitprice", "-0", "0"), ("unitprice", "-0.0", "0.0")],
        *[("quantity", '"1"', "1"), ("quantity", "1", "1"), ("quantity", "1000", "1000")],
        *[("quantity", "2.0", "2"), ("quantity", "1e1", "10"), ("quantity", "1.5e1", "15")],
    ],
)
def test_valid_number_is_accepted(field: str, number: str, text: str) -> None:
    assert parse(order_with_number(field, number))["details"][field] == text


@pytest.mark.parametrize(
    "number",
    [
        *['"-1"', '"100000000.01"', '"0.00001"', '""', '"4,50"', '" 4.5"', '"4.5 "', '"1_000"'],
        *['"1e2"', '".5"', '"5."', '"007"', '"+1"', '"NaN"', '"Infinity"', '"0x10"', '"4.5\\n"'],
        *['"٣"', "-0.01", "100000000.01", "0.00001", "1e400", "1e-400", "1e999999999", "9" * 400],
        *["1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999"],
        *["true", "null", "[]", "{}", "[4.5]"],
    ],
)
def test_invalid_price_is_rejected(number: str) -> None:
    assert error_of(order_with_number("unitprice", number)) == (
        "order.details.unitprice: must be a decimal number from 0 to 100,000,000"
        " with at most 4 decimals"
    )


@pytest.mark.parametrize(
    "number",
    [
        *[
            '"0"',
            '"1001"',
            '"-1"',
            '"1.0"',
            '"1.5"',
            '""',
            '"one"',
            '" 1"',
            '"1\\n"',
            '"01"',
            '"٣"',
        ],
        *["0", "1001", "-1", "1.5", "1e400", "true", "false", "null", "[1]", "9" * 400],
        *["1e99999999999999999999", "0.0", "1000.5", "1e-1"],
    ],
)
def test_invalid_quantity_is_rejected(number: str) -> None:
    message = "order.details.quantity: must be a whole number from 1 to 1000"
    assert error_of(order_with_number("quantity", number)) == message


@pytest.mark.parametrize(
    "path", ["accountid", "vendorid", "details", "details.coffeetype", "details.coffeesize"]
)
def test_missing_field_is_named(path: str) -> None:
    incomplete_order = order()
    parent = incomplete_order["details"] if path.startswith("details.") else incomplete_order
    del parent[path.rpartition(".")[2]]
    assert error_of(incomplete_order) == f"order.{path}: is missing"


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
