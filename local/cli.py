"""The commands of `python -m local`, which `make demo`, `make run` and others call.

In `run_demo`, a customer signs up, confirms, logs in, places four orders and looks one up, as in
the notebook. Two requests without a valid token are rejected. `create_shop` creates a shop with a
menu and a member of its staff.
"""

import contextlib
import datetime
import json
import os
import re
import shlex
import subprocess
import time
from pathlib import Path
from string import Template

import click
import jwt
import requests
from rich.markup import escape

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from local.emulator import LocalCloud, ServerError, end_of, free_port, is_free
from local.service import Service, local_service, local_stack, registration, running_stack
from tools import CommandError
from tools.command import console
from tools.project import PROJECT, ignore_aws_settings
from tools.staff import add_to_vendor_group

_PORT = 8000
_USAGE = Template(Path(__file__).with_name("usage.txt").read_text())
# Other names than in the notebook, so that it can run beside `make run`.
_USERNAME = "Maria"
_EMAIL = "maria@example.com"
_VENDORID = "harbour"
_SHOP = Path(__file__).with_name("shop.json")
# A member of the shop's staff, also in usage.txt. The password works on this machine only.
STAFF = ("Harriet", "Pa$$word1")
_verbose = click.option("--verbose", is_flag=True, envvar="VERBOSE", help="Print the JSON as well.")


@click.group()
def cli() -> None:
    """Coffee orders on this machine."""
    ignore_aws_settings()


@cli.command("demo", epilog="make demo VERBOSE=1")
@_verbose
def demo_command(verbose: bool) -> None:
    """Sign up, log in and order on a local cloud, then stop everything."""
    with local_service(free_port()) as service:
        run_demo(service, verbose=verbose)
    console.print("[dim]Everything is stopped.[/] Next: make run")


@cli.command("run", epilog="make run PORT=8001")
@click.option(
    "--port", type=int, envvar="PORT", help=f"By default the first free one from {_PORT}."
)
@_verbose
def run_command(port: int | None, verbose: bool) -> None:
    """Run the demo, then keep the service running until Ctrl-C."""
    notice = ""
    if not port:
        port = next(filter(is_free, range(_PORT, 65536)))
        notice = f"Port        {_PORT} is taken, so this is {port}\n" if port != _PORT else ""
    elif not is_free(port):
        raise CommandError(f"Port {port} is not available: name another, as in PORT=8001")
    with local_service(port) as service:
        customer = run_demo(service, verbose=verbose)
        create_shop(service)
        with contextlib.suppress(KeyboardInterrupt), registration(service.stack):
            _serve(service, customer, notice)
    console.print("\n[dim]Everything is stopped.[/]")


def _serve(service: Service, customer: Session, notice: str) -> None:
    """Print how to use the service, with a notice, and keep a token in a file for curl.

    Raises ServerError if the service ends.
    """
    header_file = service.stack.file("authorization-{}")
    _write_token(header_file, customer)
    usage = _USAGE.substitute(
        service.stack._asdict(),
        token=shlex.quote(str(header_file)),
        project=shlex.quote(str(PROJECT)),
        notice=notice,
    )
    console.rule("Coffee orders is up")
    console.print(usage, markup=False, end="")
    while service.process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.process.wait(30)
        _write_token(header_file, customer)
    raise ServerError(f"The service ended by itself. {end_of(service.log)}")


def _write_token(header_file: Path, customer: Session) -> None:
    """Write a valid IdToken for curl to a file, which others cannot read as a command line."""
    header_file.touch(mode=0o600)
    header_file.write_text(f"Authorization: Bearer {customer.id_token()}\n")


