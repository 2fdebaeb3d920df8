"""How a command of this project starts and ends: signals, and failures as one message.

`python -m local`, `deploy` and `tools` call `run_cli` before they import anything else, so that
Ctrl-C ends them without a traceback from their first moment.
"""

import importlib
import os
import signal
import sys

from deploy.environment import bypass_proxies_for_loopback


def run_cli(module: str, prog_name: str) -> None:
    """Run the click group `cli` of a module.

    An expected failure is printed as its message; the exit code is then 1, or 2 if the command
    line is wrong, or 130 after Ctrl-C.
    """
    # A shell starts background jobs with SIGINT ignored. Ctrl-C must end them all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    for stream in (sys.stdout, sys.stderr):  # a terminal that has no "→" gets a "?"
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    bypass_proxies_for_loopback()
    try:
        # The Makefile blocks Ctrl-C while Python itself starts; a pending one comes now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        _run(module, prog_name)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # as in `make demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing is left to stop


def _run(module: str, prog_name: str) -> None:
    import click  # noqa: PLC0415 - only now is Ctrl-C handled
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    from coffee_client import CoffeeError  # noqa: PLC0415
    from deploy import CommandError  # noqa: PLC0415
    from deploy.console import explain, fail  # noqa: PLC0415

    try:
        importlib.import_module(module).cli(prog_name=prog_name, standalone_mode=False)
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


def _end(signum: int, _frame: object) -> None:
    """End as an exception does, so that every server is stopped on the way out."""
    sys.exit(128 + signum)
