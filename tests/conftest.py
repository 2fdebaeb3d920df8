"""Options, fixtures and a report for all tests.

It imports only packages of requirements-local.txt.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_httpserver import HTTPServer

from tools.environment import bypass_proxies_for_loopback, ignore_aws_settings

# The tests must not depend on the user's settings or on a fast machine.
ignore_aws_settings()
bypass_proxies_for_loopback()
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("any machine")

pytest_plugins = ["tests.fixtures"]

AddToReport = Callable[[str, str, int], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="run the hardening tests at full length, as `make harden` does",
    )
    parser.addoption(
        "--seed",
        type=int,
        help="the seed of the faults in tests/hardening/test_faults.py, to repeat a failure",
    )
    parser.addoption(
        "--chart",
        type=Path,
        help="write the load test's latency and memory to this file, as an SVG chart",
    )
    parser.addoption(
        "--dynamodb",
        help="the URL of a DynamoDB to use instead of an imitation, as `make test-dynamodb` does",
    )


@pytest.fixture(scope="session")
def make_httpserver() -> Iterator[HTTPServer]:
    """Replace pytest-httpserver's fixture, whose server handles one request at a time."""
    with HTTPServer("127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Return whether `--full` was given."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def add_to_report(record_property: Callable[[str, object], None]) -> AddToReport:
    """Return a function that adds a row to the report at the end of the run.

    Its parameters are a promise of docs/security.md, the attack on it, and the number of requests,
    tokens or lines.
    """
    return lambda promise, attack, count: record_property("attempts", (promise, attack, count))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the report: a row for each attack, and whether the promise held.

    It is here because with pytest-xdist the main process loads no other conftest.py.
    """
    rows = [
        (*row, outcome)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, row in report.user_properties
        if name == "attempts" and report.when == "call"
    ]
    if rows:
        terminalreporter.section("hardening")
    for promise, attack, count, outcome in sorted(rows):
        result = "held" if outcome == "passed" else "FAILED"
        terminalreporter.write_line(f"{result:6} {promise}: {count:,} x {attack}")
