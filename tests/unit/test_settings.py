"""The settings of a stage: which are required, and the limit of orders."""

import pytest

from chalicelib import settings

_REQUIRED = ["STAGE", "ORDERS_TABLE", "SHOPS_TABLE", "USER_POOL_ARN", "CLIENT_ID"]


@pytest.mark.parametrize("name", _REQUIRED)
def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable in _REQUIRED:
        monkeypatch.setenv(variable, "value")
    settings.check()
    monkeypatch.setenv(name, "")
    with pytest.raises(RuntimeError, match=f"^{name} is not set"):
        settings.check()
    monkeypatch.delenv(name)
    with pytest.raises(RuntimeError, match=f"^{name} is not set"):
        settings.check()


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
