"""The commands of `coffee` for a shop and its menu."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from coffee_client.cli import output
from coffee_client.cli.command import anonymous, as_json, command, signed_in
from coffee_client.cli.errors import CONFLICT, USAGE, CommandError
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError
from coffee_client.text import shell_command

_PRECONDITION_FAILED = 412
# Fields of `coffee menu --json` that are not part of a request to publish.
_READ_ONLY_FIELDS = {"vendorid", "open", "note", "etag"}

_vendorid = click.argument("vendorid")
_note = click.option("--note", help='A note for the customers, such as "Back at 2".')


@command("coffee menu harbour", _vendorid, as_json)
def menu(vendorid: str, as_json: bool) -> None:
    """Show a shop's menu. No login is needed."""
    with output.spinner("Looking ..."):
        shop = anonymous().shop(vendorid)
    output.shop(shop, as_json=as_json)


@command(
    "coffee publish harbour menu.json",
    _vendorid,
    click.argument("file", type=click.File("rb")),
    as_json,
)
def publish(vendorid: str, file: IO[bytes], as_json: bool) -> None:
    """Publish the menu in FILE. For staff only.

    FILE (- is standard input) has the shop's name, currency and menu, as JSON that
    `coffee menu --json` prints. With the "etag" of that output, the command
    does not overwrite a colleague's later change. It does not change whether the shop is open, its
    note and which coffees are sold out.
    """
    content = _read_content(file)
    etag = content.get("etag")
    try:
        with output.spinner("Publishing ..."):
            client = signed_in()
            shop = client.publish(vendorid, _to_request(content), if_match=etag and str(etag))
    except OrderError as error:
        if error.status != _PRECONDITION_FAILED:
            raise
        menu_command = shell_command("coffee menu --json", vendorid)
        raise CommandError(
            f'The menu has changed. Remove "etag" from the file, or get it again: {menu_command}',
            CONFLICT,
        ) from error
    output.shop(shop, as_json=as_json)
    output.message("Published.")


@command("coffee open harbour", _vendorid, _note, as_json)
def open_(vendorid: str, note: str | None, as_json: bool) -> None:
    """Open a shop, and set or remove its note. For staff only."""
    _update(signed_in(), vendorid, as_json=as_json, open=True, note=note or "")


@command('coffee close harbour --note "Back at 2"', _vendorid, _note, as_json)
def close(vendorid: str, note: str | None, as_json: bool) -> None:
    """Close a shop, and set or remove its note. For staff only."""
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
    _update(signed_in(), vendorid, as_json=as_json, soldout={coffee: not back})


def _update(client: CoffeeClient, vendorid: str, *, as_json: bool, **changes: Any) -> None:
    with output.spinner("Changing the shop ..."):
        shop = client.update_shop(vendorid, **changes)
    output.shop(shop, as_json=as_json)


def _read_content(file: IO[bytes]) -> dict[str, Any]:
    """Read a shop from a file, with numbers as strings of their digits."""
    try:
        content = json.loads(file.read(), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file.name} is not JSON: {error}", USAGE) from error
    if isinstance(content, dict) and isinstance(content.get("shop"), dict):
        content = content["shop"]
    if not isinstance(content, dict):
        raise CommandError(f"{file.name} is not a JSON object with name, currency and menu", USAGE)
    return content


def _to_request(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy without read-only fields. The service validates the others."""
    request = {name: value for name, value in content.items() if name not in _READ_ONLY_FIELDS}
    menu = request.get("menu")
    if isinstance(menu, list):
        request["menu"] = [
            {name: value for name, value in coffee.items() if name != "soldout"}
            if isinstance(coffee, dict)
            else coffee
            for coffee in menu
        ]
    return request


SHOP_COMMANDS = (menu, publish, open_, close, soldout)
