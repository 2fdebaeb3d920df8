"""The commands of `coffee` for orders."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import click

from coffee_client.cli import output
from coffee_client.cli.command import anonymous, as_json, command, next_command, signed_in
from coffee_client.cli.errors import FAILED, UNREACHABLE, USAGE, CommandError, describe_error
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError, UnreachableError
from coffee_client.models import Details, Order, Shop

STATUSES = ("placed", "preparing", "ready", "collected", "cancelled")
NEXT_STATUS = {"placed": "preparing", "preparing": "ready", "ready": "collected"}
_DEFAULT_SIZE = "Regular"
_OUTCOMES = {
    "placed": "Ordered: ",
    "replaced": "Ordered in place of your earlier order: ",
    "unchanged": "Already ordered, nothing has changed: ",
}
_MAX_INTERVAL = 30.0  # seconds between two requests
_NO_MENU = (403, 404)  # the gateway of an older service, which has no menus, responds with 403

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


@command(
    'coffee order a0 harbour "Flat White" --size Large',
    _accountid,
    _vendorid,
    click.argument("coffee"),
    click.option("--size", help="Default: the only size on the menu, or Regular."),
    click.option("--price", help="The price of one, such as 4.80. Default: the menu's price."),
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
    with output.spinner("Ordering ..."):
        shop = _shop_with_menu(client, vendorid) if price is None else None
        if size is None:
            size = _default_size(shop, coffee) if shop else _DEFAULT_SIZE
        new_order = Order(accountid, vendorid, Details(coffee, size, price, quantity))
        result = client.place(new_order if date is None else replace(new_order, orderdate=date))
    currency = shop.currency if shop else ""
    output.order(result.order, as_json=as_json, prefix=_OUTCOMES[result.outcome], currency=currency)
    output.message(next_command("watch", accountid, vendorid))


@command("coffee get a0 v0", _accountid, _vendorid, as_json)
def get(accountid: str, vendorid: str, as_json: bool) -> None:
    """Look up an order. No login is needed."""
    with output.spinner("Looking ..."):
        result = anonymous().get(accountid, vendorid)
    output.order(result, as_json=as_json)


@command("coffee list --status ready", _status, _limit, _all, as_json)
def list_(status: str | None, limit: int, all_: bool, as_json: bool) -> None:
    """List your own orders, newest first."""
    _print_orders(signed_in().orders(status=status), None if all_ else limit, as_json=as_json)


@command("coffee cancel a0 v0", _accountid, _vendorid, as_json)
def cancel(accountid: str, vendorid: str, as_json: bool) -> None:
    """Cancel your own order while the shop has not started it."""
    with output.spinner("Cancelling ..."):
        result = signed_in().cancel(accountid, vendorid)
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
    click.argument("status", required=False, type=click.Choice(STATUSES)),
    as_json,
)
def advance(accountid: str, vendorid: str, status: str | None, as_json: bool) -> None:
    """Move an order to STATUS, or to its next one. For staff of its vendor only."""
    client = signed_in()
    with output.spinner("Changing the status ..."):
        if status is None:
            current = str(client.get(accountid, vendorid).status)
            status = NEXT_STATUS.get(current, current)  # the service rejects a last status
        result = client.advance(accountid, vendorid, status)
    output.order(result, as_json=as_json)


@command(
    "coffee watch a0 v0 && echo 'Pick it up'",
    _accountid,
    _vendorid,
    click.option(
        "--every",
        type=click.FloatRange(0.1, 3600),
        default=2.0,
        show_default=True,
        help="The seconds between the first requests. The interval grows to 30 seconds.",
    ),
    as_json,
)
def watch(accountid: str, vendorid: str, every: float, as_json: bool) -> None:
    """Follow an order until it is ready. Exit with 1 if it is cancelled.

    It continues after a lost connection.
    """
    status: str | None = None
    for current in _poll(anonymous(), accountid, vendorid, every):
        if current.status != status:
            status = current.status
            if as_json:
                output.order(current, as_json=True)
            else:
                output.text(f"{time.strftime('%H:%M:%S')}  {status}")
        if status in {"ready", "collected"}:
            return
        if status == "cancelled":
            sys.exit(FAILED)


def _poll(client: CoffeeClient, accountid: str, vendorid: str, interval: float) -> Iterator[Order]:
    """Look an order up repeatedly. Raises OrderError if the service rejects the request."""
    max_interval = max(interval, _MAX_INTERVAL)
    label, connected = "the service", True
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
            label = str(order.status)
            yield order
        with output.spinner(f"{label} ..."):
            time.sleep(interval)
        interval = min(interval * 1.1, max_interval)


def _shop_with_menu(client: CoffeeClient, vendorid: str) -> Shop:
    """Look up a shop. Raises CommandError if it has no menu."""
    try:
        return client.shop(vendorid)
    except OrderError as error:
        if error.status not in _NO_MENU:
            raise
        message = f"{vendorid} has no menu. Add the price of one with --price"
        raise CommandError(message, USAGE) from error


def _default_size(shop: Shop, coffeetype: str) -> str:
    """Return the only size of a coffee, or Regular. Raises CommandError if it has neither."""
    coffees = [coffee for coffee in shop.menu if coffee.coffeetype == coffeetype]
    sizes = [size.coffeesize for coffee in coffees for size in coffee.sizes]
    if len(sizes) == 1:
        return sizes[0]
    if sizes and _DEFAULT_SIZE not in sizes:
        message = f"Choose a size with --size: {coffeetype} comes in {', '.join(sizes)}"
        raise CommandError(message, USAGE)
    return _DEFAULT_SIZE


def _print_orders(orders: Iterator[Order], limit: int | None, *, as_json: bool) -> None:
    with output.spinner("Looking ..."):
        page = list(islice(orders, limit))
        has_more = next(orders, None) is not None
    output.orders(page, as_json=as_json)
    if has_more:
        output.message(f"There are more than {limit} orders. Use --all to list all of them.")


ORDER_COMMANDS = (order, get, list_, cancel, queue, advance, watch)
