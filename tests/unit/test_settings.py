"""The settings of a stage: which are required, and the limit of orders."""

import runpy

import pytest

from chalicelib import settings
from tools.project import PROJECT, SERVICE_VARIABLES


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("name", ["STAGE", *SERVICE_VARIABLES])
def test_app_does_not_load_without_a_setting(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    for _ in range(2):
        with pytest.raises(RuntimeError, match=f"^{name} is not set"):
            runpy.run_path(str(PROJECT / "app.py"))
        monkeypatch.delenv(name, raising=False)


def test_limit_of_orders_is_a_whole_number_and_has_a_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", "500")
    assert settings.orders_per_minute() == 500
    monkeypatch.delenv("ORDERS_PER_MINUTE")
    assert settings.orders_per_minute() == 30
    for value in ("", "0", "-1", "1.5", "many"):
        monkeypatch.setenv("ORDERS_PER_MINUTE", value)
        with pytest.raises(RuntimeError, match="ORDERS_PER_MINUTE must be a whole number from 1"):
            settings.orders_per_minute()
