"""Runs the commands of this project: error messages and exit codes."""

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from tools.environment import bypass_proxies_for_loopback

if TYPE_CHECKING:
    import click


def run_cli(module: str, prog_name: str) -> NoReturn:
    """Run the click group `cli` of a module, and exit.

    Expected errors are printed as their message. The exit code is then 1, or 2 for a wrong command
    line, or 130 after Ctrl-C.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Exit by an exception, so that `finally` blocks stop every server.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    sys.unraisablehook = _raise_again
    bypass_proxies_for_loopback()
    try:
        _run(module, prog_name)
        if sys.stdout:  # it may be closed
            sys.stdout.flush()
    except KeyboardInterrupt:
        _fail("Stopped.", 130)
    except BrokenPipeError:  # as in `make demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes stdout once more
        sys.exit(1)
    sys.exit(0)


def _run(module: str, prog_name: str) -> None:
    # Here, Ctrl-C is handled already. These imports take a second on a slow machine.
    import click  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    from coffee_client import CoffeeError  # noqa: PLC0415
    from tools import CommandError  # noqa: PLC0415

    try:
        importlib.import_module(module).cli(prog_name=prog_name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        _fail(_explain(error), error.exit_code)
    except click.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        raise
    except (BotoCoreError, ClientError, CoffeeError, CommandError, RequestException) as error:
        _fail(f"{error}")
    except OSError as error:
        _fail(f"{error.strerror}: {error.filename}" if error.filename else f"{error}")


def _raise_again(unraisable: "sys.UnraisableHookArgs") -> None:
    """Raise Ctrl-C and SIGTERM again after a moment: Python ignores exceptions in a finalizer."""
    error = unraisable.exc_value
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        sys.__unraisablehook__(unraisable)
        return

    def raise_error(*_: object) -> NoReturn:
        raise error

    signal.signal(signal.SIGALRM, raise_error)
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def _fail(reason: str, code: int = 1) -> NoReturn:
    import click  # noqa: PLC0415

    click.secho(reason, fg="red", err=True)
    sys.exit(code)


def _explain(error: "click.UsageError") -> str:
    """Return a message about a wrong command line, with the make variable and an example.

    The variable is the option's `envvar`, and the example is the command's `epilog`.
    """
    import click  # noqa: PLC0415

    command = error.ctx.command if error.ctx else None
    example = f" Example: {command.epilog}" if command and command.epilog else ""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return f"{error.format_message()}{example}"
    name = error.param.envvar or error.param.opts[0]
    if not isinstance(error, click.MissingParameter):
        return f"{name}: {error.message}{example}"
    choices = getattr(error.param.type, "choices", ())
    return f"{name} is missing{': ' if choices else ''}{' or '.join(choices)}.{example}"
