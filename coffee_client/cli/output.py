"""What the commands print: for people in colour, for scripts as JSON, each on its own stream.

Answers go to standard output and messages to standard error, so that a pipe receives answers
only. Nothing that others wrote is read as markup, and nothing unsafe is printed.
"""

import codecs
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.table import Table
from rich.text import Text

from coffee_client.models import Order
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
    """Print what went wrong."""
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
        text = Text(json_text(content, indent=2))
        JSONHighlighter().highlight(text)
        _answers.print(text)


def order(one: Order, *, as_json: bool) -> None:
    """Print one order."""
    thing(one.to_json(), as_json=as_json)


def orders(some: Sequence[Order], *, as_json: bool) -> None:
    """Print several orders, one on each line; for scripts, one JSON list."""
    if as_json:
        json([one.to_json() for one in some])
        return
    if not some:
        say("No orders.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("account", "vendor", "coffee", "price", "status", "date"):
        table.add_column(name, overflow="fold")
    for one in some:
        details, status = one.details, one.status or ""
        coffee = f"{details.quantity} x {details.coffeesize} {details.coffeetype}"
        table.add_row(
            *map(plain, (one.accountid, one.vendorid, coffee, details.unitprice)),
            Text(plain(status), style=_COLOURS.get(status, "")),
            plain(one.orderdate),
        )
    if not _answers.is_terminal:
        _answers.width = _PIPE_WIDTH
    _answers.print(table, soft_wrap=False)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show a spinner for the time of the block if standard error is a terminal."""
    if _messages.is_terminal:
        with _messages.status(plain(text), spinner="line"):  # a spinner in ASCII
            yield
    else:
        yield
