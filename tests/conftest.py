"""What all tests share: `--full`, and the table of what the hardening tests tried."""

from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from rich.console import Console
from rich.table import Table

Tried = Callable[..., None]

_OF_THIS_FOLDER = {"test_commands", "test_coffee_command", "test_notebook", "test_client_docs"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="run the hardening tests at full length, as `make harden` does",
    )
    parser.addoption(
        "--seed",
        type=int,
        help="what chance deals to the hardening tests, as a failed one names it",
    )
    parser.addoption(
        "--chart",
        type=Path,
        help="draw the load test's latency and memory, as SVG, to this file",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, where several processes share the tests, those that share what is costly.

    That is a file; all of hardening, whose last tests read what the others left in the logs; and
    what reads in .local/ which `make run` of this folder is the latest.
    """
    for item in items:
        room = item.path.parent.name
        group = room if room == "hardening" else f"{room}/{item.path.stem}"
        if item.path.stem in _OF_THIS_FOLDER:
            group = "make run"
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether to try all there is, or as much as belongs into every run of the tests."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def tried(record_property: Callable[[str, object], None]) -> Tried:
    """Return a function that notes what was tried, for the table at the end of the run.

    `tried(promise, how, count)`: which promise of docs/security.md, how it was put to the
    test, and how many requests, tokens or lines that took.
    """

    def note(promise: str, how: str, count: int) -> None:
        record_property("tried", (promise, how, count))

    return note


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the table: one row for each thing tried, and whether the promise held."""
    rows = [
        (*value, outcome)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == "tried" and report.when == "call"
    ]
    if not rows:
        return
    table = Table("promise", "how it was tried", title="Hardening", title_justify="left")
    table.add_column("tried", justify="right")
    table.add_column("held")
    for promise, how, count, outcome in sorted(rows):
        table.add_row(promise, how, f"{count:,}", "yes" if outcome == "passed" else "[bold red]NO")
    terminalreporter.write_line("")
    Console(width=110).print(table)
