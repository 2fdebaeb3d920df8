"""The commands of `coffee` for orders."""

import re
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from coffee_client.cli import output
from coffee_client.cli.command import anonymous, as_json, command, next_command, sending, signed_in
from coffee_client.cli.errors import FAILED, NOT_FOUND, UNREACHABLE, CommandError, describe_error
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError, UnreachableError
from coffee_client.models import Details, Order
from coffee_client.text import shell_command

STATUSES = ("placed", "preparing", "ready", "collected", "cancelled")
NEXT_STATUS = {"placed": "preparing", "preparing": "ready", "ready": "collected"}
_OUTCOMES = {
    "placed": "Ordered: ",
    "replaced": "Ordered in place of your earlier order: ",
    "unchanged": "Already ordered, nothing has changed: ",
}


def _count(_: click.Context, __: click.Parameter, value: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", value):
        raise click.BadParameter("must be a whole number from 1 to 999,999")
    return int(value)


_accountid = click.argument("accountid")
_vendorid = click.argument("vendorid")
_status = click.option("--status", type=click.Choice(STATUSES), help="List only this status.")
_limit = click.option(
    "--limit", default="50", show_default=True, callback=_count, help="Show at most this many."
)


@command(
    'coffee order a0 harbour "Flat White" --size Large',
    _accountid,
    _vendorid,
    click.argument("coffeetype", metavar="COFFEE"),
    click.option("--size", "coffeesize", default="Regular", show_default=True, help="Of the cup."),
    click.option("--price", "unitprice", help="Of one, such as 4.80. Default: the menu's price."),
    click.option("--quantity", default="1", show_default=True, help="How many cups."),
    click.option("--note", help='A wish, such as "oat milk".'),
    as_json,
)
def order(accountid: str, vendorid: str, as_json: bool, **details: Any) -> None:
    """Place an order, or replace your own one at the same vendor."""
    client, new_order = signed_in(), Order(accountid, vendorid, Details(**details))
    precondition = _precondition(client, accountid, vendorid)
    with sending():
        result = client.place(new_order, **precondition)
    output.order(result.order, as_json=as_json, prefix=_OUTCOMES.get(result.outcome, ""))
    output.message(next_command("watch", accountid, vendorid))


@command("coffee get a0 v0", _accountid, _vendorid, as_json)
def get(accountid: str, vendorid: str, as_json: bool) -> None:
    """Look up an order. No login is needed."""
    with output.progress("Looking ..."):
        result = anonymous().get(accountid, vendorid)
    output.order(result, as_json=as_json)


@command("coffee list --status ready", _status, _limit, as_json)
def list_(status: str | None, limit: int, as_json: bool) -> None:
    """List your own orders, newest first."""
    _print_orders(signed_in().orders(status=status), limit, as_json=as_json)


@command("coffee cancel a0 v0", _accountid, _vendorid, as_json)
def cancel(accountid: str, vendorid: str, as_json: bool) -> None:
    """Cancel your own order while the shop has not started it."""
    client = signed_in()
    seen = client.get(accountid, vendorid)
    with sending():
        result = client.cancel(accountid, vendorid, if_match=seen.etag)
    output.order(result, as_json=as_json)


@command("coffee queue v0", _vendorid, _status, _limit, as_json)
def queue(vendorid: str, status: str | None, limit: int, as_json: bool) -> None:
    """List a shop's open orders, oldest first. For its staff only."""
    _print_orders(signed_in().queue(vendorid, status=status), limit, as_json=as_json)


@command(
    "coffee advance a0 v0 ready",
    _accountid,
    _vendorid,
    click.argument("status", required=False, type=click.Choice(STATUSES), metavar="[STATUS]"),
    as_json,
)
def advance(accountid: str, vendorid: str, status: str | None, as_json: bool) -> None:
    """Move an order to STATUS, or to its next one. For staff of its vendor only.

    STATUS is placed, preparing, ready, collected or cancelled; a step back undoes the last one.
    """
    client = signed_in()
    seen = client.get(accountid, vendorid)
    # The service rejects a step from a last status.
    next_status = status or NEXT_STATUS.get(str(seen.status), str(seen.status))
    with sending(f"Look it up first: {shell_command('coffee get', accountid, vendorid)}"):
        result = client.advance(accountid, vendorid, next_status, if_match=seen.etag)
    output.order(result, as_json=as_json)


@command("coffee watch a0 v0 && echo 'Pick it up'", _accountid, _vendorid, as_json)
def watch(accountid: str, vendorid: str, as_json: bool) -> None:
    """Follow an order until it is ready. Exit with 1 if it is cancelled.

    It asks every two seconds, later every 30, and continues after a lost connection.
    """
    client, status, interval, is_lost = anonymous(), "", 2.0, False
    while True:
        try:
            order = client.get(accountid, vendorid)
        except (UnreachableError, OrderError) as error:
            if describe_error(error)[1] != UNREACHABLE:
                raise
            if not is_lost:
                output.message(f"The connection is lost: {error}. Retrying; press Ctrl-C to stop.")
            is_lost = True
        else:
            if is_lost:
                output.message("The connection is back.")
            is_lost = False
            if order.status != status:
                status = str(order.status)
                output.order(order, as_json=as_json)
            if status in {"ready", "collected"}:
                return
            if status == "cancelled":
                raise CommandError("The order is cancelled", FAILED)
        with output.progress("Waiting ..."):
            time.sleep(interval)
        interval = min(interval * 1.1, 30.0)


def _precondition(client: CoffeeClient, accountid: str, vendorid: str) -> dict[str, str | None]:
    """Return the tag with which an order replaces the open one that is there now, or none."""
    try:
        seen = client.get(accountid, vendorid)
    except OrderError as error:
        if describe_error(error)[1] != NOT_FOUND:
            raise
        return {"if_none_match": "*"}
    is_closed = seen.status in {"collected", "cancelled"}
    return {"if_none_match": "*"} if is_closed else {"if_match": seen.etag}


def _print_orders(orders: Iterator[Order], limit: int, *, as_json: bool) -> None:
    with output.progress("Looking ..."):
        page = list(islice(orders, limit))
        has_more = next(orders, None) is not None
    output.orders(page, as_json=as_json)
    if has_more:
        output.message("The list goes on. A higher --limit shows more.")


ORDER_COMMANDS = (order, get, list_, watch, cancel)
QUEUE_COMMANDS = (queue, advance)
