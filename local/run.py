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
from deploy.project import PROJECT
from local import state
from local.demo import HARRIET, VENDORID
from local.server import LOOPBACK, ServerError, free_port, is_free
from local.service import Service

_USUAL_PORT = 8000


def port(named: int | None) -> int:
    """Return the port to serve on: the named one, or the usual one, or any.

    Raises ServerError when the named one is taken.
    """
    if named is None:
        return _USUAL_PORT if is_free(_USUAL_PORT) else free_port()
    if not is_free(named):
        raise ServerError(f"Port {named} of {LOOPBACK} is taken: name another, as in PORT=8001")
    return named


def stay_up(service: Service, customer: Session, console: Console) -> None:
    """Print how to use the service, and keep it running until Ctrl-C.

    Raises ServerError if the service ends by itself.
    """
    header = state.authorization_file(service.stack)
    with contextlib.suppress(KeyboardInterrupt), state.noted(service.stack), _private_file(header):
        _keep_token(header, customer)
        _say_how_to_use(service.stack, header, console)
        while service.process.poll() is None:
            time.sleep(1)
            _keep_token(header, customer)
        raise ServerError(f"The service ended by itself. Its log: {service.log}")


def open_notebook(service: Service, jupyter_options: Sequence[str]) -> None:
    """Run JupyterLab with the notebook in it until it ends, or Ctrl-C ends both.

    Raises ServerError if JupyterLab fails.
    """
    notebook = PROJECT / "notebooks" / "coffee_orders.ipynb"
    options = ["--ServerApp.ip=127.0.0.1", *jupyter_options]
    if os.geteuid() == 0:  # in a container, where Jupyter would refuse to start
        options.append("--allow-root")
    with contextlib.suppress(KeyboardInterrupt), state.noted(service.stack):
        # A session of its own: Jupyter would ask whether Ctrl-C was meant.
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, str(notebook)],
            start_new_session=True,
        )
        try:
            lab.wait()
        finally:
            lab.terminate()
            code = lab.wait()
        if code:
            raise ServerError(f"JupyterLab ended with exit code {code}; the lines above say why")


def _say_how_to_use(stack: state.LocalStack, header: Path, console: Console) -> None:
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
Its staff   {HARRIET.username}, with the password {HARRIET.password}
API         {stack.api_url}
App client  {stack.client_id}
Settings    {state.STACK_JSON}

Look an order up; place one without a token; place one as Maria:

{curl} '{url}?accountid=maria-0&vendorid=v0'
{post}
{post} -H @{shlex.quote(str(header))}

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
    """Create an empty file that only its owner can read; remove it at the end."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _keep_token(header: Path, customer: Session) -> None:
    """Keep a valid IdToken in a file for curl: other users can see a command line."""
    line = f"Authorization: {customer.id_token()}\n"
    if header.read_text() != line:
        header.write_text(line)
