"""The `coffee` command. coffee.py runs it; account.py, orders.py and shop.py have its commands."""

import signal
import sys
from contextlib import suppress

INTERRUPTED = 128 + signal.SIGINT  # the exit code, as shells have it


def main() -> None:
    """Run a command and exit."""
    for number in {signal.SIGTERM, getattr(signal, "SIGQUIT", signal.SIGTERM)}:  # Windows has one
        signal.signal(number, _exit)
    try:
        # Imported here to handle Ctrl-C also while the libraries load.
        from coffee_client.cli.coffee import coffee  # noqa: PLC0415

        coffee(prog_name="coffee")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        # If the disk is full, Python would try to write the rest again, and print a traceback.
        with suppress(OSError, AttributeError):
            sys.stdout.close()


def _exit(number: int, _: object) -> None:
    """Exit with clean-up, because a password prompt switches off what the terminal shows."""
    sys.exit(128 + number)
