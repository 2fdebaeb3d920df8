"""The commands of `coffee` for orders."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import click

from coffee_client.cli import output
from coffee_client.cli.command import (
    WholeNumber,
    anonymous,
    as_json,
    command,
    next_command,
    sending,
    signed_in,
)
from coffee_client.cli.errors import FAILED, UNREACHABLE, USAGE, CommandError, describe_error
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError, UnreachableError
from coffee_client.models import Details, Order, Shop
from coffee_client.text import shell_command

STATUSES = ("placed", "preparing", "ready", "collected", "cancelled")
NEXT_STATUS = {"placed": "preparing", "preparing": "ready", "ready": "collected"}
_DEFAULT_SIZE = "Regular"
_OUTCOMES = {
    "placed": "Ordered: ",
    "replaced": "Ordered in place of your earlier order: ",
    "unchanged": "Already ordered, nothing has changed: ",
}
_MAX_INTERVAL = 30.0  # seconds between two requests
_NOT_FOUND = 404

_accountid = click.argument("accountid")
_vendorid = click.argument("vendorid")
_status = click.option("--status", type=click.Choice(STATUSES), help="List only this status.")
_limit = click.option(
    "--limit",
    type=WholeNumber(1_000_000),
    default=50,
    show_default=True,
    help="The maximum number of orders.",
)
_all = click.option("--all", "all_", is_flag=True, help="List all orders, without a limit.")


@command(
    'coffee order a0 harbour "Flat White" --size Large',
    _accountid,
    _vendorid,
    click.argument("coffee"),
    click.option("--size", help="Default: the only size on the menu, or Regular."),
    click.option("--price", help="The price of one, such as 4.80. Default: the menu's price."),
    click.option("--quantity", default="1", show_default=True),
    click.option("--note", help='A wish, such as "oat milk".'),
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
    note: str | None,
    date: str | None,
    as_json: bool,
) -> None:
    """Place an order, or replace your own one at the same vendor."""
    client = signed_in()
    if size is None or price is None:
        with output.progress("Reading the menu ..."):
            shop = _find_shop(client, vendorid)
        if shop is None and price is None:
            raise CommandError(f"{vendorid} has no menu. Add the price of one with --price", USAGE)
        size = size or _default_size(shop, coffee)
    new_order = Order(accountid, vendorid, Details(coffee, size, price, quantity, note))
    with sending("Ordering ..."):
        result = client.place(new_order if date is None else replace(new_order, orderdate=date))
    output.order(result.order, as_json=as_json, prefix=_OUTCOMES[result.outcome])
    output.message(next_command("watch", accountid, vendorid))


@command("coffee get a0 v0", _accountid, _vendorid, as_json)
def get(accountid: str, vendorid: str, as_json: bool) -> None:
    """Look up an order. No login is needed."""
    with output.progress("Looking ..."):
        result = anonymous().get(accountid, vendorid)
    output.order(result, as_json=as_json)


@command("coffee list --status ready", _status, _limit, _all, as_json)
def list_(status: str | None, limit: int, all_: bool, as_json: bool) -> None:
    """List your own orders, newest first."""
    _print_orders(signed_in().orders(status=status), None if all_ else limit, as_json=as_json)


@command("coffee cancel a0 v0", _accountid, _vendorid, as_json)
def cancel(accountid: str, vendorid: str, as_json: bool) -> None:
    """Cancel your own order while the shop has not started it."""
    client = signed_in()
    with sending("Cancelling ..."):
        result = client.cancel(accountid, vendorid)
    output.order(result, as_json=as_json)


@command("coffee queue v0", _vendorid, _status, _limit, _all, as_json)
def queue(vendorid: str, status: str | None, limit: int, all_: bool, as_json: bool) -> None:
    """List a shop's open orders, oldest first. For its staff only."""
    orders = signed_in().queue(vendorid, status=status)
    _print_orders(orders, None if all_ else limit, as_json=as_json)


