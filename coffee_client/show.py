"""How things are shown: for people in colour, for scripts as JSON, each on its own stream.

Answers go to standard output, words about them to standard error, so that a pipe gets answers
only. Colours and spinners vanish where nobody sees them.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from coffee_client.client import Order

answers = Console(soft_wrap=True, highlight=False)
words = Console(stderr=True, soft_wrap=True, highlight=False)

_COLOURS = {
    "placed": "cyan",
    "preparing": "yellow",
    "ready": "bold green",
    "collected": "dim",
    "cancelled": "red",
}


def say(text: str) -> None:
    """Say something to the person."""
    words.print(text, markup=False)


def fail(text: str) -> None:
    """Say what went wrong."""
    words.print(text, style="red", markup=False)


def thing(content: Any, *, as_json: bool) -> None:
    """Show something: JSON for scripts, indented and coloured for people."""
    if as_json:
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    else:
        answers.print_json(data=content)


def order(one: Order, *, as_json: bool) -> None:
    """Show one order."""
    thing(as_content(one), as_json=as_json)


def orders(some: Sequence[Order], *, as_json: bool) -> None:
    """Show several orders, one a line; for scripts, one JSON list."""
    if as_json:
        thing([as_content(one) for one in some], as_json=True)
        return
    if not some:
        say("No orders.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("account", "vendor", "coffee", "price", "status", "date"):
        table.add_column(name, overflow="fold")
    for one in some:
        what = one.details
        coffee = f"{what.quantity} x {what.coffeesize} {what.coffeetype}"
        status = one.status or ""
        table.add_row(
            *(_plain(text) for text in (one.accountid, one.vendorid, coffee, what.unitprice)),
            f"[{_COLOURS.get(status, 'default')}]{status}[/]",
            _plain(one.orderdate),
        )
    answers.print(table, soft_wrap=False)


def as_content(one: Order) -> dict[str, Any]:
    """Return an order as the service answers it."""
    return {**one.to_json(), "status": one.status}


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Spin while something takes its time, where somebody looks."""
    if words.is_terminal:
        with words.status(text):
            yield
    else:
        yield


def _plain(text: str) -> str:
    """Keep brackets in what others wrote from being read as colours."""
    return text.replace("[", r"\[")
