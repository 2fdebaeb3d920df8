"""The `coffee` command. coffee.py runs it; account.py, orders.py and shop.py have its commands."""

import sys


def main() -> None:
    """Run a command and exit."""
    try:
        # Imported here to handle Ctrl-C also while the libraries load.
        from coffee_client.cli.coffee import run  # noqa: PLC0415

        exit_code = run()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        exit_code = 130
    sys.exit(exit_code)
