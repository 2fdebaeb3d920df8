"""The commands of `coffee` for orders."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import click

from coffee_client.cli import config, output
from coffee_client.cli.account import as_json, command, next_command
from coffee_client.cli.failures import FAILED, USAGE, Failure
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError, UnreachableError
from coffee_client.models import Details, Order, Shop

STATUSES = ("placed", "preparing", "ready", "collected", "cancelled")
NEXT_STATUS = {"placed": "preparing", "preparing": "ready", "ready": "collected"}
_USUAL_SIZE = "Regular"
_OUTCOMES = {
    "placed": "Ordered: ",
    "replaced": "Ordered in place of your earlier order: ",
    "unchanged": "This was ordered already, and nothing has changed: ",
}
_LONGEST_PAUSE = 30.0  # seconds between two requests
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500
_NO_MENU = (403, 404)  # a gateway answers 403 if its service is too old for menus

_accountid = click.argument("accountid")
_vendorid = click.argument("vendorid")
_status = click.option("--status", type=click.Choice(STATUSES), help="List only this status.")
_limit = click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=50,
    show_default=True,
    help="The maximum number of orders.",
)
_all = click.option("--all", "all_", is_flag=True, help="List all orders, without a limit.")


def signed_in() -> CoffeeClient:
    """Return a client for the customer who is logged in. Raises SettingsError."""
    settings = config.load_settings()
    return CoffeeClient(settings.api_url, config.kept_login(settings.accounts())[1])


def anonymous() -> CoffeeClient:
    """Return a client without a login. Raises SettingsError."""
    return CoffeeClient(config.load_settings().api_url)


@command(
    'coffee order a0 harbour "Flat White" --size Large',
    _accountid,
    _vendorid,
    click.argument("coffee"),
    click.option("--size", help="Default: the only size on the menu, or Regular."),
    click.option("--price", help="The price of one, such as 4.80. Default: the menu's."),
    click.option("--quantity", default="1", show_default=True),
    click.option("--date", help="When it was ordered, in ISO 8601. Default: now."),
    as_json,
)
def order(
    accountid: str,
    vendorid: str,
    coffee: str,
    size: str | None,
    price: str | None,
    quantity: str,
    date: str | None,
    as_json: bool,
) -> None:
    """Place an order, or replace your own one at the same vendor."""
    client = signed_in()
    with output.waiting("Ordering ..."):
        shop = _shop(client, vendorid) if price is None else None
        if shop is not None and size is None:
            size = _only_size(shop, coffee)
        details = Details(coffee, size or _USUAL_SIZE, price, quantity)
        wanted = Order(accountid, vendorid, details)
        placed = client.place(wanted if date is None else replace(wanted, orderdate=date))
    currency = shop.currency if shop else ""
    output.order(placed.order, as_json=as_json, before=_OUTCOMES[placed.outcome], currency=currency)
    output.say(next_command("watch", accountid, vendorid))


@command("coffee get a0 v0", _accountid, _vendorid, as_json)
def get(accountid: str, vendorid: str, as_json: bool) -> None:
    """Look up an order. No login is needed."""
    with output.waiting("Looking ..."):
        found = anonymous().get(accountid, vendorid)
    output.order(found, as_json=as_json)


@command("coffee list --status ready", _status, _limit, _all, as_json)
def list_(status: str | None, limit: int, all_: bool, as_json: bool) -> None:
    """List your own orders, newest first."""
    _print_some(signed_in().orders(status=status), None if all_ else limit, as_json=as_json)


@command("coffee cancel a0 v0", _accountid, _vendorid, as_json)
def cancel(accountid: str, vendorid: str, as_json: bool) -> None:
    """Cancel your own order while the shop has not started it."""
    with output.waiting("Cancelling ..."):
        cancelled = signed_in().cancel(accountid, vendorid)
    output.order(cancelled, as_json=as_json)


@command("coffee queue v0", _vendorid, _status, _limit, _all, as_json)
def queue(vendorid: str, status: str | None, limit: int, all_: bool, as_json: bool) -> None:
    """List a shop's open orders, oldest first. For its staff only."""
    orders = signed_in().queue(vendorid, status=status)
    _print_some(orders, None if all_ else limit, as_json=as_json)


