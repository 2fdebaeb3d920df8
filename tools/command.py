"""Runs the commands of this project: signals, error messages and exit codes.

`python -m local`, `deploy` and `tools` call `run_cli` before they import anything else, so that
Ctrl-C never prints a traceback.
"""

import importlib
import os
import signal
import sys

from tools.environment import bypass_proxies_for_loopback


def run_cli(module: str, prog_name: str) -> None:
    """Run the click group `cli` of a module.

    Expected errors are printed as their message. The exit code is then 1, or 2 for a wrong command
    line, or 130 after Ctrl-C.
    """
    # A shell starts background jobs with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _exit_on_signal)
    signal.signal(signal.SIGHUP, _exit_on_signal)
    for stream in (sys.stdout, sys.stderr):  # write "?" for unsupported characters
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    bypass_proxies_for_loopback()
    # The Makefile blocks SIGINT while Python starts. It stays blocked during the imports, because
    # extension modules can swallow a KeyboardInterrupt.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        _run(module, prog_name)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # as in `make demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # everything is stopped


def _run(module: str, prog_name: str) -> None:
    import click  # noqa: PLC0415 - after the signal handlers
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    from coffee_client import CoffeeError  # noqa: PLC0415
    from tools import CommandError  # noqa: PLC0415
    from tools.console import explain, fail  # noqa: PLC0415

    try:
        cli = importlib.import_module(module).cli
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # a pending one is delivered
        cli(prog_name=prog_name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        fail(explain(error), error.exit_code)
    except click.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        raise
    except (BotoCoreError, ClientError, CoffeeError, CommandError, RequestException) as error:
        fail(f"{error}")
    except OSError as error:
        fail(f"{error.strerror}: {error.filename}" if error.filename else f"{error}")


def _exit_on_signal(signum: int, _frame: object) -> None:
    """Exit by an exception, so that `finally` blocks stop every server."""
    sys.exit(128 + signum)
