"""Prints the results of the commands: in colour for people, as JSON for scripts.

Answers go to standard output and messages to standard error, so that a pipe receives answers
only. Text by other users is never read as markup, and unsafe characters are escaped.
"""

import codecs
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coffee_client.json_tree import JSONTree
from coffee_client.models import Order, Shop
from coffee_client.text import json_text, one_line, plain

_answers = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
_messages = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)

_PIPE_WIDTH = 10_000  # columns: more than the longest row has
_COLOURS = {
    "placed": "cyan",
    "preparing": "yellow",
    "ready": "bold green",
    "collected": "dim",
    "cancelled": "red",
}


def say(text: str) -> None:
    """Print a message."""
    _messages.print(one_line(text))


def fail(text: str) -> None:
    """Print an error message."""
    _messages.print(one_line(text), style="red")


def answer(text: str) -> None:
    """Print an answer for a person."""
    _answers.print(plain(text))


def json(content: Any) -> None:
    """Print JSON on one line, for scripts; in ASCII if the stream has no Unicode."""
    ascii_only = codecs.lookup(sys.stdout.encoding).name != "utf-8"
    sys.stdout.write(json_text(content, ascii_only=ascii_only) + "\n")
    sys.stdout.flush()


def thing(content: Any, *, as_json: bool) -> None:
    """Print JSON: on one line for scripts, indented and in colour for people."""
    if as_json:
        json(content)
    else:
        _answers.print(JSONTree(content))


def order(one: Order, *, as_json: bool, before: str = "", currency: str = "") -> None:
    """Print an order; for people as a sentence, after `before`, in the shop's currency."""
    if as_json:
        json(one.to_json())
        return
    details = one.details
    price = f" at {details.unitprice}" if details.unitprice is not None else ""
    total = f", {' '.join(filter(None, (str(one.total), currency)))} in total" if one.total else ""
    _answers.print(
        plain(f"{before}{_cups(one)}{price}{total}. Order of {one.accountid} at {one.vendorid}: "),
        Text(plain(one.status or ""), style=_COLOURS.get(one.status or "", "")),
        f" since {_local_time(one.since)}." if one.since else ".",
        sep="",
    )


def orders(some: Sequence[Order], *, as_json: bool) -> None:
    """Print several orders, one on each line; for scripts, one JSON list."""
    if as_json:
        json([one.to_json() for one in some])
        return
    if not some:
        say("No orders.")
        return
    table = _table("account", "vendor", "coffee", "price", "status", "date")
    for one in some:
        status = one.status or ""
        table.add_row(
            *map(plain, (one.accountid, one.vendorid, _cups(one), one.details.unitprice or "")),
            Text(plain(status), style=_COLOURS.get(status, "")),
            plain(one.orderdate),
        )
    _print_table(table)


def shop(one: Shop, *, as_json: bool) -> None:
    """Print a shop and its menu, one size of a coffee on each line."""
    if as_json:
        json(one.to_json())
        return
    note = f" ({one.note})" if one.note else ""
    answer(f"{one.name} is {'open' if one.open else 'closed'}{note}")
    table = _table("coffee", "size", "price", "")
    for coffee in one.menu:
        soldout = "sold out" if coffee.soldout else ""
        for size in coffee.sizes:
            price = f"{size.unitprice} {one.currency}"
            table.add_row(*map(plain, (coffee.coffeetype, size.coffeesize, price, soldout)))
    _print_table(table)


def _cups(one: Order) -> str:
    return f"{one.details.quantity} x {one.details.coffeesize} {one.details.coffeetype}"


def _local_time(text: str) -> str:
    """Return a time in ISO 8601 to the second, by this machine's clock."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return plain(text)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _print_table(table: Table) -> None:
    if not sys.stdout.isatty():
        _answers.width = _PIPE_WIDTH
    _answers.print(table, soft_wrap=False)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show a spinner for the time of the block if standard error is a terminal."""
    if sys.stderr.isatty():
        with _messages.status(plain(text), spinner="line"):  # a spinner in ASCII
            yield
    else:
        yield
