"""The date of an order: valid formats, and comparison of dates."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chalicelib.orders import OrderDate
from tests.samples import order, with_field
from tests.unit.parsing import error_of, parse

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    "date",
    [
        *["2026-03-01 08:30:00.123456", "2026-03-01 08:30:00", "2026-03-01T08:30"],
        *["2026-03-01T08:30:00Z", "2026-03-01T08:30:00.5+05:30", "2024-02-29T23:59:59.123456789Z"],
    ],
)
def test_valid_date_is_accepted(date: str) -> None:
    assert parse(with_field("orderdate", date))["orderdate"] == date


@pytest.mark.parametrize(
    "date",
    [
        *["", "yesterday", "2026-03-01", "08:30:00"],
        *["2026-02-30T08:30:00Z", "2026-13-01T08:30:00Z", "2026-03-01T24:00:00Z"],
        *["2026-03-01T08:60:00Z", "2026-03-01t08:30:00z", "20260301T083000Z"],
        *["2026-03-01T08:30:00+05:75", "2026-03-01T08:30:00-24:00", "0000-01-01T00:00:00Z"],
        *["2026-03-01T08:30:60Z", "2026-00-01T08:30:00Z", "2026-03-00T08:30:00Z"],
        *["2026-W09-7T08:30:00Z", "2026-03-01T08:30:00+25:00", " 2026-03-01T08:30:00Z"],
        *["2026-03-01T08:30:00Z\n", 1772353800, None, True, ["2026-03-01T08:30:00Z"]],
    ],
)
def test_invalid_date_is_rejected(date: Any) -> None:
    assert error_of(with_field("orderdate", date)) == (
        "order.orderdate: must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z"
    )


@pytest.mark.parametrize(
    ("ahead", "offset", "is_accepted"),
    [
        *[(4 * _MINUTE, offset, True) for offset in (None, 0, 14, -12)],
        (-9000 * _HOUR, 0, True),
        # A date without an offset may come from the first time zone, 14 hours ahead of UTC.
        (14 * _HOUR + 4 * _MINUTE, None, True),
        (14 * _HOUR + 6 * _MINUTE, None, False),
        *[(ahead, offset, False) for ahead in (6 * _MINUTE, 2 * _HOUR) for offset in (0, 14, -12)],
        *[(timedelta(days=365_000), offset, False) for offset in (None, 0)],
    ],
)
def test_date_may_be_5_minutes_ahead(
    ahead: timedelta, offset: int | None, is_accepted: bool
) -> None:
    date = datetime.now(UTC) + ahead
    zone = UTC if offset is None else timezone(timedelta(hours=offset))
    text = str(date.astimezone(zone).replace(tzinfo=None if offset is None else zone))
    sent_order = with_field("orderdate", text)
    if is_accepted:
        assert parse(sent_order)["orderdate"] == text
    else:
        message = "order.orderdate: is in the future; the server's clock says 20"
        assert error_of(sent_order).startswith(message)


def test_missing_date_is_now_in_utc() -> None:
    date = datetime.fromisoformat(parse(order(orderdate=""))["orderdate"])
    assert date.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - date) < _MINUTE


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-03-01T08:30Z", "2026-03-01 08:30:00.000001Z"),
        ("2026-03-01T08:30:00.123455Z", "2026-03-01T08:30:00.123456Z"),
        ("2026-03-01T08:30:00+01:00", "2026-03-01T08:30:00Z"),
        ("2026-03-01T23:30:00-05:00", "2026-03-02T08:30:00+03:30"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.9Z", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
        ("2026-03-01 08:30:00", "2026-03-01 08:30:00.1"),
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:10:00+01:00"),  # as summer time ends
    ],
)
def test_earlier_date_is_less(earlier: str, later: str) -> None:
    assert OrderDate(earlier).instant < OrderDate(later).instant


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-01T08:30:00Z", "2026-03-01 09:30+01:00"),
        ("2026-03-01T08:30:00.5Z", "2026-03-01T08:30:00.500000000+00:00"),
        ("2026-03-01T08:30", "2026-03-01 08:30:00.0"),
    ],
)
def test_same_instants_are_equal(first: str, second: str) -> None:
    assert OrderDate(first).instant == OrderDate(second).instant
