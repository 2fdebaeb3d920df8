"""`make run` and `make notebook`: the service runs until the user stops it."""

import contextlib
import json
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
from local.server import LOOPBACK, ServerError, is_free
from local.service import Service
from tools.console import console
from tools.project import PROJECT

DEFAULT_PORT = 8000
_USAGE = Path(__file__).with_name("usage.txt")


def port(requested: int | None) -> int:
    """Return the port to serve on: the requested one, or the first free one from 8000.

    Raises ServerError if the requested one is taken.
    """
    if requested is None:
        return next(port for port in range(DEFAULT_PORT, 65536) if is_free(port))
    if not is_free(requested):
        raise ServerError(f"Port {requested} of {LOOPBACK} is taken: name another, as in PORT=8001")
    return requested


def serve_until_interrupted(service: Service, customer: Session, notice: str) -> None:
    """Print how to use the service and a notice, and keep it running until Ctrl-C.

    Raises ServerError if the service ends before that.
    """
    header_file = state.authorization_file(service.stack)
    with contextlib.suppress(KeyboardInterrupt), state.registration(service.stack):
        try:
            _write_token(header_file, customer)
            console.rule("Coffee orders is up")
            console.print(_usage(service.stack, header_file, notice), markup=False, end="")
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


def _usage(stack: state.LocalStack, header_file: Path, notice: str) -> str:
    details = {"coffeetype": "Flat White", "coffeesize": "Large", "unitprice": "4.80"}
    order = {"accountid": "maria-2", "vendorid": "v0", "details": {**details, "quantity": "1"}}
    return _USAGE.read_text().format(
        order=json.dumps({"order": order}),
        token=shlex.quote(str(header_file)),
        project=shlex.quote(str(PROJECT)),
        staff=STAFF,
        notice=notice,
        **stack._asdict(),
    )


def _write_token(header_file: Path, customer: Session) -> None:
    """Write a valid IdToken for curl to a file that only its owner can read.

    Other users can see the command lines of curl.
    """
    line = f"Authorization: Bearer {customer.id_token()}\n"
    if not header_file.exists() or header_file.read_text() != line:
        header_file.unlink(missing_ok=True)
        header_file.touch(mode=0o600, exist_ok=False)
        header_file.write_text(line)
