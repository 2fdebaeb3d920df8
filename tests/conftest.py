"""What all tests share: `--full`, and the table of what the hardening tests tried."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from pytest_httpserver import HTTPServer
from rich.console import Console
from rich.table import Table
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

Tried = Callable[..., None]

_HARDENING = "tests/hardening/"


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


class OneWorkerPerRoom(LoadScopeScheduling):
    """Keeps tests that share what is costly together, where several processes share the tests.

    That is a file; and all of hardening, whose last tests read what the others left in the logs.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _HARDENING if file.startswith(_HARDENING) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    # Not by --dist=loadgroup, which pytest 9.2 ignores: pytest-dev/pytest-xdist#1386.
    return OneWorkerPerRoom(config, log)


@pytest.fixture(scope="session")
def make_httpserver() -> Iterator[HTTPServer]:
    """Let pytest-httpserver answer several requests at once: some tests leave one unanswered."""
    with HTTPServer("127.0.0.1", threaded=True) as server:
        yield server


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
