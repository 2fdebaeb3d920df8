"""The commands of `coffee` for a shop and its menu."""

import json
from collections.abc import Mapping
from typing import IO, Any

import click

from coffee_client.cli import output
from coffee_client.cli.command import anonymous, as_json, command, sending, signed_in
from coffee_client.cli.errors import CONFLICT, USAGE, CommandError, name_argument
from coffee_client.cli.orders import QUEUE_COMMANDS
from coffee_client.errors import ArgumentError, PreconditionFailedError
from coffee_client.text import shell_command

# Fields of `coffee menu --json` that are not part of a request to publish.
_READ_ONLY_FIELDS = {"vendorid", "open", "note", "etag", "waiting"}

_vendorid = click.argument("vendorid")
_coffee = click.argument("coffee")
_note = click.option("--note", help='A note for the customers, such as "Back at 2".')


@command("coffee menu harbour", _vendorid, as_json)
def menu(vendorid: str, as_json: bool) -> None:
    """Show a shop's menu. No login is needed."""
    with output.progress("Looking ..."):
        shop = anonymous().shop(vendorid)
    output.shop(shop, as_json=as_json)


@command(
    "coffee publish harbour menu.json",
    _vendorid,
    click.argument("file", type=click.File("rb")),
    click.option("--replace", is_flag=True, help="Replace the present menu, whatever it is."),
    as_json,
)
def publish(vendorid: str, file: IO[bytes], replace: bool, as_json: bool) -> None:
    """Publish the menu in FILE. For staff only.

    FILE (- is standard input) has the shop's name, currency and menu, as `coffee menu --json`
    prints them. With the "etag" of that output, the command does not overwrite a colleague's later
    change; without it, it only publishes a first menu.
    """
    content = _read_content(file)
    etag = content.get("etag")
    tags = {"if_match": str(etag)} if etag is not None else {"if_none_match": "*"}
    try:
        with sending():
            request = _to_request(content)
            shop = signed_in().publish(vendorid, request, **({} if replace else tags))
    except ArgumentError as error:
        problem = name_argument(str(error)).replace("if_match", "etag")
        raise CommandError(f"{file.name}: {problem}", USAGE) from error
    except PreconditionFailedError as error:
        problem = "The menu has changed" if etag else f"{vendorid} has a menu already"
        get = shell_command("coffee menu --json", vendorid)
        message = f"{problem}. Get it, with its etag: {get}. Or replace it with --replace"
        raise CommandError(message, CONFLICT) from error
    output.shop(shop, as_json=as_json)
    output.message("Published.")


@command("coffee open harbour", _vendorid, _note, as_json)
def open_(vendorid: str, note: str | None, as_json: bool) -> None:
    """Open a shop, and set or remove its note. For staff only."""
    _update(vendorid, as_json=as_json, open=True, note=note or "")


@command('coffee close harbour --note "Back at 2"', _vendorid, _note, as_json)
def close(vendorid: str, note: str | None, as_json: bool) -> None:
    """Close a shop, and set or remove its note. For staff only."""
    _update(vendorid, as_json=as_json, open=False, note=note or "")


@command("coffee soldout harbour Mocha", _vendorid, _coffee, as_json)
def soldout(vendorid: str, coffee: str, as_json: bool) -> None:
    """Mark a coffee as sold out. For staff only."""
    _update(vendorid, as_json=as_json, soldout={coffee: True})


@command("coffee available harbour Mocha", _vendorid, _coffee, as_json)
def available(vendorid: str, coffee: str, as_json: bool) -> None:
    """Mark a coffee as available again. For staff only."""
    _update(vendorid, as_json=as_json, soldout={coffee: False})


def _update(vendorid: str, *, as_json: bool, **changes: Any) -> None:
    with sending():
        shop = signed_in().update_shop(vendorid, **changes)
    output.shop(shop, as_json=as_json)


def _read_content(file: IO[bytes]) -> dict[str, Any]:
    """Read a shop from a file, with numbers as strings of their digits."""
    try:
        content = json.loads(file.read(), parse_float=str, parse_int=str, parse_constant=str)
    except UnicodeDecodeError as error:
        raise CommandError(f"{file.name} is not valid text", USAGE) from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file.name} is not JSON: {error}", USAGE) from error
    if not isinstance(content, dict):
        raise CommandError(f"{file.name} is not a JSON object with name, currency and menu", USAGE)
    return content


def _to_request(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy without read-only fields. The service validates the others."""
    request = {name: value for name, value in content.items() if name not in _READ_ONLY_FIELDS}
    for coffee in request["menu"] if isinstance(request.get("menu"), list) else ():
        if isinstance(coffee, dict):
            coffee.pop("soldout", None)
    return request


SHOP_COMMANDS = (menu, *QUEUE_COMMANDS, open_, close, soldout, available, publish)
