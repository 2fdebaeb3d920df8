"""The table and the ratios of the benchmarks."""

from pathlib import Path

import pytest

from benchmarks import events, indexed_table
from benchmarks.indexed_table import BUSY_OPEN, IndexedTable
from benchmarks.report import ratio
from tests.fixtures import template_resources


def test_indexed_table_has_the_deployed_keys_and_indexes() -> None:
    table = template_resources()["Orders"]["Properties"]
    indexes = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == indexed_table.INDEXES
    assert tuple(key["AttributeName"] for key in table["KeySchema"]) == indexed_table.KEY


def test_indexed_table_reads_only_the_items_it_returns(tmp_path: Path) -> None:
    table = IndexedTable(tmp_path / "orders.sqlite", 100)
    query = {
        "IndexName": "by_shop",
        "ExpressionAttributeValues": {":partition": {"S": "open:busy"}},
        "Limit": 20,
    }
    assert len(table.handle("Query", query)["Items"]) == BUSY_OPEN
    assert table.handle("Items", {}) == {"Items": BUSY_OPEN}
    key = {name: events.ITEM[name] for name in indexed_table.KEY}
    assert table.handle("GetItem", {"Key": key}) == {"Item": events.ITEM}


def test_ratio_is_taken_for_each_round() -> None:
    assert ratio([1, 10, 2], [2, 20, 4]) == pytest.approx(0.5)
