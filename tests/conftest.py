"""Options, fixtures and a report for all tests.

It imports only packages of requirements-local.txt.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from pytest_httpserver import HTTPServer

from tools.project import bypass_proxies_for_loopback, ignore_aws_settings

# The tests must not depend on the user's settings or on a fast machine.
ignore_aws_settings()
bypass_proxies_for_loopback()
os.environ["ORDERS_PER_MINUTE"] = "1000000"  # tests/api/test_rate_limit.py tests the limit

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
        "--dynamodb",
        help="the URL of a DynamoDB to use instead of an imitation, as `make test-dynamodb` does",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of worker processes for `--numprocesses auto`: 0 for single files.

    Each worker starts its own services, and the tests of a file share them. Three workers use two
    cores well, because tests wait a third of the time.
    """
    only_files = all(argument.partition("::")[0].endswith(".py") for argument in config.args)
    return 0 if only_files else 3


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
