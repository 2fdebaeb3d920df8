"""`make run` and `make notebook`: the service runs until the user stops it."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from coffee_client import Session
from local import state
from local.demo import STAFF
from local.server import ServerError
from local.service import Service
from tools.console import console
from tools.project import PROJECT

_USAGE = Path(__file__).with_name("usage.txt")
_ORDER = (
    '{"order": {"accountid": "maria-2", "vendorid": "v0", "details": {"coffeetype": '
    '"Flat White", "coffeesize": "Large", "unitprice": "4.80", "quantity": "1"}}}'
)


def serve_until_interrupted(service: Service, customer: Session, notice: str) -> None:
    """Print how to use the service, with a notice, and keep it running until Ctrl-C.

    Raises ServerError if the service ends before that.
    """
    header_file = state.authorization_file(service.stack)
    with contextlib.suppress(KeyboardInterrupt), state.registration(service.stack):
        try:
            _write_token(header_file, customer)
            usage = _USAGE.read_text().format(
                order=_ORDER,
                token=shlex.quote(str(header_file)),
                project=shlex.quote(str(PROJECT)),
                staff=STAFF,
                notice=notice,
                **service.stack._asdict(),
            )
            console.rule("Coffee orders is up")
            console.print(usage, markup=False, end="")
            while service.process.poll() is None:
                time.sleep(1)
                _write_token(header_file, customer)
        finally:
            header_file.unlink(missing_ok=True)
        raise ServerError(f"The service ended by itself. Its log: {service.log}")


def open_notebook(service: Service, jupyter_options: Sequence[str]) -> None:
    """Run JupyterLab with the notebook until it ends, or until Ctrl-C.

    Raises ServerError if JupyterLab fails.
    """
    notebook = PROJECT / "notebooks" / "coffee_orders.ipynb"
    options = ["--ServerApp.ip=127.0.0.1", "-y", *jupyter_options]  # -y: Ctrl-C asks no question
    if os.geteuid() == 0:  # as in a container; Jupyter does not start otherwise
        options.append("--allow-root")
    command = [sys.executable, "-m", "jupyterlab", *options, str(notebook)]
    with contextlib.suppress(KeyboardInterrupt), state.registration(service.stack):
        with subprocess.Popen(command) as jupyter:
            try:
                exit_code = jupyter.wait()
            finally:
                jupyter.terminate()
        if exit_code:
            raise ServerError(f"JupyterLab ended with exit code {exit_code}; see the lines above")


def _write_token(header_file: Path, customer: Session) -> None:
    """Write a valid IdToken for curl to a file, which others cannot read as a command line."""
    line = f"Authorization: Bearer {customer.id_token()}\n"
    if not header_file.exists() or header_file.read_text() != line:
        header_file.unlink(missing_ok=True)
        header_file.touch(mode=0o600, exist_ok=False)
        header_file.write_text(line)
