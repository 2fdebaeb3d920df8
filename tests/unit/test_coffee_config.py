"""The login that `coffee` keeps: refreshed, but not against somebody who logs out or in."""

from pathlib import Path

import pytest

from coffee_client import Accounts, SettingsError, Tokens
from coffee_client.cli import config

_STALE, _FRESH = Tokens("old", "refresh", stale_at=0), Tokens("new", "refresh", stale_at=9e9)


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Return accounts whose logins are refreshed without Cognito; keep a stale login of Ann's."""
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(tmp_path))
    config.keep_login("Ann", _STALE)
    monkeypatch.setattr(Accounts, "refreshed", lambda *_: _FRESH)
    return Accounts("c", region="eu-west-1")


def test_refreshed_login_is_stored(accounts: Accounts) -> None:
    username, session = config.kept_login(accounts)
    assert session.id_token() == "new"
    assert config.kept_login(accounts)[1].tokens == _FRESH
    assert username == "Ann"


def test_refresh_does_not_undo_a_logout(accounts: Accounts) -> None:
    _, session = config.kept_login(accounts)
    config.forget_login()
    assert session.id_token() == "new"
    with pytest.raises(SettingsError, match="Nobody is logged in"):
        config.kept_login(accounts)


def test_refresh_does_not_replace_another_login(accounts: Accounts) -> None:
    _, session = config.kept_login(accounts)
    other = Tokens("other", "other", stale_at=9e9)
    config.keep_login("Ben", other)
    assert session.id_token() == "new"
    username, present = config.kept_login(accounts)
    assert (username, present.tokens) == ("Ben", other)