@command(
    "coffee advance a0 v0 ready",
    _accountid,
    _vendorid,
    click.argument("status", required=False, type=click.Choice(STATUSES)),
    as_json,
)
def advance(accountid: str, vendorid: str, status: str | None, as_json: bool) -> None:
    """Move an order to STATUS, or to its next one. For staff of its vendor only."""
    client = signed_in()
    with output.waiting("Changing the status ..."):
        if status is None:
            present = str(client.get(accountid, vendorid).status)
            status = NEXT_STATUS.get(present, present)  # the service says that there is none
        moved = client.advance(accountid, vendorid, status)
    output.order(moved, as_json=as_json)


@command(
    "coffee watch a0 v0 && echo 'Pick it up'",
    _accountid,
    _vendorid,
    click.option(
        "--every",
        type=click.FloatRange(0.1, 3600),
        default=2.0,
        show_default=True,
        help="The first seconds between two requests.",
    ),
    as_json,
)
def watch(accountid: str, vendorid: str, every: float, as_json: bool) -> None:
    """Follow an order until it is ready. Exit with 1 if it is cancelled.

    It continues after a lost connection.
    """
    client = anonymous()
    seen: str | None = None
    for found in _poll(client, accountid, vendorid, every):
        if found.status != seen:
            seen = found.status
            if as_json:
                output.order(found, as_json=True)
            else:
                output.answer(f"{time.strftime('%H:%M:%S')}  {seen}")
        if seen in {"ready", "collected"}:
            return
        if seen == "cancelled":
            sys.exit(FAILED)


def _poll(client: CoffeeClient, accountid: str, vendorid: str, pause: float) -> Iterator[Order]:
    """Look an order up repeatedly. Raises OrderError if the service rejects the request."""
    longest = max(pause, _LONGEST_PAUSE)
    waiting_for, connected = "the service", True
    while True:
        try:
            found = client.get(accountid, vendorid)
        except (UnreachableError, OrderError) as error:
            if isinstance(error, OrderError) and not _is_temporary(error):
                raise
            if connected:
                output.say(f"The connection is lost: {error}. Still trying; press Ctrl-C to stop.")
            connected = False
        else:
            if not connected:
                output.say("The connection is back.")
            connected = True
            waiting_for = str(found.status)
            yield found
        with output.waiting(f"{waiting_for} ..."):
            time.sleep(pause)
        pause = min(pause * 1.1, longest)


def _shop(client: CoffeeClient, vendorid: str) -> Shop:
    """Return a shop whose menu has the prices. Raises Failure if it has none."""
    try:
        return client.shop(vendorid)
    except OrderError as error:
        if error.status not in _NO_MENU:
            raise
        line = f"{vendorid} has no menu. Name the price of one with --price"
        raise Failure(line, USAGE) from error


def _only_size(shop: Shop, coffeetype: str) -> str | None:
    """Return the size of a coffee if the menu has only one; None if the usual one will do."""
    sizes = [
        size.coffeesize
        for coffee in shop.menu
        for size in coffee.sizes
        if coffee.coffeetype == coffeetype
    ]
    if len(sizes) > 1 and _USUAL_SIZE not in sizes:
        line = f"Name a size with --size: {coffeetype} comes in {', '.join(sizes)}"
        raise Failure(line, USAGE)
    return sizes[0] if len(sizes) == 1 else None


def _is_temporary(error: OrderError) -> bool:
    return error.status == _TOO_MANY_REQUESTS or error.status >= _SERVER_ERROR


def _print_some(orders: Iterator[Order], limit: int | None, *, as_json: bool) -> None:
    with output.waiting("Looking ..."):
        found = list(islice(orders, limit))
        has_more = next(orders, None) is not None
    output.orders(found, as_json=as_json)
    if has_more:
        output.say(f"There are more than these {limit}. List all with --all.")


ORDER_COMMANDS = (order, get, list_, cancel, queue, advance, watch)
