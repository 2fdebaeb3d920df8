"""The commands of `coffee` that have to do with orders."""

import shlex
import sys
import time
from dataclasses import replace
from itertools import islice

import click

from coffee_client import settings, show
from coffee_client.advice import REFUSED
from coffee_client.cli_account import as_json, example
from coffee_client.client import CoffeeClient, Details, Order
from coffee_client.settings import Settings

_STATUSES = ("placed", "preparing", "ready", "collected", "cancelled")
_NEXT = {"placed": "preparing", "preparing": "ready", "ready": "collected"}
_LONGEST_PAUSE = 30.0  # seconds

_accountid = click.argument("accountid")
_vendorid = click.argument("vendorid")
_status = click.option("--status", type=click.Choice(_STATUSES), help="Only those.")
_limit = click.option("--limit", type=click.IntRange(1), default=50, show_default=True)


def _client() -> CoffeeClient:
    """Return a client for whoever is logged in. Raises SettingsError."""
    kept = Settings.load()
    return CoffeeClient(kept.api_url, settings.kept_login(kept.accounts())[1])


@click.command(epilog=example('coffee order a0 v0 "Flat White" --size Large --price 4.80'))
@_accountid
@_vendorid
@click.argument("coffee")
@click.option("--size", default="Regular", show_default=True)
@click.option("--price", required=True, help="For one, as in 4.80.")
@click.option("--quantity", default="1", show_default=True)
@click.option("--date", help="ISO 8601; now, if not named.")
@as_json
def order(
    accountid: str,
    vendorid: str,
    coffee: str,
    size: str,
    price: str,
    quantity: str,
    date: str | None,
    as_json: bool,
) -> None:
    """Place an order, or replace your own at the same vendor."""
    wanted = Order(accountid, vendorid, Details(coffee, size, price, quantity))
    if date is not None:
        wanted = replace(wanted, orderdate=date)
    client = _client()
    with show.waiting("Ordering ..."):
        placed = client.place(wanted)
    show.order(placed.order, as_json=as_json)
    done = "Placed" if placed.is_new else "Replaced your earlier order"
    show.say(f"{done}. Next: coffee watch {_words(accountid, vendorid)}")


@click.command(epilog=example("coffee get a0 v0"))
@_accountid
@_vendorid
@as_json
def get(accountid: str, vendorid: str, as_json: bool) -> None:
    """Look an order up; no login needed."""
    client = CoffeeClient(Settings.load().api_url)
    with show.waiting("Looking ..."):
        found = client.get(accountid, vendorid)
    show.order(found, as_json=as_json)


@click.command("list", epilog=example("coffee list --status ready"))
@_status
@_limit
@as_json
def list_(status: str | None, limit: int, as_json: bool) -> None:
    """List your own orders, newest first."""
    client = _client()
    with show.waiting("Looking ..."):
        found = list(islice(client.orders(status=status), limit))
    show.orders(found, as_json=as_json)


@click.command(epilog=example("coffee cancel a0 v0"))
@_accountid
@_vendorid
@as_json
def cancel(accountid: str, vendorid: str, as_json: bool) -> None:
    """Cancel your own order, while the shop has not begun."""
    client = _client()
    with show.waiting("Cancelling ..."):
        cancelled = client.cancel(accountid, vendorid)
    show.order(cancelled, as_json=as_json)


@click.command(epilog=example("coffee queue v0"))
@_vendorid
@_status
@_limit
@as_json
def queue(vendorid: str, status: str | None, limit: int, as_json: bool) -> None:
    """List a shop's open orders, oldest first; for its staff."""
    client = _client()
    with show.waiting("Looking ..."):
        found = list(islice(client.queue(vendorid, status=status), limit))
    show.orders(found, as_json=as_json)


@click.command(epilog=example("coffee advance a0 v0 ready"))
@_accountid
@_vendorid
@click.argument("status", required=False, type=click.Choice(_STATUSES))
@as_json
def advance(accountid: str, vendorid: str, status: str | None, as_json: bool) -> None:
    """Move an order on, to STATUS or to what comes next; for staff of its vendor."""
    client = _client()
    with show.waiting("Moving on ..."):
        if status is None:
            present = str(client.get(accountid, vendorid).status)
            status = _NEXT.get(present, present)  # the service says that there is none
        moved = client.advance(accountid, vendorid, status)
    show.order(moved, as_json=as_json)


@click.command(epilog=example("coffee watch a0 v0 && echo 'Go and get it'"))
@_accountid
@_vendorid
@click.option("--every", type=click.FloatRange(0.1), default=2.0, show_default=True)
@as_json
def watch(accountid: str, vendorid: str, every: float, as_json: bool) -> None:
    """Follow an order until it is ready; exit with 1 if it is cancelled."""
    client = CoffeeClient(Settings.load().api_url)
    seen: str | None = None
    while True:
        found = client.get(accountid, vendorid)
        if found.status != seen:
            seen = found.status
            if as_json:
                show.order(found, as_json=True)
            else:
                show.answers.print(f"{time.strftime('%H:%M:%S')}  {seen}")
        if seen in {"ready", "collected"}:
            return
        if seen == "cancelled":
            sys.exit(REFUSED)
        with show.waiting(f"{seen} ..."):
            time.sleep(every)
        every = min(every * 1.1, max(every, _LONGEST_PAUSE))


def _words(*words: str) -> str:
    """Write words as a shell needs them."""
    return shlex.join(words)


ORDER_COMMANDS = (order, get, list_, cancel, queue, advance, watch)
