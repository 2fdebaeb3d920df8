"""The output of the commands."""

from rich.console import Console
from rich.markup import escape

# Without `emoji=False`, `:tea:` in a name or a path becomes an emoji.
console = Console(soft_wrap=True, highlight=False, emoji=False)


def report(line: str) -> None:
    """Print a line of progress."""
    console.print(f"[dim]· {escape(line)}[/]")
