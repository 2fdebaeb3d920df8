"""The rules of an order: what is accepted, what is refused, and in which words."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import messages
from chalicelib.messages import InvalidMessageError
from chalicelib.orders import LIFE, Key, Order, OrderDate, PlacedOrder, Status, before
from tests.samples import order, with_field, without_field


def parse(fields: dict[str, Any]) -> dict[str, Any]:
    """Send an order in and read what comes back."""
    accepted = _parse_text(json.dumps({"order": fields}))
    placed = PlacedOrder(**msgspec.structs.asdict(accepted), status="placed")
    back: dict[str, Any] = json.loads(messages.to_json(messages.Found(placed)))["order"]
    assert back.pop("status") == "placed"
    return back


def _parse_text(text: str) -> Order:
    return messages.parse(text.encode(), messages.Placing).order


def refusal(text: str) -> str:
    with pytest.raises(InvalidMessageError) as error:
        _parse_text(text)
    return str(error.value)


def refusal_of(fields: dict[str, Any]) -> str:
    return refusal(json.dumps({"order": fields}))


def test_a_good_order_comes_back_as_it_was_sent() -> None:
    assert parse(order()) == order()


@pytest.mark.parametrize("field", ["accountid", "vendorid"])
@pytest.mark.parametrize(
    "value", ["a", "a" * 128, "a b", "Zoë & Söhne", "☕", "a/b?c=%20#+", "'; DROP TABLE--", "מקפה"]
)
def test_an_id_may_be(field: str, value: str) -> None:
    assert parse(with_field(field, value))[field] == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        " a",
        "a ",
        "a\n",
        "\ta",
        "a\x00b",
        "a\x7fb",
        "a\x85b",
        "\u2003a",
        "a\u2028",
        "a" * 129,
    ],
)
@pytest.mark.parametrize("field", ["accountid", "vendorid"])
def test_an_id_may_not_be(field: str, value: str) -> None:
    assert refusal_of(with_field(field, value)).startswith(f"order.{field}: ")


@pytest.mark.parametrize("field", ["coffeetype", "coffeesize"])
def test_a_coffee_has_a_name_of_up_to_64_characters(field: str) -> None:
    assert parse(order(**{field: "x" * 64}))["details"][field] == "x" * 64
    assert refusal_of(order(**{field: "x" * 65})).startswith(f"order.details.{field}: ")
    assert refusal_of(order(**{field: "x\r"})).startswith(f"order.details.{field}: ")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ('"4.50"', "4.50"),
        ("4.50", "4.50"),
        ("0", "0"),
        ('"0.0001"', "0.0001"),
        ("1e2", "100"),
        ("4.5E-1", "0.45"),
        ("100000", "100000"),
        ("100000.0000", "100000.0000"),
        ("-0", "0"),
        ("-0.0", "0.0"),
        ("0.1", "0.1"),
        # As a binary float this would come back as 99999.99989999999.
        ("99999.9999", "99999.9999"),
    ],
)
def test_a_price_comes_back_as_the_decimal_that_was_sent(number: str, text: str) -> None:
    body = json.dumps({"order": order(unitprice="PRICE")}).replace('"PRICE"', number)
    assert _parse_text(body).details.unitprice == text


@pytest.mark.parametrize(
    "number",
    [
        *['"-1"', '"100000.01"', '"0.00001"', '""', '"4,50"', '" 4.5"', '"4.5 "', '"1_000"', '"٣"'],
        *['"1e2"', '".5"', '"5."', '"007"', '"+1"', '"NaN"', '"Infinity"', '"0x10"', '"4.5\\n"'],
        *["-0.01", "100000.01", "0.00001", "1e400", "1e-400", "1e999999999", "9" * 400],
        *["1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999"],
        *["true", "null", "[]", "{}", "[4.5]"],
    ],
)
def test_a_price_may_not_be(number: str) -> None:
    body = json.dumps({"order": order(unitprice="PRICE")}).replace('"PRICE"', number)
    assert refusal(body) == (
        "order.details.unitprice: must be a decimal number from 0 to 100000 with at most 4 decimals"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [('"1"', "1"), ("1", "1"), ("1000", "1000"), ("2.0", "2"), ("1e1", "10"), ("1.5e1", "15")],
)
def test_a_quantity_comes_back_as_text(number: str, text: str) -> None:
    body = json.dumps({"order": order(quantity="QUANTITY")}).replace('"QUANTITY"', number)
    assert _parse_text(body).details.quantity == text


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
def test_a_quantity_may_not_be(number: str) -> None:
    body = json.dumps({"order": order(quantity="QUANTITY")}).replace('"QUANTITY"', number)
    assert refusal(body) == "order.details.quantity: must be a whole number from 1 to 1000"


@pytest.mark.parametrize(
    "date",
    [
        *["2026-03-01 08:30:00.123456", "2026-03-01 08:30:00", "2026-03-01T08:30"],
        *["2026-03-01T08:30:00Z", "2026-03-01T08:30:00.5+05:30", "2024-02-29T23:59:59.123456789Z"],
    ],
)
def test_an_order_date_may_be(date: str) -> None:
    assert parse(with_field("orderdate", date))["orderdate"] == date


def test_an_order_date_may_be_whatever_python_prints() -> None:
    for moment in (datetime.now(), datetime.now(UTC), datetime(2026, 1, 1)):
        assert parse(with_field("orderdate", str(moment)))["orderdate"] == str(moment)


@pytest.mark.parametrize(
    "date",
    [
        *[
            "",
            "yesterday",
            "2026-03-01",
            "08:30:00",
            "2026-02-30T08:30:00Z",
            "2026-13-01T08:30:00Z",
        ],
        *[
            "2026-03-01T24:00:00Z",
            "2026-03-01T08:60:00Z",
            "2026-03-01t08:30:00z",
            "20260301T083000Z",
        ],
        *["2026-W09-7T08:30:00Z", "2026-03-01T08:30:00+25:00", " 2026-03-01T08:30:00Z"],
        *["2026-03-01T08:30:00Z\n", 1772353800, None, True, ["2026-03-01T08:30:00Z"]],
    ],
)
def test_an_order_date_may_not_be(date: Any) -> None:
    assert refusal_of(with_field("orderdate", date)) == (
        "order.orderdate: must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z"
    )


def test_an_order_date_left_out_is_this_moment_in_utc() -> None:
    written = datetime.fromisoformat(parse(without_field("orderdate"))["orderdate"])
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-03-01T08:30Z", "2026-03-01 08:30:00.000000001Z"),
        ("2026-03-01T08:30:00.123456788Z", "2026-03-01T08:30:00.123456789Z"),
        ("2026-03-01T08:30:00+01:00", "2026-03-01T08:30:00Z"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02T08:30:00+03:30"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.9Z", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
        ("2026-03-01 08:30:00", "2026-03-01 08:30:00.1"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00"),  # as summer time ends
    ],
)
def test_of_two_dates_by_one_clock_one_is_later(earlier: str, later: str) -> None:
    assert OrderDate(earlier).moment < OrderDate(later).moment
    assert OrderDate(earlier).moment.clock == OrderDate(later).moment.clock


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-01T08:30:00Z", "2026-03-01 09:30+01:00"),
        ("2026-03-01T08:30:00.5Z", "2026-03-01T08:30:00.500000000+00:00"),
        ("2026-03-01T08:30", "2026-03-01 08:30:00.0"),
    ],
)
def test_one_moment_may_be_written_in_several_ways(one: str, other: str) -> None:
    assert OrderDate(one).moment == OrderDate(other).moment


def test_a_date_without_an_offset_is_by_another_clock_than_one_with() -> None:
    assert OrderDate("2026-03-01T08:30:00").moment.clock == "local"
    assert OrderDate("2026-03-01T08:30:00Z").moment.clock == "utc"
    assert OrderDate("2026-03-01T08:30:00+00:00").moment.clock == "utc"


@given(
    st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2)
    | st.lists(st.datetimes(), min_size=2, max_size=2)
)
def test_moments_are_ordered_as_the_dates_that_python_prints(dates: list[datetime]) -> None:
    one, other = (OrderDate(str(date)).moment for date in dates)
    assert (one < other) == (dates[0] < dates[1])
    assert (one == other) == (dates[0] == dates[1])


@pytest.mark.parametrize(
    "path", ["accountid", "vendorid", "details", "details.coffeetype", "details.coffeesize"]
)
def test_a_missing_field_is_named(path: str) -> None:
    assert refusal_of(without_field(path)) == f"order.{path}: is missing"


@pytest.mark.parametrize(
    "path", ["milk", "details.milk", "status", "placed_by", "__proto__", "é`\n"]
)
def test_an_unknown_field_is_refused_and_named(path: str) -> None:
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
def test_a_body_that_is_no_order_is_told_why(body: str, message: str) -> None:
    assert refusal(body) == message


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(InvalidMessageError, match="not UTF-8"):
        messages.parse(
            json.dumps({"order": order()}).encode().replace(b"Short", b"\xff\xfe"),
            messages.Placing,
        )


def test_a_lone_surrogate_is_refused() -> None:
    assert "not JSON" in refusal(json.dumps({"order": order(coffeetype="\ud800")}))


@pytest.mark.parametrize("bracket", ["[", '{"order":'])
def test_a_body_nested_too_deeply_is_refused(bracket: str) -> None:
    deep = json.dumps({"order": order(unitprice="DEEP")}).replace('"DEEP"', bracket * 100_000)
    assert refusal(deep) == "The body is nested too deeply"


def test_a_key_has_two_ids() -> None:
    key = messages.check({"accountid": "a0", "vendorid": "v0"}, Key)
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
def test_a_key_that_is_none_is_told_why(fields: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidMessageError) as error:
        messages.check(fields, Key)
    assert str(error.value) == message


def test_an_order_goes_from_placed_to_collected_one_step_at_a_time() -> None:
    assert LIFE == {
        "placed": ("preparing", "cancelled"),
        "preparing": ("ready",),
        "ready": ("collected",),
        "collected": (),
        "cancelled": (),
    }


@pytest.mark.parametrize(
    ("status", "sources"),
    [
        ("placed", ()),
        ("preparing", ("placed",)),
        ("ready", ("preparing",)),
        ("collected", ("ready",)),
        ("cancelled", ("placed",)),
    ],
)
def test_each_status_is_reached_from(status: Status, sources: tuple[Status, ...]) -> None:
    assert before(status) == sources


@pytest.mark.parametrize("limit", ["1", "20", "100"])
def test_a_page_may_have(limit: str) -> None:
    assert messages.check({"limit": limit}, messages.Listing).limit == int(limit)


@pytest.mark.parametrize("limit", ["", "0", "-1", "101", "1000", "1.0", " 1", "1\n", "ten", "٣"])
def test_a_page_may_not_have(limit: str) -> None:
    with pytest.raises(InvalidMessageError, match=r"^limit: must be a whole number from 1 to 100$"):
        messages.check({"limit": limit}, messages.Listing)


def test_a_page_has_20_orders_unless_told_otherwise() -> None:
    assert messages.check({}, messages.Listing).limit == 20


@pytest.mark.parametrize("status", ["", "brewed", "PLACED", "placed ", "null"])
def test_a_status_may_not_be(status: str) -> None:
    with pytest.raises(InvalidMessageError, match=r"^status: "):
        messages.check({"status": status}, messages.Listing)
    with pytest.raises(InvalidMessageError, match=r"^status: "):
        messages.parse(json.dumps({"status": status}).encode(), messages.Step)


def test_a_vendor_may_be_named_like_nothing() -> None:
    assert messages.check({"vendorid": "null"}, messages.Listing).vendorid == "null"
