"""Prints the results of the commands: in colour for people, as JSON for scripts.

Results go to standard output and messages to standard error. Text by other users is never
interpreted as markup, and its unsafe characters are escaped.
"""

import codecs
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coffee_client.json_tree import JSONTree
from coffee_client.models import Order, Shop
from coffee_client.text import dump_json, one_line, printable

_stdout = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
_stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

_PIPE_WIDTH = 10_000  # columns, so that no row is wrapped
_COLOURS = {
    "placed": "cyan",
    "preparing": "yellow",
    "ready": "bold green",
    "collected": "dim",
    "cancelled": "red",
}


def message(content: str) -> None:
    """Print a message."""
    _stderr.print(one_line(content))


def error(content: str) -> None:
    """Print an error message."""
    _stderr.print(one_line(content), style="red")


def text(content: str) -> None:
    """Print a result for people."""
    _stdout.print(printable(content))


def json(content: Any) -> None:
    """Print JSON on one line, for scripts. It is ASCII if the stream's encoding is not UTF-8."""
    ascii_only = codecs.lookup(sys.stdout.encoding).name != "utf-8"
    sys.stdout.write(dump_json(content, ascii_only=ascii_only) + "\n")
    sys.stdout.flush()


def json_tree(content: Any, *, as_json: bool) -> None:
    """Print JSON: on one line for scripts, indented and in colour for people."""
    if as_json:
        json(content)
    else:
        _stdout.print(JSONTree(content))


def order(order: Order, *, as_json: bool, prefix: str = "", currency: str = "") -> None:
    """Print an order. For people it is a sentence, with the total in the shop's currency."""
    if as_json:
        json(order.to_json())
        return
    unitprice = order.details.unitprice
    price = f" at {unitprice}" if unitprice is not None else ""
    total = f", {f'{order.total} {currency}'.strip()} in total" if order.total else ""
    key = f"Order of {order.accountid} at {order.vendorid}"
    _stdout.print(
        printable(f"{prefix}{_quantity_and_coffee(order)}{price}{total}. {key}: "),
        _status(order),
        f" since {_local_time(order.since)}." if order.since else ".",
        sep="",
    )


def orders(orders: Sequence[Order], *, as_json: bool) -> None:
    """Print orders, one on each line. For scripts it is a JSON list."""
    if as_json:
        json([order.to_json() for order in orders])
        return
    if not orders:
        message("No orders.")
        return
    table = _table("account", "vendor", "coffee", "price", "status", "date")
    for order in orders:
        key, price = (order.accountid, order.vendorid), order.details.unitprice or ""
        cells = map(printable, (*key, _quantity_and_coffee(order), price))
        table.add_row(*cells, _status(order), printable(order.orderdate))
    _print_table(table)


def shop(shop: Shop, *, as_json: bool) -> None:
    """Print a shop and its menu, one size of a coffee on each line."""
    if as_json:
        json(shop.to_json())
        return
    note = f" ({shop.note})" if shop.note else ""
    text(f"{shop.name} is {'open' if shop.open else 'closed'}{note}")
    table = _table("coffee", "size", "price", "")
    for coffee in shop.menu:
        soldout = "sold out" if coffee.soldout else ""
        for size in coffee.sizes:
            price = f"{size.unitprice} {shop.currency}"
            table.add_row(*map(printable, (coffee.coffeetype, size.coffeesize, price, soldout)))
    _print_table(table)


def _quantity_and_coffee(order: Order) -> str:
    return f"{order.details.quantity} x {order.details.coffeesize} {order.details.coffeetype}"


def _status(order: Order) -> Text:
    status = order.status or ""
    return Text(printable(status), style=_COLOURS.get(status, ""))


def _local_time(timestamp: str) -> str:
    """Return a time in ISO 8601 in the local time zone, without fractions of a second."""
    try:
        return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return printable(timestamp)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _print_table(table: Table) -> None:
    if not sys.stdout.isatty():
        _stdout.width = _PIPE_WIDTH
    _stdout.print(table, soft_wrap=False)


def spinner(label: str) -> AbstractContextManager[Any]:
    """Show a spinner while the block runs if standard error is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    return _stderr.status(printable(label), spinner="line")  # a spinner in ASCII
