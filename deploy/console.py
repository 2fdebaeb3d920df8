"""What the commands of this project print, and how they end when something fails."""

import sys
from typing import NoReturn

from rich.console import Console
from rich.markup import escape

# `:tea:` in a name or a path stays as it is.
console = Console(soft_wrap=True, highlight=False, emoji=False)


def report(line: str) -> None:
    """Print a line of progress."""
    console.print(f"[dim]· {escape(line)}[/]")


def fail(reason: str, code: int = 1) -> NoReturn:
    """Print a reason to stderr, unwrapped and without markup, and exit with a code."""
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)
    stderr.print(reason, style="red")
    sys.exit(code)
