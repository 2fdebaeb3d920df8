"""The rules of an order and of its body: valid and invalid values, and the error messages."""

import json
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from chalice import BadRequestError

from chalicelib import messages
from chalicelib.shops import accept
from tests.samples import order, with_field


def parse(order: dict[str, Any] | str | bytes) -> dict[str, Any]:
    """Parse an order, or a body, as POST /order does; return the order of the response."""
    body = json.dumps({"order": order}) if isinstance(order, dict) else order
    raw_body = body.encode() if isinstance(body, str) else body
    request: Any = SimpleNamespace(headers={}, raw_body=raw_body)
    parsed = messages.read_body(request, messages.PlaceOrderRequest).order
    accept(parsed, None)
    response: dict[str, Any] = json.loads(msgspec.json.encode(parsed, enc_hook=str))
    return response


def error_of(order: dict[str, Any] | str | bytes) -> str:
    """Return the error message for an invalid order or body."""
    with pytest.raises(BadRequestError) as error:
        parse(order)
    return str(error.value)


@pytest.mark.parametrize(
    ("field", "longest"),
    [
        *[("accountid", 128), ("vendorid", 128)],
        *[("details.coffeetype", 64), ("details.coffeesize", 64), ("details.note", 100)],
    ],
)
def test_text_has_a_limit_and_no_control_character(field: str, longest: int) -> None:
    assert parse(order()) == order()
    for text in ("a", "☕" * longest, "Zoë & Söhne", "a/b?c=%20#+"):
        assert parse(with_field(field, text)) == with_field(field, text)
    blanks = ("", " ", " a", "a\n", "\u2003a")
    for value in (*blanks, "a\x00b", "a\x7fb", "a\x9fb", "a\u2028", "a" * (longest + 1), None, 5):
        assert error_of(with_field(field, value)).startswith(f"order.{field}: ")


def order_with_number(field: str, number: str) -> str:
    """Return a body in which the field has this JSON, which `json.dumps` may not write."""
    return json.dumps({"order": order(**{field: "NUMBER"})}).replace('"NUMBER"', number)


@pytest.mark.parametrize(
    ("field", "number", "text"),
    [
        *[("unitprice", '"0.0001"', "0.0001"), ("unitprice", "4.50", "4.50")],
        # As a binary float, 99999999.9999 would be returned with other digits.
        ("unitprice", "99999999.9999", "99999999.9999"),
        ("unitprice", "100000000.0000", "100000000.0000"),
        *[("unitprice", "1e2", "100"), ("unitprice", "-0.0", "0.0")],
        *[("quantity", '"1"', "1"), ("quantity", "1000", "1000")],
        *[("quantity", "2.0", "2"), ("quantity", "1.5e1", "15")],
    ],
)
def test_valid_number_is_accepted(field: str, number: str, text: str) -> None:
    assert parse(order_with_number(field, number))["details"][field] == text


@pytest.mark.parametrize(
    "number",
    [
        *['"-1"', '"100000000.01"', '"0.00001"', '""', '"4,50"', '"4.5 "', '"1_000"'],
        *['"1e2"', '".5"', '"5."', '"007"', '"+1"', '"NaN"', '"4.5\\n"', '"٣"', "-0.01"],
        *["100000000.01", "0.00001", "1e400", "1e-400", "1e99999999999999999999", "9" * 400],
        *["1e999999999", "true", "null", "[]"],
    ],
)
def test_invalid_number_is_rejected(number: str) -> None:
    assert error_of(order_with_number("unitprice", number)) == (
        "order.details.unitprice: must be a decimal number from 0 to 100,000,000"
        " with at most 4 decimals"
    )
    assert error_of(order_with_number("quantity", number)) == (
        "order.details.quantity: must be a whole number from 1 to 1000"
    )


def test_quantity_is_a_whole_number_from_1_to_1000() -> None:
    for number in ('"0"', '"1001"', '"1.0"', '"01"', "0", "1001", "1.5", "0.0", "1000.5"):
        message = "order.details.quantity: must be a whole number from 1 to 1000"
        assert error_of(order_with_number("quantity", number)) == message


@pytest.mark.parametrize(
    "date",
    [
        *["2026-03-01 08:30:00.123456", "2026-03-01T08:30", "2026-03-01T08:30:00Z"],
        *["2026-03-01T08:30:00.5+05:30", "2024-02-29T23:59:59.123456789Z"],
    ],
)
def test_valid_date_is_accepted(date: str) -> None:
    assert parse(with_field("orderdate", date))["orderdate"] == date


@pytest.mark.parametrize(
    "date",
    [
        *["", "2026-03-01", "08:30:00", "2026-02-30T08:30:00Z", "2026-13-01T08:30:00Z"],
        *["2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z", "2026-03-01T08:30:60Z"],
        *["2026-03-01t08:30:00z", "20260301T083000Z", "2026-W09-7T08:30:00Z"],
        *["2026-03-01T08:30:00+05:75", "2026-03-01T08:30:00-24:00", "0000-01-01T00:00:00Z"],
        *[" 2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z\n", 1772353800, None],
    ],
)
def test_invalid_date_is_rejected(date: Any) -> None:
    assert error_of(with_field("orderdate", date)) == (
        "order.orderdate: must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z"
    )


_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("offset", "ahead"),
    [
        *[(offset, timedelta()) for offset in (0, 14, -12)],
        (None, 14 * _HOUR),  # it may come from the first time zone, 14 hours ahead of UTC
    ],
)
def test_date_may_be_5_minutes_ahead(offset: int | None, ahead: timedelta) -> None:
    zone = timezone(timedelta(hours=offset or 0))
    for minutes in (4, 6, 365_000 * 24 * 60):
        date = (datetime.now(UTC) + ahead + minutes * _MINUTE).astimezone(zone)
        text = str(date if offset is not None else date.replace(tzinfo=None))
        if minutes == 4:
            assert parse(with_field("orderdate", text))["orderdate"] == text
        else:
            message = "order.orderdate: is in the future; the server's clock says 20"
            assert error_of(with_field("orderdate", text)).startswith(message)


def test_missing_date_is_now_in_utc() -> None:
    date = datetime.fromisoformat(parse(order(orderdate=""))["orderdate"])
    assert date.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - date) < _MINUTE


@pytest.mark.parametrize("path", ["status", "details.milk", "é`\n"])
def test_unknown_field_is_named(path: str) -> None:
    assert error_of(with_field(path, "oat")) == f"order.{path}: is not a known field"


_BODY = json.dumps({"order": order(unitprice="?")})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{}", "order: is missing"),
        ("[]", "The body must be an object, not a list"),
        ('{"order": null}', "order: must be an object, not null"),
        ('{"order": {}}', "order.accountid: is missing"),
        (json.dumps({"order": order() | {"details": {}}}), "order.details.coffeetype: is missing"),
        ('{"order": {"accountid": 1}}', "order.accountid: must be text, not a number"),
        ("", "The body is not JSON: Input data was truncated"),
        ('{"order": NaN}', "The body is not JSON: JSON is malformed: invalid character (byte 10)"),
        (_BODY.encode().replace(b"?", b"\xff"), "The body is not JSON: 'utf-8' codec can't"),
        (_BODY.replace('"?"', "[" * 1_700), "The body is nested too deeply"),
        (_BODY.replace('"?"', '{"order":' * 1_700), "The body is nested too deeply"),
    ],
)
def test_invalid_body_is_explained(body: str | bytes, message: str) -> None:
    assert error_of(body).startswith(message)