@command(
    "coffee advance a0 v0 ready",
    _accountid,
    _vendorid,
    click.argument("status", required=False, type=click.Choice(STATUSES), metavar="[STATUS]"),
    as_json,
)
def advance(accountid: str, vendorid: str, status: str | None, as_json: bool) -> None:
    """Move an order to STATUS, or to its next one. For staff of its vendor only.

    STATUS is preparing, ready, collected or cancelled.
    """
    client = signed_in()
    with output.progress("Looking ..."):
        current = client.get(accountid, vendorid)
    # The service rejects a step from a last status.
    next_status = status or NEXT_STATUS.get(str(current.status), str(current.status))
    advice = f"Look it up first: {shell_command('coffee get', accountid, vendorid)}"
    with sending("Changing the status ...", advice):
        result = client.advance(accountid, vendorid, next_status)
    output.order(result, as_json=as_json)


@command(
    "coffee watch a0 v0 && echo 'Pick it up'",
    _accountid,
    _vendorid,
    click.option(
        "--every",
        type=WholeNumber(3600),
        default=2,
        show_default=True,
        help="The seconds between the first requests. The interval grows to 30 seconds.",
    ),
    as_json,
)
def watch(accountid: str, vendorid: str, every: int, as_json: bool) -> None:
    """Follow an order until it is ready. Exit with 1 if it is cancelled.

    It continues after a lost connection.
    """
    status: str | None = None
    for current in _poll(anonymous(), accountid, vendorid, every):
        if current.status != status:
            status = current.status
            output.status(current, as_json=as_json)
        if status in {"ready", "collected"}:
            return
        if status == "cancelled":
            raise CommandError("The order is cancelled", FAILED)


def _poll(client: CoffeeClient, accountid: str, vendorid: str, interval: float) -> Iterator[Order]:
    """Look an order up repeatedly. Raises OrderError if the service rejects the request."""
    max_interval = max(interval, _MAX_INTERVAL)
    connected = True
    while True:
        try:
            order = client.get(accountid, vendorid)
        except (UnreachableError, OrderError) as error:
            if describe_error(error)[1] != UNREACHABLE:
                raise
            if connected:
                output.message(f"The connection is lost: {error}. Retrying; press Ctrl-C to stop.")
            connected = False
        else:
            if not connected:
                output.message("The connection is back.")
            connected = True
            yield order
        with output.progress("Waiting ..."):
            time.sleep(interval)
        interval = min(interval * 1.1, max_interval)


def _find_shop(client: CoffeeClient, vendorid: str) -> Shop | None:
    """Look up a shop. Return None if it has no menu."""
    try:
        return client.shop(vendorid)
    except OrderError as error:
        if error.status != _NOT_FOUND:
            raise
        return None


def _default_size(shop: Shop | None, coffeetype: str) -> str:
    """Return the only size of a coffee, or Regular. Raises CommandError if it has neither."""
    coffees = [coffee for coffee in shop.menu if coffee.coffeetype == coffeetype] if shop else []
    sizes = [size.coffeesize for coffee in coffees for size in coffee.sizes]
    if len(sizes) == 1:
        return sizes[0]
    if sizes and _DEFAULT_SIZE not in sizes:
        message = f"Choose a size with --size: {coffeetype} comes in {', '.join(sizes)}"
        raise CommandError(message, USAGE)
    return _DEFAULT_SIZE


def _print_orders(orders: Iterator[Order], limit: int | None, *, as_json: bool) -> None:
    with output.progress("Looking ..."):
        page = list(islice(orders, limit))
        has_more = next(orders, None) is not None
    output.orders(page, as_json=as_json)
    if has_more:
        output.message("The list goes on. Use --all to list all orders, or another --limit.")


ORDER_COMMANDS = (order, get, list_, watch, cancel)
QUEUE_COMMANDS = (queue, advance)
