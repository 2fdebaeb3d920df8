"""Prints the results of the commands, in UTF-8: in colour for people, as JSON for scripts.

Results go to standard output and messages to standard error. Text by other users is never
interpreted as markup, and its unsafe characters are escaped.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coffee_client.models import Order, Shop
from coffee_client.text import dump_json, printable

_MIN_WIDTH = 40  # columns; COLUMNS may be anything
_PIPE_WIDTH = 10_000  # columns, so that no row is wrapped
_MAX_WAITING = 100  # the service counts no further
_COLOURS = {"placed": "cyan", "preparing": "yellow", "ready": "bold green", "cancelled": "red"}


def message(content: str, style: str = "") -> None:
    """Print a message; an error is red."""
    _console(stderr=True).print(printable(content), style=style)


def json(content: Any) -> None:
    """Print JSON on one line, for scripts."""
    _console().out(dump_json(content), highlight=False)


def text(content: str) -> None:
    """Print a line for people."""
    _console().print(printable(content))


def order(order: Order, *, as_json: bool, prefix: str = "") -> None:
    """Print an order. For people it is a sentence."""
    if as_json:
        json(order.to_json())
        return
    price, total = _price(order), _total(order)
    note = f' with the note "{order.details.note}"' if order.details.note else ""
    costs = f"{price and f' at {price}'}{total and f', {total} in total'}"
    key = f"Order of {order.accountid} at {order.vendorid}"
    since = f" since {_local_time(order.since)}." if order.since else "."
    sentence = printable(f"{prefix}{_coffee(order)}{note}{costs}. {key}: ")
    _console().print(sentence, _status(order), since, sep="")


def orders(orders: Sequence[Order], *, as_json: bool) -> None:
    """Print orders, one on each line. For scripts it is a JSON list."""
    if as_json:
        json([order.to_json() for order in orders])
        return
    if not orders:
        message("No orders.")
        return
    table = _table("account", "vendor", "coffee", "price", "total", "status", "since", "note")
    for order in orders:
        cells = (order.accountid, order.vendorid, _coffee(order), _price(order), _total(order))
        since, note = _local_time(order.since or ""), printable(order.details.note or "")
        table.add_row(*map(printable, cells), _status(order), since, note)
    _console().print(table, soft_wrap=False)


def shop(shop: Shop, *, as_json: bool) -> None:
    """Print a shop and its menu, one size of a coffee on each line."""
    if as_json:
        json(asdict(shop))
        return
    note = f" ({shop.note})" if shop.note else ""
    waiting = ""
    if shop.waiting is not None:
        count = f"{_MAX_WAITING}+" if shop.waiting > _MAX_WAITING else shop.waiting
        waiting = f", orders waiting: {count}"
    state = "open" if shop.open else "closed"
    text(f"{shop.name} is {state}{note}{waiting}")
    table = _table("coffee", "size", "price", "")
    for coffee in shop.menu:
        for size in coffee.sizes:
            price = f"{size.unitprice} {shop.currency}"
            soldout = "sold out" if coffee.soldout else ""
            table.add_row(*map(printable, (coffee.coffeetype, size.coffeesize, price, soldout)))
    _console().print(table, soft_wrap=False)


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Show a label on a terminal while the block runs.

    It hides no cursor, so a command that is killed or stopped leaves the terminal as it was.
    """
    if not sys.stderr.isatty():
        yield
        return
    print(label, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print(f"\r{' ' * len(label)}\r", end="", file=sys.stderr, flush=True)


def _coffee(order: Order) -> str:
    return f"{order.details.quantity} x {order.details.coffeesize} {order.details.coffeetype}"


def _price(order: Order) -> str:
    return f"{order.details.unitprice or ''} {order.currency or ''}".strip()


def _total(order: Order) -> str:
    return "" if order.total is None else f"{order.total:f} {order.currency or ''}".strip()


def _status(order: Order) -> Text:
    status = order.status or ""
    return Text(printable(status), style=_COLOURS.get(status, ""))


def _local_time(timestamp: str) -> str:
    """Return a time in ISO 8601 in the local time zone, without fractions of a second."""
    try:
        return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return printable(timestamp)


def _console(*, stderr: bool = False) -> Console:
    on_terminal = (sys.stderr if stderr else sys.stdout).isatty()
    width = max(shutil.get_terminal_size().columns, _MIN_WIDTH) if on_terminal else _PIPE_WIDTH
    # Without a height, rich reads COLUMNS and LINES itself.
    options = {"soft_wrap": True, "highlight": False, "markup": False, "emoji": False}
    return Console(stderr=stderr, width=width, height=25, **options)  # type: ignore[arg-type]


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
