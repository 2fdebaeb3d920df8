"""The commands of `coffee` for a shop: its menu, its prices, and whether it is open."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from coffee_client.cli import output
from coffee_client.cli.account import as_json, command
from coffee_client.cli.failures import CONFLICT, USAGE, Failure
from coffee_client.cli.orders import anonymous, signed_in
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError
from coffee_client.text import shell_command

_PRECONDITION_FAILED = 412
# What `coffee menu --json` prints beside what can be published.
_NOT_PUBLISHED = {"vendorid", "open", "note", "etag"}

_vendorid = click.argument("vendorid")
_note = click.option("--note", help='A note for the customers, such as "Back at 2".')


@command("coffee menu harbour", _vendorid, as_json)
def menu(vendorid: str, as_json: bool) -> None:
    """Show a shop's menu. No login is needed."""
    with output.waiting("Looking ..."):
        shop = anonymous().shop(vendorid)
    output.shop(shop, as_json=as_json)


@command(
    "coffee publish harbour menu.json",
    _vendorid,
    click.argument("file", type=click.File("rb")),
    as_json,
)
def publish(vendorid: str, file: IO[bytes], as_json: bool) -> None:
    """Publish a shop's name, currency and menu from FILE (- is standard input). For staff only.

    FILE is JSON as `coffee menu --json` prints it. If it has the "etag" of such an answer, a
    colleague's change since then is not overwritten. Whether the shop is open, its note and what
    is sold out stay as they are.
    """
    content = _content_of(file)
    etag = content.get("etag")
    try:
        with output.waiting("Publishing ..."):
            shop = signed_in().publish(vendorid, _published(content), if_match=etag and str(etag))
    except OrderError as error:
        if error.status != _PRECONDITION_FAILED:
            raise
        again = shell_command("coffee menu --json", vendorid)
        line = f'The menu has changed since. Get it again, or remove "etag" from the file: {again}'
        raise Failure(line, CONFLICT) from error
    output.shop(shop, as_json=as_json)
    output.say("Published.")


@command("coffee open harbour", _vendorid, _note, as_json)
def open_(vendorid: str, note: str | None, as_json: bool) -> None:
    """Open a shop, and remove its note. For staff only."""
    _update(signed_in(), vendorid, as_json=as_json, open=True, note=note or "")


@command('coffee close harbour --note "Back at 2"', _vendorid, _note, as_json)
def close(vendorid: str, note: str | None, as_json: bool) -> None:
    """Close a shop: it takes no new orders. For staff only."""
    _update(signed_in(), vendorid, as_json=as_json, open=False, note=note or "")


@command(
    "coffee soldout harbour Mocha",
    _vendorid,
    click.argument("coffee"),
    click.option("--back", is_flag=True, help="Mark it as available again."),
    as_json,
)
def soldout(vendorid: str, coffee: str, back: bool, as_json: bool) -> None:
    """Mark a coffee as sold out. For staff only."""
    with output.waiting("Looking ..."):
        client = signed_in()
        shop = client.shop(vendorid)
    names = [each.coffeetype for each in shop.menu]
    if coffee not in names:
        raise Failure(f"{coffee} is not on the menu, which has {', '.join(names)}", USAGE)
    marked = {each.coffeetype for each in shop.menu if each.soldout}
    marked = marked - {coffee} if back else marked | {coffee}
    _update(client, vendorid, as_json=as_json, soldout=[name for name in names if name in marked])


def _update(client: CoffeeClient, vendorid: str, *, as_json: bool, **changes: Any) -> None:
    with output.waiting("Changing the shop ..."):
        shop = client.update_shop(vendorid, **changes)
    output.shop(shop, as_json=as_json)


def _content_of(file: IO[bytes]) -> dict[str, Any]:
    """Read a shop from a file. Numbers keep their digits."""
    try:
        content = json.loads(file.read(), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise Failure(f"{file.name} is not JSON: {error}", USAGE) from error
    if isinstance(content, dict) and isinstance(content.get("shop"), dict):
        content = content["shop"]
    if not isinstance(content, dict):
        raise Failure(f"{file.name} is not a JSON object with name, currency and menu", USAGE)
    return content


def _published(content: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not published. The service checks the rest and names a wrong field."""
    published = {name: value for name, value in content.items() if name not in _NOT_PUBLISHED}
    menu = published.get("menu")
    if isinstance(menu, list):
        published["menu"] = [
            {name: value for name, value in coffee.items() if name != "soldout"}
            if isinstance(coffee, dict)
            else coffee
            for coffee in menu
        ]
    return published


SHOP_COMMANDS = (menu, publish, open_, close, soldout)
