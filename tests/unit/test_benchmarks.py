"""What the benchmarks take for granted of the table and of its items is so."""

import pytest

from benchmarks import capacity, indexed_table
from benchmarks.events import ITEM
from tests.template import resources

_INDEXES = indexed_table.INDEXES.values()


def test_the_indexed_table_has_the_tables_own_keys_and_indexes() -> None:
    table = resources()["Orders"]["Properties"]
    indexes = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == indexed_table.INDEXES
    assert tuple(key["AttributeName"] for key in table["KeySchema"]) == indexed_table.KEY


@pytest.mark.parametrize(
    ("change", "units"),
    [
        ({}, 1),  # refused: what was there stays
        ({"status": {"S": "preparing"}}, 3),
        ({"shop_queue": {"S": "collected:v0"}}, 4),
        ({"placed_at": {"S": "2026-03-02"}}, 5),
        ({"orderdate": {"S": "x" * 1024}}, 6),
    ],
)
def test_a_write_costs_a_unit_for_each_kilobyte_and_index(
    change: capacity.Attributes, units: int
) -> None:
    assert capacity.write(ITEM, {**ITEM, **change}, _INDEXES) == units


def test_a_new_item_is_written_once_to_the_table_and_to_each_index() -> None:
    assert capacity.write(None, ITEM, _INDEXES) == 3
    before_there_were_lists = {name: ITEM[name] for name in ("accountid", "vendorid")}
    assert capacity.write(None, before_there_were_lists, _INDEXES) == 1


def test_a_read_costs_a_unit_for_four_kilobytes_and_half_where_it_may_be_late() -> None:
    assert capacity.read([], consistent=True) == 1
    assert capacity.read([4096, 1], consistent=True) == 2
    assert capacity.read([270] * 21, consistent=False) == 1


def test_an_item_is_measured_as_dynamodb_does() -> None:
    assert capacity.size({"ä": {"S": "12345"}}) == 7
    assert capacity.size({"m": {"M": {"ab": {"S": "c"}}}}) == 1 + 3 + 1 + 3
    assert capacity.size({"n": {"N": "12300"}}) == 1 + 2 + 1