def run_demo(service: Service, *, verbose: bool) -> Session:
    """Print each step, with `verbose` also the JSON; return the session of the customer."""
    api_url, accounts = service.stack.api_url, _accounts(service)
    show = console.print_json if verbose else lambda **_: None

    _print_step("Sign up", f"{_USERNAME} creates a user, and Cognito mails a code to {_EMAIL}")
    show(data=vars(accounts.sign_up(_USERNAME, STAFF[1], email=_EMAIL)))
    mail = service.cloud.mails_to(_EMAIL)[-1]
    accounts.confirm(_USERNAME, re.findall(r"\d{6}", mail)[-1])
    console.print(f"  [green]confirmed[/] by the mail: {escape(mail)}")

    _print_step("Log in", "Cognito returns an IdToken")
    customer = accounts.log_in(_USERNAME, STAFF[1])
    token = customer.id_token()
    claims = jwt.decode(token, options={"verify_signature": False})
    show(data=claims)
    minutes = (claims["exp"] - claims["iat"]) // 60
    console.print(f"  [green]logged in[/] as {claims['cognito:username']} for {minutes} minutes")

    _print_step("Order coffee", "POST /order with the IdToken, four times")
    for i in (0, 1, 0, 1):  # each order twice, as in the notebook
        details = Details("Short Black", "Small", str(4.50 * (i + 1)), str(i + 1))
        order = Order(f"maria-{i}", f"v{i}", details, str(datetime.datetime.now()))
        show(data={"order": order.to_request()})
        result = CoffeeClient(api_url, customer).place(order)
        status = 201 if result.outcome == "placed" else 200
        console.print(
            f"  [green]{status} {result.outcome:8}[/] {order.accountid}:{order.vendorid}  "
            f"{details.quantity} x {details.coffeesize} {details.coffeetype}, "
            f"{details.unitprice} each"
        )

    _print_step("Look it up", "GET /order?accountid=maria-0&vendorid=v0 without a token")
    order = CoffeeClient(api_url).get("maria-0", "v0")
    show(data={"order": order.to_json()})
    console.print(f"  [green]200[/] {order.accountid}:{order.vendorid} is {order.status}")

    _print_step("Order without a token", "the gateway rejects it")
    _print_rejection(api_url, order, {})
    _print_step("Order with a forged token", "Maria's claims, with another signature")
    unsigned = token.rpartition(".")[0]
    _print_rejection(api_url, order, {"Authorization": f"Bearer {unsigned}.{'A' * 342}"})
    return customer


def create_shop(service: Service) -> None:
    """Create the shop's staff, and publish its menu as they do."""
    stack, cognito = service.stack, service.cloud.client("cognito-idp")
    accounts = _accounts(service)
    accounts.sign_up(*STAFF, email="harriet@example.com")
    cognito.admin_confirm_sign_up(UserPoolId=stack.user_pool_id, Username=STAFF[0])
    add_to_vendor_group(cognito, stack.user_pool_id, _VENDORID, STAFF[0])
    shop = json.loads(_SHOP.read_text())
    CoffeeClient(stack.api_url, accounts.log_in(*STAFF)).publish(_VENDORID, shop)


def _accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


def _print_step(title: str, text: str) -> None:
    console.print(f"[bold]{title}[/]  [dim]{text}[/]")


def _print_rejection(api_url: str, order: Order, headers: dict[str, str]) -> None:
    body = {"order": order.to_request()}
    response = requests.post(f"{api_url}/order", json=body, headers=headers, timeout=10)
    is_expected = response.status_code == requests.codes.unauthorized
    colour, comment = ("green", "as expected") if is_expected else ("red", "instead of 401")
    console.print(f"  [{colour}]{response.status_code}[/] {escape(response.text)}, {comment}")


@cli.command("mail", epilog="make mail TO=ann@example.com")
@click.option("--to", "address", required=True, envvar="TO", help="The email address.")
def mail_command(address: str) -> None:
    """Show the latest mail that the local cloud of `make run` has sent to an address."""
    mails = LocalCloud(running_stack().aws_endpoint_url).mails_to(address)
    console.print(escape(mails[-1]) if mails else f"No mail to {escape(address)} yet")


@cli.command("staff", epilog="make staff STAGE=local VENDOR=v0 STAFF=Ann")
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(vendor: str, user: str) -> None:
    """Add a user to a vendor's staff."""
    stack = running_stack()
    cognito = LocalCloud(stack.aws_endpoint_url).client("cognito-idp")
    group = add_to_vendor_group(cognito, stack.user_pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}, from their next login on")


@cli.command("cloud", hidden=True)
@click.argument("port", type=int)
@click.argument("pid", type=int)
def cloud_command(port: int, pid: int) -> None:
    """Run a local cloud for a `chalice local` on this port, until its process ends."""
    with (
        local_stack(port) as (_, stack),
        registration(stack),
        contextlib.suppress(ProcessLookupError),
    ):
        while pid > 1:  # it is 1 if the process ended before it could be named
            os.kill(pid, 0)  # signal 0 only checks that the process exists
            time.sleep(0.5)
