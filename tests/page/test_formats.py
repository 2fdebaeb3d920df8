"""Formats: prices and numbers as people type them, times and ages as they are shown."""

import pytest

from tests.page.conftest import NewVisitor
from tests.page.stub import URL

pytestmark = pytest.mark.slow

_COST = "order.costText({{ details: {{ unitprice: {!r}, quantity: {!r} }} }})"
_PLACED = "order.placedText({{ orderdate: {!r} }})"
_AGE = "order.ageText({{ since: new Date(Date.now() - {} * 60_000).toISOString() }})"
FORMATS = {
    "order.plainPrice('4,50')": "4.50",
    "order.plainPrice('٫٥٠')": "0.50",
    "order.isAmbiguousPrice('25.000')": True,
    "order.isAmbiguousPrice('4,50')": False,
    "order.askForPrice('25.000')": "Is this 25000 or 25? Write it like that.",
    "order.typablePrice('1.250')": "1.2500",  # which is not ambiguous
    "order.priceText('4.5', 'EUR')": "€4.50",
    "order.priceText('450000', 'JPY')": "JP¥450,000",
    "order.priceText('4.50')": "4.50",
    _COST.format("4.50", "2"): "2 × 4.50 = 9.00",
    _COST.format("99999.9999", "999"): "999 × 99999.9999 = 99899999.9001",
    _PLACED.format("2026-03-01 08:30:00.123456"): "1 Mar 2026, 08:30",
    _PLACED.format("2026-03-01T08:30:00.123456789+02:00"): "1 Mar 2026, 07:30",
    _AGE.format(0.5): "",
    _AGE.format(120): "2 h",
}


def test_formats(stub_visitor: NewVisitor) -> None:
    page = stub_visitor(timezone_id="Europe/Berlin", locale="en-GB").page
    module = page.locator('link[href$="/order.js"]').get_attribute("href")
    calls = ", ".join(FORMATS)
    results = page.evaluate(f"import('{URL}/{module}').then((order) => [{calls}])")
    assert dict(zip(FORMATS, results, strict=True)) == FORMATS
