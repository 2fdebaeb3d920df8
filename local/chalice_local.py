"""What Chalice's commands need on this machine.

app.py calls `prepare` where Chalice's command line is installed, so not on Lambda. Chalice then
checks tokens, and `chalice local` has tables and users.
"""

import argparse
import os
import signal
import sys
import threading
from typing import NoReturn

import chalice.local
import click

from chalicelib import settings
from tools import CommandError, project


def prepare() -> None:
    """Check tokens as API Gateway does, and say what a command of Chalice lacks.

    `chalice local` uses a local cloud if its stage is not deployed. All other programs, such as
    tests, set the environment variables themselves.
    """
    try:
        from local import authorizer  # noqa: PLC0415 - its packages may be missing

        # Every local gateway that Chalice creates from now on checks tokens.
        chalice.local.LocalGatewayAuthorizer = authorizer.TokenCheckingAuthorizer  # type: ignore[misc]
        if "AWS_CHALICE_CLI_MODE" not in os.environ:
            return
        options = _parse_command_line()
        project.settings(options.stage)
        if options.command == "local":
            from local import chalice_server  # noqa: PLC0415 - only this command needs its packages

            chalice_server.prepare(options)
        settings.check()
    except ModuleNotFoundError as error:
        fail(f"{error.name} is not installed: `pip install -r requirements-local.txt`")
    except (CommandError, RuntimeError) as error:
        fail(f"Chalice cannot load app.py: {error}")


def _parse_command_line() -> argparse.Namespace:
    """Return the command and the options of `chalice`, whose click context other threads lack."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("command", nargs="?")
    parser.add_argument("--project-dir")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    return parser.parse_known_args(sys.argv[1:])[0]


def fail(reason: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1; with the reloader it is 143."""
    if threading.current_thread() is threading.main_thread():
        raise click.ClickException(reason)
    print(f"Error: {reason}", file=sys.stderr, flush=True)
    # This is the thread of a worker. The reloader ignores its exception and exit code, and
    # would end with 0. The signal ends it with 143.
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(1)
