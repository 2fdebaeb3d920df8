"""The settings of a stage: which are required, and the limit of orders."""

import pytest

from chalicelib import settings

_REQUIRED = ["STAGE", "ORDERS_TABLE", "SHOPS_TABLE", "USER_POOL_ARN", "CLIENT_ID"]


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", _REQUIRED)
def test_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    for variable in _REQUIRED:
        monkeypatch.setenv(variable, "value")
    settings.check()
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(RuntimeError, match=f"^{name} is not set"):
        settings.check()


@pytest.mark.parametrize(("value", "limit"), [(None, 30), ("1", 1), ("500", 500)])
def test_limit_of_orders_has_a_default(
    monkeypatch: pytest.MonkeyPatch, value: str | None, limit: int
) -> None:
    monkeypatch.delenv("ORDERS_PER_MINUTE")
    if value is not None:
        monkeypatch.setenv("ORDERS_PER_MINUTE", value)
    assert settings.orders_per_minute() == limit


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "many"])
def test_invalid_limit_of_orders_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", value)
    with pytest.raises(RuntimeError, match="ORDERS_PER_MINUTE must be a whole number from 1"):
        settings.orders_per_minute()
