"""`make run` and `make notebook`: the service runs until the user stops it."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from coffee_client import Session
from local import state
from local.demo import STAFF, VENDORID
from local.server import LOOPBACK, ServerError, free_port, is_free
from local.service import Service
from tools.project import PROJECT

_DEFAULT_PORT = 8000


def port(requested: int | None) -> int:
    """Return the port to serve on: the requested one, or the default, or any free one.

    Raises ServerError if the requested one is taken.
    """
    if requested is None:
        return _DEFAULT_PORT if is_free(_DEFAULT_PORT) else free_port()
    if not is_free(requested):
        raise ServerError(f"Port {requested} of {LOOPBACK} is taken: name another, as in PORT=8001")
    return requested


def serve_until_interrupted(service: Service, customer: Session, console: Console) -> None:
    """Print how to use the service, and keep it running until Ctrl-C.

    Raises ServerError if the service ends before that.
    """
    header_file = state.authorization_file(service.stack)
    with (
        contextlib.suppress(KeyboardInterrupt),
        state.registration(service.stack),
        _private_file(header_file),
    ):
        _write_token(header_file, customer)
        _print_usage(service.stack, header_file, console)
        while service.process.poll() is None:
            time.sleep(1)
            _write_token(header_file, customer)
        raise ServerError(f"The service ended by itself. Its log: {service.log}")


def open_notebook(service: Service, jupyter_options: Sequence[str]) -> None:
    """Run JupyterLab with the notebook until it ends, or until Ctrl-C.

    Raises ServerError if JupyterLab fails.
    """
    notebook = PROJECT / "notebooks" / "coffee_orders.ipynb"
    options = ["--ServerApp.ip=127.0.0.1", *jupyter_options]
    if os.geteuid() == 0:  # as in a container; Jupyter does not start otherwise
        options.append("--allow-root")
    with contextlib.suppress(KeyboardInterrupt), state.registration(service.stack):
        # In a session of its own, it does not receive Ctrl-C, which it would ask to confirm.
        jupyter = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, str(notebook)],
            start_new_session=True,
        )
        try:
            jupyter.wait()
        finally:
            jupyter.terminate()
            exit_code = jupyter.wait()
        if exit_code:
            raise ServerError(
                f"JupyterLab ended with exit code {exit_code}; the lines above say why"
            )


def _print_usage(stack: state.LocalStack, header_file: Path, console: Console) -> None:
    url = f"{stack.api_url}/order"
    order = (
        '{"order": {"accountid": "maria-2", "vendorid": "v0", "details": {"coffeetype": '
        '"Flat White", "coffeesize": "Large", "unitprice": "4.80", "quantity": "1"}}}'
    )
    curl = "curl -i --noproxy '*'"  # a proxy cannot reach this machine
    post = f"{curl} {url} -H 'Content-Type: application/json' -d {shlex.quote(order)}"
    console.rule("Coffee orders is up")
    text = f"""\
Page        {stack.api_url}/
Shop        {stack.api_url}/#order?shop={VENDORID}
Its staff   {STAFF.username}, with the password {STAFF.password}
API         {stack.api_url}
App client  {stack.client_id}
Settings    {state.STACK_JSON}

Look an order up; place one without a token; place one as Maria:

{curl} '{url}?accountid=maria-0&vendorid=v0'
{post}
{post} -H @{shlex.quote(str(header_file))}

The same on the command line, as a new customer:

cd {shlex.quote(str(PROJECT))} && source .venv/bin/activate
coffee configure && coffee signup Ann --email ann@example.com
make mail TO=ann@example.com
coffee confirm Ann && coffee login Ann
coffee order ann-1 v0 "Flat White" --price 4.80 && coffee list
coffee menu {VENDORID}
"""
    console.print(text, markup=False)
    console.print("[dim]Press Ctrl-C to stop. All orders are then deleted.[/]")


@contextlib.contextmanager
def _private_file(path: Path) -> Iterator[None]:
    """Create an empty file that only its owner can read, and remove it after the block."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _write_token(header_file: Path, customer: Session) -> None:
    """Write a valid IdToken to a file for curl. Command lines are visible to other users."""
    line = f"Authorization: {customer.id_token()}\n"
    if header_file.read_text() != line:
        header_file.write_text(line)
