"""The set-up uses the package sources of pip and uv, and none of their other settings."""

import os
import sys
from pathlib import Path

import pytest

from tools.pip_settings import pip_environment, uv_environment, uv_options

SOURCE_OPTIONS = {
    "index-url": "https://packages.example/simple",
    "extra-index-url": "https://a.example https://b.example",
    "find-links": "/wheels",
    "no-index": "1",
    "trusted-host": "packages.example",
    "cert": "/company.pem",
    "client-cert": "/me.pem",
    "proxy": "http://proxy.example:3128",
    "timeout": "60",
    "retries": "9",
    "cache-dir": "/cache",
    "no-cache-dir": "1",
    "keyring-provider": "subprocess",
}
OTHER_OPTIONS = dict.fromkeys(
    [
        *("user", "target", "prefix", "root", "dry-run", "no-binary", "only-binary", "constraint"),
        *("prefer-binary", "requirement", "no-deps", "require-hashes", "require-virtualenv", "log"),
        *("python", "quiet", "verbose", "no-build-isolation", "ignore-installed", "editable"),
        *("upgrade-strategy", "pre"),
    ],
    "1",
)


def variables(options: dict[str, str]) -> dict[str, str]:
    return {f"PIP_{name.upper().replace('-', '_')}": value for name, value in options.items()}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine without settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}


def write_config(environment: dict[str, str], text: str) -> None:
    path = Path(environment["HOME"]) / "pip.conf"
    path.write_text(text)
    environment["PIP_CONFIG_FILE"] = str(path)


def settings(environment: dict[str, str]) -> dict[str, str]:
    added = ("PIP_CONFIG_FILE", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_INPUT")
    return {
        name: environment[name]
        for name in environment
        if name.startswith("PIP_") and name not in added
    }


def test_variables_for_sources_are_kept(environment: dict[str, str]) -> None:
    environment = pip_environment(
        sys.executable, environment | variables(SOURCE_OPTIONS | OTHER_OPTIONS)
    )
    assert settings(environment) == variables(SOURCE_OPTIONS)


@pytest.mark.parametrize("section", ["global", "install"])
def test_configuration_for_sources_is_kept(environment: dict[str, str], section: str) -> None:
    lines = [f"{option} = {value}" for option, value in (SOURCE_OPTIONS | OTHER_OPTIONS).items()]
    write_config(environment, "\n".join([f"[{section}]", *lines]))
    environment = pip_environment(sys.executable, environment)
    assert settings(environment) == variables(SOURCE_OPTIONS)
    assert environment["PIP_CONFIG_FILE"] == os.devnull


def test_precedence_is_pips(environment: dict[str, str]) -> None:
    write_config(
        environment,
        "[global]\ntimeout = 1\nretries = 1\ncert = 1\n[install]\nretries = 2\ncert = 2",
    )
    environment = pip_environment(
        sys.executable, environment | {"PIP_CERT": "3", "PIP_TIMEOUT": ""}
    )
    assert settings(environment) == {"PIP_TIMEOUT": "1", "PIP_RETRIES": "2", "PIP_CERT": "3"}


def test_uv_gets_pips_sources(environment: dict[str, str]) -> None:
    pip = pip_environment(sys.executable, environment | variables(SOURCE_OPTIONS))
    assert set(uv_options(pip, environment | {"XDG_CONFIG_HOME": "/none"})) >= {
        "--default-index=https://packages.example/simple",
        "--index=https://a.example",
        "--index=https://b.example",
        "--find-links=/wheels",
        "--allow-insecure-host=packages.example",
        "--no-index",
        "--no-cache",
    }
    environment = uv_environment(pip, environment)
    assert environment["SSL_CERT_FILE"] == "/company.pem"
    assert environment["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert not [name for name in environment if name.startswith("PIP_")]


@pytest.mark.parametrize("source", ["variable", "file"])
def test_uvs_own_index_wins(environment: dict[str, str], source: str) -> None:
    pip = pip_environment(sys.executable, environment | {"PIP_INDEX_URL": "https://pip.example"})
    if source == "variable":
        environment |= {
            "UV_DEFAULT_INDEX": "https://uv.example",
            "UV_TARGET": "/x",
            "UV_DRY_RUN": "1",
        }
    else:
        file = Path(environment["HOME"]) / "uv.toml"
        file.write_text(
            'exclude-newer = "2020-01-01"\n[pip]\ntarget = "/x"\n'
            '[[index]]\nurl = "https://uv.example"\ndefault = true\n'
        )
        environment["UV_CONFIG_FILE"] = str(file)
    options, environment = uv_options(pip, environment), uv_environment(pip, environment)
    assert "--default-index=https://pip.example" not in options
    assert "https://uv.example" in (" ".join(options) + environment.get("UV_DEFAULT_INDEX", ""))
    assert not {"UV_TARGET", "UV_DRY_RUN", "UV_CONFIG_FILE"} & environment.keys()
