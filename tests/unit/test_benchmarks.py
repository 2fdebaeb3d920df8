"""The stored items and the ratios of the benchmarks."""

import pytest

from benchmarks import events
from benchmarks.report import ratio
from tests.unit.parsing import request_order


@pytest.mark.usefixtures("client")
def test_stored_items_are_those_of_the_service() -> None:
    # These modules read the environment.
    from chalicelib import orders_table, shops, shops_table  # noqa: PLC0415

    order = request_order(events.POST["body"].encode())
    item = orders_table._to_item(order, shops.accept(order, None), events.SUB)
    assert item.keys() == events.ITEM.keys()
    shop = shops_table._shop(events.MENU)
    assert shop is not None
    assert len(shop.menu) == 5


def test_ratio_is_taken_for_each_round() -> None:
    assert ratio([1, 10, 2], [2, 20, 4]) == pytest.approx(0.5)
