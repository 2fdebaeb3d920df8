"""The `coffee` command. coffee.py runs it; account.py, orders.py and shop.py have its commands."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

INTERRUPTED = 128 + signal.SIGINT  # the exit code, as shells have it


def main() -> None:
    """Run a command and exit."""
    for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115
    # A signal exits with clean-up, because a password prompt switches off what the terminal shows.
    for number in {signal.SIGTERM, getattr(signal, "SIGQUIT", signal.SIGTERM)}:  # Windows has one
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        # Imported here to handle Ctrl-C also while the libraries load.
        from coffee_client.cli.coffee import coffee  # noqa: PLC0415

        coffee(prog_name="coffee")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        # If the disk is full, Python would try to write the rest again, and print a traceback.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.close()
