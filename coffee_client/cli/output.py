"""Prints the results of the commands: in colour for people, as JSON for scripts.

Results go to standard output and messages to standard error. Text by other users is never
interpreted as markup, and its unsafe characters are escaped.
"""

import codecs
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coffee_client.json_tree import JSONTree
from coffee_client.models import Order, Shop
from coffee_client.text import dump_json, one_line, printable

_MIN_WIDTH = 40  # columns; COLUMNS may be anything
_PIPE_WIDTH = 10_000  # columns, so that no row is wrapped
_COLOURS = {
    "placed": "cyan",
    "preparing": "yellow",
    "ready": "bold green",
    "collected": "dim",
    "cancelled": "red",
}


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a standard stream is a terminal; a closed one is None."""
    return stream is not None and stream.isatty()


def use_escapes() -> None:
    """Print characters that the streams' encoding does not have as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def message(content: str) -> None:
    """Print a message."""
    _console(stderr=True).print(one_line(content))


def error(content: str) -> None:
    """Print an error message."""
    _console(stderr=True).print(one_line(content), style="red")


def json(content: Any) -> None:
    """Print JSON on one line, for scripts. It is ASCII if the stream's encoding is not UTF-8."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = codecs.lookup(encoding).name != "utf-8"
    _console().out(dump_json(content, ascii_only=ascii_only), highlight=False)


def json_tree(content: Any, *, as_json: bool) -> None:
    """Print JSON: on one line for scripts, indented and in colour for people."""
    if as_json:
        json(content)
    else:
        _console().print(JSONTree(content))


def order(order: Order, *, as_json: bool, prefix: str = "") -> None:
    """Print an order. For people it is a sentence."""
    if as_json:
        json(order.to_json())
        return
    key = f"Order of {order.accountid} at {order.vendorid}"
    since = f" since {_local_time(order.since)}." if order.since else "."
    sentence = printable(f"{prefix}{summary(order)}. {key}: ")
    _console().print(sentence, _status(order), since, sep="")


def summary(order: Order) -> str:
    """Return what was ordered and what it costs."""
    details, total = order.details, _total(order)
    note = f' ("{details.note}")' if details.note else ""
    price = f" at {_price(order)}" if details.unitprice is not None else ""
    return f"{_coffee(order)}{note}{price}{total and f', {total} in total'}"


def status(order: Order, *, as_json: bool) -> None:
    """Print the status of an order, and the time from which it had it."""
    if as_json:
        json(order.to_json())
    else:
        _console().print(_local_time(order.since or ""), _status(order))


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
        key = (order.accountid, order.vendorid)
        cells = map(printable, (*key, _coffee(order), _price(order), _total(order)))
        since, note = _local_time(order.since or ""), printable(order.details.note or "")
        table.add_row(*cells, _status(order), since, note)
    _console().print(table, soft_wrap=False)


def shop(shop: Shop, *, as_json: bool) -> None:
    """Print a shop and its menu, one size of a coffee on each line."""
    if as_json:
        json(shop.to_json())
        return
    note = f" ({shop.note})" if shop.note else ""
    waiting = f", orders waiting: {shop.waiting}" if shop.waiting else ""
    state = "open" if shop.open else "closed"
    _console().print(printable(f"{shop.name} is {state}{note}{waiting}"))
    table = _table("coffee", "size", "price", "")
    for coffee in shop.menu:
        soldout = "sold out" if coffee.soldout else ""
        for size in coffee.sizes:
            price = f"{size.unitprice} {shop.currency}"
            table.add_row(*map(printable, (coffee.coffeetype, size.coffeesize, price, soldout)))
    _console().print(table, soft_wrap=False)


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Show a label on a terminal while the block runs.

    It neither moves nor hides the cursor, so a command that is killed or stopped leaves the
    terminal as it was.
    """
    terminal = sys.stderr if is_terminal(sys.stderr) else None
    if terminal:
        terminal.write(label)
        terminal.flush()
    try:
        yield
    finally:
        if terminal:
            terminal.write(f"\r{' ' * len(label)}\r")
            terminal.flush()


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
    width = max(shutil.get_terminal_size().columns, _MIN_WIDTH)
    if not is_terminal(sys.stderr if stderr else sys.stdout):
        width = _PIPE_WIDTH
    return Console(
        stderr=stderr,
        width=width,
        height=25,  # without it, rich reads COLUMNS and LINES itself
        soft_wrap=True,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
